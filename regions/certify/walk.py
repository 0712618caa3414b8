"""The walk over all sign prefixes that proves how many cells a network has, given their patterns.

The patterns, sorted, are the leaves of one binary tree over the units in layer order.
A node is a set of patterns that agree on all layers before its own, and stands for the part of the domain where
the units that were split on the way, its path, have the signs of these patterns. There

* a unit of the layer on which all patterns of the node agree must have no other side: a *fact*, proved
  by multipliers (weak duality over the rows of the path and the box), once, at the highest such node;
* of the other units the first one is split, and both halves are visited;
* a leaf must have a point that is strictly inside each row of its path.

Every cell follows its own signs down to a leaf with its pattern: a fact cannot turn it away. So if all
facts hold there are at most as many cells as patterns; and each leaf with a point, below facts that hold, is one
cell. The proofs are tried in floats with a bound on all rounding, and in rationals where the certificate has
fractions.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from ..network.slopes import factors
from .space import ExactRows, Rows, Space


class Node(NamedTuple):
    """Patterns ``start`` to ``stop`` at the layer of index ``layer`` (-1 for the inputs) of a walk."""

    start: int
    stop: int
    layer: int
    rows: Rows  # of the layer
    known: np.ndarray  # (n_l,): the units whose sign is proved or chosen
    path: Rows  # nonnegative in the node: the constraints, then the units that were split
    units: tuple  # those units
    sound: bool  # whether all facts so far hold


class Walk(ABC):
    """The tree of a set of patterns, node by node; a subclass brings the multipliers and the points."""

    def __init__(self, network, domain, patterns):
        domain.check(network)
        self.network, self.space, self.patterns = network, Space(domain), patterns.matrix()
        if self.patterns.shape[1] != network.n_units:
            raise InputError(
                f"patterns of {self.patterns.shape[1]} units are not of a network of {network.n_units}"
            )
        self.exact = ExactRows(network, self.space)
        self.starts = np.cumsum((0, *network.widths))
        self.cells = self.checks = self.refused = 0
        self.all_facts = True

    def walk(self):
        """Visit all nodes, depth first."""
        inputs = Rows(self.space.inputs, np.zeros(len(self.space.inputs)))
        path = self.space.through(self.space.constraints, inputs, np.arange(len(inputs.values)))
        nothing = np.zeros(0, dtype=bool)
        stack = [Node(0, len(self.patterns), -1, inputs, nothing, path, (), True)]
        # numbers that overflow compare as false: they prove nothing
        with np.errstate(over="ignore", invalid="ignore"):
            while stack:
                stack.extend(self._visit(stack.pop()))

    @abstractmethod
    def multipliers(self, node, units, targets):
        """For each of the K ``targets``, to be proved nonpositive: ``(multipliers (K, m), {index: exact ones})``."""

    @abstractmethod
    def point(self, node):
        """A point inside a leaf: floats (k,), or a list of ``fmpq``."""

    def _visit(self, node):
        first = self.starts[node.layer] if node.layer >= 0 else 0
        patterns = self.patterns[node.start : node.stop, first : first + len(node.known)]
        mixed = patterns.any(axis=0) & ~patterns.all(axis=0)
        new = np.flatnonzero(~mixed & ~node.known)
        if len(new):
            holds = self._other_sides_are_empty(node, first + new, node.rows.take(new))
            node = node._replace(known=node.known | ~mixed, sound=node.sound and holds)
            self.all_facts &= holds
        if mixed.any():
            return self._halves(node, first, int(np.argmax(mixed)), patterns)
        if node.layer + 1 < len(self.network.widths):
            below, active = node.rows, np.arange(self.network.n0)
            if node.layer >= 0:
                passed = factors(patterns[0], self.network.leaks[node.layer])
                below, active = self.space.passed(node.rows, passed)
            layer = self.network.hidden[node.layer + 1]
            known = np.zeros(len(layer.bias), dtype=bool)
            rows = self.space.through(layer, below, active)
            return [node._replace(layer=node.layer + 1, rows=rows, known=known)]
        inside = self._is_inside(node, self.point(node))
        self.checks += 1
        self.refused += not inside
        self.cells += inside and node.sound
        return []

    def _halves(self, node, first, unit, patterns):
        off = int(np.count_nonzero(~patterns[:, unit]))  # sorted: those that are off come first
        known = node.known.copy()
        known[unit] = True
        for start, stop, sign in ((off, len(patterns), 1.0), (0, off, -1.0)):
            yield node._replace(
                start=node.start + start,
                stop=node.start + stop,
                known=known,
                path=node.path.and_also(node.rows.take([unit]).signed([sign])),
                units=(*node.units, first + unit),
            )

    def _other_sides_are_empty(self, node, units, rows):
        signs = np.where(self.patterns[node.start, units], -1.0, 1.0)
        targets = rows.signed(signs)
        multipliers, exact = self.multipliers(node, units, targets)
        proved = self.space.refuted(targets, node.path, multipliers)
        for i, values in exact.items():
            proved[i] = self.refuted_exactly(node, units[i], values)
        self.checks += len(units)
        self.refused += int(np.count_nonzero(~proved))
        return bool(proved.all())

    def refuted_exactly(self, node, unit, multipliers):
        """Whether the multipliers, one for each row of the path, prove that ``unit`` has one side only.

        A maximum of zero is enough, for a side is open; but a unit that is zero everywhere is off.
        """
        target, path = self.exact_target(node, unit), self.exact_path(node)
        if len(multipliers) != len(path) or any(m < 0 for m in multipliers):
            return False
        if self.patterns[node.start, unit] and self.exact.vanishes(target):
            return False
        total = list(target)
        for m, row in zip(multipliers, path, strict=True):
            if m:
                total = [t + m * v for t, v in zip(total, row, strict=True)]
        return self.exact.highest(total) <= 0

    def exact_target(self, node, unit):
        """The row that must not be positive: that of the side of ``unit`` without patterns."""
        pattern = self.patterns[node.start]
        row = self.exact.unit(pattern, unit)
        return [-v for v in row] if pattern[unit] else row

    def exact_path(self, node):
        """The rows of the path."""
        pattern = self.patterns[node.start]
        rows = [(self.exact.unit(pattern, unit), pattern[unit]) for unit in node.units]
        return [
            *self.exact.constraints,
            *(row if on else [-v for v in row] for row, on in rows),
        ]

    def _is_inside(self, node, point):
        if isinstance(point, np.ndarray):
            return self.space.inside(node.path, point)
        return self.inside_exactly(self.exact_path(node), point)

    def inside_exactly(self, path, point):
        """Whether a rational point of the box has all rows of the path positive."""
        ends = zip(self.exact.lower, point, self.exact.upper, strict=True)
        return all(low <= v <= high for low, v, high in ends) and all(
            row[-1] + sum((a * v for a, v in zip(row, point, strict=False)), 0) > 0 for row in path
        )
