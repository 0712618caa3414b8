"""Theorem 1 tightened by what each set of active units leaves the next layer to decide.

Setting
-------
Fix a cell of the layers before layer l and let S be its set of active units of layer l - 1. Signs
and ranges then tell of each unit of layer l whether it can be active and whether it can be inactive;
a(S) units can be active, and u(S) of them are undecided. The *kind* of S is (|S|, a(S), u(S)).
There are only so many sets of each kind, and no two cells of one layer inside the same cell of the
layers before have the same S.

Theorem
-------
Let M(m; u, d) bound, for all m at once, the cells of u half-spaces in R^d that lie outside at most
m of them: the sum of C(u, i) over i <= min(m, d), or the sharper number of `bounds.histogram`. Let
R(L + 1, ...) = 1, and let R(l, a, u, d) be the largest sum of

    R(l + 1, a(S), u(S), min(d, |S|))

over families of sets S of active units of layer l that have, for every m, at most M(m; u, d) members
with |S| >= a - m, and at most as many members of each kind as there are sets of it. Then R(l, a, u, d)
bounds the cells of layers l, ..., L inside a cell with a(S) <= a and u(S) <= u whose image before
layer l has dimension at most d, and R(1, a, u, n0) bounds the regions of the network.

Proof
-----
Downwards in l. A cell of layer l with i of the undecided units inactive has at most a(S) - i active
ones; so if it has at least a - m, then i <= m - (a - a(S)) <= m. Of these there are at most
M(m; u, d): add half-spaces that contain everything until there are u, and dimensions along which
nothing changes until there are d. Hence the sets of active units of the cells are one of the
families. Each of the cells has an image of dimension at most min(d, |S|), and R(l + 1, ...) bounds
what becomes of it. A unit whose pre-activation is constant on the cell, zero included, cuts nothing
and counts as inactive unless the constant is positive. QED

Shared hyperplanes
------------------
Units of one layer whose hyperplanes coincide cut once. Let a "unit" above be a hyperplane, |S| the number of those with
an active unit on the side of the cell: that many numbers tell the outputs of the layer, for the units of one side are
positive multiples of each other, so |S| bounds the dimension of the image. A hyperplane that has units on either side is
active on both sides of it. With b of those among the u undecided ones, i is the number of inactive ones among the u - b
others, and M(m; u, d) becomes the number of sets of at most d of the u hyperplanes with at most m of the u - b: the sign
vectors of the cells shatter no other ones, and there are no more of them than sets that they shatter (Pajor 1985). For a
set A is shattered only if its hyperplanes alone have 2^|A| cells, hence |A| <= d, and if some cell is on the inactive
side of all that are in A, of which at most m are among the u - b. With b = 0 this is the sum of C(u, i). Such a
hyperplane that does not cut a cell counts as active too, which is no less.

The largest sum is found greedily. The conditions on m are nested: going through the sets from large
to small |S|, it is enough to keep the best M(m; u, d) of those seen so far (sums over a laminar
matroid). With one kind per size, of which nothing is known, this is Theorem 1, or with
`bounds.histogram` the bound of Hinz 2021; any knowledge of a, u and of numbers of sets lowers it.

The theorem is derived here. The idea to let weights and biases decide which units can switch when k
units are active is that of Serra and Ramalingam 2020, arXiv 1810.03370; its text was not at hand.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from heapq import heappop, heappush
from typing import Any, NamedTuple, SupportsIndex

from .arrangement import binomial_row, partial_sums
from .checks import integer, integers
from .histogram import late_entries


class Kind(NamedTuple):
    """Sets of ``size`` active units before a layer that leave it the same freedom.

    At most ``can_be_active`` units of the layer can then be active, at most ``undecided`` can be
    either, and there are at most ``sets`` such sets (None: as many as one likes).
    """

    size: int
    can_be_active: int
    undecided: int
    sets: int | None = None


def by_active_sets(
    n0: SupportsIndex,
    kinds: Iterable[Sequence[Kind]],
    *,
    ranks: Iterable[SupportsIndex] | None = None,
    histograms: bool = False,
    both: Iterable[SupportsIndex] | None = None,
) -> int:
    """An upper bound on the activation regions of a network, from the kinds of its active sets.

    Parameters
    ----------
    n0
        Dimension of the domain.
    kinds
        For each hidden layer a list of `Kind`, which together hold every set of units of the layer
        before that is the active set of some cell. All of a kind but its ``size`` may be an
        over-estimate. Those of the first layer are the cells to start from: one, the domain, with
        its dimension as ``size`` and 1 set, or the cells of earlier layers that were counted, with
        the dimension of their image as ``size``.
    ranks
        Ranks of the weight matrices, or upper bounds on them.
    histograms
        Whether to use the activation histograms of `bounds.histogram` in place of binomials.
    both
        For each layer, how many of its hyperplanes have active units on both sides, or more; None: nowhere any.
        Sizes of `Kind` count such a hyperplane always.

    Returns
    -------
    int
        Never above `layered` if no kind has more units than the layer, nor above `hinz_2021` with
        ``histograms``.

    Raises
    ------
    ValueError
        Numbers that are not whole or are negative, more undecided units than can be active, a layer
        without a kind, cells to start from without their number, ranks that do not match the layers.

    Notes
    -----
    Theorem and proof: module docstring. The work is about `steps`.

    Examples
    --------
    Three units, then four, in three dimensions. Nothing known is Theorem 1. Then: of the three sets
    of one active unit, one leaves the second layer nothing to decide, and so does the empty set.

    >>> first, large = [Kind(3, 3, 3, 1)], [Kind(3, 4, 4), Kind(2, 4, 4)]
    >>> by_active_sets(3, [first, large + [Kind(1, 4, 4), Kind(0, 4, 4)]])
    64
    >>> by_active_sets(3, [first, large + [Kind(1, 4, 4, 2), Kind(1, 4, 0, 1), Kind(0, 4, 0)]])
    60

    Two lines, each shared by two units of opposite sign, then two units: the image keeps both dimensions in all four cells.

    >>> by_active_sets(2, [[Kind(2, 2, 2, 1)], [Kind(2, 2, 2)]], both=[2, 0])
    16
    """
    n0 = integer("n0", n0, least=0)
    kinds = _checked(kinds)
    caps = _ranks(ranks, len(kinds))
    switched = (
        [0] * len(kinds) if both is None else [*integers("both", both, least=0, length=len(kinds))]
    )
    if not kinds:
        return 1
    met = _states(n0, kinds, caps)
    most = _most_cells(n0, histograms)
    pieces: Any = None
    for layer in range(len(kinds) - 1, -1, -1):
        after: list[Kind] = kinds[layer + 1] if pieces is not None else []
        pieces = {
            state: _largest_sum(_capped(state, caps[layer]), after, pieces, most, switched[layer])
            for state in met[layer]
        }
    return sum(kind.sets * pieces[_start(kind, n0)] for kind in kinds[0])


def steps(n0, kinds):
    """About how many steps `by_active_sets` takes; a million of them are a few seconds.

    >>> steps(3, [[Kind(3, 3, 3, 1)], [Kind(k, 4, 4) for k in range(4)]])
    20
    """
    total = 0
    for layer, following in zip(kinds, [*kinds[1:], [None]], strict=False):
        states = {kind[1:3] for kind in layer}
        n0 = min(n0, max((kind.can_be_active for kind in layer), default=0))
        total += len(states) * (n0 + 1) * len(following)
    return total


def _states(n0, kinds, ranks):
    """For each layer the triples (a, u, d) that can be met, so that only these are summed over."""
    met = [{_start(kind, n0) for kind in kinds[0]}]
    for after, rank in zip(kinds[1:], ranks, strict=False):
        met.append(
            {
                _after(kind, state)
                for state in {_capped(state, rank) for state in met[-1]}
                for kind in after
                if kind.size <= state[0]
            }
        )
    return met


def _start(kind, n0):
    """The triple of the first layer."""
    return kind.can_be_active, kind.undecided, min(n0, kind.size)


def _after(kind, state):
    """The triple of the next layer: after ``state``, with an active set of ``kind``."""
    return kind.can_be_active, kind.undecided, min(state[2], kind.size)


def _capped(state, rank):
    a, u, d = state
    return a, u, d if rank is None else min(d, rank)


def _largest_sum(state, after, pieces, most, both):
    """R(l, a, u, d), where ``pieces`` has R(l + 1, ...): the best cells, kept by size in a heap."""
    a, u, d = state
    if pieces is None:
        return most(u, u, d, both)
    kept, total = [], 0
    reached = [(kind, _after(kind, state)) for kind in after if kind.size <= a]
    ahead = [*reached, (None, None)][1:]
    for (kind, place), (following, next_place) in zip(reached, ahead, strict=True):
        if place == next_place and kind.sets is following.sets is None:
            continue  # the next kind has as many sets of the same value as one likes
        cap = most(min(a - kind.size, u), u, d, both)
        sets = cap if kind.sets is None else min(kind.sets, cap)
        heappush(kept, (pieces[place], sets))
        total += sets
        while total > cap:
            least, number = heappop(kept)
            spare = min(number, total - cap)
            total -= spare
            if number > spare:
                heappush(kept, (least, number - spare))
    return sum(value * sets for value, sets in kept)


def _most_cells(n0, histograms):
    """M(m; u, d) for d <= n0 and ``both`` as a function, with the sums that it needs made once."""

    @cache
    def binomials(u):
        return partial_sums(binomial_row(u, min(u, n0)))

    @cache
    def late(u, d):
        return partial_sums(late_entries(u, d, max(d, 1)))

    def plain(m, u, d):
        if not histograms or m < d or u == 0:
            return binomials(u)[min(m, d) + 1]
        first = max(d, 1)
        entries = late(u, d)
        return binomials(u)[first] + entries[min(max(m - first + 1, 0), len(entries) - 1)]

    @cache
    def with_both(m, u, d, both):
        pairs = binomial_row(both, min(both, d))
        others = binomials(u - both)
        sets = sum(c * others[min(m, d - j, u - both) + 1] for j, c in enumerate(pairs))
        # a cell with at most m of the others inactive is outside at most m + both of all half-spaces
        return min(sets, plain(min(m + both, u), u, d))

    def most(m, u, d, both):
        d, both = min(d, u), min(both, u)
        return with_both(m, u, d, both) if both else plain(m, u, d)

    return most


def _checked(kinds: Iterable[Sequence[Kind]]) -> list[list[Kind]]:
    """The kinds of each layer, the largest active sets first."""
    layers = []
    for number, layer in enumerate(kinds):
        names = [f"kinds[{number}][{place}]" for place in range(len(layer))]
        for name, kind in zip(names, layer, strict=True):
            size, a, u, sets = kind
            integers(name, (size, a, u, 0 if sets is None else sets), least=0)
            if u > a:
                raise ValueError(
                    f"{name} has {u} undecided units but {a} that can be active; an undecided unit "
                    "can be active"
                )
        layers.append(sorted(layer, key=lambda kind: -kind.size))
        if not layer:
            raise ValueError(f"layer {number} has no kind; give one at least")
        if number == 0 and any(kind.sets is None for kind in layer):
            raise ValueError(
                "the cells to start from need their number; give 1 as sets of the domain"
            )
    return layers


def _ranks(ranks: Iterable[SupportsIndex] | None, length: int) -> Sequence[int | None]:
    return [None] * length if ranks is None else integers("ranks", ranks, least=0, length=length)
