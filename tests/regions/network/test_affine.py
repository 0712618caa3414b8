"""Exact composition against the standard library's rational numbers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regions.errors import ReadError
from regions.network.affine import Affine, compose, multiply_add, scale

doubles = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
sizes = st.integers(1, 3)


@st.composite
def products(draw):
    m, k, n = draw(sizes), draw(sizes), draw(sizes)
    return [draw(arrays(float, shape, elements=doubles)) for shape in ((m, k), (k, n), (m, n))]


@settings(max_examples=60, deadline=None)
@given(products())
def test_multiply_add_rounds_the_rational_result_once(matrices):
    A, B, C = matrices
    values, exact = multiply_add(A, B, C)
    truth = [
        [
            sum((Fraction(A[i, k]) * Fraction(B[k, j]) for k in range(len(B))), Fraction(C[i, j]))
            for j in range(B.shape[1])
        ]
        for i in range(len(A))
    ]
    assert values.tolist() == [[float(entry) for entry in row] for row in truth]
    assert exact == all(
        Fraction(v) == t
        for row, rational in zip(values.tolist(), truth, strict=True)
        for v, t in zip(row, rational, strict=True)
    )


def test_cancellation_that_plain_doubles_lose():
    A, B = np.array([[1.0, 1.0, 1.0]]), np.array([[1e300], [1.0], [-1e300]])
    assert (A @ B).item() == 0.0
    values, exact = multiply_add(A, B)
    assert (values.item(), exact) == (1.0, True)


def test_subnormal_numbers_are_exact():
    values, exact = multiply_add(np.array([[2.0]]), np.array([[5e-324]]))
    assert (values.item(), exact) == (1e-323, True)


def test_underflow_is_reported_as_rounding():
    values, exact = multiply_add(np.array([[0.5]]), np.array([[5e-324]]))
    assert (values.item(), exact) == (0.0, False)


def test_overflow_is_refused():
    with pytest.raises(ReadError, match="overflow"):
        multiply_add(np.array([[2.0]]), np.array([[1.7e308]]))


def test_scale():
    array = np.array([1.0, 3.0])
    assert scale(1.0, array)[0] is array
    values, exact = scale(0.5, array)
    assert (values.tolist(), exact) == ([0.5, 1.5], True)
    assert scale(0.1, array)[1] is False


@pytest.mark.parametrize("inner_weight", [None, np.array([[2.0, 0.0], [1.0, 4.0]])])
@pytest.mark.parametrize("outer_weight", [None, np.array([[1.0, -1.0], [8.0, 0.5]])])
def test_compose_is_the_composition(inner_weight, outer_weight):
    inner = Affine(inner_weight, np.array([1.0, -2.0]))
    outer = Affine(outer_weight, np.array([0.25, 3.0]))
    x = np.array([3.0, 5.0])
    for step in (inner, outer):
        weight, bias = step.dense()
        x = weight @ x + bias
    both = compose(inner, outer)
    weight, bias = both.dense()
    assert both.exact
    assert (weight @ [3.0, 5.0] + bias).tolist() == x.tolist()
    assert (both.weight is None) == (inner_weight is None and outer_weight is None)


def test_rounding_is_remembered():
    rounded = Affine(np.eye(1), np.zeros(1), exact=False)
    assert not compose(rounded, Affine(None, np.zeros(1))).exact
