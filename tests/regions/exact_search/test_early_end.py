"""A count that ends early shows what can be shown, and never more than there is."""

import numpy as np
import pytest

import bounds
from regions import AffineSlice, Box, Network, Polytope, Status, WholeSpace, count_regions
from regions.exact_search.problem import Problem
from regions.exact_search.random_cells import RandomCells
from regions.exact_search.run import search
from regions.exact_search.tasks import Task
from tests.ladder import SQUARE, network_with_ties, random_network

WIDE, WIDE_BOX = random_network(0, 64, 40, 40, 10), Box.cube(64, 0, 1)
POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (3, 10))
CASES = [
    (random_network(0, 2, 5, 4, 1), SQUARE),
    (random_network(1, 6, 4, 4, 1), Box.cube(6, -1, 1)),
    (random_network(2, 2, 5, 4, 1), WholeSpace(2)),
    (random_network(3, 3, 5, 4, 1), Box([-1.0, 0.5, -1.0], [1.0, 0.5, 1.0])),
    (random_network(4, 2, 6, 4, 1), Polytope([[1.0, 1.0]], [0.5], SQUARE)),
    (random_network(8, 10, 6, 5, 3), AffineSlice.through(POINTS, Box.cube(10, 0, 1))),
    (random_network(5, 2, 4, 4, 1), Box.cube(2, -1e300, 1e300)),
    *((network_with_ties(np.random.default_rng(seed)), None) for seed in range(6)),
]


@pytest.mark.parametrize(("network", "domain"), CASES)
def test_random_points_show_cells_and_no_other(network, domain):
    domain = Box.cube(network.n0, -1, 1) if domain is None else domain
    whole = count_regions(network, domain, keep_patterns=True)
    shown = RandomCells(Problem(network, domain), keep_points=True)
    while len(shown) < whole.value and shown.grow():
        pass
    patterns, points = shown.inside([Task.root(network.n_units)])
    assert 0 < len(patterns) == len(shown) <= whole.value
    right = {row.tobytes() for row in whole.patterns.matrix()}
    assert {row.tobytes() for row in patterns} <= right
    assert domain.contains(points).all()


@pytest.mark.parametrize(("network", "domain"), CASES[:6])
def test_closed_cells_are_not_shown_again(network, domain):
    right = count_regions(network, domain).value
    problem, root = Problem(network, domain), Task.root(network.n_units)
    shown = RandomCells(problem)
    while shown.grow():
        pass
    cells, open_, sums = 0, {id(root): root}, []
    for task, found in search(problem, [root], budget=2):
        del open_[id(task)]
        open_ |= {id(left): left for left in found.left}
        cells += found.cells
        sums.append(cells + len(shown.inside(list(open_.values()))[0]))
    assert len(shown) <= max(sums) <= right == sums[-1]
    assert sums == sorted(sums)  # closing a part counts at least what was shown in it


def test_an_early_end_in_many_dimensions_shows_thousands():
    # 20,000 uniform points have about 19,930 patterns
    count = count_regions(WIDE, WIDE_BOX, time_limit=2.0, keep_patterns=True)
    assert count.status is Status.AT_LEAST
    assert count.at_least == count.value == len(count.patterns) == len(count.witnesses)
    assert 500 < count.at_least < count.at_most <= bounds.layered(64, [40, 40])
    assert 0 < count.stats["cells_shown_by_points"] <= count.value
    assert (WIDE.pattern(count.witnesses) == count.patterns.matrix()).mean() > 0.999


@pytest.mark.parametrize("counted", ["cells", "patterns", "pieces", "maps"])
def test_at_least_is_never_nothing(counted):
    count = count_regions(WIDE, WIDE_BOX, counted=counted, time_limit=1e-9)
    assert count.status is Status.AT_LEAST
    assert 1 <= count.at_least == count.value <= count.at_most <= bounds.layered(64, [40, 40])


def test_faces_that_end_early_show_points_too():
    count = count_regions(WIDE, WIDE_BOX, engine="faces", time_limit=1e-9)
    assert count.status is Status.AT_LEAST
    assert 20 < count.at_least < count.at_most <= bounds.layered(64, [40, 40])


def test_patterns_of_points_come_on_top_of_those_that_were_found():
    network = random_network(0, 3, 12, 12, 1)
    count = count_regions(network, Box.cube(3, -1, 1), counted="patterns", time_limit=0.05)
    whole = count_regions(network, Box.cube(3, -1, 1)).value  # no ties: every pattern is a cell
    assert count.stats["patterns_shown_by_points"] > 0
    assert count.at_least <= whole <= count.at_most


def test_stable_units_lower_the_upper_end():
    wide = WIDE.layers[0]
    network = Network([(wide.weight, wide.bias + 100), *WIDE.layers[1:]])
    count = count_regions(network, WIDE_BOX, time_limit=1e-9)
    assert count.at_least <= count.at_most <= bounds.layered(64, [40])


def test_a_search_that_ends_by_itself_looks_at_no_points(monkeypatch):
    def grow(self):
        raise AssertionError("points are looked at")

    monkeypatch.setattr(RandomCells, "grow", grow)
    network = random_network(0, 3, 8, 8, 1)
    count = count_regions(network, Box.cube(3, -1, 1), time_limit=60.0)
    assert count.status is Status.CERTIFIED
    assert "cells_shown_by_points" not in count.stats
