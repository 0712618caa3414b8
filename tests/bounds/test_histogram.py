"""The histograms are tested against the theorem's own recurrence and against cells counted exactly."""

from functools import cache
from itertools import accumulate, combinations, product

import numpy as np
import pytest
from flint import fmpq_mat

import bounds
from tests import known


@cache
def at_most(m, n, d):
    """M(m; n, d) of the theorem, word for word."""
    if m < 0:
        return 0
    if n == 0 or d == 0:
        return 1
    if d == 1:
        return min(1 + 2 * m, n + 1)
    if d == 2:
        return min(1 + n * m, 1 + n * (n + 1) // 2)
    return at_most(m, n - 1, d) + at_most(m - 1, n - 1, d - 1)


def signs_of_cells(normals, offsets):
    """Sign vectors of all cells of a simple arrangement with a vertex, exact.

    Every cell then has a vertex, and around a vertex the d hyperplanes through it take all signs.
    """
    n, d = normals.shape
    cells = set()
    for through in combinations(range(n), d):
        matrix = fmpq_mat(d, d, [int(v) for i in through for v in normals[i]])
        right = fmpq_mat(d, 1, [-int(offsets[i]) for i in through])
        vertex = [matrix.solve(right)[k, 0] for k in range(d)]
        values = [
            sum(int(w) * x for w, x in zip(normals[i], vertex, strict=True)) + int(offsets[i])
            for i in range(n)
        ]
        assert all((values[i] == 0) == (i in through) for i in range(n)), "not simple"
        fixed = [values[i] > 0 for i in range(n)]
        for around in product((False, True), repeat=d):
            for i, active in zip(through, around, strict=True):
                fixed[i] = active
            cells.add(tuple(fixed))
    return np.array(sorted(cells))


def random_simple_arrangement(n, d, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(-999, 1000, (n, d)), rng.integers(-999, 1000, n)


def with_at_most(cells, n):
    """For m = 0, ..., n: the number of cells with at most m inactive units."""
    return list(accumulate(np.bincount((~cells).sum(axis=1), minlength=n + 1).tolist()))


@pytest.mark.parametrize("shape", known.HISTOGRAMS)
def test_published_histograms(shape):
    assert tuple(bounds.activation_histogram(*shape)) == known.HISTOGRAMS[shape]


def test_the_closed_form_solves_the_recurrence():
    for n in range(14):
        for d in range(16):
            histogram = bounds.activation_histogram(n, d)[::-1]
            assert list(accumulate(histogram)) == [at_most(m, n, d) for m in range(n + 1)]
            assert sum(histogram) == bounds.zaslavsky(n, d)


SIZES = [(n, 1) for n in range(1, 9)] + [(n, 2) for n in range(2, 8)]
SIZES += [(4, 3), (5, 3), (6, 3), (7, 3), (5, 4), (6, 4), (7, 4), (6, 5)]


@pytest.mark.parametrize(("n", "d"), SIZES)
def test_no_orientation_of_any_arrangement_has_more_active_cells(n, d):
    bound = [at_most(m, n, d) for m in range(n + 1)]
    for seed in range(6):
        cells = signs_of_cells(*random_simple_arrangement(n, d, seed))
        assert len(cells) == bounds.zaslavsky(n, d)
        for flipped in product((False, True), repeat=n):
            found = with_at_most(cells ^ np.array(flipped), n)
            assert all(x <= y for x, y in zip(found, bound, strict=True)), (seed, flipped)


@pytest.mark.parametrize(("n", "d"), [(3, 1), (6, 1), (3, 2), (4, 2), (5, 2), (6, 2), (4, 3)])
def test_every_entry_of_the_bound_is_reached_in_low_dimension(n, d):
    reached = [0] * (n + 1)
    for seed in range(40):
        cells = signs_of_cells(*random_simple_arrangement(n, d, seed))
        for flipped in product((False, True), repeat=n):
            found = with_at_most(cells ^ np.array(flipped), n)
            reached = [max(pair) for pair in zip(found, reached, strict=True)]
    assert reached == [at_most(m, n, d) for m in range(n + 1)]


@pytest.mark.parametrize("arguments", [(-1, 2), (2, -1), (2.0, 1), (True, 1)])
def test_bad_input(arguments):
    with pytest.raises(ValueError, match="must be a whole number of at least 0"):
        bounds.activation_histogram(*arguments)
