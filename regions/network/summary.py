"""What can be said of each layer without a domain: sizes, zeros, and units that do nothing of their own."""

from typing import NamedTuple

import numpy as np

from ..arithmetic.proportional import proportional


class LayerSummary(NamedTuple):
    """One layer in numbers; ``dead`` and ``duplicated`` are 0 for the output layer, whose units are the outputs.

    ``dead``: hidden units without a weight in, hence constant, or without a weight out. ``duplicated``: hidden units
    that are a positive multiple of an earlier unit of the layer, exactly. ``zero_weights`` of all entries of
    the matrix, ``parameters``: entries of matrix and bias; a convolution is the matrix that it is lowered to.
    """

    units: int
    dead: int
    duplicated: int
    zero_weights: int
    parameters: int


def layer_summaries(network):
    """One `LayerSummary` for each layer of a `Network`, the output layer last.

    >>> from regions.network import Network
    >>> net = Network.of(([[1.0], [2.0], [0.0]], [1.0, 2.0, 3.0]), ([[1.0, 1.0, 1.0]], None))
    >>> layer_summaries(net)[0]
    LayerSummary(units=3, dead=1, duplicated=1, zero_weights=1, parameters=6)
    """
    return [_summary(network, k) for k in range(len(network.layers))]


def _summary(network, k):
    weight, bias = network.layers[k]
    dead = duplicated = 0
    if k + 1 < len(network.layers):
        heard = (network.layers[k + 1].weight != 0).any(axis=0)
        alive = (weight != 0).any(axis=1) & heard
        dead = int((~alive).sum())
        # a multiple of a unit with another slope is no multiple of it where it is off
        slopes = np.zeros(len(bias)) if network.slopes is None else network.slopes[k]
        kinds = (alive & (slopes == slope) for slope in np.unique(slopes))
        duplicated = sum(len(proportional(weight, bias, kind)) for kind in kinds)
    return LayerSummary(
        units=len(bias),
        dead=dead,
        duplicated=duplicated,
        zero_weights=int(np.count_nonzero(weight == 0)),
        parameters=weight.size + bias.size,
    )
