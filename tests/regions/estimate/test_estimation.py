"""The tree estimator against certified counts: unbiased, covering, reproducible."""

import json
import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from regions import AffineSlice, Box, Polytope, WholeSpace, count_regions, estimate_regions, save
from regions.cli import main
from regions.deadline import Deadline
from regions.errors import InputError
from regions.estimate import descent
from regions.estimate.descent import Growth, descend, follow_runs
from regions.exact_search import problem as search_problem
from regions.exact_search import random_descent as engine
from regions.exact_search.problem import Problem
from regions.exact_search.random_descent import follow
from regions.kernels.vertices import UNPROVED
from tests.ladder import LADDER, TOLERANCE_CASES, random_network

RUNGS = [
    rung
    for rung in (*LADDER, *TOLERANCE_CASES)
    if "cells" in rung.answers and rung.network.n_units and rung.domain.polyhedron().dimension
]
UNLIMITED = 10**9
DOMAINS = [
    Box.cube(3, -1, 1),
    Polytope([[1.0, 1.0, 0.0]], [0.5], Box.cube(3, -1, 1)),
    WholeSpace(3),
    AffineSlice(np.zeros(3), [[1.0, 2.0, -1.0], [0.0, 1.0, 1.0]], Box.cube(3, -2, 2)),
]


def descents(problem, population, count, growth=None):
    """Estimates of ``count`` descents."""
    growth = growth or Growth.unknown(problem.network.n_units)
    found = [descend(problem, population, growth, np.random.default_rng(k)) for k in range(count)]
    return np.exp([one.log_estimate for one in found])


@pytest.mark.parametrize("rung", RUNGS, ids=str)
def test_a_population_without_limit_is_a_count(rung):
    problem = Problem(rung.network, rung.domain)
    unknown = Growth.unknown(rung.network.n_units)
    found = descend(problem, UNLIMITED, unknown, np.random.default_rng(0))
    assert found.exact == rung.answers["cells"]


@pytest.mark.parametrize("dimensions", [0, 5])
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: type(domain).__name__)
def test_every_domain_and_kernel(domain, dimensions, monkeypatch):
    monkeypatch.setattr(search_problem, "VERTEX_DIMENSIONS", dimensions)
    network = random_network(4, 3, 6, 5, 1)
    unknown = Growth.unknown(network.n_units)
    found = descend(Problem(network, domain), UNLIMITED, unknown, np.random.default_rng(0))
    assert found.exact == count_regions(network, domain).value


@pytest.fixture
def no_subtree_is_counted(monkeypatch):
    """No subtree is counted whole."""
    for name in ("WHOLE_BY_VERTICES", "WHOLE_BY_HALF_SPACES", "WHOLE_WIDE"):
        monkeypatch.setattr(descent, name, 1)


# deviation: four standard errors, so that a right estimator fails once in 16,000 draws of the seeds
@pytest.mark.parametrize("population", [1, 4])
@pytest.mark.parametrize("n0", [2, 6, 20])
def test_estimates_are_unbiased(n0, population):
    network, box = random_network(n0, n0, 4, 5, 1), Box.cube(n0, -1, 1)
    x = descents(Problem(network, box), population, 300)
    truth = count_regions(network, box).value
    assert abs(x.mean() - truth) <= 4 * x.std(ddof=1) / math.sqrt(len(x))


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("widths", [(3, 5, 1), (2, 6, 1)], ids=["half-spaces", "image"])
@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: type(domain).__name__)
def test_all_runs_together_are_a_count(domain, widths, timed, monkeypatch):
    """Every choice at every unit once: the sum over runs is the count times their number, exactly."""
    monkeypatch.setattr(search_problem, "VERTEX_DIMENSIONS", 0)
    if timed:  # one cell for each compiled call
        monkeypatch.setattr(engine, "CALL_SECONDS", 0)
    network = random_network(7, 3, *widths)
    on = np.array(list(product((False, True), repeat=sum(widths[:-1]))))
    deadline = Deadline(1e9 if timed else None)
    total, cells = follow(Problem(network, domain), on, deadline=deadline)
    assert cells == count_regions(network, domain).value
    assert total == cells * len(on)


def test_runs_take_what_is_settled_exactly(monkeypatch):
    """The kernel hands each question back: rational arithmetic splits, and runs are divided all the same."""
    network, box = random_network(1, 6, 6, 4, 1), Box.cube(6, -1, 1)
    on = np.random.default_rng(0).random((16, 10)) < 0.5
    expected = follow(Problem(network, box), on)

    def undecided(problem, task, on, budget):
        return 0.0, 0, [(replace(task, reason=UNPROVED), on)]

    monkeypatch.setattr(engine.calls, "follow", undecided)
    assert follow(Problem(network, box), on) == expected


@pytest.mark.parametrize("rung", RUNGS, ids=str)
def test_runs_on_the_ladder(rung, monkeypatch):
    """Ties, duplicates and near misses: what the kernel cannot settle keeps its runs."""
    monkeypatch.setattr(search_problem, "VERTEX_DIMENSIONS", 0)
    n_units = rung.network.n_units
    if n_units > 12:
        pytest.skip("too many runs")
    on = np.array(list(product((False, True), repeat=n_units)))
    total, cells = follow(Problem(rung.network, rung.domain), on)
    assert (total, cells) == (rung.answers["cells"] * len(on), rung.answers["cells"])


@pytest.mark.parametrize("runs", [1, 8, 64])
@pytest.mark.parametrize("n0", [6, 20])
def test_runs_are_unbiased(n0, runs):
    network, box = random_network(n0, n0, 5, 6, 1), Box.cube(n0, -1, 1)
    problem, many = Problem(network, box), 300
    found = [follow_runs(problem, runs, np.random.default_rng(k)) for k in range(many)]
    x = np.exp([one.log_estimate for one in found])
    truth = count_regions(network, box).value
    assert abs(x.mean() - truth) <= 4 * x.std(ddof=1) / math.sqrt(many)


def test_a_wrong_idea_of_growth_does_not_bias(no_subtree_is_counted):
    network, box = random_network(0, 2, 6, 6, 1), Box.cube(2, -1, 1)
    upside_down = Growth(np.full(12, 50.0), np.tile([0.0, 50.0], 6))
    x = descents(Problem(network, box), 3, 400, upside_down)
    assert x.std() > 1
    truth = count_regions(network, box).value
    assert abs(x.mean() - truth) <= 4 * x.std(ddof=1) / math.sqrt(len(x))


def test_growth_is_how_often_units_split():
    network = random_network(
        3, 6, 3, 1
    )  # three generic hyperplanes through a box of six dimensions
    problem = Problem(network, Box.cube(6, -9, 9))
    found = descend(problem, UNLIMITED, Growth.unknown(3), np.random.default_rng(0))
    assert found.growth.visits.tolist() == found.growth.splits.tolist() == [1, 2, 4]
    assert found.growth.log_factors() == pytest.approx(np.log([1.75, 1 + 2.5 / 3, 1.9]))


def test_intervals_cover_and_lower_bounds_hold(no_subtree_is_counted):
    """A small version of benchmarks/estimate.py: of 40 intervals at 95 % one in 4,000 such runs has
    fewer than 33 that cover."""
    network, box = random_network(1, 8, 7, 7, 1), Box.cube(8, -1, 1)
    truth = math.log10(count_regions(network, box).value)
    found = [
        estimate_regions(network, box, seed=seed, samples=160, counting=False) for seed in range(40)
    ]
    assert sum(one.ci_low <= truth <= one.ci_high for one in found) >= 33
    assert sum(one.log10_at_least > truth for one in found) <= 7
    assert not any(one.stats["exact"] for one in found)


def test_the_stopping_rule_is_met(no_subtree_is_counted):
    network, box = random_network(1, 6, 6, 6, 1), Box.cube(6, -1, 1)
    found = estimate_regions(network, box, relative_width=0.2, time_limit=None, counting=False)
    assert found.complete
    assert 10**found.ci_high - 10**found.ci_low <= 2 * 0.2 * 10**found.log10_value
    assert found.log10_at_least < found.log10_value
    assert 2**found.exponent <= 10**found.log10_at_least < 2 ** (found.exponent + 1)


def test_the_seed_decides_and_threads_do_not(no_subtree_is_counted):
    network, box = random_network(1, 6, 6, 6, 1), Box.cube(6, -1, 1)
    one, two = (
        estimate_regions(network, box, samples=64, seed=7, workers=w, counting=False)
        for w in (1, 2)
    )
    other = estimate_regions(network, box, samples=64, seed=8, counting=False)
    same = ("log10_value", "ci_low", "ci_high", "log10_at_least", "samples", "stats")
    assert [getattr(one, name) for name in same] == [getattr(two, name) for name in same]
    assert one.log10_value != other.log10_value
    assert one.samples == 64


def test_a_small_network_is_counted():
    network, box = random_network(5, 2, 15, 15, 1), Box.cube(2, -1, 1)
    found = estimate_regions(network, box)
    cells = count_regions(network, box).value
    assert found.log10_value == found.ci_low == found.ci_high == math.log10(cells)
    assert found.exponent == math.floor(math.log2(cells))
    assert found.stats["exact"]
    assert found.complete


@pytest.mark.parametrize(("n0", "width"), [(3, 25), (8, 8)])
def test_what_is_counted_sooner_is_counted(n0, width):
    """More cells than are counted before any descent, fewer than so narrow an interval takes."""
    network, box = random_network(n0, n0, width, width, 1), Box.cube(n0, -1, 1)
    found = estimate_regions(network, box, relative_width=1e-3, time_limit=None)
    assert found.stats["exact"]
    assert found.stats["rounds"] > 0
    assert found.log10_value == math.log10(count_regions(network, box).value)
    wide = estimate_regions(network, box, relative_width=0.5, time_limit=None, counting=False)
    assert not wide.stats["exact"]
    assert wide.ci_low < wide.log10_value < wide.ci_high


@pytest.mark.parametrize("seed", range(6))
def test_an_interval_contains_its_estimate(seed):
    """Also where all estimates agree, so that only rounding is between them."""
    network, box = random_network(seed, 7, 4, 3, 1), Box.cube(7, -1, 1)
    found = estimate_regions(network, box, seed=seed, counting=False, time_limit=None)
    assert found.ci_low <= found.log10_value <= found.ci_high


@pytest.mark.parametrize(
    ("network", "domain"),
    [
        (random_network(0, 2, 1), Box.cube(2, 0, 1)),
        (random_network(0, 2, 3, 1), Box([1, 1], [1, 1])),
    ],
    ids=["no hidden unit", "one point"],
)
def test_one_region(network, domain):
    assert estimate_regions(network, domain).log10_value == 0.0


def test_the_clock_leaves_what_is_known(no_subtree_is_counted):
    network, box = random_network(0, 10, 30, 30, 1), Box.cube(10, -1, 1)
    estimate_regions(network, box, samples=1)  # compiled by now
    found = estimate_regions(network, box, relative_width=0.001, time_limit=2.0)
    assert not found.complete
    assert found.ci_low < found.log10_value < found.ci_high
    assert found.seconds < 10


def test_a_limit_that_nothing_fits_into_is_refused():
    network, box = random_network(0, 10, 30, 30, 1), Box.cube(10, -1, 1)
    with pytest.raises(InputError, match="time_limit ended before the first random descent"):
        estimate_regions(network, box, time_limit=1e-9)


def test_progress_counts_descents(no_subtree_is_counted):
    seen = []
    network, box = random_network(1, 6, 6, 6, 1), Box.cube(6, -1, 1)
    options = {"samples": 64, "counting": False}
    estimate_regions(network, box, progress=lambda n, width: seen.append((n, width)), **options)
    assert [n for n, _ in seen] == [*range(1, 9), *range(12, 73, 4)]
    assert seen[0][1] == math.inf > seen[-1][1] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "guess"}, "choose one of tree, mipbound"),
        ({"seed": -1}, "seed must be a whole number from 0 to 2147483647; got -1"),
        ({"relative_width": 0}, "relative_width must be positive; got 0"),
        ({"time_limit": -2}, "time_limit must be a positive number of seconds, or None; got -2"),
        ({"samples": 0}, "samples must be a whole number at least 1; got 0"),
        ({"workers": 0}, "workers must be a whole number at least 1; got 0"),
        ({"confidence": 1}, "strictly between 0 and 1"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(InputError, match=message):
        estimate_regions(random_network(0, 2, 3, 1), Box.cube(2, 0, 1), **options)


def test_a_flat_polytope_is_refused():
    flat = Polytope([[1.0, 0.0], [-1.0, 0.0]], [0.5, -0.5], Box.cube(2, 0, 1))
    with pytest.raises(InputError, match="no interior point"):
        estimate_regions(random_network(0, 2, 3, 1), flat)


def test_the_command_has_its_json_keys(tmp_path, capsys):
    save(random_network(5, 2, 9, 9, 1), tmp_path / "net.npz")
    words = ["estimate", str(tmp_path / "net.npz"), "--box", "-1", "1"]
    assert main([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    for key in ("log10_value", "ci_low", "ci_high", "method", "samples", "seconds"):
        assert key in data
    assert (data["method"], data["counted"]) == ("tree", "cells")
    assert main([*words, "--method", "mipbound", "--samples", "5"]) == 0
    assert "with confidence 0.95 (method mipbound)" in capsys.readouterr().out
    assert main([*words, "--method", "guess"]) == 2
    assert "choose one of tree, mipbound" in capsys.readouterr().err


def test_a_clock_and_many_short_calls_go_together(monkeypatch):
    """Each short call doubles what the next may find; a deep tree of small tasks has hundreds of them."""
    calls = []
    follow = engine.calls.follow

    def counted(problem, task, on, budget):
        calls.append(budget)
        return follow(problem, task, on, min(budget, 1))

    monkeypatch.setattr(engine.calls, "follow", counted)
    problem = Problem(random_network(2, 7, 6, 6, 1), Box.cube(7, -1, 1))
    found = follow_runs(problem, 128, np.random.default_rng(0), deadline=Deadline(600))
    assert len(calls) > 64
    assert max(calls) <= 128
    assert found.log_estimate > 0
