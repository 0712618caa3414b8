"""Where the units of a network can switch on a line: intervals, proved by error-bounded floating point.

The line is cut by clusters, short intervals outside which no unit of the layers so far switches. A layer is
evaluated at one point of each cluster, with an error bound that covers the whole of it. Between two clusters the layer
is affine: a unit with one proved sign at both has it in between, a unit with two proved signs switches once, in an
interval that its values give, and what has no proved sign may switch next to its cluster. These intervals are the new
clusters. Columns go from layer to layer in batches, so that memory is a few of them, not as many as there are kinks.
"""

import math
from typing import NamedTuple

import numpy as np

from ..arithmetic.rounding import QUIET, UNIT_ROUNDOFF
from .blocks import Pairs, bends, open_pairs, worth_bends, worth_blocks
from .columns import lengths

# Unit: numbers in one batch of columns. 8 bytes each, and about four arrays of this size for each layer.
BATCH = 4_000_000

# Unit: roundoffs of the end of a gap. A place in a gap comes from a dozen operations.
PLACE = 32 * UNIT_ROUNDOFF


# Unit: columns that are asked together which of their units are 0 by structure.
TOGETHER = 64


class Found(NamedTuple):
    """Intervals in which units may switch: ends, layer and unit from 0, proved signs before and behind (0: none)."""

    lower: np.ndarray
    upper: np.ndarray
    layer: np.ndarray
    unit: np.ndarray
    before: np.ndarray
    behind: np.ndarray

    @classmethod
    def joined(cls, parts):
        """All of ``parts`` in one."""
        if not parts:
            return cls(*(np.zeros(0, dtype) for dtype in (float, float, int, int, int, int)))
        return cls(*map(np.concatenate, zip(*parts, strict=True)))


class Clusters(NamedTuple):
    """Disjoint intervals in their order."""

    lower: np.ndarray
    upper: np.ndarray


class LineSearch:
    """Finds where units of ``layers`` may switch; one for all lines of a call."""

    def __init__(self, layers):
        self.layers = layers
        self._found = []

    def search(self, ends, columns, present):
        """`Found` of a line whose first layer at its two `Clusters` ``ends`` is ``columns``.

        ``present`` (2, n0) is negative where an input is 0 all along the line, positive elsewhere.
        """
        self._found = []
        self._go(0, ends, columns, (present, np.zeros(2), None))
        return Found.joined(self._found)

    @np.errstate(**QUIET)
    def _go(self, depth, clusters, columns, inputs):
        layer = self.layers[depth]
        bounds = layer.bounds(columns.spread)
        on, off = columns.values > bounds, columns.values < -bounds
        k, unit = np.nonzero(~(on[1:] & on[:-1] | off[1:] & off[:-1]))
        pairs = Pairs(k, unit, columns.values[k, unit], columns.values[k + 1, unit])
        events = self._record(depth, clusters, pairs, columns.spread, inputs)
        if depth + 1 == len(self.layers):
            return
        members = _Members(clusters, columns, events)
        after = self.layers[depth + 1]
        step = max(2, BATCH // max(after.maps[0].widest, layer.width) - 1)
        for first in range(0, max(len(members) - 1, 1), step):
            some, values, error = members.rows(first, first + step + 1)
            points, off = layer.passed(values, error)
            inputs = values, error, layer.slopes
            if depth + 2 == len(self.layers) and worth_blocks(after, len(points)):
                self._record(depth + 1, some, *open_pairs(after, points, off), inputs)
            elif (
                len(clusters.lower) == 2
                and layer.slopes is None
                and worth_bends(after, len(points))
            ):
                self._go(depth + 1, some, bends(after, points, off, columns.values), inputs)
            else:
                self._go(depth + 1, some, after(points, off), inputs)

    def _record(self, depth, clusters, pairs, spread, inputs):
        """Note where the units of ``pairs`` may switch; the `_Events` of those that may."""
        layer = self.layers[depth]
        before, behind = (
            _Side(layer, value, spread[k], pairs.unit)
            for value, k in ((pairs.before, pairs.gap), (pairs.behind, pairs.gap + 1))
        )
        before.settle_zeros(layer, pairs.gap, pairs.unit, inputs)
        behind.settle_zeros(layer, pairs.gap + 1, pairs.unit, inputs)
        some = (before.sign != behind.sign) | (behind.sign == 0)
        k, unit, before, behind = (
            pairs.gap[some],
            pairs.unit[some],
            before.of(some),
            behind.of(some),
        )
        events = _events(clusters, k, before, behind)
        depths = np.full(len(k), depth)
        self._found.append(
            Found(events.lower, events.upper, depths, unit, before.sign, behind.sign)
        )
        return events


class _Side:
    """Values of units at one end of their gaps: sizes, error bounds, and proved signs, 0 where there is none."""

    def __init__(self, layer, values, spread, unit):
        self.size = np.abs(values)
        self.error = (spread * layer.rows[unit] + layer.constant[unit]) * (1 + PLACE)
        self.sign = np.where(self.size > self.error, np.sign(values), 0).astype(np.int8)

    def settle_zeros(self, layer, row, unit, inputs):
        """Units that no bias and no input reaches that may be on are 0 whatever their weights are: off."""
        values, error, slopes = inputs
        zero = np.flatnonzero((self.sign == 0) & (self.size == 0))
        rows, which = np.unique(row[zero], return_inverse=True)
        for first in range(0, len(rows), TOGETHER):
            some = rows[first : first + TOGETHER]
            active = values[some] >= -error[some, None]
            reached = layer.reached(active if slopes is None else active | (slopes != 0))
            mine = (which >= first) & (which < first + len(some))
            here = zero[mine]
            self.sign[here[~reached[which[mine] - first, unit[here]]]] = -1

    def of(self, some):
        """The side with ``some`` of its units."""
        side = object.__new__(_Side)
        side.size, side.error, side.sign = self.size[some], self.error[some], self.sign[some]
        return side


class _Events(NamedTuple):
    """Units that may switch in a gap: the gap, the places in it (0 at its start, 1 at its end), the intervals."""

    gap: np.ndarray
    place: np.ndarray
    reach: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def _events(clusters, k, before, behind):
    """The `_Events` of units in the gaps ``k`` with the two `_Side`s."""
    with np.errstate(divide="ignore", **QUIET):
        # a proved sign may be that of a unit that is 0: its size is then no more than its error
        low, high = np.maximum(before.size - before.error, 0.0), before.size + before.error
        first = low / (low + (behind.size + behind.error))
        last = high / (high + np.maximum(behind.size - behind.error, 0.0))
    # where there is no proved sign on a side the interval begins there; so it does where there is no number
    first = np.where((before.sign != 0) & (first > 0), first, 0.0)
    last = np.where((behind.sign != 0) & (last < 1), last, 1.0)
    start, end = clusters.upper[k], clusters.lower[k + 1]
    gap, slack = end - start, PLACE * end
    lower = np.maximum(start + first * gap - slack, start)
    upper = np.minimum(start + last * gap + slack, end)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = (last - first) / 2 + np.where(gap > 0, 2 * slack / gap, 1.0) + PLACE
    return _Events(k, (first + last) / 2, reach, lower, upper)


class _Members:
    """Old clusters and new intervals, merged where they meet; makes the columns of any of them."""

    def __init__(self, clusters, columns, events):
        self._columns, self._events = columns, events
        self._old = len(clusters.lower)
        lower = np.concatenate([clusters.lower, events.lower])
        upper = np.concatenate([clusters.upper, events.upper])
        order = np.lexsort((upper, lower))
        reached = np.maximum.accumulate(upper[order])
        fresh = np.append(True, lower[order][1:] > reached[:-1])
        starts = np.flatnonzero(fresh)
        self._order, self._starts = order, np.append(starts, len(order))
        self.clusters = Clusters(lower[order][starts], reached[self._starts[1:] - 1])
        self._sizes = lengths(columns.values)
        self._moves = lengths(np.diff(columns.values, axis=0))

    def __len__(self):
        return len(self.clusters.lower)

    def rows(self, first, last):
        """Clusters ``first`` to ``last``, their pre-activations and how far off these are at most, as 2-norms."""
        starts = self._starts[first : last + 1]
        last = first + len(starts) - 1
        heads = self._order[starts[:-1]]
        values, error = self._members(heads)
        for row in np.flatnonzero(np.diff(starts) > 1):
            others = self._order[starts[row] + 1 : starts[row + 1]]
            for few in np.array_split(others, math.ceil(len(others) / 64)):
                near, more = self._members(few)
                off = np.max(more + lengths(near - values[row]))
                error[row] = max(error[row], off) if math.isfinite(off) else np.inf
        return Clusters(*(end[first:last] for end in self.clusters)), values, error

    def _members(self, members):
        old, columns, events = self._old, self._columns, self._events
        is_new = members >= old
        which = members[is_new] - old
        values = np.empty((len(members), columns.values.shape[1]))
        error = np.empty(len(members))
        values[~is_new], error[~is_new] = (
            columns.values[members[~is_new]],
            columns.error[members[~is_new]],
        )
        k, place = events.gap[which], events.place[which]
        values[is_new] = columns.values[k] * (1 - place)[:, None]
        values[is_new] += columns.values[k + 1] * place[:, None]
        error[is_new] = (
            np.maximum(columns.error[k], columns.error[k + 1])
            + self._moves[k] * events.reach[which]
            + PLACE * (self._sizes[k] + self._sizes[k + 1])
        )
        return values, error


def components(found):
    """``(order, starts, lower, upper)`` of the intervals of a line, merged where they meet.

    ``order`` sorts the intervals, ``starts`` are the places in it where a component begins.
    """
    order = np.lexsort((found.upper, found.lower))
    if not len(order):
        return order, order, found.lower, found.upper
    reached = np.maximum.accumulate(found.upper[order])
    starts = np.flatnonzero(np.append(True, found.lower[order][1:] > reached[:-1]))
    return order, starts, found.lower[order][starts], reached[np.append(starts[1:], len(order)) - 1]
