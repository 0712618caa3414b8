"""One convolutional layer: against the definition of Xiong et al. 2020, and against cells that are counted."""

from fractions import Fraction
from itertools import combinations, product
from math import comb, prod

import numpy as np
import pytest

import bounds


def by_definition(fields, filters):
    """The sum over all t that keep the condition for each set J of positions, as the paper writes it."""
    places = range(len(fields))
    subsets = [J for size in range(1, len(fields) + 1) for J in combinations(places, size)]
    room = {J: len(set().union(*(fields[i] for i in J))) for J in subsets}
    return sum(
        prod(comb(filters, units) for units in t)
        for t in product(range(filters + 1), repeat=len(fields))
        if all(sum(t[i] for i in J) <= room[J] for J in subsets)
    )


# inputs, filters and the count of cells of random filters, kernel 2, stride 1
@pytest.mark.parametrize(
    ("inputs", "filters", "cells"), [(3, 3, 40), (3, 4, 85), (4, 2, 55), (4, 3, 217)]
)
def test_random_filters_reach_it(inputs, filters, cells):
    fields = bounds.windows((inputs,), (2,))
    assert bounds.convolutional(fields, filters) == cells
    rng = np.random.default_rng(inputs * 10 + filters)
    kernels = rng.integers(1, 10**6, (filters, 2)) * rng.choice([-1, 1], (filters, 2))
    normals = [
        [int(kernel[fields[i].index(x)]) if x in fields[i] else 0 for x in range(inputs)]
        for i in range(len(fields))
        for kernel in kernels
    ]
    # a bias for each filter, the same at each position: where biases are shared too it is still reached
    offsets = [Fraction(int(b), 7) for b in rng.integers(-50, 50, filters)] * len(fields)
    assert bounds.count_cells(normals, offsets) == cells


@pytest.mark.parametrize("seed", range(60))
def test_any_fields_against_the_definition(seed):
    rng = np.random.default_rng(seed)
    inputs, places = int(rng.integers(1, 6)), int(rng.integers(0, 5))
    fields = [np.flatnonzero(rng.random(inputs) < 0.6).tolist() for _ in range(places)]
    filters = int(rng.integers(1, 4))
    assert bounds.convolutional(fields, filters) == by_definition(fields, filters)


def test_units_that_see_everything_have_zaslavskys_number():
    assert bounds.convolutional([range(3)] * 4, 2) == bounds.zaslavsky(8, 3)


def test_fields_apart_multiply():
    fields = bounds.windows((6,), (2,), stride=2)
    assert bounds.convolutional(fields, 4) == bounds.zaslavsky(4, 2) ** 3


def test_windows_of_two_axes_and_channels():
    assert bounds.windows((2, 3), (2, 2), channels=2) == [
        [0, 1, 2, 3, 6, 7, 8, 9],
        [2, 3, 4, 5, 8, 9, 10, 11],
    ]
    assert bounds.windows((5,), (3,), stride=2) == [[0, 1, 2], [2, 3, 4]]


def test_fields_that_overlap_too_much_are_refused():
    with pytest.raises(ValueError, match=r"too many for an exact maximum; bounds\.shallow"):
        bounds.convolutional(bounds.windows((8, 8), (3, 3)), 4)
