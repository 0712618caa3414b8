"""Affine functions as rows of rationals, k coefficients and a constant, and the hyperplanes where they vanish."""

import math

import numpy as np
from flint import fmpq

from .rationals import ONE, ZERO, evaluate, rational


def hyperplanes(rows):
    """The hyperplanes on which rows vanish, each with its group: booleans over the units.

    A hyperplane is a row scaled to a first coefficient of 1, a tuple. A row that is identically
    zero vanishes on all of them.
    """
    groups, everywhere = {}, np.zeros(len(rows), dtype=bool)
    for unit, row in enumerate(rows):
        first = next((v for v in row[:-1] if v != 0), None)
        if first is not None:
            key = tuple(v / first for v in row)
            groups.setdefault(key, np.zeros(len(rows), dtype=bool))[unit] = True
        else:
            everywhere[unit] = row[-1] == 0
    return {key: group | everywhere for key, group in groups.items()}


def restricted(hyperplane, rows, problem):
    """``(rows, lower, upper)`` on a hyperplane, in the coordinates without its first one."""
    out = next(j for j, v in enumerate(hyperplane) if v != 0)
    # on the hyperplane the coordinate that goes is this row of the others; its coefficient is 1
    gone = [-v for v in hyperplane]
    coordinate = [ZERO] * len(hyperplane)
    coordinate[out] = ONE
    above = [*coordinate[:-1], -problem.lower[out]]
    below = [*(-v for v in coordinate[:-1]), problem.upper[out]]

    def without(row):
        return [
            v + row[out] * g for j, (v, g) in enumerate(zip(row, gone, strict=True)) if j != out
        ]

    lower, upper = (side[:out] + side[out + 1 :] for side in (problem.lower, problem.upper))
    return [without(row) for row in (*rows, above, below)], lower, upper


def canonical(row):
    """A row times a positive number, such that its first coefficient that is not 0 is 1 or -1.

    >>> canonical([fmpq(-4), fmpq(2), fmpq(1)]) == (-1, fmpq(1, 2), fmpq(1, 4))
    True
    """
    first = next(abs(v) for v in row[:-1] if v != 0)
    return tuple(v / first for v in row)


def opposite(row):
    """The row of the other sign."""
    return tuple(-v for v in row)


def scaled(row):
    """A row times the power of two that gives its coefficients a length between 1/2 and 1, or nearly."""
    length = np.linalg.norm([float(v) for v in row[:-1]])
    power = fmpq(2) ** -int(np.frexp(length)[1])
    return [v * power for v in row]


def shifted(row, lower):
    """The row as a function of ``y - lower``."""
    return [*row[:-1], evaluate(row, lower)]


def greatest(row, lower, upper):
    """The greatest value of a row on a box."""
    return evaluate(
        row, [high if a > 0 else low for a, low, high in zip(row, lower, upper, strict=False)]
    )


def largest(row, lower, upper):
    """The greatest absolute value of a row on a box."""
    return max(greatest(row, lower, upper), greatest(opposite(row), lower, upper))


def difference(row, other):
    """``row - other``."""
    return [a - b for a, b in zip(row, other, strict=True)]


def bounds(lower, upper):
    """The sides of a box as rows that are nonnegative inside."""
    rows = []
    for j, (low, high) in enumerate(zip(lower, upper, strict=True)):
        unit = [ONE if i == j else ZERO for i in range(len(lower))]
        rows += [[*unit, -low], [*opposite(unit), high]]
    return rows


def doubles(rows, width):
    """Rows as the nearest doubles (or next to them), shape (m, width)."""
    return np.array([[float(v) for v in row] for row in rows]).reshape(-1, width)


def exactly(array):
    """The rows of a float array as rationals."""
    return [[rational(v) for v in row] for row in array]


def rounded_up(value):
    """A double that is no smaller than ``value``; 0.0 only if it is 0."""
    return 0.0 if value == 0 else math.nextafter(float(value), math.inf)
