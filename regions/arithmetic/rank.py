"""Exact rank, and all rows of a matrix as combinations of a few of them."""

from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat
from scipy.linalg import qr

from .dyadic import quotient

# Ranks are taken modulo a prime first. A minor that is not zero modulo p is not zero, so independent
# rows found this way are independent; a rank that is too small, possible for one prime in about
# 10**16, shows when the combinations are checked, and the next prime is tried.
PRIMES = (2**61 - 1, 2**62 - 57, 2**63 - 25)

# Unit: ratio of a coefficient to one. The first independent rows are preferred, as they are in the
# published examples; larger coefficients would amplify rounding, and rows found by pivoting replace
# them.
LARGEST_COEFFICIENT = 10


# Unit: seconds for each product of rows, columns and rank; measured 3e-7 on 400 x 400 small integers of rank 300, and
# doubles have three times their digits.
SECONDS_A_PRODUCT = 2e-6


def seconds_for_basis(matrix, least):
    """About how long `row_basis` takes for a `Dyadic` of rank ``least``: one call that cannot look at the clock."""
    rows, columns = matrix.shape
    return SECONDS_A_PRODUCT * rows * columns * least


@dataclass(frozen=True, eq=False)
class Basis:
    """``matrix = coefficients @ matrix[rows]``, exactly; ``coefficients`` is an ``fmpq_mat``."""

    rows: list[int]
    coefficients: fmpq_mat


def rank(matrix):
    """The rank of a `Dyadic` modulo the first prime: never above the true rank.

    >>> from regions.arithmetic.dyadic import Dyadic
    >>> rank(Dyadic.of([[0.1, 0.2], [0.2, 0.4]]))
    1
    """
    return matrix.residues(PRIMES[0]).rank()


def row_basis(matrix):
    """A `Basis` of the rows of the `Dyadic` ``matrix``, proved in rational arithmetic.

    >>> from regions.arithmetic.dyadic import Dyadic
    >>> found = row_basis(Dyadic.of([[1.0, 2.0], [0.0, 4.0], [0.5, 0.0]]))
    >>> found.rows, found.coefficients
    ([0, 1], [  1,    0]
    [  0,    1]
    [1/2, -1/4])
    """
    for prime in PRIMES:
        residues = matrix.residues(prime)
        first = _pivots(residues.transpose())
        basis = _express(matrix, first, prime)
        if basis is not None and _largest(basis) > LARGEST_COEFFICIENT:
            basis = _express(matrix, _pivoted(matrix, len(first)), prime) or basis
        if basis is not None:
            return basis
    raise ArithmeticError(f"the rank is wrong modulo each of {PRIMES}: please report this matrix")


def nearest(matrix):
    """A rational matrix rounded once, to nearest."""
    values = [quotient(int(v.p), int(v.q)) for v in matrix.entries()]
    return np.array(values, dtype=np.float64).reshape(matrix.nrows(), matrix.ncols())


def _express(matrix, rows, prime):
    """The `Basis` with these ``rows``, or None when they do not span all others."""
    entries = matrix.integers.table()
    others = [i for i in range(len(entries)) if i not in set(rows)]
    columns = _pivots(matrix.rows(rows).residues(prime))
    if len(columns) < len(rows):
        return None
    solved = fmpq_mat(len(others), len(rows))
    if others and rows:
        square, right = (
            fmpz_mat([[entries[i][j] for i in those] for j in columns]) for those in (rows, others)
        )
        solved = square.solve(right).transpose()
    rest = [j for j in range(matrix.shape[1]) if j not in set(columns)]
    if solved * _rational(entries, rows, rest) != _rational(entries, others, rest):
        return None
    coefficients = fmpq_mat(len(entries), len(rows))
    for place, row in enumerate(rows):
        coefficients[row, place] = fmpq(1)
    for i, row in enumerate(others):
        for place in range(len(rows)):
            coefficients[row, place] = solved[i, place]
    return Basis(rows, coefficients)


def _rational(entries, rows, columns):
    return fmpq_mat(len(rows), len(columns), [entries[i][j] for i in rows for j in columns])


def _pivots(residues):
    """Indices of the first independent columns of a matrix modulo a prime."""
    reduced, rank = residues.rref()
    pivots, column = [], 0
    for row in range(rank):
        while reduced[row, column] == 0:
            column += 1
        pivots.append(column)
    return pivots


def _pivoted(matrix, count):
    """``count`` rows far from dependent, by pivoting in floating point; in ascending order."""
    floats = matrix.nearest()
    floats = floats / max(np.abs(floats).max(), 1e-300)
    *_, order = qr(floats.T, mode="economic", pivoting=True)
    return sorted(order[:count].tolist())


def _largest(basis):
    return max((abs(v) for v in basis.coefficients.entries()), default=fmpq(0))
