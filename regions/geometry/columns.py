"""The hidden layers of a network as operators on columns of numbers, each with a proved error bound.

A line needs a layer at two points and at the kinks of the layers before, not as a matrix: convolutions and averages
act on images as they are. Rounding is bounded by norms: where x is known up to ``error`` in the 2-norm, unit j of
W x + b is known up to ``|w_j| (error + gamma |x|) + gamma |b_j|``, and all units together up to
``|W| error + gamma |W|_F |x| + gamma |b|`` in the 2-norm (Cauchy and Schwarz; gamma as in
`regions.arithmetic.rounding`). That is |W| |x| without a second product.
"""

import math
from typing import NamedTuple

import numpy as np

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma
from ..errors import UnsupportedError
from ..network.convolutional import ConvolutionalNetwork
from ..network.image_steps import Convolution, Pooling, Relu

# Unit: a number whose square is still a normal double. Smaller ones may vanish in a norm: one floor for each.
FLOOR = 1.5e-154

# Unit: units. Up to here the 2-norm of a matrix is worth two products of its smaller side.
LARGEST_SQUARED = 4096


def lengths(rows):
    """Upper bounds on the 2-norms of the rows of an array (m, n)."""
    n = rows.shape[1]
    with np.errstate(**QUIET):
        squares = np.einsum("ij,ij->i", rows, rows)
        return np.sqrt(squares) * (1 + gamma(n + 4)) + math.sqrt(n) * FLOOR


class Columns(NamedTuple):
    """What a layer makes of m points, as rows: ``values`` (m, n), and what rounding may have done to them.

    Unit j of row k is off by at most ``spread[k] * layer.rows[j] + layer.constant[j]``, a whole row by at most
    ``error[k]`` in the 2-norm.
    """

    values: np.ndarray
    spread: np.ndarray
    error: np.ndarray


class Layer:
    """One hidden layer: affine ``maps`` one after the other, no ReLU between them.

    ``rows`` (n,) bounds the norms of the rows of the last map, ``constant`` (n,) what its bias adds to the error. Units pass
    on max(g, s g) with ``slopes`` s (n,), None for zeros.
    """

    def __init__(self, maps, slopes=None):
        self.maps, self.slopes = maps, slopes
        self.rows, self.constant = maps[-1].rows, maps[-1].constant
        self.width = len(self.rows)
        self.widest = max(m.widest for m in maps)

    @np.errstate(**QUIET)
    def __call__(self, points, error):
        """`Columns` of ``points`` (m, n_in), each known up to ``error`` (m,) in the 2-norm."""
        for m in self.maps:
            size = lengths(points)
            spread = error + m.gamma * size
            error = m.norm * error + m.gamma * m.size * size + m.floor
            points = m(points)
        more = 1 + gamma(8)  # what these few lines round themselves
        return Columns(points, spread * more, error * more)

    @np.errstate(**QUIET)
    def bounds(self, spread, units=slice(None)):
        """Error bounds (m, n) of rows with this ``spread``, for some ``units``."""
        return (spread[..., None] * self.rows[units] + self.constant[units]) * (1 + gamma(4))

    @np.errstate(**QUIET)
    def passed(self, values, error):
        """What the units pass on at pre-activations ``values`` (m, n), and how far it is off if those are by ``error``."""
        if self.slopes is None:
            return np.maximum(values, 0.0), error
        steepest = max(1.0, float(np.abs(self.slopes).max())) * (1 + gamma(4))
        outputs = np.where(values > 0.0, values, self.slopes * values)
        return outputs, steepest * (error + gamma(1) * lengths(values))

    def reached(self, active):
        """Whether any input in ``active`` (m, n_in), or a bias, has a part in unit j: booleans (m, n)."""
        for m in self.maps:
            active = m.reached(active)
        return active


class Dense:
    """``x -> x @ weight.T + bias`` on rows."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias
        self.transposed = np.ascontiguousarray(weight.T)
        self.rows = lengths(weight)
        self.gamma = gamma(weight.shape[1] + 2)
        self.norm = _norm(weight)
        self.widest = max(weight.shape)
        _finish(self, weight.shape[1])

    def __call__(self, points):
        # units that are off at all points take no part: often a third of them
        some = (points != 0).any(axis=0)
        if 2 * len(points) > len(self.rows) // 8 and some.mean() < 0.8:
            return points[:, some] @ self.transposed[some] + self.bias
        return points @ self.transposed + self.bias

    def reached(self, active):
        return (active.astype(float) @ (self.transposed != 0) > 0) | (self.bias != 0)


class Window:
    """A convolution or an average of images of ``shape``, as a sum over the places of its window."""

    def __init__(self, step, shape):
        self.area = math.prod(step.kernel) if isinstance(step, Pooling) else None
        if self.area:
            channels = shape[0]
            weight = np.full((channels, 1, *step.kernel), 1 / self.area)
            step = Convolution(
                weight, None, step.stride, step.padding, (1, 1), channels, name=step.name
            )
        self.step, self.shape, self.output = step, shape, step.output_shape(shape)
        pixels = math.prod(self.output[1:])
        flat = step.weight.reshape(len(step.weight), -1)
        self.bias = np.repeat(step.bias, pixels)
        self.rows = np.repeat(lengths(flat), pixels)
        # two more for an average, whose weights are rounded
        self.gamma = gamma(flat.shape[1] + 4)
        per_group = np.abs(step.weight).reshape(step.groups, -1, *step.weight.shape[1:])
        columns, rows = per_group.sum(axis=(1, 3, 4)).max(), np.abs(flat).sum(axis=1).max()
        self.norm = math.sqrt(columns) * math.sqrt(rows) * (1 + gamma(flat.size + 8))
        self.widest = max(math.prod(shape), math.prod(self.output))
        _finish(self, flat.shape[1])

    def __call__(self, points):
        return self.windows(points, self.step.weight) + self.bias

    def reached(self, active):
        found = self.windows(active.astype(float), (self.step.weight != 0).astype(float))
        return (found > 0) | (self.bias != 0)

    def windows(self, points, weight):
        """The windows' sums with ``weight``, of any type of numbers."""
        step, (_, height, width) = self.step, self.output
        images = points.reshape(len(points), *self.shape)
        (top, left), (down, right), (dy, dx) = step.padding, step.stride, step.dilation
        images = np.pad(images, ((0, 0), (0, 0), (top, top), (left, left)))
        groups, per_group = step.groups, weight.shape[1]
        kernel = weight.reshape(groups, -1, *weight.shape[1:])
        total = 0
        for y in range(weight.shape[2]):
            for x in range(weight.shape[3]):
                seen = images[:, :, y * dy :: down, x * dx :: right][:, :, :height, :width]
                seen = seen.reshape(len(points), groups, per_group, height * width)
                total = total + np.matmul(kernel[:, :, :, y, x], seen)
        return total.reshape(len(points), -1)


class Identity:
    """Nothing: the layer of a ReLU that stands first."""

    gamma, norm, floor = 0.0, 1.0, 0.0

    def __init__(self, width):
        self.rows, self.constant = np.ones(width), np.zeros(width)
        self.size, self.widest = math.sqrt(width), width

    def __call__(self, points):
        return points

    def reached(self, active):
        return active


def hidden_layers(network):
    """The hidden layers of ``network`` as `Layer`s; those of a `ConvolutionalNetwork` by its steps."""
    leaks = getattr(network, "leaks", (None,) * len(network.hidden))
    if not isinstance(network, ConvolutionalNetwork):
        return [
            Layer([Dense(*layer)], slopes)
            for layer, slopes in zip(network.hidden, leaks, strict=True)
        ]
    layers, maps, shape = [], [], network.input_shape
    for step in network.steps:
        if isinstance(step, Relu):
            layers.append(Layer(maps or [Identity(math.prod(shape))], leaks[len(layers)]))
            maps = []
        elif isinstance(step, Convolution | Pooling):
            maps.append(Window(step, shape))
            shape = step.output_shape(shape)
        else:
            raise UnsupportedError(f"{type(step).__name__} has no operator on columns")
    for weight, bias in network.head.hidden:
        layers.append(Layer([*maps, Dense(weight, bias)], leaks[len(layers)]))
        maps = []
    return layers


def _finish(operator, terms):
    """What all operators derive in the same way from their rows, bias and gamma."""
    operator.constant = operator.gamma * np.abs(operator.bias) + terms * UNDERFLOW
    operator.size = float(lengths(operator.rows[None])[0])
    operator.floor = float(lengths(operator.constant[None])[0])


@np.errstate(**QUIET)
def _norm(weight):
    """An upper bound on the 2-norm of a matrix, seldom more than twice as large.

    With A = W W' the norm of W is at most the fourth root of the Frobenius norm of A A; what rounding does to A and
    to A A is bounded by gamma times products of Frobenius norms.
    """
    plain = float(lengths(lengths(weight)[None])[0])
    if min(weight.shape) > LARGEST_SQUARED or not 0 < plain < math.inf:
        return plain
    scale = 2.0 ** -math.frexp(plain)[1]
    W = weight * scale if weight.shape[0] <= weight.shape[1] else weight.T * scale
    A = W @ W.T
    size, more = math.sqrt(min(weight.shape)), 1 + gamma(weight.size + 8)
    AA = np.linalg.norm(A @ A) * more + gamma(len(A)) * (np.linalg.norm(A) * more) ** 2
    squared = math.sqrt(AA) + gamma(W.shape[1]) * (plain * scale) ** 2 + size * FLOOR
    return min(plain, math.sqrt(squared) * more / scale)
