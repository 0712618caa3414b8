"""Doubles as rationals, and affine functions of them: no rounding at all."""

import sys

from flint import fmpq, fmpq_mat

ZERO, ONE = fmpq(0), fmpq(1)


def rational(value):
    """The exact value of a float as an ``fmpq``.

    >>> rational(0.1) == fmpq(1, 10), rational(0.5) == fmpq(1, 2)
    (False, True)
    """
    return fmpq(*float(value).as_integer_ratio())


def nearest(value):
    """The double nearest to a rational; the largest of its sign beyond all of them.

    >>> nearest(fmpq(1, 3)), nearest(-fmpq(10) ** 400)
    (0.3333333333333333, -1.7976931348623157e+308)
    """
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return sys.float_info.max if value > 0 else -sys.float_info.max


def rational_matrix(array):
    """A 2-D float array as an exact matrix."""
    return fmpq_mat([[rational(v) for v in row] for row in array])


def evaluate(row, point):
    """The value of a row, coefficients and then a constant, at a point: exactly."""
    return sum((a * v for a, v in zip(row, point, strict=False) if a), row[-1])
