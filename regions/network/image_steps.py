"""The steps of a convolutional network on images, each written as a sparse matrix.

An image has shape (channels, height, width); as a vector it is that array read row by row, as torch
and ONNX flatten it.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from ..errors import InputError
from .affine import Affine
from .network import real_array

# Unit: entries that one step may have as a sparse matrix; 16 bytes each. LeNet-5 has 240,000.
LARGEST_LOWERED = 50_000_000


@dataclass(frozen=True)
class Relu:
    """ReLU of every number of the image."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """Cross-correlation with zeros around the image, what torch and ONNX call a convolution.

    ``weight`` has shape (out, in / groups, height, width), ``bias`` (out,), None for zeros; the
    other fields are pairs (vertical, horizontal), the same on both sides of the image.
    """

    weight: np.ndarray
    bias: np.ndarray | None = None
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    name: str = field(default="convolution")

    def __post_init__(self):
        weight = real_array(f"the weight of {self.name}", self.weight)
        if weight.ndim != 4 or 0 in weight.shape or len(weight) % self.groups:
            raise InputError(
                f"the weight of {self.name} has shape {weight.shape} in {self.groups} groups; it must "
                "be (out, in / groups, height, width) with channels for every group"
            )
        bias = np.zeros(len(weight)) if self.bias is None else self.bias
        bias = real_array(f"the bias of {self.name}", bias)
        if bias.shape != (len(weight),):
            raise InputError(
                f"the bias of {self.name} needs {len(weight)} entries; got {bias.shape}"
            )
        object.__setattr__(self, "weight", weight)
        object.__setattr__(self, "bias", bias)

    def output_shape(self, shape):
        """Shape of the image that this step makes of one of ``shape``."""
        takes = self.weight.shape[1] * self.groups
        if shape[0] != takes:
            raise InputError(
                f"{self.name} takes images of {takes} channels; got shape {shape}; check the input shape"
            )
        return (len(self.weight), *_sizes(self.name, shape, *self._window))

    def affine(self, shape):
        """The `Affine` map of images of ``shape``, its weight a sparse matrix."""
        out, per_group, *kernel = self.weight.shape
        height, width = self.output_shape(shape)[1:]
        _check_size(self.name, self.weight.size * height * width)
        windows = _windows(shape, *self._window).reshape(
            self.groups, per_group, height, width, *kernel
        )
        weight = self.weight.reshape(self.groups, out // self.groups, per_group, 1, 1, *kernel)
        row = np.arange(out * height * width).reshape(self.groups, -1, 1, height, width, 1, 1)
        return Affine(
            _matrix(row, windows[:, None], weight, (out * height * width, math.prod(shape))),
            np.repeat(self.bias, height * width),
        )

    def select(self, *, outputs=slice(None), inputs=slice(None)):
        """The same step with the output and input channels that are chosen; one group only."""
        return replace(self, weight=self.weight[outputs][:, inputs], bias=self.bias[outputs])

    @property
    def _window(self):
        return self.weight.shape[2:], self.stride, self.padding, self.dilation


@dataclass(frozen=True)
class Pooling:
    """Average over windows; zeros around the image count, as torch and ``count_include_pad`` do."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)
    name: str = field(default="average pooling")

    def output_shape(self, shape):
        """Shape of the image that this step makes of one of ``shape``."""
        return (shape[0], *_sizes(self.name, shape, *self._window))

    def affine(self, shape):
        """The `Affine` map of images of ``shape``; not exact if the window's area is no power of 2."""
        area = math.prod(self.kernel)
        channels, height, width = self.output_shape(shape)
        size = channels * height * width
        _check_size(self.name, size * area)
        row = np.arange(size).reshape(channels, height, width, 1, 1)
        share = np.full((1, 1, 1, 1, 1), 1 / area)
        matrix = _matrix(row, _windows(shape, *self._window), share, (size, math.prod(shape)))
        return Affine(matrix, np.zeros(size), exact=area & (area - 1) == 0)

    @property
    def _window(self):
        return self.kernel, self.stride, self.padding, (1, 1)


def _sizes(name, shape, kernel, stride, padding, dilation):
    """Height and width of the result: how many windows fit."""
    sizes = []
    for n, k, s, p, d in zip(shape[1:], kernel, stride, padding, dilation, strict=True):
        if min(k, s, d) < 1 or p < 0:
            raise InputError(
                f"{name} has a window of size {k}, stride {s}, padding {p}, dilation {d}"
            )
        sizes.append((n + 2 * p - d * (k - 1) - 1) // s + 1)
    if min(sizes) < 1:
        raise InputError(
            f"the window of {name}, {kernel[0]} x {kernel[1]}, is larger than its image of shape "
            f"{shape}; check the input shape"
        )
    return sizes


def _windows(shape, kernel, stride, padding, dilation):
    """Places in the flat image that each window sees, -1 outside: (channels, h, w, *kernel)."""
    places = np.arange(math.prod(shape)).reshape(shape)
    places = np.pad(places, ((0, 0), *((p, p) for p in padding)), constant_values=-1)
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    windows = np.lib.stride_tricks.sliding_window_view(places, reach, axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def _matrix(row, column, value, shape):
    """Arrays that broadcast to one shape as a sparse matrix; columns below 0 are left out."""
    row, column, value = (a.ravel() for a in np.broadcast_arrays(row, column, value))
    stored = (column >= 0) & (value != 0)
    return sparse.csr_array((value[stored], (row[stored], column[stored])), shape=shape)


def _check_size(name, entries):
    if entries > LARGEST_LOWERED:
        raise InputError(
            f"{name} has {entries:,} weights as a matrix, more than the {LARGEST_LOWERED:,} that are "
            "lowered: this is for networks of the size of LeNet"
        )
