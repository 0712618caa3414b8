"""Theorem 1 tightened by what the weights allow: how many units can change state, or be active.

The tables come from a network (`regions.empirical` computes them); this module only sums.
"""

from .arrangement import binomial_row
from .checks import integer, integers, nondecreasing


def by_activity(n0, can_be_active, undecided, *, ranks=None):
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

    R(L + 1, ...) = 1, and the bound is R(1, n0, n0); d is at most the rank of layer l. A cell with
    j of the undecided units inactive has at most A_l(k) - j active units; at most C(n_l(k), j)
    cells have exactly j, at most Zaslavsky's number exist, and R does not decrease in k or d, so
    the worst case takes the cells with the fewest inactive units first. Derived here; the setting
    is that of Serra and Ramalingam 2020 (Empirical bounds on linear regions), whose theorem was
    not at hand. Never above `layered`, which is the case A_l = n_l = width.

    Examples
    --------
    Without knowledge it is Theorem 1; here one unit of three is always active:

    >>> by_activity(2, [[3], [4] * 4], [[3], [4] * 4])
    59
    >>> by_activity(2, [[3], [4] * 4], [[2], [4] * 4])
    38
    """
    n0 = integer("n0", n0, least=1)
    active, undecided = _tables(can_be_active, undecided)
    ranks = _ranks(ranks, len(active))
    layers = list(zip(active, undecided, ranks, strict=True))
    pieces = None
    for layer, states in zip(layers[::-1], _states(n0, layers)[::-1], strict=True):
        pieces = {state: _pieces(layer, state, pieces) for state in states}
    return pieces[n0, n0] if layers else 1


def _states(n0, layers):
    """For each layer the pairs (k, d) that can be met, so that only these are summed over."""
    met = [{(n0, n0)}]
    for layer in layers[:-1]:
        met.append({after for state in met[-1] for _, after in _terms(layer, state)})
    return met[: len(layers)]


def _terms(layer, state):
    """The binomials of one sum, each with the state (k, d) of the next layer."""
    active, undecided, rank = layer
    k, d = state
    d = d if rank is None else min(d, rank)
    most = active[min(k, len(active) - 1)]
    free = undecided[min(k, len(undecided) - 1)]
    for j, binomial in enumerate(binomial_row(free, min(d, free))):
        yield binomial, (most - j, min(d, most - j))


def _pieces(layer, state, following):
    return sum(
        binomial * (following[after] if following else 1)
        for binomial, after in _terms(layer, state)
    )


def _tables(can_be_active, undecided):
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


def _table(name, values):
    return nondecreasing(name, integers(name, values, least=0))


def _ranks(ranks, length):
    return [None] * length if ranks is None else integers("ranks", ranks, least=0, length=length)
