"""Affine rows and boxes as whole numbers: what rational linear programmes reckon with.

A row may be multiplied by any positive number without changing where it is positive, and stored numbers are dyadic,
so every row has a whole multiple. FLINT is fast on matrices of whole numbers, and slow on fractions one by one.
"""

from functools import cached_property
from math import lcm

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from .rationals import nearest

ONE = fmpz(1)


class Row:
    """k + 1 whole numbers, coefficients and constant: an affine function times ``scale`` > 0.

    >>> row = Row.of([fmpq(1, 2), fmpq(-3, 4)])
    >>> row.values, row.scale
    ([2, -3], 4)
    """

    def __init__(self, values, scale=ONE):
        self.values, self.scale = values, scale
        self._bounded = None

    @classmethod
    def of(cls, row):
        """From ``fmpq`` entries; a `Row` is returned as it is."""
        if isinstance(row, Row):
            return row
        values, scale = fmpq_mat(1, len(row), list(row)).numer_denom()
        return cls(values.entries(), scale)

    def __neg__(self):
        return self._negative

    @cached_property
    def _negative(self):
        negative = Row([-v for v in self.values], self.scale)
        # what is known of one holds for the other
        negative.floats, negative.largest = -self.floats, self.largest
        return negative

    def power_above(self, box):
        """A power of two that the row never exceeds on a `WholeBox`, in absolute value."""
        if self._bounded is None or self._bounded[0] is not box:
            size = abs(self.values[-1]) * box.scale
            for a, reach in zip(self.values, box.reach, strict=False):
                if a:
                    size += abs(a) * reach
            self._bounded = box, fmpz(1) << max(size // box.scale, 1).bit_length()
        return self._bounded[1]

    @cached_property
    def largest(self):
        """The largest absolute value of an entry, or 1."""
        return max(int(max(map(abs, self.values))), 1)

    @cached_property
    def floats(self):
        """Floats (k + 1,) of the row divided by its largest entry; entries too small for a float become zero."""
        return np.array([int(v) / self.largest for v in self.values])


class WholeBox:
    """``lower <= y <= upper`` over one denominator: lists of k whole numbers ``low`` and ``high``, and ``scale``."""

    def __init__(self, lower, upper):
        self.lower, self.upper = lower, upper
        scale = lcm(*(int(fmpz(v.q)) for v in (*lower, *upper))) if lower else 1
        self.scale = fmpz(scale)
        self.low = [_whole(v, self.scale) for v in lower]
        self.high = [_whole(v, self.scale) for v in upper]
        self.reach = [
            max(abs(low), abs(high)) for low, high in zip(self.low, self.high, strict=True)
        ]

    @cached_property
    def floats(self):
        """``(lower, upper)`` as floats (k,)."""
        return (
            np.array([nearest(v) for v in self.lower]),
            np.array([nearest(v) for v in self.upper]),
        )

    def highest(self, values):
        """The greatest value on the box of a row of whole numbers, times ``scale``."""
        total = values[-1] * self.scale
        for a, low, high in zip(values, self.low, self.high, strict=False):
            if a:
                total += a * (high if a > 0 else low)
        return total

    def holds(self, values, denominator):
        """Whether the point ``values / denominator`` lies in the box."""
        return all(
            low * denominator <= v * self.scale <= high * denominator
            for v, low, high in zip(values, self.low, self.high, strict=True)
        )


def matrix(rows, columns):
    """The rows' values as one FLINT matrix."""
    return fmpz_mat(len(rows), columns, [v for row in rows for v in row.values])


def telling(sides):
    """Places of the ``sides``, each a `Row`, that no parallel one implies.

    A plane through images has hundreds of sides that are multiples of each other.

    >>> telling([Row([1, 2]), Row([3, 6]), Row([2, 0]), Row([-1, 1])])
    [2, 3]
    """
    best = {}
    for place, side in enumerate(sides):
        size = abs(next((v for v in side.values if v), 1))
        *slopes, constant = (fmpq(v, size) for v in side.values)
        key = tuple(slopes)
        if key not in best or constant < best[key][0]:
            best[key] = constant, place
    return sorted(place for _, place in best.values())


def whole_numbers(floats):
    """``(whole numbers, e)`` such that each of the finite ``floats`` is exactly its number times 2 ** -e.

    >>> whole_numbers([0.75, 2.0])
    ([3, 8], 2)
    """
    pairs = [float(v).as_integer_ratio() for v in floats]
    power = max((q for _, q in pairs), default=1).bit_length() - 1
    return [p << (power - q.bit_length() + 1) for p, q in pairs], power


def _whole(value, scale):
    return fmpz(value.p) * (scale // fmpz(value.q))
