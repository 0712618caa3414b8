import pytest
import sympy

import bounds
from bounds import symbolic

n, m = sympy.symbols("n m")


@pytest.mark.parametrize("n0", [1, 2, 3])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_polynomials_agree_with_the_integers(n0, depth):
    for name, least in (
        ("layered", 2 * n0),
        ("montufar_2017", n0),
        ("raghu_2017", 1),
        ("ceiling", 1),
    ):
        expression = sympy.sympify(getattr(symbolic, name)(n0, [n] * depth))
        for width in range(least, least + 4):
            assert expression.subs(n, width) == getattr(bounds, name)(n0, [width] * depth), name


def test_shallow_is_right_for_every_width():
    expression = symbolic.shallow(3, n)
    assert [expression.subs(n, k) for k in range(1, 9)] == [
        bounds.shallow(3, k) for k in range(1, 9)
    ]


def test_layered_is_a_polynomial_of_degree_depth_times_n0():
    polynomial = sympy.Poly(symbolic.layered(2, [n] * 3), n)
    assert polynomial.degree() == 6
    assert polynomial.LC() == sympy.Rational(1, 8)


def test_numbers_and_symbols_mix():
    expression = symbolic.layered(3, [2, n, 4, m])
    for a, b in [(6, 6), (7, 9), (12, 6)]:
        assert expression.subs({n: a, m: b}) == bounds.layered(3, [2, a, 4, b])
    assert symbolic.layered(2, [2, 2, 2]) == 30
    assert symbolic.montufar_2017(5, [4, 6, 3]) == 7296


def test_below_the_condition_the_polynomial_is_another_number():
    # what the docstring warns of: width 3 is less than 2 n0 = 4; by hand, 1 * 7 + 3 * 7 + 3 * 4 = 40
    assert symbolic.layered(2, [n, n]).subs(n, 3) == 49
    assert bounds.layered(2, [3, 3]) == 40


@pytest.mark.parametrize("widths", [[0], [-1], [1.5], [True], [sympy.Rational(1, 2)], [sympy.pi]])
def test_bad_widths(widths):
    with pytest.raises(ValueError, match="positive whole numbers or symbols"):
        symbolic.layered(2, widths)


def test_bad_n0():
    with pytest.raises(ValueError, match="n0 must be a whole number"):
        symbolic.layered(0, [n])
