"""The bounds as sympy expressions: polynomials in the widths for a fixed input dimension and depth.

Import it by itself, ``import bounds.symbolic``: sympy takes a while to load. A width is a whole
number or a sympy expression such as a symbol n. Every function gives the integer of the function
of the same name in `bounds` once numbers are put in, as long as each symbolic width is at least
what the docstring says.
"""

from itertools import accumulate

import sympy

from .checks import integer


def binomial(n, j):
    """C(n, j) as a polynomial in ``n`` of degree j.

    >>> binomial(sympy.Symbol("n"), 2)
    n*(n - 1)/2
    """
    return sympy.ff(n, j) / sympy.factorial(j)


def zaslavsky(m, d):
    """The sum of C(m, j) over j <= d, a polynomial in ``m`` of degree d; right for every m >= 0.

    >>> zaslavsky(sympy.Symbol("m"), 2)
    m*(m - 1)/2 + m + 1
    """
    return sum((binomial(m, j) for j in range(integer("d", d, least=0) + 1)), sympy.Integer(0))


def ceiling(n0, widths):
    """2^N for N units; ``n0`` does not matter.

    >>> n = sympy.Symbol("n")
    >>> ceiling(2, [n, n])
    2**(2*n)
    """
    _architecture(n0, widths)
    return sympy.Integer(2) ** sum(widths)


def shallow(n0, width):
    """One hidden layer: a polynomial of degree n0 in the width, right for every width.

    >>> sympy.expand(shallow(2, sympy.Symbol("n")))
    n**2/2 + n/2 + 1
    """
    n0, (width,) = _architecture(n0, (width,))
    return zaslavsky(width, n0)


def raghu_2017(n0, widths):
    """The product of Zaslavsky's polynomials in dimension n0, right for every width.

    >>> n = sympy.Symbol("n")
    >>> raghu_2017(1, [n, n])
    (n + 1)**2
    """
    n0, widths = _architecture(n0, widths)
    return sympy.prod(zaslavsky(n, n0) for n in widths)


def montufar_2017(n0, widths):
    """The product over layers, right when every symbolic width is at least n0.

    >>> montufar_2017(2, [3, sympy.Symbol("n")]).subs("n", 4)
    77
    """
    n0, widths = _architecture(n0, widths)
    dimensions = list(accumulate(widths, _smaller, initial=n0))[1:]
    return sympy.prod(zaslavsky(n, d) for n, d in zip(widths, dimensions, strict=True))


def layered(n0, widths):
    """Theorem 1, right when every symbolic width is at least 2 n0; numbers may be any.

    From width 2 n0 on, a layer leaves at least n0 active units in every term of J, so that no
    dimension is lost and the sum over J is a product. Layers given as numbers are summed over in
    full.

    >>> n = sympy.Symbol("n")
    >>> sympy.factor(layered(1, [n] * 3))
    (n + 1)**3
    >>> sympy.expand(layered(2, [3, n]))
    2*n**2 + 5*n + 7
    """
    n0, widths = _architecture(n0, widths)
    pieces = [sympy.Integer(1)] * (n0 + 1)
    for n in reversed(widths):
        pieces = [_layer(n, d, pieces) for d in range(n0 + 1)]
    return pieces[n0]


def _layer(n, d, pieces):
    if not isinstance(n, sympy.Integer):
        return zaslavsky(n, d) * pieces[d]
    n = int(n)
    terms = (binomial(n, j) * pieces[min(n - j, d)] for j in range(min(n, d) + 1))
    return sum(terms, sympy.Integer(0))


def _smaller(d, n):
    return min(d, int(n)) if isinstance(n, sympy.Integer) else d


def _architecture(n0, widths):
    """``n0`` as an int, ``widths`` as sympy expressions; numbers among them are positive."""
    if any(isinstance(n, bool | float) or getattr(n, "is_integer", None) is False for n in widths):
        raise ValueError(f"widths must be positive whole numbers or symbols; got {list(widths)}")
    widths = [sympy.sympify(n) for n in widths]
    if any(n.is_number and not (n.is_Integer and n > 0) for n in widths):
        raise ValueError(f"widths must be positive whole numbers or symbols; got {widths}")
    return integer("n0", n0, least=1), widths
