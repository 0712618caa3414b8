"""The exact engine against hand proofs, rational brute force and itself by another road."""

from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import numpy as np
import pytest

import bounds
from regions import AffineSlice, Box, Cells, Network, Polytope, Status, WholeSpace, count_regions
from regions.errors import InputError
from regions.exact_search import explore, problem
from regions.exact_search.tasks import Task
from tests.ladder import LADDER, TOLERANCE_CASES, random_network
from tests.oracles.brute_force import brute_force

RUNGS = [rung for rung in (*LADDER, *TOLERANCE_CASES) if "cells" in rung.answers]


def proved(network, domain, **options):
    count = count_regions(network, domain, engine=Cells(), **options)
    assert count.status is Status.CERTIFIED
    assert count.at_least == count.at_most == count.value
    return count


def with_ties(seed):
    """A small network with small-integer or quarter-integer weights, and a domain."""
    rng = np.random.default_rng(seed)
    n0, depth, unit = rng.integers(1, 4), rng.integers(1, 4), rng.choice([1, 4])
    widths = [n0, *rng.integers(1, 4, size=depth), 1]
    layers = [
        (rng.integers(-3, 4, size=(n, m)) / unit, rng.integers(-2, 3, size=n) / unit)
        for m, n in pairwise(widths)
    ]
    domains = [
        Box.cube(n0, -2, 2),
        Box.cube(n0, 0, 1),
        WholeSpace(n0),
        Polytope(rng.integers(-2, 3, size=(2, n0)), [2, 3], Box.cube(n0, -2, 2)),
        AffineSlice(np.zeros(n0), [rng.integers(1, 4, size=n0)], Box.cube(n0, -2, 2)),
    ]
    return Network(layers), domains[seed % len(domains)]


@pytest.mark.parametrize("rung", RUNGS, ids=str)
def test_the_ladder(rung):
    assert proved(rung.network, rung.domain).value == rung.answers["cells"]


@pytest.mark.parametrize("seed", range(400))
def test_ties_everywhere_against_rational_brute_force(seed):
    network, domain = with_ties(seed)
    count = proved(network, domain, keep_patterns=True)
    assert count.patterns == brute_force(network, domain)


@pytest.mark.parametrize("seed", range(400, 500))
def test_half_spaces_against_rational_brute_force(seed, monkeypatch):
    monkeypatch.setattr(problem, "VERTEX_DIMENSIONS", 0)
    network, domain = with_ties(seed)
    count = proved(network, domain, keep_patterns=True)
    assert count.patterns == brute_force(network, domain)


@pytest.mark.parametrize("seed", range(10))
def test_images_of_a_wide_box_against_rational_brute_force(seed, monkeypatch):
    monkeypatch.setattr(problem, "VERTEX_DIMENSIONS", 0)
    network, domain = random_network(seed, 9, 3, 4, 1), Box.cube(9, 0, 1)
    assert len(problem.Problem(network, domain).zonotope.shift) == 3
    count = proved(network, domain, keep_patterns=True)
    assert count.patterns == brute_force(network, domain)


def test_three_roads_to_one_number(monkeypatch):
    network, box = random_network(7, 6, 5, 6, 5, 1), Box.cube(6, -1, 1)
    by_vertices = proved(network, box, keep_patterns=True)
    monkeypatch.setattr(problem, "VERTEX_DIMENSIONS", 0)
    assert proved(network, box, keep_patterns=True).patterns == by_vertices.patterns
    monkeypatch.setattr(problem, "image_arrays", lambda flat, _: (flat, None))
    assert proved(network, box, keep_patterns=True).patterns == by_vertices.patterns


def test_patterns_come_with_points_that_show_them():
    network, box = random_network(3, 3, 8, 8, 1), Box.cube(3, -1, 1)
    count = proved(network, box, keep_patterns=True)
    assert len(count.patterns) == len(count.witnesses) == count.value
    assert (network.pattern(count.witnesses) == count.patterns.matrix()).all()
    assert box.contains(count.witnesses).all()


def test_small_budgets_and_threads_change_nothing():
    network, box = random_network(5, 2, 15, 15, 1), Box.cube(2, -1, 1)
    whole = proved(network, box)
    pieces = count_regions(network, box, engine=Cells(budget=7), workers=2)
    assert (pieces.value, pieces.status) == (whole.value, Status.CERTIFIED)


def test_worker_processes_change_nothing():
    network, box = random_network(5, 2, 15, 15, 1), Box.cube(2, -1, 1)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        count = count_regions(network, box, engine=Cells(budget=20), executor=executor)
    assert (count.value, count.status) == (proved(network, box).value, Status.CERTIFIED)


def test_without_proofs_nothing_is_called_proved():
    network, box = random_network(5, 2, 15, 15, 1), Box.cube(2, -1, 1)
    count = count_regions(network, box, engine=Cells(), certify=False)
    assert count.status is Status.COMPLETE
    assert (count.at_least, count.at_most) == (None, None)
    assert count.value == proved(network, box).value


def test_a_time_limit_leaves_a_lower_bound():
    network, box = random_network(1, 4, 30, 30, 1), Box.cube(4, -1, 1)
    count = count_regions(network, box, engine=Cells(budget=100), time_limit=0.5)
    assert count.status is Status.AT_LEAST
    assert count.at_least == count.value < count.at_most <= bounds.layered(4, [30, 30])


@pytest.mark.parametrize("n0", [2, 6, 20])
def test_a_clock_that_cuts_the_search_into_single_cells_changes_nothing(n0, monkeypatch):
    monkeypatch.setattr(explore, "CALL_SECONDS", 0.0)
    network, box = random_network(5, n0, 7, 7, 1), Box.cube(n0, -1, 1)
    count = count_regions(network, box, engine=Cells(), time_limit=600)
    assert (count.value, count.status) == (proved(network, box).value, Status.CERTIFIED)


def test_a_time_limit_holds_in_rational_arithmetic():
    """Planes through the origin of a network without biases: every question about them is a tie."""
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(b, a)), None) for a, b in ((200, 40), (40, 20), (20, 1))]
    plane = AffineSlice(np.zeros(200), rng.uniform(0, 1, size=(2, 200)), Box.cube(200, 0, 1))
    whole = explore.explore(problem.Problem(Network(layers), plane), Task.root(60), 10**6)
    part = count_regions(Network(layers), plane, time_limit=whole.exact / 1000)
    assert whole.exact > 50
    assert part.status is Status.AT_LEAST
    assert part.at_least <= whole.cells <= part.at_most  # random points may show them all
    assert part.stats["open"] > 0


def test_progress_ends_at_one():
    seen = []
    proved(
        random_network(5, 2, 15, 15, 1),
        Box.cube(2, -1, 1),
        progress=lambda found, share: seen.append((found, share)),
    )
    assert seen[-1][1] == pytest.approx(1.0)


def test_a_flat_polytope_is_refused():
    flat = Polytope([[1.0, 0.0], [-1.0, 0.0]], [0.5, -0.5], Box.cube(2, 0, 1))
    with pytest.raises(InputError, match="no interior point"):
        count_regions(random_network(0, 2, 3, 1), flat, engine=Cells())
