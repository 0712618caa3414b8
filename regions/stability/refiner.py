"""Tighter ranges of the units that an open sign rests on, from programmes of fewer layers.

What keeps the sign of a deep unit open is often the range of a few units of the layer before. How far
these would have to come down is known from back-substitution; that a unit stays below such a
threshold is a question about its sign with another bias, one layer less deep, where programmes are
smaller and tighter. If even ranges that end at the greatest values seen would not do, nothing is tried.
"""

from functools import cached_property

import numpy as np

from ..network import Network
from ..preactivations.relaxation import greatest
from ..preactivations.replay import Replay
from .ledger import NEVER, OCCURS, Ledger
from .prover import Prover

# Only the units are looked at that together have this share of what their ranges could do to the bound.
MOST_OF_IT = 0.95

# Halvings in the search for thresholds: these need not be sharp.
HALVINGS = 10


class Refiner:
    """Tightens ranges for the questions of ``prover``; ``points`` (`regions.points.Points`) show what is in vain."""

    def __init__(self, prover, points, count):
        self.prover, self.ledger, self.replay = prover, prover.ledger, prover.replay
        self.network, self.box = prover.network, prover.domain.enclosing_box()
        self._points, self._count = points, count

    @cached_property
    def seen(self):
        """Per hidden layer the greatest outputs at points so far."""
        x = self.replay.inputs(self._points.first(self._count))
        return [g.max(axis=0, initial=0.0) for g in self.network.preactivations(x)]

    def refine(self, layer, unit, sign, *, nodes):
        """Settle a question by tighter ranges of the layer before, within ``nodes`` linear programmes.

        Ranges that were tightened stay so even if the question stays open.
        """
        if layer < 2:
            return  # a range of the first layer is that of a sum over the box
        row = tuple(sign * array[unit : unit + 1] for array in self.network.hidden[layer])
        end = self.prover.programmes + nodes
        while self.ledger.is_open(layer, unit, sign) and not self.prover.deadline.passed:
            if self._greatest(layer, row, self.ledger.upper[layer - 1]) <= 0:
                self.ledger.never(layer, unit, sign, "branching")
                return
            thresholds = self._thresholds(layer, row)
            if not thresholds or not self._prove(layer - 1, thresholds, end):
                return

    def _thresholds(self, layer, row):
        """Ends {unit: value} for ranges of the layer before that would settle the question; {} if none can."""
        upper, seen = np.maximum(self.ledger.upper[layer - 1], 0.0), self.seen[layer - 1]
        slack = np.maximum(upper - seen, 0.0)
        lift = np.maximum(row[0][0], 0.0) * slack
        order = np.argsort(-lift)
        enough = np.searchsorted(np.cumsum(lift[order]), MOST_OF_IT * lift.sum())
        few = order[: enough + 1]

        def settles(share):
            ends = self.ledger.upper[layer - 1].copy()
            ends[few] = upper[few] - share * slack[few]
            return self._greatest(layer, row, ends) <= 0

        if not settles(1.0):
            return {}
        least, most = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (least + most) / 2
            least, most = (least, middle) if settles(middle) else (middle, most)
        return {int(i): upper[i] - most * slack[i] for i in few}

    def _greatest(self, layer, row, upper):
        """A certified bound of ``row`` if the ranges of the layer before end at ``upper``."""
        ends = [*self.ledger.upper[: layer - 1], upper]
        return greatest(self.network, self.box, self.ledger.lower, ends, layer, *row)[0]

    def _prove(self, layer, thresholds, end):
        """Ask whether units of ``layer`` pass their ``thresholds``; whether each has its answer."""
        units = list(thresholds)
        prover, taken = self._lowered(layer, units, np.array(list(thresholds.values())))
        for unit, drop in zip(units, taken, strict=True):
            left = end - self.prover.programmes
            before, without_word = prover.programmes, prover.undecided
            prover.prove(layer, unit, 1, nodes=left)
            self.prover.programmes += prover.programmes - before
            self.prover.undecided += prover.undecided - without_word
            answer = prover.ledger.answers[1][layer][unit]
            if answer == NEVER:
                self._tighten(layer, unit, drop)
            elif answer == OCCURS:
                point = self.replay.inputs(prover.ledger.evidence[1][layer][unit].witness[None])
                value = self.network.preactivations(point)[layer][0, unit]
                self.seen[layer][unit] = max(self.seen[layer][unit], value)
            else:
                return False
        return True

    def _lowered(self, layer, units, thresholds):
        """A prover about the network whose ``units`` have biases lowered by ``thresholds``, and by how much at most."""
        layers = [(weight, bias.copy()) for weight, bias in self.network.layers]
        bias = layers[layer][1]
        bias[units] -= thresholds
        taken = np.nextafter(self.network.layers[layer].bias[units] - bias[units], np.inf)
        network, ledger = Network(layers), Ledger(self.network.widths)
        for k in range(layer):
            ledger.tighten(k, self.ledger.lower[k], self.ledger.upper[k], "branching")
        replay = Replay(network, self.prover.domain)
        return Prover(ledger, replay, self.prover.deadline), taken

    def _tighten(self, layer, unit, upper):
        lower = np.full(self.network.widths[layer], -np.inf)
        ends = -lower
        ends[unit] = upper
        self.ledger.tighten(layer, lower, ends, "branching")
        self.prover.forget(layer + 1)
