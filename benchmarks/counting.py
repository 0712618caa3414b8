"""The exact engine against the solution pool and SCIP, on the same networks in the same run.

    python -m benchmarks.counting            the table of PERFORMANCE.md
    python -m benchmarks.counting --quick    the smaller networks only
    python -m benchmarks.counting --only 3-16-16-16-1 6-12-12-1

Networks are He-normal with biases N(0, 0.1^2), seed 0, on [-1, 1]^n (on [0, 1]^n for 784 inputs). Peers
run to completion, each on one thread; the pool in its best form, one small pool per sign assignment of the
first layer. Rates are cells per CPU second of the process, so that other load on the machine shows less.
"""

import argparse
import time

import numpy as np

from regions import Box, Cells, Network, Pool, Scip, count_regions

QUICK = [(2, (20, 20)), (3, (8, 8, 8)), (5, (8, 8)), (784, (4, 8))]
FULL = [
    *QUICK,
    (2, (50, 50, 50)),
    (3, (16, 16, 16)),
    (4, (12, 12, 12)),
    (6, (12, 12)),
    (784, (4, 18)),
]
# Above these numbers of cells or units a peer would run for many minutes.
POOL_UP_TO_CELLS, SCIP_UP_TO_CELLS, PEERS_UP_TO_UNITS = 100_000, 5_000, 50


def network(n0, widths, seed=0):
    """The benchmark network of this shape, with one output."""
    rng = np.random.default_rng(seed)
    layers, before = [], n0
    for width in widths:
        weight = rng.normal(size=(width, before)) * np.sqrt(2 / before)
        layers.append((weight, rng.normal(size=width) * 0.1))
        before = width
    return Network([*layers, (rng.normal(size=(1, before)), None)])


def measured(net, box, engine, repeats=1, **options):
    """``(count, CPU seconds)``, the fastest of ``repeats``."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        count = count_regions(net, box, engine=engine, **options)
        best = min(best, time.process_time() - start)
    return count, best


def row(n0, widths):
    """One line of the table."""
    net = network(n0, widths)
    box = Box.cube(n0, 0 if n0 > 100 else -1, 1)
    count, seconds = measured(net, box, Cells(), repeats=3)
    _, believed = measured(net, box, Cells(), repeats=3, certify=False)
    cells = [
        net.architecture,
        f"{count.value:,}",
        count.status.name,
        f"{count.value / seconds:,.0f}",
        f"{seconds / believed:.2f}",
    ]
    for engine, most in (
        (Pool(split=min(widths[0], 8)), POOL_UP_TO_CELLS),
        (Scip(), SCIP_UP_TO_CELLS),
    ):
        if count.value > most or net.n_units > PEERS_UP_TO_UNITS:
            cells += ["not run", ""]
            continue
        peer, peer_seconds = measured(net, box, engine)
        missed = f" ({peer.value - count.value:+d})" if peer.value != count.value else ""
        cells += [f"{peer.value / peer_seconds:,.0f}{missed}", f"{peer_seconds / seconds:,.0f}x"]
    return cells


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="SHAPE", help="these networks")
    options = parser.parse_args()
    shapes = QUICK if options.quick else FULL
    for warm in ((2, (3,)), (8, (9,)), (9, (3, 3))):  # compile all three kernels first
        measured(network(*warm), Box.cube(warm[0], -1, 1), Cells())
    print(
        "| network | cells | status | cells/CPU s | certified / not | pool cells/CPU s | ratio | SCIP cells/CPU s | ratio |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for shape in shapes:
        if options.only and "-".join(map(str, (shape[0], *shape[1], 1))) not in options.only:
            continue
        print("|", " | ".join(row(*shape)), "|", flush=True)


if __name__ == "__main__":
    main()
