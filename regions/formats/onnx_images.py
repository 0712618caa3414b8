"""The ONNX operators on images, of shape (samples, channels, height, width)."""

import numpy as np

from ..network import Convolution, Pooling

RANK = 4


def _convolve(node):
    kernel = node.constant(node.inputs[1])
    if kernel is None or kernel.ndim != RANK:
        node.refuse("needs a constant kernel of shape (out, in, height, width)")
    bias = node.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    step = Convolution(
        kernel,
        bias,
        _pair(node, "strides", (1, 1)),
        _padding(node),
        _pair(node, "dilations", (1, 1)),
        node.attributes.get("group", 1),
        node.name,
    )
    _add(node, step)


def _average(node):
    padding, kernel = _padding(node), _pair(node, "kernel_shape", None)
    if any(padding) and not node.attributes.get("count_include_pad"):
        node.refuse("does not count the zeros around the image (count_include_pad is 0)")
    if node.attributes.get("ceil_mode") or any(
        d != 1 for d in node.attributes.get("dilations", ())
    ):
        node.refuse("has windows that reach over the edge (ceil_mode) or have gaps (dilations)")
    _add(node, Pooling(kernel, _pair(node, "strides", (1, 1)), padding, node.name))


def _average_all(node):
    size = tuple(_image_shape(node)[1:])
    _add(node, Pooling(size, size, name=node.name))


def _normalise(node):
    if node.attributes.get("training_mode"):
        node.refuse("computes statistics of the batch (training_mode is 1)")
    gamma, beta, mean, variance = (node.constant(name) for name in node.inputs[1:5])
    factor = gamma / np.sqrt(variance + node.attributes.get("epsilon", 1e-5))
    shift = beta - mean * factor
    walk = node.walk
    if len(walk.shape) == RANK and not walk.chain.maps:
        _image_shape(node)
        walk.chain.normalise(node.name, factor, shift)
    elif len(walk.shape) == 2:
        walk.chain.normalise_features(node.name, factor, shift)
    else:
        node.refuse("normalises neither images nor vectors")


def shift_channels(node, sign, vector):
    """``sign * x + vector`` before a convolution: ``vector`` must be constant in each channel."""
    channels = _image_shape(node)[0]
    by_channel = vector.reshape(channels, -1)
    if (by_channel != by_channel[:, :1]).any():
        node.refuse("adds different numbers to the pixels of one channel before a convolution")
    kernel = np.full((channels, 1, 1, 1), float(sign))
    node.walk.chain.step(Convolution(kernel, by_channel[:, 0], groups=channels, name=node.name))


def _add(node, step):
    shape = _image_shape(node)
    node.walk.chain.step(step)
    node.walk.shape = (node.walk.shape[0], *step.output_shape(shape))


def _image_shape(node):
    """The shape of one image here; the first one is the input of the network."""
    walk = node.walk
    if len(walk.shape) != RANK or walk.shape[0] != walk.samples:
        node.refuse("needs images, a value of shape (samples, channels, height, width)")
    shape = tuple(walk.shape[1:])
    if walk.chain.input_shape is None:
        walk.chain.input_shape = shape
    if walk.chain.shape != shape:
        node.refuse(f"takes images of shape {shape} made of images of shape {walk.chain.shape}")
    return shape


def _padding(node):
    """Zeros (above and below, left and right); only as many on either side."""
    if node.attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        node.refuse("computes its padding (auto_pad); export with explicit pads")
    top, left, bottom, right = node.attributes.get("pads", (0, 0, 0, 0))
    if (top, left) != (bottom, right):
        node.refuse("pads opposite sides of the image differently")
    return top, left


def _pair(node, name, default):
    pair = tuple(node.attributes.get(name, default))
    if len(pair) != 2:
        node.refuse(f"has {name} {pair}: only images of two dimensions can be read")
    return pair


IMAGE_OPERATORS = {
    "Conv": _convolve,
    "AveragePool": _average,
    "GlobalAveragePool": _average_all,
    "BatchNormalization": _normalise,
}
