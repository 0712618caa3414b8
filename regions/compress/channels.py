"""Compression of convolutional networks such that what is left is a convolutional network.

A channel goes as a whole: when all of its units are inactive on the domain, or when nothing reads it.
A row of one kernel and a column of the next, or of the head, go with it; no number changes. The head, a
plain network of the flattened image, goes through every rule of `passes`. Single units of a channel
stay, and so do channels that a convolution in groups writes or reads.
"""

import numpy as np

from ..arithmetic.rounding import UNDERFLOW, gamma
from ..deadline import NEVER
from ..domain import Box
from ..network import Convolution, ConvolutionalNetwork, Layer, Network, Pooling, Relu
from ..network.convolutional import lowered
from ..preactivations.ranges import direct_ranges
from .draft import Draft, numbered, ranges_by_signs, reach_of, record_of
from .fate import Fate
from .passes import rewrite


def compress_channels(network, domain, signs, rule, deadline=NEVER):
    """The smaller network, and a `Draft` with its units, their record and the difference made."""
    inactive = [
        off.reshape(count, -1).all(axis=1)
        for off, (count, *_) in zip(signs.off, network.image_shapes, strict=False)
    ]
    if any(gone.all() for gone in inactive):  # a constant: plain layers come to it at once
        draft = rewrite(lambda: Draft.of(network, domain, signs, deadline), rule)
        return draft.network(), draft
    channels = _Channels(network)
    off = [channels.remove(k, gone) for k, gone in enumerate(inactive)]
    head = _Head(network, domain, signs, channels)
    draft = head.rewritten(rule, deadline)
    draft.record.set(np.concatenate([np.zeros(0, int), *off]), Fate.INACTIVE, on=False)
    if draft.is_constant or not (draft.n_hidden or draft.layers[0].weight.any()):
        draft.record.set(np.concatenate([np.zeros(0, int), *channels.units]), Fate.SILENT)
        bias = draft.network().layers[-1].bias
        return Network.of((np.zeros((network.n_out, network.n0)), bias)), draft
    if rule != "published":
        for k in reversed(range(len(channels.units))):
            draft.record.set(channels.remove_silent(k, draft), Fate.SILENT)
    smaller = ConvolutionalNetwork.of(network.input_shape, channels.steps, draft.network())
    draft.units = [*channels.units, *draft.units]
    return smaller, draft


class _Channels:
    """The steps of a network while channels are taken out.

    ``units`` has the numbers of the units of each hidden layer of channels; ``columns`` the inputs of
    the original head that are left.
    """

    def __init__(self, network):
        self.steps, self.columns = list(network.steps), np.arange(network.head.n0)
        self.relus = [i for i, step in enumerate(self.steps) if isinstance(step, Relu)]
        self.units = numbered(network.widths)[: len(self.relus)]

    def remove(self, k, gone):
        """Take the channels ``gone`` (Booleans) out of hidden layer ``k``; return their units."""
        writer, reader = self._writer(k), self._reader(k)
        if writer is None or reader is None:
            return self.units[k][:0]
        self.steps[writer] = self.steps[writer].select(outputs=~gone)
        if reader == len(self.steps):
            self.columns = self.columns.reshape(len(gone), -1)[~gone].ravel()
        else:
            self.steps[reader] = self.steps[reader].select(inputs=~gone)
        units = self.units[k].reshape(len(gone), -1)
        self.units[k] = units[~gone].ravel()
        return units[gone].ravel()

    def remove_silent(self, k, head):
        """Take out the channels of layer ``k`` that nothing reads, the `Draft` ``head`` neither."""
        writer, reader = self._writer(k), self._reader(k)
        if writer is None or reader is None:
            return self.units[k][:0]
        weight, bias = head.layers[0]
        last = reader == len(self.steps)
        by_channel = weight.T if last else self.steps[reader].weight.swapaxes(0, 1)
        silent = ~by_channel.reshape(len(self.steps[writer].weight), -1).any(axis=1)
        silent[0] &= not silent.all()  # a convolution needs a channel
        if last:
            kept = np.repeat(~silent, len(by_channel) // len(silent))
            head.layers[0] = Layer(weight[:, kept], bias)
        return self.remove(k, silent)

    def _writer(self, k):
        """The place of the convolution whose channels hidden layer ``k`` has, or None."""
        return self._convolution(range(self.relus[k] - 1, -1, -1))

    def _reader(self, k):
        """The place of the convolution that reads hidden layer ``k``, behind all steps for the head."""
        following = range(self.relus[k] + 1, len(self.steps))
        if all(isinstance(self.steps[i], Pooling) for i in following):
            return len(self.steps)
        return self._convolution(following)

    def _convolution(self, places):
        """The first convolution at ``places``; None if it is in groups or behind a ReLU."""
        for i in places:
            if isinstance(self.steps[i], Convolution):
                return i if self.steps[i].groups == 1 else None
            if isinstance(self.steps[i], Relu):
                break
        return None


class _Head:
    """The head of a network as something to rewrite: its layers, and what enters it.

    Where steps and head have no ReLU between them, a layer of the lowered network is their
    composition, rounded if a double does not hold it. The draft is of the exact composition, so that
    rounding is accounted for twice: for the original and for what is left.
    """

    def __init__(self, network, domain, signs, channels):
        self.network, self.signs = network, signs
        weight, bias = network.head.layers[0]
        self._first = Layer(weight[:, channels.columns], bias)
        depth = len(channels.relus)
        self.lower, self.upper = (ends[depth:] for ends in ranges_by_signs(signs))
        self.units = numbered(network.widths)[depth:]
        start, self.inputs = 0, reach_of(domain)
        if depth:
            start, kept = (
                channels.relus[-1] + 1,
                channels.units[-1] - sum(network.widths[: depth - 1]),
            )
            ends = (ends[depth - 1][kept] for ends in ranges_by_signs(signs))
            self.inputs = tuple(np.maximum(end, 0.0) for end in ends)
        self.steps = channels.steps[start:]
        self.shape = _shape_after(network.input_shape, channels.steps[:start])

    def rewritten(self, rule, deadline):
        """The `Draft` that ``rule`` makes of the head; as it is where rounding knows no bound."""
        rounding, features = self._rounding(self._first), self._features()
        if not np.isfinite(rounding).all():
            return self._draft(features)

        def start():
            draft = self._draft(features)
            draft.deadline = deadline
            draft.move(0, rounding)
            return draft

        draft = rewrite(start, rule)
        if not draft.is_constant:
            draft.move(0, self._rounding(draft.layers[0]))
        return draft

    def _draft(self, features):
        return Draft(
            layers=[self._first, *self.network.head.layers[1:]],
            lower=list(self.lower),
            upper=list(self.upper),
            units=list(self.units),
            inputs=features,
            difference=np.zeros(self.network.n_out),
            record=record_of(self.signs),
        )

    def _features(self):
        """Ends of what enters the head."""
        ends, shape = self.inputs, self.shape
        for step in self.steps:
            weight, bias = step.affine(shape).dense()
            shape = step.output_shape(shape)
            if not np.isfinite(ends).all():
                ends = np.full(len(bias), -np.inf), np.full(len(bias), np.inf)
                continue
            below = Network.of((weight, bias), (np.ones((1, len(bias))), None))
            ranges = direct_ranges(below, Box(*ends))
            ends = ranges.lower[0], ranges.upper[0]
        return ends

    def _rounding(self, layer):
        """How far the lowered ``layer`` may be from the exact composition, per row.

        An entry is a sum of products rounded once for each step, of weights that may be rounded.
        """
        head = Network.of(layer)
        if not lowered(self.shape, self.steps, head).rounded:
            return np.zeros(len(layer.bias))
        reach, shape = np.maximum(*map(np.abs, self.inputs)), self.shape
        if not np.isfinite(reach).all():
            return np.full(len(layer.bias), np.inf)
        for step in self.steps:
            weight, bias, _ = step.affine(shape)
            reach, shape = abs(weight) @ reach + np.abs(bias), step.output_shape(shape)
        size = np.abs(layer.weight) @ reach + np.abs(layer.bias)
        # the factor pays for the rounding of ``size`` itself
        return 2 * (gamma(2 * len(self.steps) + 2) * size + size.size * UNDERFLOW)


def _shape_after(shape, steps):
    for step in steps:
        shape = shape if isinstance(step, Relu) else step.output_shape(shape)
    return shape
