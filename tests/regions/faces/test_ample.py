"""The self-check of lists of cells."""

from itertools import combinations, product

import numpy as np
import pytest

from regions import Box, count_regions
from regions.faces.ample import check_ample, strongly_shattered
from tests.ladder import random_network


def by_definition(family, units):
    """Strongly shattered sets, word by word."""
    members, count = {tuple(v >> i & 1 for i in range(units)) for v in family}, 0
    for size in range(units + 1):
        for chosen in combinations(range(units), size):
            rest = [i for i in range(units) if i not in chosen]
            for outside in product((0, 1), repeat=len(rest)):
                values = dict(zip(rest, outside, strict=True))
                every = (
                    dict(zip(chosen, inside, strict=True)) | values
                    for inside in product((0, 1), repeat=size)
                )
                if all(tuple(v[i] for i in range(units)) in members for v in every):
                    count += 1
                    break
    return count


@pytest.mark.parametrize("seed", range(20))
def test_strongly_shattered_sets_by_definition(seed):
    rng = np.random.default_rng(seed)
    family = set(rng.choice(16, rng.integers(1, 16), replace=False).tolist())
    assert strongly_shattered(family, 4) == by_definition(family, 4) <= len(family)


@pytest.mark.parametrize("widths", [(2, 5, 5, 1), (3, 4, 4, 4, 1), (4, 8, 1)])
def test_an_enumeration_without_ties_is_ample_in_every_parent(widths):
    network = random_network(3, *widths)
    found = count_regions(network, Box.cube(widths[0], -1, 1), engine="cells", keep_patterns=True)
    assert check_ample(network, found.patterns).holds


def test_cells_that_are_missing_show():
    network = random_network(3, 3, 6, 8, 1)
    found = count_regions(network, Box.cube(3, -1, 1), engine="cells", keep_patterns=True)
    matrix = found.patterns.matrix()
    kept = np.random.default_rng(0).random(len(matrix)) < 0.95
    assert not check_ample(network, matrix[kept]).holds


def test_ties_leave_more_cells_than_sets():
    # three lines through one point: six cells, four strongly shattered sets
    family = {v for v in range(8) if v not in (0b011, 0b100)}
    assert strongly_shattered(family, 3) == 4
