"""What is known about the sign of each hidden unit while methods are at work: the ledger.

Two questions settle a unit: does its pre-activation g ever get positive on the domain, and does it
ever get negative? Each is answered once, with its evidence, and no answer is ever taken back.
"""

from dataclasses import dataclass

import numpy as np

from ..preactivations.ranges import Ranges

UNKNOWN, NEVER, OCCURS = -1, 0, 1

KINDS = {
    "structure": "the signs of weights and bias, and which units before can be active",
    "interval": "interval arithmetic, rounded outward",
    "relaxation": "linear relaxation with back-substitution, rounded outward",
    "lp": "the multipliers of a linear programme, their bound computed again with outward rounding",
    "branching": "cases by the signs of earlier units, each closed by such a bound",
    "cells": "the certified list of all cells of the exact engine",
    "rational": "the same with linear programmes in rational arithmetic",
    "witness": "a point of the domain, replayed through the network with an error bound",
    "solver": "the word of a mixed-integer solver in floating point: no proof",
}


@dataclass(frozen=True, eq=False)
class Evidence:
    """Why a sign occurs or never does: ``kind`` is a key of `KINDS`.

    ``witness`` is the point where it occurs: inputs of shape (n0,), or the coordinates (k,) of an
    `AffineSlice`. None when a range says so for the whole domain, or cells of a slice whose points no
    float coordinates name.
    """

    kind: str
    witness: np.ndarray | None = None


class Ledger:
    """The two answers for each unit, their evidence, and ranges that only get tighter.

    ``answers[sign]`` for ``sign`` in (1, -1) has one int8 array per hidden layer with entries
    `UNKNOWN`, `NEVER` and `OCCURS`; ``evidence[sign]`` one dict {unit: `Evidence`} per layer;
    ``claims[sign]`` the units (layer, unit) of which a solver says "never" without proof.
    """

    def __init__(self, widths):
        self.widths = widths
        self.answers = {s: [np.full(n, UNKNOWN, dtype=np.int8) for n in widths] for s in (1, -1)}
        self.evidence = {s: [{} for _ in widths] for s in (1, -1)}
        self.claims = {s: set() for s in (1, -1)}
        self.lower = [np.full(n, -np.inf) for n in widths]
        self.upper = [np.full(n, np.inf) for n in widths]

    def tighten(self, layer, lower, upper, kind):
        """Intersect the ranges of ``layer`` with certified ones; record the signs they settle. NaN says nothing."""
        low = self.lower[layer] = np.fmax(self.lower[layer], lower)
        high = self.upper[layer] = np.fmin(self.upper[layer], upper)
        self._record(layer, 1, high <= 0, NEVER, kind)
        self._record(layer, -1, low >= 0, NEVER, kind)
        self._record(layer, 1, low > 0, OCCURS, kind)
        self._record(layer, -1, high < 0, OCCURS, kind)

    def never(self, layer, unit, sign, kind):
        """``sign * g > 0`` nowhere on the domain: proved by ``kind``."""
        if sign > 0:
            self.upper[layer][unit] = min(self.upper[layer][unit], 0.0)
        else:
            self.lower[layer][unit] = max(self.lower[layer][unit], 0.0)
        self._answer(layer, unit, sign, NEVER, Evidence(kind))

    def occurs(self, layer, unit, sign, witness, kind="witness"):
        """``sign * g > 0`` at the certified point ``witness``, or at one that ``kind`` vouches for."""
        witness = None if witness is None else np.array(witness)
        self._answer(layer, unit, sign, OCCURS, Evidence(kind, witness))

    def claim(self, layer, unit, sign):
        """A solver says that ``sign * g > 0`` nowhere; nothing proves it."""
        self.claims[sign].add((layer, unit))

    def is_open(self, layer, unit, sign):
        """Whether the question is still unanswered."""
        return self.answers[sign][layer][unit] == UNKNOWN

    def open(self, layer=None):
        """The unanswered questions as triples (layer, unit, sign), layer by layer."""
        layers = range(len(self.widths)) if layer is None else (layer,)
        return [
            (k, int(unit), sign)
            for k in layers
            for unit in range(self.widths[k])
            for sign in (1, -1)
            if self.is_open(k, unit, sign)
        ]

    def unclaimed(self, layer=None):
        """Those of `open` about which no solver has said "never"."""
        return [q for q in self.open(layer) if q[:2] not in self.claims[q[2]]]

    @property
    def ranges(self):
        """The certified ranges so far."""
        return Ranges(*(tuple(a.copy() for a in ends) for ends in (self.lower, self.upper)))

    @property
    def off(self):
        """Booleans per layer: never positive, so ReLU gives 0 on the whole domain."""
        return tuple(a == NEVER for a in self.answers[1])

    @property
    def on(self):
        """Booleans per layer: never negative, and positive somewhere."""
        pairs = zip(self.answers[1], self.answers[-1], strict=True)
        return tuple((up == OCCURS) & (down == NEVER) for up, down in pairs)

    def _record(self, layer, sign, where, answer, kind):
        for unit in np.flatnonzero(where & (self.answers[sign][layer] == UNKNOWN)):
            self._answer(layer, unit, sign, answer, Evidence(kind))

    def _answer(self, layer, unit, sign, answer, evidence):
        known = self.answers[sign][layer][unit]
        if known == UNKNOWN:
            self.answers[sign][layer][unit] = answer
            self.evidence[sign][layer][int(unit)] = evidence
            self.claims[sign].discard((layer, int(unit)))
        elif known != answer:  # two proofs contradict each other: a defect of this package
            raise AssertionError(f"layer {layer}, unit {unit}, sign {sign}: proved and refuted")
