"""Upper bounds on the number of linear regions, one function per published bound.

All take the input dimension ``n0`` and the hidden ``widths`` (n1, ..., nL), as in
``layered(784, [11, 11])``, and return an exact Python int that holds for every choice of weights:
no network of this shape has more full-dimensional activation regions, on any domain. No hidden
layer means one region. Every function raises ValueError, in one line, for an ``n0`` or a width that is no whole
number of at least 1 (bools and floats are none).
"""

from collections.abc import Iterable
from itertools import accumulate, repeat
from math import comb, prod
from operator import mul
from typing import SupportsIndex

from .arrangement import binomial_row, zaslavsky
from .checks import architecture, integer
from .recurrence import hinz_2021, layered, layered_terms

__all__ = [
    "ceiling",
    "hinz_2021",
    "layered",
    "layered_terms",
    "maxout",
    "maxout_2021",
    "montufar_2014",
    "montufar_2017",
    "piecewise_linear",
    "raghu_2017",
    "shallow",
]


def ceiling(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """2^N, the number of activation patterns of N units: no bound can be above it.

    >>> ceiling(2, [3, 3])
    64
    """
    n0, widths = architecture(n0, widths)
    return 1 << sum(widths)


def shallow(n0: SupportsIndex, width: SupportsIndex) -> int:
    """The exact maximum for one hidden layer, the sum of C(n, j) over j <= n0.

    Reached by units in general position. Reference: Zaslavsky 1975; Pascanu, Montúfar, Bengio 2013.

    >>> shallow(2, 4)
    11
    """
    n0, (width,) = architecture(n0, (width,))
    return zaslavsky(width, n0)


def montufar_2014(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """2^N: the upper bound of Montúfar, Pascanu, Cho, Bengio 2014, the same number as `ceiling`.

    >>> montufar_2014(2, [3, 3])
    64
    """
    return ceiling(n0, widths)


def raghu_2017(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """The product of Zaslavsky's numbers of all layers in dimension n0.

    Raghu et al. 2017 state an asymptotic bound only, O(n^(L n0)) for L layers of n units and fixed
    n0. This product is the computable stand-in with that growth, not a formula of the paper: it
    holds because a region of dimension at most n0 is cut by each layer into at most that many.

    >>> raghu_2017(2, [3, 4])
    77
    """
    n0, widths = architecture(n0, widths)
    cells = {width: zaslavsky(width, n0) for width in set(widths)}
    return prod(cells[width] for width in widths)


def montufar_2017(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """The product over the layers of the sum of C(n_l, j) over j <= min(n0, n_1, ..., n_l).

    Reference: Montúfar 2017, Notes on the number of linear regions of deep neural networks.

    >>> montufar_2017(2, [2, 2, 2]), montufar_2017(5, [4, 6, 3])
    (64, 7296)
    """
    n0, widths = architecture(n0, widths)
    return _parallel_families(n0, widths, 1)


def maxout(n0: SupportsIndex, widths: Iterable[SupportsIndex], k: SupportsIndex) -> int:
    """Rank-k maxout units: the product of the sums of C(k(k-1)/2 n_l, j), j <= min(n0, ..., n_l).

    Requires ``k >= 2``. Counts the activation regions of the hidden layers, that is which argument
    of each unit is largest. `maxout_2021` is never larger. Reference: Serra et al. 2018, Theorem 8.

    >>> maxout(2, [3, 3], 3), maxout(1, [2], 3)
    (2116, 7)
    """
    n0, widths = architecture(n0, widths)
    pairs = comb(integer("k", k, least=2), 2)
    return _product(n0, widths, lambda n, d: zaslavsky(pairs * n, d))


def maxout_2021(n0: SupportsIndex, widths: Iterable[SupportsIndex], k: SupportsIndex) -> int:
    """Rank-k maxout units: the product of the sums of C(n_l, j) (k-1)^j, j <= min(n0, ..., n_l).

    Exact for one layer. Never above `maxout`: C(n, j) (k-1)^j counts some of the j-subsets of
    n (k-1) hyperplanes. Requires ``k >= 2``; k = 2 gives `montufar_2017`. Reference: Montúfar, Ren,
    Zhang 2021, arXiv 2104.08135, for the layer; the product over layers is that of Theorem 8.

    >>> maxout_2021(2, [3, 3], 3), maxout_2021(1, [2], 3)
    (361, 5)
    """
    n0, widths = architecture(n0, widths)
    return _parallel_families(n0, widths, integer("k", k, least=2) - 1)


def piecewise_linear(
    n0: SupportsIndex, widths: Iterable[SupportsIndex], pieces: SupportsIndex
) -> int:
    """Any continuous activation of ``pieces`` linear pieces: leaky ReLU 2, hard tanh 3.

    A unit with p pieces cuts with p - 1 parallel hyperplanes. Of n such families in R^d at most
    sum over j <= d of C(n, j) (p-1)^j cells arise: only hyperplanes of different families meet
    (Zaslavsky 1975, by the intersections of one hyperplane each of j families). The dimension is
    min(n0, ..., n_l) since an affine image has no more. The setting is that of Goujon, Etemadi,
    Unser 2022, arXiv 2206.08615; the formula is derived here. Requires ``pieces >= 1``.

    >>> piecewise_linear(1, [2], 3), piecewise_linear(2, [4, 4], 2)
    (5, 121)
    """
    n0, widths = architecture(n0, widths)
    return _parallel_families(n0, widths, integer("pieces", pieces, least=1) - 1)


def _parallel_families(n0, widths, planes):
    """Units that cut with ``planes`` parallel hyperplanes each: sums of C(n_l, j) planes^j."""
    return _product(n0, widths, lambda n, d: _family_cells(n, d, planes))


def _family_cells(n, d, planes):
    powers = accumulate(repeat(planes, d), mul, initial=1)
    return sum(map(mul, binomial_row(n, d), powers))


def _product(n0, widths, cells):
    """The product of ``cells(n_l, min(n0, ..., n_l))`` over the layers, each kind computed once."""
    layers = list(zip(widths, accumulate(widths, min, initial=n0), strict=False))
    layers = [(n, min(n, d)) for n, d in layers]
    known = {layer: cells(*layer) for layer in set(layers)}
    return prod(known[layer] for layer in layers)
