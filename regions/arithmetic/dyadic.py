"""Matrices of doubles as exact integers: products and differences of weights without rounding.

A double is an integer times a power of two, so a matrix of doubles is an integer matrix times one
power of two for all of its entries. FLINT multiplies those at nearly the speed of floating point.
"""

from dataclasses import dataclass

import numpy as np
from flint import fmpz_mat, nmod_mat

MANTISSA = 53  # bits of a double


@dataclass(frozen=True, eq=False)
class Dyadic:
    """The matrix ``integers * 2**exponent``, exactly.

    >>> tenth = Dyadic.of([[0.1]])
    >>> (tenth + tenth + tenth).nearest(), 3 * 0.1
    (array([[0.3]]), 0.30000000000000004)
    >>> (tenth + tenth + tenth - Dyadic.of([[0.3]])).magnitude() > 0
    array([[ True]])
    """

    integers: fmpz_mat
    exponent: int

    @classmethod
    def of(cls, array):
        """The exact value of a float array; a vector becomes a column."""
        array = np.asarray(array, dtype=np.float64)
        array = array[:, None] if array.ndim == 1 else array
        mantissa, exponent = np.frexp(array.ravel())
        whole = np.ldexp(mantissa, MANTISSA).astype(np.int64)
        # trailing zero bits move into the exponent: short floats make short integers
        zeros = np.where(whole == 0, 0, np.frexp((whole & -whole).astype(np.float64))[1] - 1)
        exponent = exponent - MANTISSA + zeros
        least = int(exponent[whole != 0].min(initial=np.iinfo(np.int32).max))
        shifts = np.where(whole == 0, 0, exponent - least).tolist()
        entries = [w << s for w, s in zip((whole >> zeros).tolist(), shifts, strict=True)]
        return cls(fmpz_mat(*array.shape, entries), least if any(entries) else 0)

    @property
    def shape(self):
        """(rows, columns)."""
        return self.integers.nrows(), self.integers.ncols()

    def __matmul__(self, other):
        return Dyadic(self.integers * other.integers, self.exponent + other.exponent)

    def __add__(self, other):
        least = min(self.exponent, other.exponent)
        mine, theirs = (d.integers * (1 << (d.exponent - least)) for d in (self, other))
        return Dyadic(mine + theirs, least)

    def __sub__(self, other):
        return self + Dyadic(other.integers * -1, other.exponent)

    def rows(self, indices):
        """The matrix of the rows ``indices``."""
        entries = self.integers.table()
        chosen = [v for i in indices for v in entries[i]]
        return Dyadic(fmpz_mat(len(indices), self.shape[1], chosen), self.exponent)

    def rounded(self):
        """`nearest`, and for each entry how far off it is at most, rounded up."""
        values = self.nearest()
        if not np.isfinite(values).all():
            return values, np.full(values.shape, np.inf)
        return values, (self - Dyadic.of(values)).magnitude()

    def nearest(self):
        """The entries rounded once, to nearest; infinite where no double is large enough."""
        return self._rounded(int)

    def magnitude(self):
        """Absolute values of the entries, rounded up: 0 only where an entry is exactly 0."""
        size = self._rounded(lambda entry: abs(int(entry)))
        exact = np.reshape([entry == 0 for entry in self.integers.entries()], self.shape)
        return np.where(exact, 0.0, np.nextafter(size, np.inf))

    def residues(self, prime):
        """The integers modulo ``prime``: a matrix of the same rank or, for unlucky primes, less."""
        return nmod_mat(*self.shape, [int(v) % prime for v in self.integers.entries()], prime)

    def _rounded(self, of_entry):
        up, down = 1 << max(self.exponent, 0), 1 << max(-self.exponent, 0)
        values = [quotient(of_entry(v) * up, down) for v in self.integers.entries()]
        return np.array(values, dtype=np.float64).reshape(self.shape)


def quotient(numerator, denominator):
    """A quotient of integers rounded once, to nearest; infinite when it overflows.

    >>> quotient(1, 3), quotient(-(10**400), 1)
    (0.3333333333333333, -inf)
    """
    try:
        return numerator / denominator  # correctly rounded in Python, whatever the size
    except OverflowError:
        return np.inf if numerator > 0 else -np.inf
