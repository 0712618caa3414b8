"""Theorem 1 tightened by what the weights allow: how many units can change state, or be active.

The tables come from a network; this module only sums. `bounds.active_sets` has the theorem, for more
that one may know.
"""

from collections.abc import Iterable
from typing import SupportsIndex

from .active_sets import Kind, by_active_sets
from .checks import integer, integers, nondecreasing


def by_activity(
    n0: SupportsIndex,
    can_be_active: Iterable[Iterable[SupportsIndex]],
    undecided: Iterable[Iterable[SupportsIndex]],
    *,
    ranks: Iterable[SupportsIndex] | None = None,
    histograms: bool = False,
) -> int:
    """An upper bound on the activation regions of a network with the given activity tables.

    Parameters
    ----------
    n0
        Dimension of the domain.
    can_be_active, undecided
        One table per layer, A_l and n_l. Entry k holds, over all sets of at most k active units of
        the layer before, the largest number of units of layer l that can be active, and of those
        that can be active or inactive. Over-estimates are fine. A table of layer l >= 2 needs
        entries up to the largest number of active units before it; the table of the first layer
        needs one entry, or its last one counts (the inputs have no states).
    ranks
        Ranks of the weight matrices, or upper bounds on them.
    histograms
        Whether to use the activation histograms of Hinz 2021, as `hinz_2021` does.

    Raises
    ------
    ValueError
        Tables that do not match in number or length, that decrease, that hold anything but whole
        numbers of at least 0, or with more undecided units than units that can be active.

    Notes
    -----
    With k active units before layer l and an image of dimension d,

        R(l, k, d) = sum over j <= min(d, n_l(k)) of C(n_l(k), j) R(l + 1, k', min(d, k')),
        k' = A_l(k) - j,

    R(L + 1, ...) = 1, and the bound is R(1, n0, n0); d is at most the rank of layer l. This is the
    theorem of `bounds.active_sets`, with proof there, when nothing is known of single sets; then the
    worst case has the cells with the fewest inactive units. Never above `layered`, which is the case
    A_l = n_l = width.

    Examples
    --------
    Without knowledge it is Theorem 1; here one unit of three is always active:

    >>> by_activity(2, [[3], [4] * 4], [[3], [4] * 4])
    59
    >>> by_activity(2, [[3], [4] * 4], [[2], [4] * 4])
    38
    """
    n0 = integer("n0", n0, least=1)
    active, free = _tables(can_be_active, undecided)
    kinds = [
        [Kind(size, *pair) for size, pair in enumerate(zip(*tables, strict=True))]
        for tables in zip(active, free, strict=True)
    ]
    if kinds:
        kinds[0] = [kinds[0][min(n0, len(kinds[0]) - 1)]._replace(size=n0, sets=1)]
    return by_active_sets(n0, kinds, ranks=ranks, histograms=histograms)


def _tables(
    can_be_active: Iterable[Iterable[SupportsIndex]], undecided: Iterable[Iterable[SupportsIndex]]
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    active = [_table(f"can_be_active[{k}]", table) for k, table in enumerate(can_be_active)]
    free = [_table(f"undecided[{k}]", table) for k, table in enumerate(undecided)]
    if len(active) != len(free):
        raise ValueError(
            f"{len(active)} tables of active and {len(free)} of undecided units; give one each per layer"
        )
    before = 0
    for k, (a, u) in enumerate(zip(active, free, strict=True)):
        if len(a) != len(u) or len(a) <= before:
            raise ValueError(
                f"tables {k} have {len(a)} and {len(u)} entries; both need the same number, at least {before + 1}"
            )
        if any(y > x for x, y in zip(a, u, strict=True)):
            raise ValueError(
                f"tables {k} have more undecided units than units that can be active; an undecided unit can be active"
            )
        before = a[-1]
    return active, free


def _table(name: str, values: Iterable[SupportsIndex]) -> tuple[int, ...]:
    return nondecreasing(name, integers(name, values, least=0))
