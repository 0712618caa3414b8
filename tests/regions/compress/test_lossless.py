"""Compression of small networks, judged in rational arithmetic: the difference is a theorem.

300 networks with the stability that brute force finds, then others with certified stability and on
the whole space.
"""

from fractions import Fraction
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest

from regions import Box, Network, WholeSpace, unit_ranges
from regions.compress import compress_network
from regions.preactivations.ranges import Ranges
from tests.oracles.signs import true_signs

SEEDS = range(60)  # of each of the five families below
FEWER_SEEDS = range(25)

# Unit: pre-activation. Rounded merges may switch a unit this close to zero, far above any rounding.
TOO_CLOSE = Fraction(1, 10**6)

# Unit: share of the largest output that weights of this size allow. A few roundings at 2**-53.
ROUNDING = 2.0**-45


def largest_output(network):
    """An upper bound on |outputs| on [-1, 1]^n0, by absolute values."""
    h = np.ones(network.n0)
    for weight, bias in network.layers:
        h = np.abs(weight) @ h + np.abs(bias)
    return h.max()


def exact_preactivations(network, x):
    """All hidden pre-activations and the outputs at a rational point, as lists of fractions."""
    h, hidden = list(x), []
    for weight, bias in network.layers:
        g = [
            sum((Fraction(w) * v for w, v in zip(row, h, strict=True)), Fraction(b))
            for row, b in zip(weight.tolist(), bias.tolist(), strict=True)
        ]
        hidden.append(g)
        h = [max(v, Fraction(0)) for v in g]
    *hidden, outputs = hidden
    return [v for layer in hidden for v in layer], outputs


def rational_points(box, rng, count=12):
    """Corners of a box and random rational points in it."""
    ends = [(Fraction(a), Fraction(b)) for a, b in zip(box.lower, box.upper, strict=True)]
    yield from product(*ends)
    for _ in range(count):
        shares = [Fraction(int(k), 997) for k in rng.integers(0, 998, box.n0)]
        yield tuple(a + s * (b - a) for s, (a, b) in zip(shares, ends, strict=True))


def true_stability(network, box):
    """What `stable_units` should find, by brute force, with ranges that say it."""
    on, off, unstable = (tuple(part) for part in zip(*true_signs(network, box), strict=True))
    found = unit_ranges(network, box)
    lower = tuple(np.where(s, np.maximum(r, 0), r) for s, r in zip(on, found.lower, strict=True))
    upper = tuple(np.where(s, np.minimum(r, 0), r) for s, r in zip(off, found.upper, strict=True))
    return SimpleNamespace(on=on, off=off, unstable=unstable, ranges=Ranges(lower, upper))


def tied(rng):
    """Small whole weights: dead, duplicated, proportional and touching units abound."""
    sizes = (2, *rng.integers(2, 5, rng.integers(1, 4)), 2)
    layers = [
        (rng.integers(-2, 3, (m, n)) * rng.integers(0, 2, (m, 1)), rng.integers(-2, 3, m))
        for n, m in pairwise(sizes)
    ]
    return Network(tuple(layers))


def lopsided(rng):
    """Gaussian weights with biases so large that most units are stable: merges that round."""
    sizes = (2, *rng.integers(3, 6, rng.integers(1, 3)), 2)
    layers = [(rng.normal(size=(m, n)), rng.normal(2.0, 4.0, m)) for n, m in pairwise(sizes)]
    return Network(tuple(layers))


def dependent(rng):
    """Rows that are rational combinations of few, times thirds: ranks that only exact numbers see."""
    sizes = (2, 5, 3, 2)
    layers = []
    for n, m in pairwise(sizes):
        weight = rng.integers(-3, 4, (m, 2)) @ rng.integers(-3, 4, (2, n)) / 4
        layers.append((weight, rng.integers(-2, 9, m) / 3))
    return Network(tuple(layers))


def sparse(rng):
    """Exact zeros, as a proximal step leaves them."""
    sizes = (3, 4, 4, 2)
    layers = [
        (rng.normal(size=(m, n)) * (rng.random((m, n)) < 0.3), rng.normal(0.5, 1.0, m))
        for n, m in pairwise(sizes)
    ]
    return Network(tuple(layers))


def steep(rng):
    """Weights of very different size."""
    sizes = (2, 4, 4, 1)
    layers = [
        (rng.normal(size=(m, n)) * 10.0 ** rng.integers(-12, 6, (m, 1)), rng.normal(1.0, 2.0, m))
        for n, m in pairwise(sizes)
    ]
    return Network(tuple(layers))


FAMILIES = (tied, lopsided, dependent, sparse, steep)


def check_lossless(result, box, rng):
    """The proved difference holds, and lifted patterns are the original's, at rational points."""
    for x in rational_points(box, rng):
        hidden, outputs = exact_preactivations(result.original, x)
        compressed, others = exact_preactivations(result.network, x)
        worst = max(abs(a - b) for a, b in zip(outputs, others, strict=True))
        assert worst <= Fraction(result.max_difference)
        lifted = result.lift([v > 0 for v in compressed])
        clear = np.array([abs(v) > TOO_CLOSE for v in hidden], dtype=bool)
        if all(abs(v) > TOO_CLOSE for v in compressed):
            sure = clear & ~result.lift.undetermined
            assert (lifted == [v > 0 for v in hidden])[sure].all()


@pytest.mark.parametrize("family", FAMILIES)
def test_networks_of_true_stability(family):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        network = family(rng)
        box = Box.cube(network.n0, -1, 1)
        stability = true_stability(network, box)
        published, two_sided = (
            compress_network(network, box, rule=rule, stability=stability)
            for rule in ("published", "two-sided")
        )
        check_lossless(published, box, rng)
        check_lossless(two_sided, box, rng)
        assert published.after.within(published.before)
        assert two_sided.after.within(published.after)
        assert two_sided.max_difference <= ROUNDING * largest_output(network)


@pytest.mark.parametrize("family", FAMILIES)
def test_networks_of_certified_stability(family):
    for seed in FEWER_SEEDS:
        rng = np.random.default_rng([seed, 1])
        network = family(rng)
        box = Box.around(rng.normal(size=network.n0), 0.25)
        result = compress_network(network, box)
        assert result.certified
        check_lossless(result, box, rng)


@pytest.mark.parametrize("family", FAMILIES)
def test_networks_on_the_whole_space(family):
    for seed in FEWER_SEEDS:
        rng = np.random.default_rng([seed, 2])
        network = family(rng)
        result = compress_network(network, WholeSpace(network.n0))
        check_lossless(result, Box.cube(network.n0, -1e6, 1e6), rng)
