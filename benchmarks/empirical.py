"""Claim: the empirical bound is never below the certified count, mostly below Theorem 1, and takes
seconds where nobody counts.

First 300 small random networks with exact ties, each counted with proof in this run; the share of the
gap of Theorem 1 that is closed is taken in logarithms. Then wide networks with He-normal weights,
whose units the signs of the weights hardly hold back: there the time is the claim.

    python -m benchmarks.empirical
"""

import math
from itertools import pairwise

import numpy as np

from bounds import log10
from regions import Box, Cells, Network, Status, count_regions, empirical_bound
from regions.empirical import REFINEMENTS
from tests.ladder import network_with_ties

NETWORKS, SEED = 300, 0
WIDE = ((784, 11, 11, 10), (784, 100, 100, 10), (10, 50, 50, 50, 10), (784, 400, 400, 400, 10))
MOST_SECONDS = 120


def main():
    """Print both tables; fail where the claim does not hold."""
    small()
    print(
        f"\n{'network':<24}{'log10 Theorem 1':>16}{'log10 empirical':>17}{'seconds':>9}  left out"
    )
    for shape in WIDE:
        network = he_normal(shape)
        found = empirical_bound(network, Box.cube(shape[0], 0, 1))
        print(
            f"{network.architecture:<24}{log10(found.refinements[0].value):>16.3f}"
            f"{log10(found.value):>17.3f}{found.seconds:>9.1f}  {', '.join(found.left_out) or '-'}"
        )
        if found.seconds > MOST_SECONDS:
            raise SystemExit(f"{network.architecture}: more than {MOST_SECONDS} s")


def small():
    """The networks with ties: medians of bound over count, refinement by refinement."""
    rng = np.random.default_rng(SEED)
    gaps, below, closed = {name: [] for name in REFINEMENTS}, 0, []
    for _ in range(NETWORKS):
        network = network_with_ties(rng)
        box = Box.cube(network.n0, -1, 1)
        found, count = empirical_bound(network, box), count_regions(network, box, engine=Cells())
        if count.status is not Status.CERTIFIED or found.value < count.at_most:
            raise SystemExit(f"{network}: bound {found} but {count}")
        known = dict(found.refinements)
        for name, excess in gaps.items():
            excess.append(known.get(name, found.value) / count.value)
        theorem = known["layered"]
        below += known["histograms"] < theorem
        if theorem > count.value:
            closed.append(math.log(theorem / known["histograms"]) / math.log(theorem / count.value))
    print(f"{NETWORKS} networks with ties: none below its certified count")
    print(f"{'bound with all up to':<22}{'median':>8}{'mean':>9}  over the count")
    for name, excess in gaps.items():
        print(f"  {name:<20}{np.median(excess):>8.3f}{np.mean(excess):>9.3f}")
    share = below / NETWORKS
    print(
        f"strictly below Theorem 1 without counting: {share:.0%}; of its gap {np.median(closed):.0%}"
    )
    if share <= 0.5:
        raise SystemExit(
            "the empirical bound is below Theorem 1 in no more than half of the networks"
        )


def he_normal(shape):
    """He-normal weights and biases N(0, 0.1^2)."""
    rng = np.random.default_rng(SEED)
    return Network(
        [
            (rng.normal(0.0, np.sqrt(2.0 / m), (n, m)), rng.normal(0.0, 0.1, n))
            for m, n in pairwise(shape)
        ]
    )


if __name__ == "__main__":
    main()
