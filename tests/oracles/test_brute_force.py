import itertools
from fractions import Fraction

import numpy as np
import pytest
import z3
from scipy.optimize import linprog

from regions.domain import Box, Polytope
from regions.errors import InputError, UnsupportedError
from regions.network import Network
from regions.network.patterns import PatternSet
from tests.ladder import one_layer, random_network
from tests.oracles.brute_force import brute_force
from tests.oracles.rational_programme import greatest_margin


def coarse_network(seed, *widths):
    """Weights and biases from {-1, 0, 1}: ties, parallel and dead units everywhere."""
    rng = np.random.default_rng(seed)
    pairs = itertools.pairwise(widths)
    return Network([(rng.integers(-1, 2, (m, n)), rng.integers(-1, 2, m)) for n, m in pairs])


def real(value):
    return z3.Q(*Fraction(float(value)).as_integer_ratio())


def occurs_by_z3(network, pattern, box):
    """Whether an input in ``box`` has ``pattern``: z3 on the definition itself."""
    x = [z3.Real(f"x{i}") for i in range(network.n0)]
    solver = z3.Solver()
    for v, low, high in zip(x, box.lower, box.upper, strict=True):
        solver.add(real(low) <= v, v <= real(high))
    signs, h = iter(pattern), x
    for weight, bias in network.hidden:
        g = [
            real(b) + sum(real(w) * v for w, v in zip(row, h, strict=True))
            for row, b in zip(weight, bias, strict=True)
        ]
        on = [next(signs) for _ in g]
        solver.add(*(v > 0 if s else v <= 0 for v, s in zip(g, on, strict=True)))
        h = [v if s else real(0) for v, s in zip(g, on, strict=True)]
    return solver.check() == z3.sat


def is_cell_by_z3(network, pattern, box):
    """Whether the cell of ``pattern`` has an interior point: strict signs where a unit varies."""
    maps, rows = [[*map(int, e), 0] for e in np.eye(network.n0)], []
    signs = iter(pattern)
    for weight, bias in network.hidden:
        g = [
            [
                sum(Fraction(float(w)) * m[j] for w, m in zip(row, maps, strict=True))
                for j in range(network.n0 + 1)
            ]
            for row in weight
        ]
        g = [[*r[:-1], r[-1] + Fraction(float(b))] for r, b in zip(g, bias, strict=True)]
        on = [next(signs) for _ in g]
        rows += zip(g, on, strict=True)
        maps = [r if s else [0] * len(r) for r, s in zip(g, on, strict=True)]
    x = [z3.Real(f"x{i}") for i in range(network.n0)]
    solver = z3.Solver()
    for v, low, high in zip(x, box.lower, box.upper, strict=True):
        solver.add(real(low) < v, v < real(high))
    for row, s in rows:
        if not any(row):
            solver.add(not s)  # identically zero: off
            continue
        value = sum(z3.Q(*Fraction(a).as_integer_ratio()) * v for a, v in zip(row, x, strict=False))
        value += z3.Q(*Fraction(row[-1]).as_integer_ratio())
        solver.add(value > 0 if s else value < 0)
    return solver.check() == z3.sat


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("counted", "judge"), [("patterns", occurs_by_z3), ("cells", is_cell_by_z3)]
)
def test_coarse_networks_against_z3(counted, judge, seed):
    network, box = coarse_network(seed, 2, 3, 2, 1), Box.cube(2, -1, 1)
    every = itertools.product((False, True), repeat=network.n_units)
    expected = [p for p in every if judge(network, p, box)]
    assert brute_force(network, box, counted) == PatternSet.of(expected, network.n_units)


@pytest.mark.parametrize("seed", range(20))
def test_the_rational_programme_against_scipy(seed):
    rng = np.random.default_rng(seed)
    rows, offsets = rng.integers(-3, 4, (9, 3)), rng.integers(-2, 4, 9)
    strict = rng.integers(0, 2, 9).astype(bool)
    exact = greatest_margin(
        [[Fraction(int(v)) for v in row] for row in rows], map(Fraction, offsets.tolist()), strict
    )
    table = np.column_stack([-rows, strict])
    bounds = [(None, None)] * 3 + [(0, 1)]
    solved = linprog([0, 0, 0, -1], table, offsets, bounds=bounds)
    assert (exact is None) == (solved.status == 2)
    if exact is not None:
        assert float(exact) == pytest.approx(-solved.fun, abs=1e-9)


def test_an_empty_polytope_has_no_region_and_a_flat_one_its_own_dimension():
    network = one_layer([[1.0, 0.0], [1.0, -1.0]], [-0.5, 0.0])
    box = Box.cube(2, 0, 1)
    assert len(brute_force(network, Polytope([[1.0, 1.0]], [-1.0], box))) == 0
    diagonal = Polytope(
        [[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0], box
    )  # x = y: the second unit is off
    assert brute_force(network, diagonal) == PatternSet.of([[0, 0], [1, 0]])


def test_cells_are_patterns():
    network, box = random_network(3, 3, 5, 4, 1), Box.cube(3, -1, 1)
    assert len(brute_force(network, box) - brute_force(network, box, "patterns")) == 0


def test_what_it_cannot_do_is_refused():
    with pytest.raises(UnsupportedError, match="'pieces'"):
        brute_force(random_network(0, 1, 1, 1), Box.cube(1, 0, 1), "pieces")
    with pytest.raises(InputError, match="n0 = 1"):
        brute_force(random_network(0, 1, 1, 1), Box.cube(2, 0, 1))
