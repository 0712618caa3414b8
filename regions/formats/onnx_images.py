"""The ONNX operators on images, of shape (samples, channels, height, width)."""

import numpy as np

from ..network import Convolution, Pooling

RANK = 4


def _convolve(node):
    kernel = node.constant(node.inputs[1])
    if kernel is None or kernel.ndim != RANK:
        node.refuse("needs a constant kernel of shape (out, in, height, width)")
    bias = node.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    strides, dilations = _pair(node, "strides", (1, 1)), _pair(node, "dilations", (1, 1))
    padding = _padding(node, kernel.shape[2:], strides, dilations)
    group = node.attributes.get("group", 1)
    _add(node, Convolution(kernel, bias, strides, padding, dilations, group, node.name))


def _average(node):
    kernel, strides = _pair(node, "kernel_shape", None), _pair(node, "strides", (1, 1))
    padding = _padding(node, kernel, strides, (1, 1))
    if any(padding) and not node.attributes.get("count_include_pad"):
        node.refuse("does not count the zeros around the image (count_include_pad is 0)")
    if node.attributes.get("ceil_mode") or any(
        d != 1 for d in node.attributes.get("dilations", ())
    ):
        node.refuse("has windows that reach over the edge (ceil_mode) or have gaps (dilations)")
    _add(node, Pooling(kernel, strides, padding, node.name))


def _average_all(node):
    size = tuple(_image_shape(node)[1:])
    _add(node, Pooling(size, size, name=node.name))


def _normalise(node):
    training = node.attributes.get("training_mode") or len(node.outputs) > 1
    if training or not node.attributes.get("spatial", 1):
        node.refuse(
            "computes statistics of the batch (training_mode is 1, or several outputs), or has one for each pixel"
        )
    gamma, beta, mean, variance = (node.constant(name) for name in node.inputs[1:5])
    factor = gamma / np.sqrt(variance + node.attributes.get("epsilon", 1e-5))
    shift = beta - mean * factor
    walk = node.walk
    if len(walk.shape) == RANK and walk.chain.maps:
        pixels = walk.features // len(factor)
        walk.chain.normalise_features(
            node.name, np.repeat(factor, pixels), np.repeat(shift, pixels)
        )
    elif len(walk.shape) == RANK:
        _image_shape(node)
        walk.chain.normalise(node.name, factor, shift)
    elif len(walk.shape) == 2:
        walk.chain.normalise_features(node.name, factor, shift)
    else:
        node.refuse("normalises neither images nor vectors")


def scale_channels(node, factor, shift, exact=True):
    """``factor * x + shift`` before a convolution: the same numbers for all pixels of one channel."""
    channels = _image_shape(node)[0]
    columns = [values.reshape(channels, -1) for values in (factor, shift)]
    if any((values != values[:, :1]).any() for values in columns):
        node.refuse("treats the pixels of one channel differently before a convolution")
    by_channel, shift = (values[:, 0] for values in columns)
    kernel = by_channel.reshape(-1, 1, 1, 1)
    node.walk.chain.step(Convolution(kernel, shift, groups=channels, name=node.name))
    if not exact:
        node.walk.chain.folded.append(node.name)


def pads_images(node, before, after):
    """Whether zeros around images, so many before and after on each axis, are a step, which is added."""
    walk = node.walk
    around = before.any() or after.any()
    images = len(walk.shape) == RANK and not (before[:2].any() or after[:2].any())
    if (
        not (around and images and walk.images_follow(node))
        or walk.chain.maps
        or walk.moved is not None
    ):
        return False
    _pad(node, (*before[2:], *after[2:]))
    return True


def _pad(node, pads):
    """Zeros above, left, below and right, as a convolution with one 1 in each channel's kernel.

    Zeros of a `Convolution` are as many on either side; a kernel that looks back shifts the image.
    """
    channels = _image_shape(node)[0]
    pairs = list(zip(pads[:2], pads[2:], strict=True))
    kernel = np.zeros((channels, 1, *(1 + abs(a - b) for a, b in pairs)))
    kernel[(slice(None), 0, *(max(b - a, 0) for a, b in pairs))] = 1.0
    padding = tuple(int(max(pair)) for pair in pairs)
    name = f"zeros around the image of {node.name}"
    _add(node, Convolution(kernel, None, padding=padding, groups=channels, name=name))


def _add(node, step):
    shape, chain = _image_shape(node), node.walk.chain
    if chain.maps:  # no image at the beginning of the network: a map like any other
        affine = step.affine(shape)
        chain.affine(step.name, affine.weight, affine.bias, affine.exact)
    else:
        chain.step(step)
    node.walk.shape = (node.walk.shape[0], *step.output_shape(shape))


def _image_shape(node):
    """The shape of one image here; the first one is the input of the network."""
    walk = node.walk
    if len(walk.shape) != RANK or walk.shape[0] != walk.samples:
        node.refuse("needs images, a value of shape (samples, channels, height, width)")
    shape = tuple(walk.shape[1:])
    if walk.chain.maps:
        return shape
    if walk.chain.input_shape is None:
        walk.chain.input_shape = shape
    if walk.chain.shape != shape:
        node.refuse(f"takes images of shape {shape} made of images of shape {walk.chain.shape}")
    return shape


def _padding(node, kernel, strides, dilations):
    """Zeros (above and below, left and right); where opposite sides differ, they are a step before."""
    top, left, bottom, right = _pads(node, kernel, strides, dilations)
    if (top, left) == (bottom, right):
        return top, left
    if node.operator != "Conv":
        node.refuse("pads opposite sides of the image differently")
    _pad(node, (top, left, bottom, right))
    return 0, 0


def _pads(node, kernel, strides, dilations):
    """Zeros above, left, below and right, computed where the node says so (auto_pad)."""
    mode = node.attributes.get("auto_pad", b"NOTSET")
    if mode == b"VALID":
        return 0, 0, 0, 0
    if mode not in (b"SAME_UPPER", b"SAME_LOWER"):
        return node.attributes.get("pads", (0, 0, 0, 0))
    few, many = [], []
    for n, k, s, d in zip(_image_shape(node)[1:], kernel, strides, dilations, strict=True):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        few.append(total // 2)
        many.append(total - total // 2)
    return (*few, *many) if mode == b"SAME_UPPER" else (*many, *few)


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
