"""Sides that a unit cannot take, by the signs of a few layers alone: asked once for all cells that share these.

Below a rank-deficient layer hyperplanes of the whole space meet at infinity, in cell after cell, and each cell would ask
whether one that touches it there cuts it. But the layers from b + 1 on see of the inputs only the outputs h >= 0 of the
units that are active in layer b. In the cone of (h, t), t >= 0 standing for 1, their signs leave a cone that holds the
image of every cell with these signs; where a row is nowhere positive on it, it is nowhere positive on any of the cells.
"""

import numpy as np

from ..arithmetic.integers import WholeBox
from ..arithmetic.rationals import ONE, ZERO
from ..domain import WholeSpace
from ..network import Layer, Network
from ..preactivations.rational_rows import ExactProblem

# Unit: answers that are kept; what comes after them starts anew.
MOST_KEPT = 100_000


class Cones:
    """What the last few layers alone say of the units of ``network``."""

    def __init__(self, network):
        self._network = network
        self._starts = np.cumsum((0, *network.widths)).tolist()
        self._problems, self._known = {}, {}

    def refuted(self, signs, unit, judge):
        """A side, 1 or -1, that ``unit`` has in no cell with these ``signs`` (N,), of units before; 0 if none is proved."""
        layer = next(i for i, stop in enumerate(self._starts[1:]) if unit < stop)
        for below in range(layer - 1, -1, -1):
            key = below, unit, signs[self._starts[below] : self._starts[layer + 1]].tobytes()
            if key not in self._known:
                if len(self._known) >= MOST_KEPT:
                    self._known.clear()
                self._known[key] = self._ask(signs, layer, below, unit, judge)
            if self._known[key]:
                return self._known[key]
        return 0

    def _ask(self, signs, layer, below, unit, judge):
        """The same by the layers after ``below`` up to ``layer``."""
        start, first, stop = (self._starts[i] for i in (below, below + 1, layer + 1))
        active = signs[start:first] > 0
        if not active.any():
            return 0
        exact = self._problem(below, layer, active)
        local = signs[first:stop].copy()
        local[unit - first] = 0
        row = exact.row(local, unit - first)
        rows = ((exact.row(local, i), local[i]) for i in np.flatnonzero(local).tolist())
        cone = [known if sign > 0 else -known for known, sign in rows]
        size = int(active.sum()) + 1
        box = WholeBox([ZERO] * size, [ONE] * size)
        for side, goal in ((1, row), (-1, -row)):
            end = judge.maximum(goal, cone, box, enough=ZERO)
            if end is None or end.value <= 0:
                return side
        return 0

    def _problem(self, below, layer, active):
        """The layers after ``below`` up to ``layer`` as an `ExactProblem` in the active outputs of ``below``."""
        key = below, layer, active.tobytes()
        if key not in self._problems:
            if len(self._problems) >= MOST_KEPT:
                self._problems.clear()
            first, *later = self._network.hidden[below + 1 : layer + 1]
            width = len(self._network.hidden[layer].bias)
            layers = Layer(first.weight[:, active], first.bias), *later
            network = Network((*layers, Layer(np.ones((1, width)), np.zeros(1))))
            self._problems[key] = ExactProblem(network, WholeSpace(int(active.sum())))
        return self._problems[key]
