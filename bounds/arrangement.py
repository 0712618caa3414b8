"""Cells of hyperplane arrangements: the most there can be, and how many a given one has."""

from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate
from math import gcd, isfinite, lcm
from typing import Any, SupportsIndex

import numpy as np

from .checks import integer


def binomial_row(n, last):
    """The binomials C(n, 0), ..., C(n, last) as a list; those above n are zero.

    One multiplication and one division per entry, so that rows of 10,000 units cost milliseconds.

    >>> binomial_row(3, 4)
    [1, 3, 3, 1, 0]
    """
    row = [1]
    for j in range(last):
        row.append(row[-1] * (n - j) // (j + 1))
    return row


def partial_sums(values):
    """Running sums with a leading zero: entry k is the sum of the first k values.

    >>> partial_sums([1, 3, 3])
    [0, 1, 4, 7]
    """
    return list(accumulate(values, initial=0))


def zaslavsky(m: SupportsIndex, d: SupportsIndex) -> int:
    """The largest number of cells that m hyperplanes cut R^d into, the sum of C(m, j) over j <= d.

    Requires whole numbers ``m >= 0`` and ``d >= 0``; anything else is a ValueError. Exact, and
    reached by hyperplanes in general position. Reference: Zaslavsky 1975, Facing up to
    arrangements.

    >>> zaslavsky(4, 2)
    11
    """
    m, d = integer("m", m, least=0), integer("d", d, least=0)
    return sum(binomial_row(m, min(m, d)))


def count_cells(normals: Iterable[Iterable[Any]], offsets: Iterable[Any]) -> int:
    """How many cells the hyperplanes ``normals[i] . x + offsets[i] = 0`` cut the whole space into.

    Parameters
    ----------
    normals
        m rows of d numbers each: ints, Fractions, or floats, which are taken for the exact
        rational numbers that they store.
    offsets
        m numbers.

    Raises
    ------
    ValueError
        Rows of different lengths, as many offsets as rows not given, NaN, infinite or no numbers.

    Notes
    -----
    Deletion and restriction: adding one hyperplane adds as many cells as the earlier hyperplanes
    cut it into, so the count is 1 plus one count per hyperplane, in one dimension less
    (Zaslavsky 1975). All arithmetic is in integers, hence exact: equal hyperplanes count once,
    parallel and concurrent ones need no tolerance, and a zero normal has no hyperplane. The work
    grows like m^d.

    Examples
    --------
    Three lines through one point, and the same with one moved away by the least positive double:

    >>> lines = [[1, 0], [0, 1], [1, 1]]
    >>> count_cells(lines, [0, 0, 0]), count_cells(lines, [0, 0, 5e-324])
    (6, 7)
    """
    return _count(_distinct(_exact_rows(normals, offsets)))


def _exact_rows(normals, offsets):
    """The rows (normal, offset) as coprime integers, in one list."""
    normals, offsets = list(normals), list(offsets)
    if not all(hasattr(row, "__len__") for row in normals):
        raise ValueError("normals must be rows of numbers, one row per hyperplane")
    if len(normals) != len(offsets):
        raise ValueError(
            f"{len(normals)} normals need as many offsets, one per hyperplane; got {len(offsets)}"
        )
    if len({len(row) for row in normals}) > 1:
        raise ValueError("all normals must have the same length, the dimension of the space")
    return [
        _integers([_rational(value) for value in (*row, offset)])
        for row, offset in zip(normals, offsets, strict=True)
    ]


def _rational(value):
    """The exact rational number that ``value`` stores."""
    number = value.item() if isinstance(value, np.generic) else value
    if not isinstance(number, int | float | Fraction) or not isfinite(number):
        raise ValueError(
            f"normals and offsets must be finite ints, floats or Fractions; got {number!r}"
        )
    return Fraction(number)


def _integers(row):
    scale = lcm(*(value.denominator for value in row))
    return [int(value * scale) for value in row]


def _distinct(rows):
    """One coprime row with positive leading entry per hyperplane; zero normals have none."""
    kept = set()
    for row in rows:
        leading = next((value for value in row[:-1] if value), 0)
        if leading:
            divisor = gcd(*row) if leading > 0 else -gcd(*row)
            kept.add(tuple(value // divisor for value in row))
    return sorted(kept)


def _count(rows):
    if not rows or len(rows[0]) == 2:  # nothing to cut, or points on a line
        return 1 + len(rows)
    return 1 + sum(_count(_distinct(_restrict(rows[:k], row))) for k, row in enumerate(rows))


def _restrict(rows, plane):
    """The hyperplanes ``rows`` inside ``plane``, whose first nonzero coordinate is eliminated."""
    pivot = next(k for k, value in enumerate(plane) if value)
    return [
        [
            plane[pivot] * value - row[pivot] * plane_value
            for k, (value, plane_value) in enumerate(zip(row, plane, strict=True))
            if k != pivot
        ]
        for row in rows
    ]
