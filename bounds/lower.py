"""Lower bounds: how many regions the best weights of a shape reach at least.

They speak of the best choice of weights and say nothing about a given network. Each is proved by a
construction in its paper. All return exact Python ints and raise ValueError, in one line, when an
argument is no whole number or a condition of the theorem is not met.
"""

from collections.abc import Iterable
from math import prod
from typing import SupportsIndex

from .arrangement import zaslavsky
from .checks import architecture, integer


def montufar_2014_lower(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """prod over l < L of floor(n_l / n0)^n0, times the sum of C(n_L, j) over j <= n0.

    Requires ``n_l >= n0`` for every layer. Reference: Montúfar, Pascanu, Cho, Bengio 2014.

    >>> montufar_2014_lower(2, [4, 4])
    44
    """
    n0, widths = _wide(n0, widths, factor=1, name="the lower bound of Montúfar 2014")
    return _folds(n0, widths, extra=0)


def layered_lower(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """prod over l < L of (floor(n_l / n0) + 1)^n0, times the sum of C(n_L, j) over j <= n0.

    Requires ``n_l >= 3 n0`` for every layer. Reference: Serra, Tjandraatmadja, Ramalingam 2018,
    Theorem 6.

    >>> layered_lower(2, [8, 8])
    925
    """
    n0, widths = _wide(n0, widths, factor=3, name="Theorem 6")
    return _folds(n0, widths, extra=1)


def one_input_maximum(widths: Iterable[SupportsIndex]) -> int:
    """prod of (n_l + 1): the exact maximum for one input, so a lower and an upper bound at once.

    Requires ``n_l >= 3`` for every layer. Reference: Serra et al. 2018, Theorem 5.

    >>> one_input_maximum([4, 4, 4])
    125
    """
    _, widths = _wide(1, widths, factor=3, name="Theorem 5")
    return prod(n + 1 for n in widths)


def arora_2016_lower(
    n0: SupportsIndex, m: SupportsIndex, w: SupportsIndex, L: SupportsIndex
) -> int:
    """2 w^(L-1) times the sum of C(m-1, j) over j < n0, for widths (2m, w, ..., w), L layers.

    Requires ``m >= 1``, ``w >= 1`` and ``L >= 1``. Reference: Arora, Basu, Mianjy, Mukherjee 2016.

    >>> arora_2016_lower(2, m=3, w=4, L=3)
    96
    """
    n0, m, w, L = _zonotope(n0, m, w, L, narrowest=1)
    return 2 * zaslavsky(m - 1, n0 - 1) * w ** (L - 1)


def zonotope_lower(n0: SupportsIndex, m: SupportsIndex, w: SupportsIndex, L: SupportsIndex) -> int:
    """2 (w+1)^(L-1) times the sum of C(m-1, j) over j < n0, for 2m + w (L-1) units in L layers.

    Requires ``m >= 1``, ``w >= 2`` and ``L >= 1``. Some network with that many units and layers
    reaches it. Reference: Serra et al. 2018, Theorem 7, which improves `arora_2016_lower`.

    >>> zonotope_lower(2, m=3, w=4, L=3)
    150
    """
    n0, m, w, L = _zonotope(n0, m, w, L, narrowest=2)
    return 2 * zaslavsky(m - 1, n0 - 1) * (w + 1) ** (L - 1)


def _folds(n0, widths, extra):
    if not widths:
        return 1
    return prod(n // n0 + extra for n in widths[:-1]) ** n0 * zaslavsky(widths[-1], n0)


def _wide(
    n0: SupportsIndex, widths: Iterable[SupportsIndex], factor: int, name: str
) -> tuple[int, tuple[int, ...]]:
    n0, widths = architecture(n0, widths)
    if widths and min(widths) < factor * n0:
        raise ValueError(
            f"{name} needs widths of at least {factor * n0} for n0 = {n0}; got a layer of {min(widths)}"
        )
    return n0, widths


def _zonotope(
    n0: SupportsIndex, m: SupportsIndex, w: SupportsIndex, L: SupportsIndex, narrowest: int
) -> tuple[int, int, int, int]:
    return (
        integer("n0", n0, least=1),
        integer("m", m, least=1),
        integer("w", w, least=narrowest),
        integer("L", L, least=1),
    )
