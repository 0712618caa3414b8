"""A network while it is rewritten, with certified ranges and the difference made so far."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..arithmetic.rounding import UNDERFLOW, gamma
from ..deadline import NEVER, Deadline
from ..network import Layer, Network
from .fate import Fate, Record
from .size import Size


@dataclass(eq=False)
class Draft:
    """Layers that rules rewrite one after the other.

    ``lower[k] <= g <= upper[k]`` holds on the domain for the pre-activations g of hidden layer k of
    the layers as they stand; a rule that rounds widens them. ``units[k]`` names the original unit
    behind each unit, -1 for one made here. ``difference[i]`` bounds, on the domain, how far output i
    has moved from the original network's. ``hurried`` tells that a rule was left out because ``deadline``
    would have come before its end.
    """

    layers: list[Layer]
    lower: list[np.ndarray]
    upper: list[np.ndarray]
    units: list[np.ndarray]
    inputs: tuple[np.ndarray, np.ndarray]
    difference: np.ndarray
    record: Record
    deadline: Deadline = NEVER
    hurried: bool = False

    @classmethod
    def of(cls, network, domain, stability, deadline=NEVER):
        """The network itself, with the ranges of ``stability`` cut to its verdicts."""
        lower, upper = ranges_by_signs(stability)
        return cls(
            layers=list(network.layers),
            lower=lower,
            upper=upper,
            units=numbered(network.widths),
            inputs=reach_of(domain),
            difference=np.zeros(network.n_out),
            record=record_of(stability),
            deadline=deadline,
        )

    def has_time(self, seconds=0.0):
        """Whether so many seconds are left; where they are not, what asks for them is left out."""
        if seconds < self.deadline.left:
            return True
        self.hurried = True
        return False

    @property
    def n_hidden(self):
        """Number of hidden layers."""
        return len(self.units)

    def off(self, k):
        """Booleans: the units of hidden layer ``k`` that are inactive on the domain."""
        return self.upper[k] <= 0

    def on(self, k):
        """Booleans: the units of hidden layer ``k`` that are never inactive, ties aside."""
        return (self.lower[k] >= 0) & ~self.off(k)

    def interval(self, k):
        """Ends of what enters layer ``k``: the inputs, or outputs of the hidden layer before."""
        if k == 0:
            return self.inputs
        return np.maximum(self.lower[k - 1], 0.0), np.maximum(self.upper[k - 1], 0.0)

    def reach(self, k):
        """The largest absolute values of what enters layer ``k``."""
        return np.maximum(*map(np.abs, self.interval(k)))

    def tighten_by_signs(self, k):
        """Cut the ranges of layer ``k`` where no input can pull a pre-activation below its bias.

        So it is for a nonnegative weight on a nonnegative input; likewise above. Needs no bounds.
        """
        weight, bias = self.layers[k]
        low, high = self.interval(k)
        rises = (weight == 0) | ((weight > 0) & (low >= 0)) | ((weight < 0) & (high <= 0))
        falls = (weight == 0) | ((weight < 0) & (low >= 0)) | ((weight > 0) & (high <= 0))
        self.lower[k] = np.where(rises.all(axis=1), np.maximum(self.lower[k], bias), self.lower[k])
        self.upper[k] = np.where(falls.all(axis=1), np.minimum(self.upper[k], bias), self.upper[k])

    def select(self, k, keep):
        """Drop the units of hidden layer ``k`` that are not in ``keep`` (Booleans or indices)."""
        (weight, bias), (outgoing, next_bias) = self.layers[k : k + 2]
        self.layers[k] = Layer(weight[keep], bias[keep])
        self.layers[k + 1] = Layer(outgoing[:, keep], next_bias)
        for rows in (self.lower, self.upper, self.units):
            rows[k] = rows[k][keep]

    def exchange(self, k, gone, layer, ranges, outgoing):
        """Put new units in the place of the units ``gone`` (Booleans) of hidden layer ``k``.

        ``layer`` computes them from the same inputs, ``ranges`` are their lower and upper ends,
        ``outgoing`` their columns in the layer that follows.
        """
        self.select(k, ~gone)
        (weight, bias), (others, next_bias) = self.layers[k : k + 2]
        weights, biases = np.concatenate([weight, layer.weight]), np.append(bias, layer.bias)
        self.layers[k] = Layer(weights, biases)
        self.layers[k + 1] = Layer(np.concatenate([others, outgoing], axis=1), next_bias)
        self.lower[k] = np.append(self.lower[k], ranges[0])
        self.upper[k] = np.append(self.upper[k], ranges[1])
        self.units[k] = np.append(self.units[k], np.full(len(layer.bias), -1))

    def fold(self, k, layer):
        """Take hidden layer ``k`` out and put ``layer`` in the place of the one that follows."""
        del self.layers[k], self.lower[k], self.upper[k], self.units[k]
        self.layers[k] = layer

    def finite(self, k, error):
        """Whether the outputs move by a finite amount when layer ``k`` moves by ``error``.

        |ReLU(g + e) - ReLU(g)| <= |e|, and an affine map moves by at most the absolute values of its
        weights times the move of its inputs.
        """
        return all(np.isfinite(move).all() for move in self._moves(k, error))

    def move(self, k, error):
        """Account for a move of the pre-activations of layer ``k`` by at most ``error``, per unit."""
        *hidden, at_output = self._moves(k, error)
        for j, by in enumerate(hidden, start=k):
            self.lower[j] = _down(self.lower[j] - by, by)
            self.upper[j] = -_down(-self.upper[j] - by, by)
        self.difference = -_down(-self.difference - at_output, at_output)

    def _moves(self, k, error):
        moves = [error]
        for layer in self.layers[k + 1 :]:
            moves.append(product_up(np.abs(layer.weight), moves[-1]))
        return moves

    @property
    def is_constant(self):
        """Whether a hidden layer without units has made the network a constant."""
        return not all(map(len, self.units))

    @property
    def size(self):
        """The `Size` of `network`."""
        if self.is_constant:
            return Size.sum(0, [self._constant.weight])
        return Size.sum(sum(map(len, self.units)), [layer.weight for layer in self.layers])

    def network(self):
        """The layers as a `Network`, and the draft comes to its end."""
        if not self.is_constant:
            return Network(tuple(self.layers))
        for units in self.units:
            self.record.set(units, Fate.SILENT)
        self.layers, self.units = [self._constant], []
        return Network(tuple(self.layers))

    @property
    def _constant(self):
        zeros = np.zeros((len(self.difference), self.layers[0].weight.shape[1]))
        return Layer(zeros, self.layers[-1].bias)


def product_up(matrix, vector):
    """``matrix @ vector`` of nonnegative entries, never below the exact product; 0 if that is 0."""
    terms = (matrix != 0) & (vector != 0)
    with np.errstate(over="ignore", invalid="ignore"):
        product = np.where(terms, matrix * vector, 0.0).sum(axis=1)
    slack = gamma(matrix.shape[1]) * product + matrix.shape[1] * UNDERFLOW
    up = np.nextafter(product + slack, np.inf)
    return np.where(terms.any(axis=1), up, 0.0)


def _down(value, by):
    """``value`` rounded down one step where ``by``, what was subtracted to get it, is not zero."""
    return np.where(by > 0, np.nextafter(value, -np.inf), value)


def ranges_by_signs(stability):
    """Lists ``(lower, upper)`` of the ranges of a `Stability`, cut to what it says is on or off."""
    ranges = stability.ranges
    on, off = (
        zip(stability.on, ranges.lower, strict=True),
        zip(stability.off, ranges.upper, strict=True),
    )
    lower = [np.where(mask, np.maximum(low, 0.0), low) for mask, low in on]
    return lower, [np.where(mask, np.minimum(high, 0.0), high) for mask, high in off]


def numbered(widths):
    """The numbers of the hidden units, one array for each layer."""
    return [np.arange(*ends) for ends in pairwise(np.cumsum((0, *widths)))]


def record_of(stability):
    """A fresh `Record` of the units of a `Stability`."""
    return Record(np.concatenate([np.zeros(0, dtype=bool), *stability.on]))


def reach_of(domain):
    """Ends of the inputs on ``domain``."""
    if not domain.bounded:
        return np.full(domain.n0, -np.inf), np.full(domain.n0, np.inf)
    box = domain.enclosing_box()
    return box.lower, box.upper
