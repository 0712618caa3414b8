from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import bounds


@pytest.mark.parametrize(
    ("m", "d", "cells"), [(4, 2, 11), (2, 2, 4), (6, 2, 22), (0, 5, 1), (5, 0, 1), (3, 7, 8)]
)
def test_zaslavsky(m, d, cells):
    assert bounds.zaslavsky(m, d) == cells


@pytest.mark.parametrize(("m", "d"), [(6, 1), (4, 2), (6, 2), (9, 2), (7, 3), (6, 4), (3, 5)])
def test_random_hyperplanes_reach_zaslavsky(m, d):
    rng = np.random.default_rng(m * 10 + d)
    normals, offsets = rng.standard_normal((m, d)), rng.standard_normal(m)
    assert bounds.count_cells(normals, offsets) == bounds.zaslavsky(m, d)


CONCRETE = {
    "three lines through a point": ([[1, 0], [0, 1], [1, 1]], [0, 0, 0], 6),
    "m lines through a point": ([[1, k] for k in range(7)], [0] * 7, 14),
    "parallel": ([[1, 0], [1, 0], [-2, 0]], [0, 1, 5], 4),
    "grid": ([[1, 0]] * 3 + [[0, 1]] * 4, [0, 1, 2, 0, 1, 2, 3], 20),
    "repeated and scaled": ([[1, 2], [2, 4], [-0.5, -1.0]], [3, 6, -1.5], 2),
    "two parallel lines 1e-9 apart, one across": ([[1, 0], [1, 0], [0, 1]], [0, 1e-9, 0], 6),
    "three lines meeting within 1e-8": ([[1, 0], [0, 1], [1, 1]], [0, 0, 1e-8], 7),
    "coordinate planes": (np.eye(4), np.zeros(4), 16),
    "zero normals": ([[0, 0], [0, 0], [1, 0]], [0, 1, 0], 2),
    "all normals zero": ([[0, 0, 0]], [1], 1),
    "points on a line": ([[2], [3], [-4]], [1, 1.5, -2], 2),
    "fractions": ([[Fraction(1, 3)], [0.5]], [Fraction(1, 9), Fraction(1, 6)], 2),
    "nothing": ([], [], 1),
    "dimension 0": ([[], []], [1, 2], 1),
}


@pytest.mark.parametrize("name", CONCRETE)
def test_concrete_arrangements(name):
    normals, offsets, cells = CONCRETE[name]
    assert bounds.count_cells(normals, offsets) == cells


def test_braid_and_shi_arrangements():
    # n! cells for x_i = x_j; (n + 1)^(n - 1) with x_i = x_j + 1 as well (Shi 1986)
    n = 4
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    normals = [[(k == i) - (k == j) for k in range(n)] for i, j in pairs]
    assert bounds.count_cells(normals, [0] * len(pairs)) == 24
    assert bounds.count_cells(normals * 2, [0] * len(pairs) + [-1] * len(pairs)) == 125


def test_against_sampling_on_small_degenerate_arrangements():
    # integer lines |coefficient| <= 1, |offset| <= 1: many ties; all cells meet a fine enough grid
    # shifted off the lines, since vertices lie at multiples of 1/2
    steps = np.arange(-6.0, 6.0, 1 / 8) + 1 / 31
    points = np.array(list(product(steps, steps + 1 / 17)))
    rng = np.random.default_rng(3)
    for _ in range(20):
        normals, offsets = rng.integers(-1, 2, (6, 2)), rng.integers(-1, 2, 6)
        values = points @ normals.T + offsets
        moving = (normals != 0).any(axis=1)
        assert (values[:, moving] != 0).all()
        seen = len(np.unique(values[:, moving] > 0, axis=0))
        assert bounds.count_cells(normals, offsets) == seen


@pytest.mark.parametrize(
    ("normals", "offsets", "message"),
    [
        ([[1, 0]], [0, 1], "1 normals need as many offsets"),
        ([[1, 0], [1]], [0, 1], "same length"),
        ([[1, float("nan")]], [0], "must be finite ints, floats or Fractions; got nan"),
        ([[1, 0]], [np.inf], "must be finite ints, floats or Fractions; got inf"),
        ([[1, "2"]], [0], "got '2'"),
        ([[1, 1j]], [0], "got 1j"),
        ([[1, None]], [0], "got None"),
        ([1, 2], [0, 0], "rows of numbers"),
    ],
)
def test_bad_input(normals, offsets, message):
    with pytest.raises(ValueError, match=message):
        bounds.count_cells(normals, offsets)
