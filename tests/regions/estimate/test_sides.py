"""Sides that paths take together: orthogonal arrays, whose definition is checked."""

from itertools import combinations

import numpy as np
import pytest

from regions.estimate.sides import even_sides


@pytest.mark.parametrize(("m", "n_units"), [(3, 4), (4, 8), (5, 16), (7, 22)])
def test_any_three_units_take_all_sides_equally_often(m, n_units):
    on = even_sides(m, n_units, np.random.default_rng(m))
    assert on.shape == (2**m, n_units)
    for three in combinations(range(n_units), 3):
        taken = on[:, three] @ (1, 2, 4)
        assert np.bincount(taken, minlength=8).tolist() == [2**m // 8] * 8


@pytest.mark.parametrize(("m", "n_units"), [(0, 3), (1, 3), (2, 5), (4, 9), (6, 3)])
def test_the_first_units_take_every_combination_of_sides(m, n_units):
    on = even_sides(m, n_units, np.random.default_rng(m))
    first = min(m, n_units)
    taken = on[:, :first] @ (1 << np.arange(first))
    assert np.bincount(taken, minlength=2**first).tolist() == [2 ** (m - first)] * 2**first


@pytest.mark.parametrize("row", [0, 5])
def test_a_row_alone_is_uniform(row):
    """Chi-square over the 32 rows of five units: 70 is exceeded once in 12,000 seeds."""
    taken = [
        even_sides(3, 5, np.random.default_rng(k))[row] @ (1, 2, 4, 8, 16) for k in range(3200)
    ]
    counts = np.bincount(taken, minlength=32)
    assert ((counts - 100) ** 2 / 100).sum() < 70


def test_with_more_units_than_columns_every_unit_is_still_even():
    on = even_sides(3, 40, np.random.default_rng(1))
    assert on.sum(axis=0).tolist() == [4] * 40
