"""Rational linear programmes against scipy where floats are exact enough, and by hand on ties."""

import numpy as np
import pytest
from flint import fmpq
from scipy.optimize import linprog

from regions.arithmetic.linear_programme import interior_point, maximum, sides
from regions.arithmetic.rationals import rational


def rows(array):
    return [[rational(v) for v in row] for row in np.asarray(array, dtype=float)]


LOWER, UPPER = [fmpq(-1)] * 3, [fmpq(1)] * 3


@pytest.mark.parametrize("seed", range(40))
def test_maximum_against_scipy(seed):
    rng = np.random.default_rng(seed)
    constraints = rng.integers(-3, 4, size=(rng.integers(1, 7), 4)).astype(float)
    objective = rng.integers(-3, 4, size=4).astype(float)
    solved = linprog(
        -objective[:3], A_ub=-constraints[:, :3], b_ub=constraints[:, 3], bounds=[(-1, 1)] * 3
    )
    found = maximum(rows([objective])[0], rows(constraints), LOWER, UPPER)
    assert (found is None) == (solved.status == 2)
    if found is not None:
        value, point = found
        assert float(value.p) / float(value.q) == pytest.approx(-solved.fun + objective[3])
        assert all(
            sum(a * v for a, v in zip(r, point, strict=False)) + r[-1] >= 0
            for r in rows(constraints)
        )


def test_a_maximum_of_exactly_zero_is_seen_as_zero():
    objective = rows([[-1.0, -1.0, 0.0, 0.0]])[0]
    cell = rows([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    assert maximum(objective, cell, LOWER, UPPER)[0] == 0
    assert maximum(objective, cell, LOWER, UPPER, enough=fmpq(0)) == (fmpq(0), None)


def test_a_touching_hyperplane_has_one_side():
    cell = rows([[1.0, 0.0, 0.0, 0.0]])
    witness = interior_point(cell, LOWER, UPPER)
    assert sides(rows([[1.0, 0.0, 0.0, 0.0]])[0], cell, LOWER, UPPER, witness) == (1,)
    assert sides(rows([[0.0, 0.0, 0.0, 0.0]])[0], cell, LOWER, UPPER, witness) == (-1,)
    assert set(sides(rows([[0.0, 1.0, 0.0, 0.0]])[0], cell, LOWER, UPPER, witness)) == {1, -1}


def test_a_flat_set_has_no_interior_point():
    assert interior_point(rows([[1, 0, 0, 0], [-1, 0, 0, 0]]), LOWER, UPPER) is None
