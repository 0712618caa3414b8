"""MIPBound: its constraints by brute force, its claims against certified counts, and solvers that lie."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from regions import AffineSlice, Box, Network, Polytope, WholeSpace, count_regions, estimate_regions
from regions.deadline import PASSED
from regions.errors import InputError, SolverError, UnsupportedError
from regions.estimate import mipbound as module
from regions.estimate.mipbound import mipbound
from regions.solvers.parities import Parity, Without
from tests.ladder import FIGURE_2, random_network

SOLVERS = ("gurobi", "highs", "scip")
OPTIONS = {"rounds": 20, "parity": 3, "solver": "gurobi", "seed": 0, "confidence": 0.95}


def cubes(n):
    return np.array(list(itertools.product((0, 1), repeat=n)))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("bit", [0, 1])
def test_rows_and_the_compact_form_say_what_a_parity_says(size, bit):
    parity, z = Parity(tuple(range(1, size + 1)), bit), cubes(size + 1)
    by_rows = np.ones(len(z), dtype=bool)
    for columns, coefficients, rhs in parity.rows():
        by_rows &= z[:, columns] @ coefficients <= rhs
    columns, constant, highest = parity.compact()
    halves = z[:, list(columns)].sum(axis=1) - constant
    compact = (halves % 2 == 0) & (halves >= 0) & (halves <= 2 * highest)
    assert (by_rows == parity.holds(z)).all()
    assert (compact == parity.holds(z)).all()
    assert len(parity.rows()) == 2 ** (size - 1)


def test_one_assignment_is_excluded():
    z, without = cubes(3), Without((1, 0, 1))
    ((columns, coefficients, rhs),) = without.rows()
    assert (without.holds(z) == (z[:, columns] @ coefficients <= rhs)).all()
    assert without.holds(z).sum() == 7


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solver_finds_every_pattern_that_the_parities_leave(name, monkeypatch):
    """A search that is shown each solution once, and is told to exclude it, has counted them."""
    monkeypatch.setattr(module, "KNOWN", 1)
    network, box = random_network(3, 2, 4, 3, 1), Box.cube(2, -1, 1)
    model = module.formulate(network, box, counted="cells")
    patterns = count_regions(network, box, keep_patterns=True).patterns.matrix()
    parities = [Parity((0, 1, 2), 1), Parity((1, 3), 0)]
    z = patterns[:, model.units].astype(int)
    wanted = z[parities[0].holds(z) & parities[1].holds(z)]
    found = []

    def see(x, assignment):
        found.append(assignment)
        return [Without(tuple(assignment.tolist()))]

    with module.ExitStack() as stack:
        search, used = module._search(stack, model, name)
        assert used == name
        assert search(parities, see, seconds=60.0, seed=0)
    assert sorted(map(tuple, found)) == sorted(map(tuple, wanted))


@pytest.mark.parametrize("name", SOLVERS)
def test_a_bound_below_the_count_by_each_solver(name):
    network, box = random_network(1, 3, 6, 5, 1), Box.cube(3, -1, 1)
    found = estimate_regions(network, box, method="mipbound", solver=name, time_limit=None)
    cells = count_regions(network, box).value
    assert found.complete
    assert found.stats["solver"] == name
    # median survival is log2 of the count; 15 of 20 rounds and the step down cost a few more
    assert math.log2(cells) - 6 <= found.exponent < math.log2(cells)
    assert found.ci_high is None
    assert found.log10_value == found.exponent * math.log10(2)


def test_false_claims_are_rare():
    """A small version of benchmarks/estimate.py, at a confidence low enough for claims to be false."""
    false, networks = 0, 30
    for seed in range(networks):
        network, box = random_network(seed, 2, 3, 3, 1), Box.cube(2, -1, 1)
        found = mipbound(network, box, **{**OPTIONS, "seed": seed, "rounds": 5, "confidence": 0.8})
        cells = count_regions(network, box).value
        false += found.exponent is not None and 2**found.exponent >= cells
    assert stats.binom.sf(false - 1, networks, 0.2) > 0.001


def test_a_time_out_is_no_evidence(monkeypatch):
    """With no time for a solver only patterns that are known beforehand survive."""
    monkeypatch.setattr(module, "KNOWN", 1)
    network, box = random_network(1, 3, 6, 5, 1), Box.cube(3, -1, 1)
    found = mipbound(network, box, **OPTIONS, deadline=PASSED)
    assert not found.complete
    assert found.stats["rounds_cut"] == 20
    assert found.exponent in (None, 0)


def test_a_solver_that_lies_cannot_raise_the_bound(monkeypatch):
    """It shows assignments that do not exist and says that nothing is left."""
    shown = []

    def lying(stack, model, solver):
        def search(constraints, see, *, seconds, seed):
            for z in cubes(len(model.binary))[::7]:
                shown.append(see(np.full(3, 2.0), z))
            return True

        return search, "liar"

    monkeypatch.setattr(module, "_search", lying)
    monkeypatch.setattr(module, "KNOWN", 4)
    network, box = random_network(1, 3, 3, 3, 1), Box.cube(3, -1, 1)
    found = mipbound(network, box, **OPTIONS)
    patterns = count_regions(network, box, keep_patterns=True).patterns
    assert 2**found.exponent < len(patterns)
    assert found.stats["witnessed"] <= len(patterns)
    assert any(isinstance(new, Without) for answer in shown for new in answer)


def test_units_that_are_identically_zero_are_proved_too():
    dead = Network.of(([[1.0], [-1.0]], [-0.5, -0.5]), ([[1.0, 1.0]], [0.0]), ([[1.0]], None))
    model = module.formulate(dead, Box.cube(1, -1, 1), counted="cells")
    known = module._Known(module.Question(dead, Box.cube(1, -1, 1)), model, module.NEVER)
    known.sample(np.random.default_rng(0))
    assert len(known.z) == 3  # left, right, and between them, where the second layer is constant


def test_a_polytope_and_the_figure_of_the_paper():
    triangle = Polytope([[1.0, 1.0]], [0.5], Box.cube(2, -1, 1))
    network = random_network(2, 2, 4, 4, 1)
    found = mipbound(network, triangle, **OPTIONS)
    assert 2**found.exponent < count_regions(network, triangle).value
    assert mipbound(FIGURE_2, Box.cube(1, -10, 10), **OPTIONS).exponent <= 2


def test_nothing_undecided_is_one_cell_and_shows_nothing_more():
    always_on = Network.of(([[1.0]], [5.0]), ([[1.0]], None))
    found = mipbound(always_on, Box.cube(1, 0, 1), **OPTIONS)
    assert (found.exponent, found.complete) == (None, True)


@pytest.mark.parametrize(
    ("domain", "options", "error", "message"),
    [
        (WholeSpace(2), {}, UnsupportedError, "takes a Box or a Polytope"),
        (AffineSlice([0, 0], [[1, 1]], Box.cube(2, 0, 1)), {}, UnsupportedError, "method tree"),
        (Box.cube(2, 0, 1), {"rounds": 4}, InputError, "give samples of at least 5"),
        (Box.cube(2, 0, 1), {"parity": 0}, InputError, "parity must be at least 1"),
        (Box.cube(2, 0, 1), {"solver": "cplex"}, InputError, "auto, gurobi, highs, scip"),
    ],
)
def test_what_it_cannot_do_is_named(domain, options, error, message):
    with pytest.raises(error, match=message):
        mipbound(random_network(0, 2, 3, 1), domain, **{**OPTIONS, **options})


def test_a_model_beyond_the_licence_is_one_clear_line_or_goes_to_highs():
    from regions.solvers.gurobi import accepts, environment

    with environment() as env:
        if accepts(env, variables=2001, rows=2001):
            pytest.skip("the Gurobi licence in use has no size limit")
    network, box = random_network(0, 20, 400, 400, 1), Box.cube(20, -1, 1)
    with pytest.raises(SolverError, match=r"allows 2000 of each.*; choose solver highs"):
        mipbound(network, box, **OPTIONS)
    with module.ExitStack() as stack:
        model = module.formulate(network, box, counted="cells")
        assert module._search(stack, model, "auto")[1] == "highs"
