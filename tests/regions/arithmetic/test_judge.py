"""Rational programmes from a guessed basis, against a criss-cross method that guesses nothing."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq

from regions.arithmetic.exact_basis import pivot_from
from regions.arithmetic.integers import Row, WholeBox, whole_numbers
from regions.arithmetic.judge import Judge
from regions.deadline import NEVER, PASSED, Late
from tests.oracles.rational_programme import greatest_margin

ONE = fmpq(1)


def rational_rows(array):
    return [[fmpq(*float(v).as_integer_ratio()) for v in row] for row in np.asarray(array, float)]


def unit_box(k):
    return WholeBox([fmpq(-1)] * k, [fmpq(1)] * k)


def random_rows(seed):
    """Small whole numbers, half of the time through one point, some of them noisy: ties and near ties."""
    rng = np.random.default_rng(seed)
    m, k = rng.integers(1, 9), rng.integers(1, 6)
    rows = rng.integers(-2, 3, size=(m, k + 1)).astype(float)
    rows += np.where(rng.random(rows.shape) < 0.2, rng.normal(0, 1e-13, rows.shape), 0)
    if seed % 2:
        rows[:, -1] = 0
    return rational_rows(rows)


def has_interior(rows):
    """The same by another algorithm, in `fractions`."""
    k = len(rows[0]) - 1
    unit = [[Fraction(int(i == j)) for i in range(k)] for j in range(k)]
    slopes = [[Fraction(int(v.p), int(v.q)) for v in row[:-1]] for row in rows]
    constants = [Fraction(int(row[-1].p), int(row[-1].q)) for row in rows]
    sides = unit + [[-v for v in row] for row in unit]
    strict = [True] * len(rows) + [False] * len(sides)
    margin = greatest_margin(slopes + sides, constants + [Fraction(1)] * len(sides), strict)
    return margin is not None and margin > 0


@pytest.mark.parametrize("seed", range(60))
def test_interior_points_against_the_criss_cross_method(seed):
    rows = random_rows(seed)
    k = len(rows[0]) - 1
    point = Judge().interior_point([*map(Row.of, rows)], unit_box(k))
    assert (point is not None) == has_interior(rows)
    if point is not None:
        assert all(abs(v) <= 1 for v in point)
        assert all(sum(a * v for a, v in zip(r, point, strict=False)) + r[-1] > 0 for r in rows)


@pytest.mark.parametrize("seed", range(30))
def test_a_maximum_is_attained_and_proved_from_any_basis(seed):
    rows = random_rows(seed)
    k, m = len(rows[0]) - 1, len(rows)
    goal, box = Row.of(random_rows(seed + 1000)[0][: k + 1]), unit_box(k)
    if len(goal.values) != k + 1:
        goal = Row.of([fmpq(i - 1) for i in range(k + 1)])
    whole = [Row.of(row) for row in rows]
    end = Judge().maximum(goal, whole, box)
    rng = np.random.default_rng(seed)
    ends = [end]
    for _ in range(3):
        nonbasic = rng.permutation(k + m)[:k].tolist()
        values = [row.values for row in whole]
        try:
            ends.append(pivot_from(goal.values, values, box, nonbasic, [False] * k, None, NEVER))
        except ZeroDivisionError:  # no basis
            continue
    assert len({None if e is None else str(e.value) for e in ends}) == 1
    for e in ends:
        if e is None:
            continue
        at = [*e.point, fmpq(1)]
        assert sum(a * v for a, v in zip(goal.values, at, strict=True)) == e.value
        assert all(sum(a * v for a, v in zip(r, at, strict=True)) >= 0 for r in rows)
        assert all(mu >= 0 for mu in e.multipliers)
        total = list(goal.values)
        for mu, row in zip(e.multipliers, whole, strict=True):
            total = [t + mu * v for t, v in zip(total, row.values, strict=True)]
        assert total[-1] + sum(abs(v) for v in total[:-1]) <= e.value  # weak duality on the box


def test_a_tie_is_settled_by_the_guessed_basis():
    judge = Judge()
    rng = np.random.default_rng(0)
    cone = rng.normal(size=(6, 6))
    rows = [Row.of(row) for row in rational_rows(np.column_stack([cone, np.zeros(6)]))]
    weights = [fmpq(int(v)) for v in rng.integers(1, 9, size=6)]
    sides = rational_rows(np.column_stack([cone, np.zeros(6)]))
    inside = [sum(w * row[d] for w, row in zip(weights, sides, strict=True)) for d in range(7)]
    assert judge.interior_point([*rows, -Row.of(inside)], unit_box(6)) is None
    assert judge.interior_point([*rows, Row.of(inside)], unit_box(6)) is not None
    assert judge.tally == {"by_basis": 1, "by_point": 1}


def test_numbers_beyond_floats_are_settled_all_the_same():
    huge = fmpq(10) ** 400
    rows = [[huge, -ONE], [-huge, fmpq(2)]]  # 1 <= huge * y <= 2
    point = Judge().interior_point([*map(Row.of, rows)], unit_box(1))
    assert ONE < huge * point[0] < 2
    rows = [[huge, -ONE], [-huge, ONE]]
    assert Judge().interior_point([*map(Row.of, rows)], unit_box(1)) is None


def test_the_clock_ends_a_programme():
    rows = [Row.of(row) for row in random_rows(3)]
    k = len(rows[0].values) - 1
    judge = Judge(PASSED)
    with pytest.raises(Late):
        judge.interior_point([*rows, *(-row for row in rows)], unit_box(k))


def test_whole_numbers_are_exact():
    floats = [0.1, -3e-300, 2.0**60, 0.0]
    numbers, power = whole_numbers(floats)
    assert [Fraction(n, 2**power) for n in numbers] == [Fraction(v) for v in floats]
