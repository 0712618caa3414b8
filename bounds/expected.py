"""What to expect of random networks: of random zeros in the weights, and of random weights.

Null models: a trained network is compared with them, none of them bounds it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import comb, factorial, isfinite
from typing import Any, SupportsIndex

import numpy as np

from .arrangement import binomial_row
from .checks import architecture, integer

DRAWS = 50
"""Matrices that `sampled_ranks` draws to begin with, as in Cai et al. 2023."""


def expected_layered(
    n0: SupportsIndex, widths: Iterable[SupportsIndex], ranks: Iterable[Mapping[int, Any]]
) -> Fraction:
    """The expected value of Theorem 1 with ranks when the ranks are random: Cai et al. 2023.

    Parameters
    ----------
    n0, widths
        Input dimension and hidden widths.
    ranks
        For each layer a dict from ranks to their weights, numbers of at least 0 that need not sum
        to 1: what `sampled_ranks` and `binomial_ranks` give.

    Returns
    -------
    Fraction
        Exact for the given weights, which are scaled to sum to 1. The layers are independent.

    Raises
    ------
    ValueError
        Entries that are no positive whole numbers, as many laws as widths not given, negative or
        infinite weights, a law without weight.

    Notes
    -----
    With P(k) the probability of rank k in layer l,

        R(l, d) = sum over k of P(k) sum over j <= min(k, d) of C(n_l, j) R(l + 1, min(n_l - j, d, k)).

    Reference: Cai et al. 2023, Getting away with more network pruning, arXiv 2301.07966. Their
    printed bounds count a 10-unit output layer as a hidden one.

    Examples
    --------
    A matrix of rank 1 or 2 with equal chance, before a full one:

    >>> expected_layered(2, [3, 3], [{1: 1, 2: 1}, {2: 1}])
    Fraction(28, 1)
    """
    n0, widths = architecture(n0, widths)
    laws = [_law(k, law) for k, law in enumerate(ranks)]
    if len(laws) != len(widths):
        raise ValueError(f"{len(widths)} widths need as many laws of their ranks; got {len(laws)}")
    pieces = [Fraction(1)] * (n0 + 1)
    for n, law in zip(widths[::-1], laws[::-1], strict=True):
        totals = [
            sum(c * pieces[min(n - j, d)] for j, c in enumerate(binomial_row(n, min(n, d))))
            for d in range(n0 + 1)
        ]
        pieces = [sum(p * totals[min(k, d)] for k, p in law.items()) for d in range(n0 + 1)]
    return pieces[n0]


def binomial_ranks(rows: SupportsIndex, columns: SupportsIndex, density: float) -> dict[int, float]:
    """Ranks as if each of the shorter side's lines were independent and needed one entry.

    The law Binomial(min(rows, columns), 1 - (1 - density)^max(rows, columns)) of Cai et al. 2023, as
    a dict for `expected_layered`: an approximation, quick for matrices of any size.

    >>> binomial_ranks(1, 2, 0.5)
    {0: 0.25, 1: 0.75}
    """
    rows, columns, density = _matrix(rows, columns, density)
    short, long = sorted((rows, columns))
    hit = 1 - (1 - density) ** long
    return {k: comb(short, k) * hit**k * (1 - hit) ** (short - k) for k in range(short + 1)}


def sampled_ranks(
    rows: SupportsIndex, columns: SupportsIndex, density: float, *, seed: Any
) -> dict[int, int]:
    """Ranks of random matrices whose entries are there with probability ``density``: a dict.

    From ranks to how often each came. `DRAWS` matrices are drawn first and then, with s different
    ranks from the least to the largest found, as many as make s times `DRAWS`, as in Cai et al. 2023.
    The rank is no matter of tolerance: entries from a continuous distribution give, with
    probability 1, the size of a largest matching of rows and columns.

    >>> sampled_ranks(3, 5, 1.0, seed=0)
    {3: 50}
    """
    rows, columns, density = _matrix(rows, columns, density)
    rng = np.random.default_rng(seed)
    found = Counter(_rank(rng, rows, columns, density) for _ in range(DRAWS))
    for _ in range(DRAWS * (max(found) - min(found))):
        found[_rank(rng, rows, columns, density)] += 1
    return dict(sorted(found.items()))


def hanin_rolnick_2019(n0: SupportsIndex, units: SupportsIndex, T: Any) -> Fraction:
    """At initialisation: at most (T N)^n0 / n0! regions per unit of volume, in expectation.

    Parameters
    ----------
    n0, units
        Input dimension and number N of hidden units, in any number of layers.
    T
        A constant of the distribution of weights and biases: the paper bounds it by their densities
        and by the sizes of gradients. With T = 1 the number is a yardstick, about as many cells as N
        hyperplanes can have.

    Returns
    -------
    Fraction
        2^N where N < n0, where patterns cannot be more.

    Notes
    -----
    Hanin, Rolnick 2019, Deep ReLU networks have surprisingly few activation patterns (arXiv 1906.00904), for cubes that
    are not small; stated here from its abstract and from memory of its theorem. On lines
    `regions.geometry.random_lines.expected_line_count` needs no constant. Raises ValueError unless T is a finite number
    above 0.

    >>> hanin_rolnick_2019(2, 20, T=1)
    Fraction(200, 1)
    """
    n0, units = integer("n0", n0, least=1), integer("units", units, least=1)
    if not isfinite(T) or T <= 0:
        raise ValueError(f"T must be a finite number above 0; got {T!r}")
    if units < n0:
        return Fraction(2**units)
    return (Fraction(T) * units) ** n0 / factorial(n0)


def _law(layer, weights):
    """The weights as exact probabilities."""
    exact = {}
    for rank, weight in weights.items():
        rank = integer(f"ranks[{layer}]: rank", rank, least=0)
        if not isfinite(weight) or weight < 0:
            raise ValueError(f"ranks[{layer}][{rank}] must be at least 0; got {weight!r}")
        exact[rank] = Fraction(weight)
    total = sum(exact.values())
    if not total:
        raise ValueError(f"ranks[{layer}] has no weight; give a weight above 0 to one rank")
    return {rank: weight / total for rank, weight in exact.items()}


def _matrix(rows: SupportsIndex, columns: SupportsIndex, density: float) -> tuple[int, int, float]:
    if not 0 <= density <= 1:
        raise ValueError(f"density must lie between 0 and 1; got {density!r}")
    rows, columns = integer("rows", rows, least=1), integer("columns", columns, least=1)
    return rows, columns, float(density)


def _rank(rng, rows, columns, density):
    # slow to import, and bounds of a shape do without
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import structural_rank

    return int(structural_rank(csr_array(rng.random((rows, columns)) < density)))
