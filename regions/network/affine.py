"""Affine maps read from a file, composed exactly and rounded once.

A file may hold two affine maps with no ReLU between them. Their composition is computed over the
integers (a double is an integer times a power of two), then each entry is rounded once to the nearest
double. Whether any entry was rounded is known, not estimated. Weights may be sparse (a convolution,
written as a matrix, is nearly all zeros); a composition with a sparse one is sparse.
"""

from typing import NamedTuple

import flint
import numpy as np
from scipy import sparse

from ..errors import ReadError

MANTISSA_BITS = 53  # of a double


class Affine(NamedTuple):
    """``x -> weight @ x + bias``; ``weight`` None is the identity; ``exact`` False if rounded."""

    weight: np.ndarray | sparse.csr_array | None
    bias: np.ndarray
    exact: bool = True

    def dense(self):
        """``(weight, bias)`` as plain arrays, with the identity written out."""
        if self.weight is None:
            return np.eye(len(self.bias)), self.bias
        return self.weight.toarray() if sparse.issparse(self.weight) else self.weight, self.bias


def compose(inner, outer):
    """``outer`` after ``inner`` as one `Affine`, each entry rounded at most once.

    >>> shift, twice = Affine(None, np.array([1.0])), Affine(np.array([[2.0]]), np.array([0.5]))
    >>> compose(shift, twice)
    Affine(weight=array([[2.]]), bias=array([2.5]), exact=True)
    >>> third = Affine(np.array([[1 / 3]]), np.zeros(1))
    >>> compose(third, third).exact
    False
    """
    if outer.weight is None:
        weight, weight_exact = inner.weight, True
        bias, bias_exact = multiply_add(np.eye(1), inner.bias[None], outer.bias[None])
        bias = bias[0]
    else:
        if inner.weight is None:
            weight, weight_exact = outer.weight, True
        else:
            weight, weight_exact = multiply_add(outer.weight, inner.weight)
        bias, bias_exact = multiply_add(outer.weight, inner.bias[:, None], outer.bias[:, None])
        bias = (bias.toarray() if sparse.issparse(bias) else bias)[:, 0]
    return Affine(weight, bias, inner.exact and outer.exact and weight_exact and bias_exact)


def scale(factor, array):
    """``factor * array``, each entry rounded once; and whether no entry was rounded."""
    if factor == 1.0:
        return array, True
    product, exact = multiply_add(np.array([[factor]]), array.reshape(1, -1))
    return product.reshape(array.shape), exact


def multiply_add(A, B, C=None):
    """``A @ B + C`` for finite doubles, each entry rounded once; and whether none was rounded.

    Shapes (m, k), (k, n), (m, n); sparse if A or B is. Raises `ReadError` when an entry overflows.
    """
    if sparse.issparse(A) or sparse.issparse(B):
        return _sparse_multiply_add(A, B, C)
    A_integers, A_exponent = _integers(A)
    B_integers, B_exponent = _integers(B)
    total, exponent = A_integers * B_integers, A_exponent + B_exponent
    if C is not None:
        C_integers, C_exponent = _integers(C)
        common = min(exponent, C_exponent)
        total = total * (1 << exponent - common) + C_integers * (1 << C_exponent - common)
        exponent = common
    rounded = [_nearest_double(int(entry), exponent) for entry in total.entries()]
    values = np.array([value for value, _ in rounded], dtype=np.float64)
    return values.reshape(len(A), B.shape[1]), all(exact for _, exact in rounded)


def _sparse_multiply_add(A, B, C):
    """The same term by term: FLINT has no sparse matrices, and dense ones would be far too large."""
    A, B = sparse.csr_array(A), sparse.csr_array(B)
    shape = A.shape[0], B.shape[1]
    row, column, left, right = _terms(A, B)
    left_integers, left_exponent = _integer_list(A.data)
    right_integers, right_exponent = _integer_list(B.data)
    exponent = left_exponent + right_exponent
    products = np.array(left_integers, dtype=object)[left] * np.array(right_integers, object)[right]
    if C is not None:
        added = sparse.coo_array(C)
        integers, added_exponent = _integer_list(added.data)
        common = min(exponent, added_exponent)
        products, exponent = products * (1 << exponent - common), common
        shifted = [v << added_exponent - common for v in integers]
        products = np.append(products, np.array(shifted, dtype=object))
        row, column = np.append(row, added.coords[0]), np.append(column, added.coords[1])
    return _sum_terms(row, column, products, exponent, shape)


def _terms(A, B):
    """All products in ``A @ B``: row, column, and the places of both factors in the stored data."""
    counts = np.diff(B.indptr)[A.indices]
    left = np.repeat(np.arange(A.nnz), counts)
    first = np.cumsum(counts) - counts
    right = np.arange(counts.sum()) - np.repeat(first - B.indptr[A.indices], counts)
    row = np.repeat(np.arange(A.shape[0]), np.diff(A.indptr))[left]
    return row, B.indices[right], left, right


def _sum_terms(row, column, integers, exponent, shape):
    """The matrix whose entry at each place is the sum of its terms, rounded once; whether exact."""
    if not len(integers):
        return sparse.csr_array(shape), True
    order = np.lexsort((column, row))
    row, column, integers = row[order], column[order], integers[order]
    first = np.append(True, (np.diff(row) != 0) | (np.diff(column) != 0))
    sums = np.add.reduceat(integers, np.flatnonzero(first)).tolist()
    rounded = {v: _nearest_double(v, exponent) for v in set(sums)}  # few differ in a convolution
    values = np.array([rounded[v][0] for v in sums], dtype=np.float64)
    matrix = sparse.csr_array((values, (row[first], column[first])), shape=shape)
    return matrix, all(exact for _, exact in rounded.values())


def _integers(matrix):
    """An integer matrix and an exponent e with ``matrix == integers * 2**e`` exactly."""
    integers, exponent = _integer_list(matrix)
    return flint.fmpz_mat(*matrix.shape, integers), exponent


def _integer_list(array):
    """Integers and an exponent e such that each entry is its integer times ``2**e``."""
    mantissa, exponent = np.frexp(array)
    lowest = int(exponent[mantissa != 0].min(initial=0))
    integers = [
        int(m) << (int(e) - lowest) if m else 0
        for m, e in zip((mantissa * 2.0**MANTISSA_BITS).flat, exponent.flat, strict=True)
    ]
    return integers, lowest - MANTISSA_BITS


def _nearest_double(integer, exponent):
    """The double nearest to ``integer * 2**exponent``, and whether it is equal."""
    numerator, denominator = integer << max(exponent, 0), 1 << max(-exponent, 0)
    try:
        value = numerator / denominator  # Python rounds the quotient of two integers correctly
    except OverflowError as error:
        raise ReadError(
            "two affine maps without a ReLU between them overflow a double when composed; rescale "
            "the weights or put the ReLU back"
        ) from error
    p, q = value.as_integer_ratio()
    return value, p * denominator == numerator * q
