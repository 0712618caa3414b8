"""Units that share a hyperplane cut once, and the bounds know it."""

from math import comb

import numpy as np
import pytest

import bounds
from bounds.active_sets import Kind, by_active_sets
from regions import Box, Network, WholeSpace, count_regions
from regions.empirical import empirical_bound
from regions.exact_search.open_parts import known, most_cells, theorem_1
from regions.exact_search.problem import Problem
from regions.exact_search.run import search
from regions.exact_search.tasks import Task
from regions.preactivations.shared import planes_of_weights


def shared(rng, n, d):
    """n rows of d small whole numbers and a constant, some of them multiples, of either sign, of others."""
    rows = rng.integers(-2, 3, (n, d + 1)).astype(float)
    for i in range(1, n):
        if rng.random() < 0.5:
            rows[i] = rows[rng.integers(i)] * rng.choice([-2.0, -1.0, 0.5, 1.0, 3.0])
    return rows[:, :-1], rows[:, -1]


def network_of(seed, n0, *widths):
    rng = np.random.default_rng(seed)
    sizes = n0, *widths
    layers = [shared(rng, n, m) for m, n in zip(sizes, widths, strict=False)]
    return Network.of(*layers, (np.ones((1, widths[-1])), None))


def twice(n, sign, *, after):
    """n units in R^n, each twice: with the same sign or the opposite one; then ``after`` random units."""
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=(n, n)), rng.normal(0, 0.1, n)
    first = np.concatenate([weight, sign * weight]), np.concatenate([bias, sign * bias])
    second = [(rng.normal(size=(after, 2 * n)), rng.normal(size=after))] if after else []
    return Network.of(first, *second, (np.ones((1, after or 2 * n)), None))


def states(problem):
    """After each task of a search: cells so far, and the open tasks."""
    root = Task.root(problem.network.n_units)
    cells, open_ = 0, {id(root): root}
    for task, found in search(problem, [root], budget=3):
        del open_[id(task)]
        open_ |= {id(left): left for left in found.left}
        cells += found.cells
        yield cells, list(open_.values())


@pytest.mark.parametrize("sign", [1, -1])
def test_ten_units_twice_are_a_thousand_cells_at_most(sign):
    network, box = twice(10, sign, after=0), Box.cube(10, -10, 10)
    root = [Task.root(20)]
    told = known(network, box, Problem(network, box).arrays.ties)
    assert most_cells(network, 10, root) == most_cells(network, 10, root, told) == 1024
    assert theorem_1(planes_of_weights(network), 10) == empirical_bound(network, box).value == 1024
    assert bounds.layered(10, [20]) == 616_666


def test_a_count_that_ends_early_knows_them():
    network = twice(12, -1, after=12)
    count = count_regions(network, Box.cube(12, -10, 10), engine="cells", time_limit=0.4)
    # two layers of twelve hyperplanes in twelve dimensions, which the pairs keep
    assert count.at_least < count.at_most <= 2**24 < bounds.layered(12, [24, 12])


@pytest.mark.parametrize(("sign", "most"), [(1, 4 + 3 + 3 + 1), (-1, 4 * 4)])
def test_opposite_units_keep_the_dimension(sign, most):
    # two hyperplanes, then two units: equal ones leave 4, 3, 3 and 1 cells of the second layer; opposite ones 4 each
    assert theorem_1(planes_of_weights(twice(2, sign, after=2)), 2) == most


def test_opposite_units_reach_their_bound():
    # |x| and |y| from two units each; the second layer cuts every quadrant in both directions
    first = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], None
    second = [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], [-1.0, -1.0]
    network = Network.of(first, second, ([[1.0, 1.0]], None))
    box = Box.cube(2, -2, 2)
    assert count_regions(network, box).value == 16
    assert theorem_1(planes_of_weights(network), 2) == 16 == empirical_bound(network, box).value


@pytest.mark.parametrize("seed", range(40))
def test_no_bound_is_below_the_count(seed):
    network = network_of(seed, 2 + seed % 2, 5, 4, 3)
    n0 = network.n0
    for domain in (Box.cube(n0, -2, 1), WholeSpace(n0)):
        problem = Problem(network, domain)
        told = known(network, domain, problem.arrays.ties)
        seen = [
            (cells, *(most_cells(network, n0, left, what) for what in (None, told)))
            for cells, left in states(problem)
        ]
        right = seen[-1][0]
        assert all(right <= cells + sharper <= cells + left for cells, left, sharper in seen)
        theorem = theorem_1(planes_of_weights(network), n0)
        assert right <= theorem <= bounds.layered(n0, network.widths)
        bound = empirical_bound(network, domain)
        assert all(right <= step.value for step in bound.refinements)


def test_how_many_cells_of_an_arrangement_have_few_inactive_units():
    # one layer is all of M: against random arrangements in which some hyperplanes are active on both sides
    rng = np.random.default_rng(1)
    for _ in range(30):
        d, u = int(rng.integers(1, 4)), int(rng.integers(1, 7))
        both = int(rng.integers(0, u + 1))
        layer = rng.normal(size=(u, d)), rng.normal(size=u)
        patterns = count_regions(
            Network.of(layer, (np.ones((1, u)), None)), Box.cube(d, -9, 9), keep_patterns=True
        ).patterns.matrix()
        inactive = (~patterns[:, both:]).sum(axis=1)
        for m in range(u - both + 1):
            # a unit after them that u - m active ones let switch, and at least one: 2 cells where it does
            kinds = [Kind(k, 1, int(k >= max(u - m, 1))) for k in range(both, u + 1)]
            cut = (inactive <= m) & (inactive < u)
            for histograms in (False, True):
                bound = by_active_sets(
                    d, [[Kind(d, u, u, 1)], kinds], both=[both, 0], histograms=histograms
                )
                assert bound >= len(patterns) + cut.sum()


def test_without_shared_hyperplanes_it_is_the_sum_of_binomials():
    for u, d in ((5, 2), (6, 6), (3, 1)):
        kinds = [[Kind(d, u, u, 1)]]
        assert by_active_sets(d, kinds, both=[u]) == sum(comb(u, i) for i in range(d + 1))
        assert by_active_sets(d, kinds, both=[0]) == by_active_sets(d, kinds, both=[u])
