from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from bounds.active_sets import Kind
from regions import Box, Network, WholeSpace
from regions.empirical import empirical_bound
from regions.preactivations.active_sets import Freedom, active_set_kinds, largest_by_size
from regions.preactivations.ranges import Ranges
from regions.stability.unit_ranges import unit_ranges
from tests.ladder import random_network


def quarters(rng, *shape):
    """Multiples of 1/4 in [-1, 1], so that sums tie exactly."""
    return rng.integers(-4, 5, shape) / 4


def two_layers(rng, before=4, units=5):
    network = Network.of(
        (quarters(rng, before, 2), quarters(rng, before)),
        (quarters(rng, units, before), quarters(rng, units)),
        (np.ones((1, units)), None),
    )
    lower = rng.choice([-1.0, -0.5, 0.0, 0.25], before)
    upper = np.where(lower > 0, 1.0, rng.choice([0.0, 0.5, 1.0], before))
    wide = np.full(units, 1e6)
    return network, Ranges((lower, -wide), (upper, wide))


def exact_reach(network, ranges, active, unit):
    """Least and greatest pre-activation of a unit, as Fractions, for this set of active units."""
    weight, bias = network.hidden[1]
    least = most = Fraction(bias[unit])
    for j in active:
        ends = [
            Fraction(max(0.0, e[0][j])) * Fraction(weight[unit, j])
            for e in (ranges.lower, ranges.upper)
        ]
        least, most = least + min(ends), most + max(ends)
    return least, most


def test_sets_agree_with_exact_arithmetic_except_at_ties():
    rng = np.random.default_rng(0)
    for _ in range(30):
        network, ranges = two_layers(rng)
        freedom = Freedom(network, ranges, 1)
        certain = np.flatnonzero(freedom.certain).tolist()
        for size in range(len(freedom.open) + 1):
            for some in combinations(range(len(freedom.open)), size):
                row = np.isin(np.arange(len(freedom.open)), some)[None]
                (a,), (u,) = freedom.of_sets(row)
                reach = [
                    exact_reach(network, ranges, certain + freedom.open[list(some)].tolist(), unit)
                    for unit in range(5)
                ]
                assert a >= sum(most > 0 for _, most in reach)
                assert a <= sum(most >= 0 for _, most in reach)
                assert u >= sum(least < 0 < most for least, most in reach)
                assert u <= sum(least <= 0 <= most for least, most in reach)


def test_over_estimates_cover_all_sets_of_a_size():
    rng = np.random.default_rng(1)
    for _ in range(30):
        network, ranges = two_layers(rng)
        freedom = Freedom(network, ranges, 1)
        open_ = len(freedom.open)
        for size, most in enumerate(freedom.at_most().T):
            assert most[1] <= most[0]
            chosen = list(combinations(range(open_), size))
            rows = np.zeros((len(chosen), open_), dtype=bool)
            for row, some in zip(rows, chosen, strict=True):
                row[list(some)] = True
            assert (most >= np.array(freedom.of_sets(rows)).max(axis=1)).all()


def test_many_sets_are_estimated_instead_of_tried(monkeypatch):
    network = random_network(3, 2, 6, 5, 1)
    ranges = unit_ranges(network, Box.cube(2, -1, 1))
    tried = largest_by_size(active_set_kinds(network, ranges)[1])
    monkeypatch.setattr("regions.preactivations.active_sets.MOST_PRODUCTS", 0)
    estimated = active_set_kinds(network, ranges)[1]
    assert all(kind.sets is None for kind in estimated)
    assert len(estimated) == len(tried)
    for exact, over in zip(tried, estimated, strict=True):
        assert exact.size == over.size
        assert exact.can_be_active <= over.can_be_active
        assert exact.undecided <= over.undecided


def test_all_sets_are_counted_once():
    network = random_network(4, 3, 7, 4, 1)
    kinds = active_set_kinds(network, unit_ranges(network, Box.cube(3, -9, 9)))[1]
    open_ = len(Freedom(network, unit_ranges(network, Box.cube(3, -9, 9)), 1).open)
    assert sum(kind.sets for kind in kinds) == 2**open_


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_products_that_underflow_or_overflow_exclude_nothing(scale):
    network = Network.of(([[scale], [-scale]], None), ([[scale, -scale]], [0.0]), ([[1.0]], None))
    wide = np.full(2, scale)
    ranges = Ranges((-wide, np.array([-np.inf])), (wide, np.array([np.inf])))
    assert active_set_kinds(network, ranges)[1] == [
        Kind(0, 0, 0, 1), Kind(1, 0, 0, 1), Kind(1, 1, 0, 1), Kind(2, 1, 1, 1)
    ]  # fmt: skip


def test_on_the_whole_space_signs_decide():
    # the second layer is positive whatever the first one does
    network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[1.0, 2.0]], [1.0]), ([[1.0]], None))
    assert empirical_bound(network, WholeSpace(1)).value == 3
