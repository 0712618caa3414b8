"""Units of one layer that share a hyperplane: it cuts once, and what the ranges say of one of them holds for all.

Proofs: `bounds.active_sets`, on shared hyperplanes. Whether hyperplanes coincide is decided in whole numbers.
"""

import numpy as np

from ..arithmetic.integers import whole_numbers
from ..arithmetic.proportional import either_sign


class Planes:
    """The hyperplanes of one layer: unit i has that of unit ``leader[i]``, on the side of its sign ``side[i]``."""

    def __init__(self, leader, side):
        _, self.plane = np.unique(leader, return_inverse=True)
        self.side = np.asarray(side)
        self.count = int(self.plane.max(initial=-1)) + 1
        self.single = self.count == len(self.side)
        self._order = np.argsort(self.plane, kind="stable")
        self._starts = np.searchsorted(self.plane[self._order], np.arange(self.count))

    def every(self, values):
        """``values`` (..., units), Booleans, over the planes: whether they hold for every unit of each."""
        if self.single:
            return values[..., self._order]
        return np.logical_and.reduceat(values[..., self._order], self._starts, axis=-1)

    def some(self, values):
        """The same for whether they hold for some unit."""
        return ~self.every(~values)

    def spread(self, positive, negative):
        """What is known of some units, Booleans ``positive`` and ``negative`` (n,), for the others of their plane too."""
        up, down = positive.copy(), negative.copy()
        if self.single:
            return up, down
        same = self.side > 0
        turned = self.some(np.where(same, up, down)), self.some(np.where(same, down, up))
        above, below = (values[self.plane] for values in turned)
        return np.where(same, above, below), np.where(same, below, above)

    def both(self, moving=True):
        """Booleans (planes,): those with units on either side, of the units that are ``moving``."""
        return self.some((self.side > 0) & moving) & self.some((self.side < 0) & moving)


def planes_of_ties(ties, widths):
    """`Planes` of each hidden layer, by the ``ties`` of `exact_search.structure.ties`."""
    out, start, always = [], 0, sum(widths) + 1
    for n in widths:
        own = np.asarray(ties[start : start + n])
        tied = (own != 0) & (np.abs(own) < always)
        leader = np.where(tied, np.abs(own) - 1 - start, np.arange(n))
        out.append(Planes(leader, np.where(tied & (own < 0), -1, 1)))
        start += n
    return out


def single_planes(widths):
    """`Planes` of each hidden layer where nothing is known: each unit has its own."""
    return [Planes(np.arange(n), np.ones(n, dtype=np.int64)) for n in widths]


def planes_of_weights(network):
    """`Planes` of each hidden layer, by its stored numbers.

    >>> from regions.network import Network
    >>> network = Network.of(([[1.0], [-2.0], [1.0]], [3.0, -6.0, 0.0]), ([[1.0] * 3], None))
    >>> [(planes.count, planes.both().tolist()) for planes in planes_of_weights(network)]
    [(2, [True, False])]
    """
    out = []
    for weight, bias in network.hidden:
        rows = np.column_stack([weight, bias])
        leader, side = np.arange(len(rows)), np.ones(len(rows), dtype=np.int64)
        for unit, first, sign in either_sign(rows, lambda i, rows=rows: whole_numbers(rows[i])[0]):
            leader[unit], side[unit] = first, sign
        out.append(Planes(leader, side))
    return out
