"""What each set of active units leaves the next layer to decide: the kinds of `bounds.active_sets`.

Let S be the set of active units of a layer on some cell. An output h_j is 0 outside S and lies in
the certified range of unit j inside, so the pre-activation W_i h + b_i of unit i of the next layer
is positive somewhere only if b_i or some W_ij with j in S is, and only if the sum of the greatest
terms W_ij h_j and of b_i is; likewise for the other sign. Units that are always active are in every
S, units that never are in none; which of the other units are in S is tried out, for all sets where
they are few, for the smallest and largest sets where they are many. Between, each unit is given the
best set of its own.

Units that share a hyperplane are one of the "units" that the kinds number (`preactivations.shared`): those of one side
are active together, and where ranges leave both sides open one of them is, and counts always. On a cell where such a
hyperplane's pre-activation is zero neither is; what the set with one side more allows is no less.
"""

from collections import Counter
from itertools import combinations, islice
from math import comb

import numpy as np

from bounds.active_sets import Kind

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma
from ..deadline import NEVER, Late
from ..network.slopes import require_relu
from .shared import single_planes

# Unit: multiply-adds for the sets of one size that are tried out; about half a second.
MOST_PRODUCTS = 2**28

# Unit: multiply-adds. Making a set and counting it takes as long as this many for each open unit.
OVERHEAD = 32

# Unit: sets that are looked at together; the matrices of a batch stay within the cache.
BATCH = 4096


class Told:
    """What certified ranges say of the units of a layer, each by its own and by those that share its hyperplane.

    Attributes
    ----------
    certain, never, steady
        Booleans (n,): positive, nowhere positive, of one sign, on all of the domain.
    both
        Booleans (planes,): hyperplanes whose units on either side can be active.
    """

    def __init__(self, ranges, layer, planes):
        lower, upper = ranges.lower[layer], ranges.upper[layer]
        self.planes = planes
        above, self.never = planes.spread(lower >= 0, upper <= 0)
        self.certain = planes.spread(lower > 0, upper < 0)[0] & ~self.never
        self.steady = above | self.never
        self.both = planes.both(~self.steady)

    def count(self, can, undecided):
        """Numbers of hyperplanes that can be active and of those undecided, by units: Booleans (..., n)."""
        every = self.planes.every
        active = every(can | self.never) & ~every(self.never) | self.both
        return active.sum(axis=-1), every(undecided).sum(axis=-1)


class Freedom:
    """How a layer depends on the set of active units before it.

    Parameters
    ----------
    network, ranges
        A `Network` and certified `Ranges` of its pre-activations; ends may be infinite.
    layer
        Index of a hidden layer, counted from 0, but not 0: inputs have no states.
    planes
        The `shared.Planes` of all hidden layers; None: no unit shares its hyperplane.
    """

    def __init__(self, network, ranges, layer, planes=None):
        require_relu(network, "the bound by active sets")
        weight, bias = network.hidden[layer]
        planes = single_planes(network.widths) if planes is None else planes
        before = Told(ranges, layer - 1, planes[layer - 1])
        self._told = Told(ranges, layer, planes[layer])
        low, high = (np.maximum(ends[layer - 1], 0.0) for ends in (ranges.lower, ranges.upper))
        high = np.where(before.never, 0.0, high)
        self.certain = before.certain
        self.open = np.flatnonzero((high > 0) & ~self.certain)
        self.never, self.steady = self._told.never, self._told.steady
        self.groups = _Groups(before, self.open)
        self._least = len(set(before.planes.plane[self.certain])) + self.groups.pairs
        sides = [(sign * weight, sign * bias) for sign in (1, -1)]
        self.sides = [_Side(*side, low, high, self.certain, self.open) for side in sides]

    @property
    def whole(self):
        """Numbers of hyperplanes that can be active and of those undecided, by their ranges alone."""
        return tuple(int(number) for number in self._told.count(~self.never, ~self.steady))

    @property
    def sizes(self):
        """All sizes that a set of active hyperplanes before the layer can have."""
        return range(self._least, self._least + self.groups.single + 1)

    def of_sets(self, sets):
        """Numbers of hyperplanes that can be active and of those undecided, for each row of ``sets``.

        ``sets`` has shape (m, units open before), Boolean: the open units that are active.
        """
        return self._count(*(side.occurs(sets) for side in self.sides))

    def at_most(self):
        """The same as over-estimates for each of `sizes`, whatever the set."""
        own = np.array(self._count(*(side.occurs_at_best(self.groups) for side in self.sides)))
        # of a pair one side is active: both together are no less
        least = (self.groups.of >= self.groups.single)[None]
        up, down = (side.occurs(least)[0] for side in self.sides)
        planes = self._told.planes
        moved = [up & ~self.never, up & down & ~self.steady]
        covers = [self.sides[0].helps, self.sides[0].helps | self.sides[1].helps]
        fixed = [self.never, self.steady]
        start = self.of_sets(least)
        for found, first, yes, no, helps in zip(own, start, moved, fixed, covers, strict=True):
            # a plane that the least set does not let move needs an active unit that acts on it
            helped = planes.some((helps & ~(yes | no)[:, None]).T).T
            gains = np.sort(self.groups.any(helped).sum(axis=0))[::-1]
            np.minimum(found, first + np.concatenate([[0], np.cumsum(gains)]), out=found)
        own[1] = np.minimum(own[1], own[0])  # an undecided unit can be active
        return own

    def _count(self, up, down):
        can = up & ~self.never
        return self._told.count(can, can & down & ~self.steady)


class _Groups:
    """Open units that are active together: ``single`` groups that may be active, then ``pairs`` of which one is."""

    def __init__(self, before, open_):
        planes = before.planes
        plane, up = planes.plane[open_], planes.side[open_] > 0
        paired = before.both[plane]
        singles, pairs = np.unique(plane[~paired]), np.unique(plane[paired])
        self.single, self.pairs = len(singles), len(pairs)
        self.of = np.where(
            paired,
            self.single + np.searchsorted(pairs, plane) + np.where(up, 0, self.pairs),
            np.searchsorted(singles, plane),
        )

    def any(self, values):
        """Booleans (rows, open units) over the single groups: whether they hold for some unit."""
        out = np.zeros((len(values), self.single), dtype=bool)
        for unit in np.flatnonzero(self.of < self.single):
            out[:, self.of[unit]] |= values[:, unit]
        return out

    def sums(self, values):
        """Floats (rows, open units) summed over the single groups, and over pairs of the greater sides, (rows,)."""
        out = np.zeros((len(values), self.single + 2 * self.pairs))
        np.add.at(out.T, self.of, values.T)
        pairs = out[:, self.single :].reshape(len(values), 2, self.pairs)
        return out[:, : self.single], pairs.max(axis=1, initial=0.0).sum(axis=1)


class _Side:
    """When the pre-activations of a layer, or their negatives, can be positive."""

    def __init__(self, weight, bias, low, high, certain, open_):
        acting = (weight > 0) & (high > 0)
        self.helps = acting[:, open_]
        self.base_helps = (bias > 0) | acting[:, certain].any(axis=1)
        # an infinite end or an overflow makes the error NaN, which excludes nothing: then signs alone decide
        with np.errstate(**QUIET):
            always = weight[:, certain]
            most = always * np.where(always > 0, high[certain], low[certain])
            self.gains = np.maximum(weight[:, open_], 0.0) * high[open_]
            self.base = bias + most.sum(axis=1)
            terms = weight.shape[1] + 2
            size = np.abs(bias) + np.abs(most).sum(axis=1) + self.gains.sum(axis=1)
            error = 2 * gamma(terms) * size + terms * UNDERFLOW
            self.error = np.where(np.isfinite(size) & np.isfinite(self.base), error, np.nan)

    def occurs(self, sets):
        """Booleans of shape (sets, units): whether the sign is possible with these active units."""
        chosen = sets.astype(np.float64)
        helped = self.base_helps | (chosen @ self.helps.T > 0)
        with np.errstate(invalid="ignore"):
            return helped & ~(self.base + chosen @ self.gains.T <= -self.error)

    def occurs_at_best(self, groups):
        """The same for sets of 0, 1, ... single groups, for each unit the set that suits it best."""
        with np.errstate(invalid="ignore"):
            gains, of_pairs = groups.sums(self.gains)
            best = np.cumsum(-np.sort(-gains, axis=1), axis=1)
            best = np.concatenate([np.zeros((len(best), 1)), best], axis=1) + of_pairs[:, None]
            possible = ~(self.base[:, None] + best <= -self.error[:, None])
        helped = np.repeat((self.base_helps | self.helps.any(axis=1))[:, None], best.shape[1], 1)
        helped[:, 0] = self.base_helps | self.helps[:, groups.of >= groups.single].any(axis=1)
        return (helped & possible).T


def active_set_kinds(network, ranges, planes=None, deadline=NEVER):
    """The kinds of all sets of active units, one list of `Kind` for each hidden layer.

    ``ranges`` are certified `Ranges` of ``network`` on a domain; the kinds are a theorem about that domain. Sets are
    counted where a size has few of them and until the ``deadline``, else ``sets`` is None. ``planes`` are the
    `shared.Planes` of the hidden layers there; `both_sides` has to be told to `bounds.active_sets` with them.

    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> from regions.stability.unit_ranges import unit_ranges
    >>> W2, b2 = [[1.0, 1.0], [1.0, -1.0]], [-1.5, 0.0]
    >>> network = Network.of(([[1.0], [-1.0]], None), (W2, b2), ([[1.0, 1.0]], None))
    >>> for kinds in active_set_kinds(network, unit_ranges(network, Box.cube(1, -1, 2))):
    ...     print([tuple(kind) for kind in kinds])
    [(1, 2, 2, 1)]
    [(0, 0, 0, 1), (1, 0, 0, 1), (1, 2, 1, 1), (2, 2, 2, 1)]
    """
    return _by_layer(network, ranges, planes, lambda freedom: _kinds(freedom, deadline))


def counted_kinds(network, ranges, patterns, dimensions, planes=None):
    """The kinds of known cells of the first layers, for the layer after them.

    ``patterns`` has shape (cells, units of these layers), ``dimensions`` bounds the dimension of
    each cell's image; the size of a `Kind` is that dimension.
    """
    layer = int(np.searchsorted(np.cumsum(network.widths), patterns.shape[1])) + 1
    freedom = Freedom(network, ranges, layer, planes)
    last = patterns[:, patterns.shape[1] - network.widths[layer - 1] :]
    found = Counter()
    for start in range(0, len(last), BATCH):
        some = slice(start, start + BATCH)
        counts = freedom.of_sets(last[some][:, freedom.open])
        found.update(zip(dimensions[some].tolist(), *(c.tolist() for c in counts), strict=True))
    return [Kind(*what, number) for what, number in sorted(found.items())]


def stable_kinds(network, ranges, planes=None):
    """The kinds that ``ranges`` alone tell of: in every layer the same freedom after every set.

    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> from regions.stability.unit_ranges import unit_ranges
    >>> network = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], [1.0]), ([[1.0]], None))
    >>> [[tuple(k) for k in kinds] for kinds in stable_kinds(network, unit_ranges(network, Box.cube(1, -1, 2)))]
    [[(1, 2, 2, 1)], [(0, 1, 0, None), (1, 1, 0, None), (2, 1, 0, None)]]
    """
    return _by_layer(
        network,
        ranges,
        planes,
        lambda freedom: [Kind(size, *freedom.whole) for size in freedom.sizes],
    )


def sized_kinds(network, ranges, planes=None):
    """One kind for each size of set, over-estimated: nothing is tried out, so that it takes no time.

    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> from regions import unit_ranges
    >>> W2, b2 = [[1.0, 1.0], [1.0, -1.0]], [-1.5, 0.0]
    >>> network = Network.of(([[1.0], [-1.0]], None), (W2, b2), ([[1.0, 1.0]], None))
    >>> for kinds in sized_kinds(network, unit_ranges(network, Box.cube(1, -1, 2))):
    ...     print([tuple(kind) for kind in kinds])
    [(1, 2, 2, 1)]
    [(0, 0, 0, None), (1, 2, 2, None), (2, 2, 2, None)]
    """
    return _by_layer(
        network,
        ranges,
        planes,
        lambda freedom: [
            Kind(size, *most.tolist())
            for size, most in zip(freedom.sizes, freedom.at_most().T, strict=True)
        ],
    )


def largest_by_size(kinds):
    """The kinds of one layer with one for each size: the most that a set of that size allows."""
    return [_together(some)._replace(sets=None) for some in _same_size(kinds)]


def coarser(kinds, most):
    """The kinds of one layer with at most ``most`` for each size; similar ones are put together.

    >>> coarser([Kind(1, 2, 2, 3), Kind(1, 2, 1, 2), Kind(1, 4, 4, 1), Kind(0, 1, 1, 1)], 2)
    [Kind(size=1, can_be_active=2, undecided=2, sets=5), Kind(size=1, can_be_active=4, undecided=4, sets=1),
     Kind(size=0, can_be_active=1, undecided=1, sets=1)]
    """
    coarse = []
    for some in _same_size(kinds):
        some = sorted(some, key=lambda kind: (kind.undecided, kind.can_be_active))
        share = -(-len(some) // most)
        coarse += [_together(some[i : i + share]) for i in range(0, len(some), share)]
    return coarse


def both_sides(ranges, planes):
    """For each hidden layer, how many hyperplanes have units on both sides that can be active."""
    return [int(Told(ranges, layer, own).both.sum()) for layer, own in enumerate(planes)]


def _by_layer(network, ranges, planes, kinds_of):
    """One kind for the first layer, ``kinds_of`` its `Freedom` for each of the others."""
    require_relu(network, "the bound by active sets")
    if not network.hidden:
        return []
    planes = single_planes(network.widths) if planes is None else planes
    told = Told(ranges, 0, planes[0])
    can, undecided = told.count(~told.never, ~told.steady)
    first = Kind(network.n0, int(can), int(undecided), 1)
    layers = range(1, len(network.hidden))
    return [[first], *(kinds_of(Freedom(network, ranges, layer, planes)) for layer in layers)]


def _same_size(kinds):
    """The kinds in lists of one size."""
    sizes = {}
    for kind in kinds:
        sizes.setdefault(kind.size, []).append(kind)
    return sizes.values()


def _together(kinds):
    """One kind that covers several of one size."""
    sizes, a, u, sets = zip(*kinds, strict=True)
    return Kind(sizes[0], max(a), max(u), None if None in sets else sum(sets))


def _kinds(freedom, deadline):
    """The kinds of sets before one layer, by size: counted, or else over-estimated."""
    kinds, groups, units = [], freedom.groups, len(freedom.never)
    for chosen, (size, most) in enumerate(zip(freedom.sizes, freedom.at_most().T, strict=True)):
        over = [Kind(size, *most.tolist())]
        try:
            few = _few(groups, chosen, units)
            kinds += _counted(freedom, size, chosen, deadline) if few else over
        except Late:
            kinds += over
    return kinds


def _counted(freedom, size, chosen, deadline):
    """The kinds of all sets of one size; `Late` at the ``deadline``."""
    found = Counter()
    for sets in _sets(freedom.groups, chosen):
        deadline.check()
        found.update(zip(*(count.tolist() for count in freedom.of_sets(sets)), strict=True))
    return [Kind(size, *pair, number) for pair, number in sorted(found.items())]


def _few(groups, chosen, units):
    """Whether all sets with ``chosen`` of the single groups can be tried out."""
    least = min(chosen, groups.single - chosen)
    if least + groups.pairs >= MOST_PRODUCTS.bit_length():  # so many sets at least: a long number
        return False
    sets = comb(groups.single, least) << groups.pairs
    return sets * len(groups.of) * max(units, OVERHEAD) <= MOST_PRODUCTS


def _sets(groups, chosen):
    """All sets with ``chosen`` of the single groups and a side of each pair: Boolean rows, some thousands at a time."""
    places = np.arange(groups.pairs)
    singles = combinations(range(groups.single), chosen)
    for some in _batched((one, side) for one in singles for side in range(1 << groups.pairs)):
        which, sides = zip(*some, strict=True)
        sets = np.zeros((len(some), groups.single), dtype=bool)
        np.put_along_axis(sets, np.array(which, dtype=np.intp).reshape(len(some), -1), True, axis=1)
        up = (np.array(sides)[:, None] >> places & 1).astype(bool)
        yield np.concatenate([sets, up, ~up], axis=1)[:, groups.of]


def _batched(values):
    """Lists of up to `BATCH` of the ``values``."""
    values = iter(values)
    while some := list(islice(values, BATCH)):
        yield some
