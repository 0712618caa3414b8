"""The bounds that follow the dimension of the regions from layer to layer: Theorem 1 and Hinz 2021.

Both are one dynamic programme. Let R(l, d) bound the pieces into which layers l, ..., L cut a set
whose image before layer l has dimension d. A cell of layer l with k active units has an image of
dimension at most min(d, k), hence

    R(L + 1, d) = 1,        R(l, d) = sum over i of c(i) R(l + 1, min(d, n_l - i)),

where c(i) bounds the cells with i inactive units. Theorem 1 takes c(i) = C(n_l, i) for i <= d;
Hinz 2021 takes the extreme histogram of `bounds.histogram`, equal to it for i < d and spread out
after. A histogram need not bound the cells one by one: R(l + 1, .) does not decrease, so it is
enough (summation by parts) that it bounds the number of cells with at most m inactive units for
every m.

All terms with n_l - i >= d share the factor R(l + 1, d), and for i < d the others are differences
of one running sum. So a layer of Theorem 1 costs a few long products per dimension, not one per
pair.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate
from typing import SupportsIndex

from flint import fmpz

from .arrangement import binomial_row, partial_sums
from .checks import architecture, integers
from .histogram import late_entries

MOST_PRODUCTS = 2_000_000
"""Long products that `hinz_2021` may take over all layers: seconds to a minute, by their length."""


def layered(
    n0: SupportsIndex,
    widths: Iterable[SupportsIndex],
    *,
    ranks: Iterable[SupportsIndex] | None = None,
    pass_ranks: bool = True,
) -> int:
    """Theorem 1 of Serra, Tjandraatmadja, Ramalingam 2018: the sum over J of prod C(n_l, j_l).

    Parameters
    ----------
    n0, widths
        Input dimension and hidden widths.
    ranks
        Ranks of the weight matrices W^1, ..., W^L, when known, or upper bounds on them.
    pass_ranks
        True hands the rank of a layer on to all later layers, as in Cai et al. 2023, Theorem 1.
        False caps the layer's own j_l only, which is what the 2018 paper states; never smaller.

    Returns
    -------
    int
        No ReLU network of this shape has more activation regions. Reached for one hidden layer, and
        for n0 = 1 with widths of at least 3.

    Raises
    ------
    ValueError
        Entries that are no positive whole numbers (ranks: not negative), or ranks that do not
        match the widths.

    Notes
    -----
    J holds the j with 0 <= j_l <= min(n0, n_1 - j_1, ..., n_(l-1) - j_(l-1), n_l); `layered_terms`
    lists it. The sum is the recurrence of the module docstring: 1,000 layers of 100 units take
    about a second.

    Examples
    --------
    >>> layered(2, [2, 2, 2]), layered(784, [11, 11, 10])
    (30, 1690286436)
    >>> layered(3, [5] * 3, ranks=[2, 5, 5]), layered(3, [5] * 3, ranks=[2, 5, 5], pass_ranks=False)
    (4096, 9216)
    """
    n0, widths, ranks = _with_ranks(n0, widths, ranks)

    def cells(k, layer, d):
        d = min(d, ranks[k]) if pass_ranks else d
        return layer.total(d, min(d, ranks[k]))

    return _solve(n0, widths, cells)


def layered_terms(
    n0: SupportsIndex,
    widths: Iterable[SupportsIndex],
    *,
    ranks: Iterable[SupportsIndex] | None = None,
    pass_ranks: bool = True,
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Iterate over the set J of Theorem 1: pairs (j, product) in lexicographic order.

    The products sum to `layered` with the same arguments. J grows exponentially with the depth.

    >>> for j, product in layered_terms(2, [2, 2]):
    ...     print(j, product)
    (0, 0) 1
    (0, 1) 2
    (0, 2) 1
    (1, 0) 2
    (1, 1) 4
    (2, 0) 1
    """
    n0, widths, ranks = _with_ranks(n0, widths, ranks)
    rows = {n: binomial_row(n, n) for n in set(widths)}
    waiting: list[tuple[tuple[int, ...], int, int]] = [((), 1, n0)]
    while waiting:
        j, product, d = waiting.pop()
        if len(j) == len(widths):
            yield j, product
            continue
        n, rank = widths[len(j)], ranks[len(j)]
        d = min(d, rank) if pass_ranks else d
        for i in range(min(d, n, rank), -1, -1):  # last in, first out
            waiting.append(((*j, i), product * rows[n][i], min(d, n - i)))


def hinz_2021(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> int:
    """Theorem 1 with better histograms of active units: Hinz 2021, arXiv 2103.17174.

    Never above `layered`, often below it from two layers on. The histograms and their proof are in
    `bounds.histogram`; they were derived here and give the values of the public code of that bound.

    Raises ValueError for bad input, and when it would take more than `MOST_PRODUCTS` long
    products. The first and the last layer are free. A layer of n units between them takes about
    n^2 / 12 products if n0 and all layers before it are as wide, and none if one of these has less
    than n / 3.

    >>> hinz_2021(2, [4, 4]), layered(2, [4, 4])
    (109, 121)
    """
    n0, widths = architecture(n0, widths)
    products = hinz_products(n0, widths)
    if products > MOST_PRODUCTS:
        raise ValueError(
            f"hinz_2021 would take {products} long products for n0 = {n0} and these widths, more "
            f"than {MOST_PRODUCTS}; use layered, which needs none of them"
        )

    @cache
    def late(n, d):
        return late_entries(n, d, _first_late(n, d))

    def cells(k, layer, d):
        # after the last layer all pieces count 1, so only the number of cells matters
        if d == 0 or k == len(widths) - 1:
            return layer.total(d, d)
        return layer.total(d, d - 1) + layer.late_total(d, late(layer.n, d))

    return _solve(n0, widths, cells)


def _solve(n0, widths, cells):
    """R(1, n0) of the recurrence; ``cells(k, layer, d)`` is the sum for layer k, counted from 0."""
    pieces = [fmpz(1)]  # several times faster than Python's own long integers
    for k, d in reversed(list(enumerate(_dimensions(n0, widths)))):
        layer = _Layer(widths[k], d, pieces)
        wanted = range(d + 1) if k else [d]
        pieces = [cells(k, layer, dimension) for dimension in wanted]
    return int(pieces[-1])


def _dimensions(n0, widths):
    """min(n0, n_1, ..., n_l) for each layer: its table of R(l, d) is constant from there on."""
    return list(accumulate(widths, min, initial=n0))[1:]


class _Layer:
    """Sums of C(n, i) R(min(d, n - i)) over i, where ``pieces`` lists the R of the next layer."""

    def __init__(self, n, largest, pieces):
        self.n = n
        self.pieces = pieces + [pieces[-1]] * (largest + 1 - len(pieces))
        self.row = binomial_row(n, largest)
        self.sums = partial_sums(self.row)
        # cells with fewer than `largest` active units: entry i belongs to n - largest + 1 + i
        self.start = n - largest + 1
        self.weighted = partial_sums(
            self.row[i] * self.pieces[n - i] for i in range(self.start, largest + 1)
        )

    def total(self, d, last):
        """The sum over i = 0, ..., last, for last <= d."""
        shared = min(last, self.n - d)
        total = self.sums[shared + 1] * self.pieces[d]
        if last > shared:
            total += self.weighted[last + 1 - self.start] - self.weighted[shared + 1 - self.start]
        return total

    def late_total(self, d, late):
        """The same with the extreme histogram in place of the binomials, over i = d, ..., n.

        ``late`` are its entries from `_first_late` on; all before share R(d), and the sum of all is
        C(n, d), since both histograms have the same total.
        """
        first = _first_late(self.n, d)
        total = (self.row[d] - sum(late)) * self.pieces[d]
        for i, entry in enumerate(late, start=first):
            total += entry * self.pieces[self.n - i]
        return total


def _first_late(n, d):
    """The first i >= d whose cells have fewer than d active units."""
    return max(d, n - d + 1)


def hinz_products(n0, widths):
    """How many long products `hinz_2021` takes beyond those of Theorem 1."""
    middle = list(zip(widths, _dimensions(n0, widths), strict=True))[1:-1]
    return sum(
        len(range(_first_late(n, d), (n + d) // 2 + 1))
        for n, largest in middle
        for d in range(n // 3, largest + 1)
    )


def _with_ranks(
    n0: SupportsIndex,
    widths: Iterable[SupportsIndex],
    ranks: Iterable[SupportsIndex] | None,
) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    n0, widths = architecture(n0, widths)
    if ranks is None:
        return n0, widths, widths
    return n0, widths, integers("ranks", ranks, least=0, length=len(widths))
