"""Patterns found one by one, with a point of each: what engines that search collect."""

from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from ...deadline import NEVER, Deadline, Late
from ...milp.inner_points import inner_points
from ...network.patterns import PatternSet
from ...preactivations.unit_maps import unit_maps
from ..question import Question


@dataclass
class Tally:
    """Distinct patterns whose witness replays, and what was met on the way."""

    question: Question
    model: object
    keep_points: bool
    deadline: Deadline = NEVER
    found: dict = field(default_factory=dict)
    replayed: int = 0
    replayed_after_lp: int = 0
    not_replayed: int = 0
    duplicates: int = 0
    smallest_margin: float | None = None

    def add(self, points, patterns):
        """Replay ``points`` (k, n0), which a solver says lie in the cells of ``patterns`` (k, N).

        Points that do not and would need a linear programme after the ``deadline`` are not replayed.
        """
        box = self.question.domain.enclosing_box()
        points = np.clip(points, box.lower, box.upper)  # a solver leaves it by its tolerance
        agrees = self._witnessed(points, patterns)
        self.replayed += int(agrees.sum())
        for i in np.flatnonzero(~agrees):
            with suppress(Late):
                self._look_inside(points, agrees, patterns, i)
        self.not_replayed += int((~agrees).sum())
        self._keep(points[agrees], patterns[agrees])

    def _look_inside(self, points, agrees, patterns, i):
        for witness in inner_points(self.question, patterns[i], self.deadline):
            if self._witnessed(witness[None], patterns[i]):
                points[i], agrees[i] = witness, True
                self.replayed_after_lp += 1
                break

    def _keep(self, points, patterns):
        self._measure(points)
        for point, packed in zip(points, np.packbits(patterns, axis=1), strict=True):
            key = packed.tobytes()
            self.duplicates += key in self.found
            self.found[key] = point if self.keep_points else None

    def _witnessed(self, points, patterns):
        """Whether each point lies in the domain and stands for its pattern in a forward pass."""
        has = (self.question.network.pattern(points) == patterns).all(axis=1)
        return has & self.question.domain.contains(points) & inside(self.question, points)

    def _measure(self, points):
        """Smallest distance from zero of an undecided unit; an exact zero is a tie and has none."""
        if len(self.model.units) == 0:
            return
        g = np.concatenate(self.question.network.preactivations(points), axis=1)
        values = np.abs(g[:, self.model.units])
        if (values > 0).any():
            smallest = float(values[values > 0].min())
            self.smallest_margin = min(smallest, self.smallest_margin or smallest)


def pattern_set(found, n_units):
    """The keys of ``found`` as a `PatternSet`, and its values (points) in the same order.

    ``found`` maps the packed bytes of a pattern of ``n_units`` to its point.

    >>> patterns, points = pattern_set({b"\\x80": [0.5], b"\\x40": [-0.5]}, 2)
    >>> patterns.matrix().astype(int).tolist(), points.tolist()
    ([[0, 1], [1, 0]], [[-0.5], [0.5]])
    """
    order = sorted(found)  # byte order is pattern order
    packed = np.array([list(key) for key in order], dtype=np.uint8)
    patterns = PatternSet(packed.reshape(len(order), -(-n_units // 8)), n_units)
    return patterns, np.array([found[key] for key in order])


def inside(question, points):
    """Whether each point (k, n0) stands for its pattern, in floating point: Booleans of shape (k,).

    For ``counted="patterns"`` every point does. For cells none of its units may be exactly zero,
    but for those that are zero on the whole cell.
    """
    network, accepted = question.network, np.ones(len(points), dtype=bool)
    if question.counted == "patterns" or not network.n_units:
        return accepted
    g = np.concatenate(network.preactivations(points), axis=1)
    for i in np.flatnonzero((g == 0).any(axis=1)):
        A, _ = unit_maps(network, g[i] > 0)
        accepted[i] = not (A[g[i] == 0] @ question.domain.polyhedron().directions.T).any()
    return accepted
