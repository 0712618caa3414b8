"""The exact arithmetic under compression, against `fractions`."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpz_mat
from sympy import isprime

from regions.arithmetic.dyadic import Dyadic, quotient
from regions.arithmetic.rank import LARGEST_COEFFICIENT, PRIMES, nearest, rank, row_basis
from regions.compress.draft import product_up

EXTREMES = [[5e-324, 1.0, 1e-160], [-1e150, 0.1, 0.0]]


def fractions(matrix):
    scale = Fraction(2) ** matrix.exponent
    return [[int(v) * scale for v in row] for row in matrix.integers.table()]


def exact(array):
    return [[Fraction(v) for v in row] for row in np.asarray(array).tolist()]


@pytest.mark.parametrize("array", [EXTREMES, [[0.0, -0.0]], [[3.0]], np.zeros((0, 2))])
def test_every_double_is_kept(array):
    matrix = Dyadic.of(array)
    assert fractions(matrix) == exact(array)
    assert np.array_equal(matrix.nearest(), np.asarray(array, dtype=float))
    values, error = matrix.rounded()
    assert values.shape == error.shape == matrix.shape
    assert not error.any()


def test_products_and_sums_are_exact():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=(4, 4)) * 10.0 ** rng.integers(-20, 20, (4, 4)) for _ in range(2))
    fa, fb = exact(a), exact(b)
    product = [
        [sum(x * y for x, y in zip(r, c, strict=True)) for c in zip(*fb, strict=True)] for r in fa
    ]
    assert fractions(Dyadic.of(a) @ Dyadic.of(b)) == product
    difference = [[x - y for x, y in zip(r, s, strict=True)] for r, s in zip(fa, fb, strict=True)]
    assert fractions(Dyadic.of(a) - Dyadic.of(b)) == difference
    values, error = (Dyadic.of(a) @ Dyadic.of(b)).rounded()
    for row, floats, errors in zip(product, values.tolist(), error.tolist(), strict=True):
        assert floats == [float(v) for v in row]
        off = [abs(v - Fraction(f)) for v, f in zip(row, floats, strict=True)]
        assert all(true <= Fraction(e) for true, e in zip(off, errors, strict=True))
        assert all(e <= 2.0**-52 * abs(f) for e, f in zip(errors, floats, strict=True))


def test_overflow_is_infinite_and_so_is_its_error():
    values, error = (Dyadic.of([[1e200]]) @ Dyadic.of([[-1e200]])).rounded()
    assert values.tolist() == [[-np.inf]]
    assert error.tolist() == [[np.inf]]
    assert quotient(10**400, 3) == np.inf


def test_bounds_of_products_are_never_below():
    rng = np.random.default_rng(1)
    matrix, vector = np.abs(rng.normal(size=(30, 50))), np.abs(rng.normal(size=50))
    matrix[:, rng.random(50) < 0.5] = 0.0
    matrix[3] = 0.0
    found = product_up(matrix, vector)
    for row, bound in zip(exact(matrix), found.tolist(), strict=True):
        true = sum(a * Fraction(b) for a, b in zip(row, vector.tolist(), strict=True))
        assert true <= Fraction(bound) <= true * (1 + Fraction(1, 10**12))
    assert found[3] == 0.0
    infinite = product_up(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([np.inf, 2.0]))
    assert 2.0 <= infinite[0] < 2.1
    assert np.isinf(infinite[1])


@pytest.mark.parametrize("shape", [(6, 4, 2), (4, 6, 3), (5, 5, 5), (7, 3, 3), (3, 3, 0)])
def test_a_basis_spans_all_rows(shape):
    rows, columns, inner = shape
    rng = np.random.default_rng(2)
    array = rng.integers(-9, 10, (rows, inner)) @ rng.integers(-9, 10, (inner, columns)) / 8
    matrix = Dyadic.of(array)
    assert rank(matrix) == np.linalg.matrix_rank(array)
    basis = row_basis(matrix)
    assert len(basis.rows) == rank(matrix)
    chosen = exact(array[basis.rows])
    for i, row in enumerate(exact(array)):
        weights = [basis.coefficients[i, j] for j in range(len(chosen))]
        weights = [Fraction(int(v.p), int(v.q)) for v in weights]
        spanned = [
            sum(w * r[j] for w, r in zip(weights, chosen, strict=True)) for j in range(columns)
        ]
        assert spanned == row


def test_ranks_are_taken_modulo_primes():
    assert all(isprime(p) for p in PRIMES)


def test_an_unlucky_prime_is_found_out():
    """Modulo the first prime the first row vanishes; its combination does not check, so the next."""
    matrix = Dyadic(fmpz_mat([[PRIMES[0], 0], [0, 1]]), 0)
    assert rank(matrix) == 1
    assert row_basis(matrix).rows == [0, 1]


def test_rank_is_that_of_the_stored_numbers():
    """0.1 + 0.2 is not 0.3 in doubles: the third row is not the sum of the others."""
    array = [[0.1, 1.0, 0.0], [0.2, 0.0, 1.0], [0.3, 1.0, 1.0]]
    assert rank(Dyadic.of(array)) == 3
    array[2][0] = 0.25
    array[0][0], array[1][0] = 0.125, 0.125
    assert rank(Dyadic.of(array)) == 2


def test_tiny_rows_are_no_basis_when_large_ones_are():
    array = np.array([[1e-6, 0.0], [1e-6, 1e-9], [1.0, 2.0], [3.0, -1.0]])
    basis = row_basis(Dyadic.of(array))
    assert basis.rows == [2, 3]
    assert max(abs(v) for v in basis.coefficients.entries()) <= LARGEST_COEFFICIENT
    assert nearest(basis.coefficients).shape == (4, 2)
    assert basis.coefficients[2, 0] == fmpq(1)
