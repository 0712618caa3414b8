"""The weights of a network as one vector, and its loss on examples as a function of that vector.

Biases are no part of the vector: they are neither pruned nor changed, as is the custom of the field.
"""

from itertools import pairwise

import numpy as np
from scipy.special import log_softmax

from ..errors import InputError
from ..network import Network, real_array


def weight_vector(network):
    """All weights in one array of shape (N,): layer after layer, each row by row.

    >>> weight_vector(Network.of(([[1.0], [2.0]], None), ([[3.0, 4.0]], None)))
    array([1., 2., 3., 4.])
    """
    return np.concatenate([layer.weight.ravel() for layer in network.layers])


def layer_slices(network):
    """The part of the weight vector that each layer holds, as slices."""
    ends = np.cumsum([0, *(layer.weight.size for layer in network.layers)])
    return [slice(start, stop) for start, stop in pairwise(ends.tolist())]


def by_layer(network, vector):
    """A vector of shape (N,) as one matrix per layer, shaped like its weights."""
    pairs = zip(layer_slices(network), network.layers, strict=True)
    return [vector[part].reshape(layer.weight.shape) for part, layer in pairs]


def with_weights(network, vector):
    """The network with other weights and the same biases."""
    pairs = zip(by_layer(network, vector), network.layers, strict=True)
    return Network(tuple((weight, layer.bias) for weight, layer in pairs))


class Examples:
    """Inputs with their classes, in single precision: enough for a mean, and twice as fast.

    Parameters
    ----------
    network
        A `Network` whose outputs are scores of classes 0, ..., n_out - 1.
    inputs, labels
        Shapes (m, n0) and (m,), m >= 1.

    Raises
    ------
    InputError
        Shapes that do not agree, values that are no finite numbers, labels that name no output.
    """

    def __init__(self, network, inputs, labels):
        inputs = real_array("inputs", inputs)
        labels = np.asarray(labels)
        if inputs.shape != (labels.size, network.n0) or labels.ndim != 1 or not labels.size:
            raise InputError(
                f"inputs have shape {inputs.shape}, labels {labels.shape}; give (m, {network.n0}) and "
                "(m,), one label for each of at least one example"
            )
        classes = range(network.n_out)
        if labels.dtype.kind not in "iu" or not np.isin(labels, classes).all():
            raise InputError(
                f"labels must be whole numbers from 0 to {network.n_out - 1}, one class for each "
                f"output of the network; got {np.unique(labels)[:5]} of type {labels.dtype}"
            )
        self.network, self.inputs, self.labels = network, inputs.astype(np.float32), labels

    def __len__(self):
        return len(self.labels)

    def draw(self, count, rng):
        """At most ``count`` of the examples, drawn without replacement, in the order of the whole."""
        chosen = np.sort(rng.permutation(len(self))[:count])
        return Examples(self.network, self.inputs[chosen], self.labels[chosen])

    def loss(self, vector):
        """Mean cross-entropy of the network with the weights ``vector``, biases as they are."""
        *_, scores = self._activations(vector)
        likelihood = log_softmax(scores.astype(np.float64), axis=1)
        return float(-likelihood[np.arange(len(self)), self.labels].mean())

    def gradients(self, vector):
        """Gradient of every example's cross-entropy by the weights: float32 of shape (m, N)."""
        *activations, scores = self._activations(vector)
        weights = by_layer(self.network, vector.astype(np.float32))
        slope = np.exp(log_softmax(scores, axis=1))
        slope[np.arange(len(self)), self.labels] -= 1.0
        found = np.empty((len(self), len(vector)), dtype=np.float32)
        layers = list(zip(layer_slices(self.network), weights, activations, strict=True))
        for part, weight, h in reversed(layers):
            found[:, part] = (slope[:, :, None] * h[:, None, :]).reshape(len(self), -1)
            slope = (slope @ weight) * (h > 0)
        return found

    def _activations(self, vector):
        """What enters each layer, and the scores: h^0, ..., h^L and the outputs."""
        out = [self.inputs]
        weights = by_layer(self.network, vector.astype(np.float32))
        for weight, layer in zip(weights, self.network.layers, strict=True):
            g = out[-1] @ weight.T + layer.bias.astype(np.float32)
            out.append(np.maximum(g, 0))
        out[-1] = g
        return out
