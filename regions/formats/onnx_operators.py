"""The ONNX operators that can be read: what each does to the one value that a `_Walk` follows.

Every function takes a node and adds what it computes to ``node.walk.chain``, or notes how it changes
the value's shape and order. Operators on images are in `onnx_images`.
"""

import math

import numpy as np
from scipy import sparse

from ..network.affine import scale
from ..network.image_steps import LARGEST_LOWERED
from .onnx_images import IMAGE_OPERATORS, pads_images, scale_channels

FLOAT_TYPES = (1, 10, 11, 16)  # of TensorProto: FLOAT, FLOAT16, DOUBLE and BFLOAT16
# Functions that end a classifier: they move no boundary between the regions of what they are given.
SMOOTH_ENDS = ("Softmax", "LogSoftmax", "Sigmoid", "Tanh")


def _gemm(node):
    shape, weight = node.walk.shape, node.matrix()
    if node.attributes.get("transA") or len(shape) != 2 or shape[1] != weight.shape[1]:
        node.refuse(f"multiplies by a matrix of shape {weight.shape}, or transposes its input")
    result = (shape[0], len(weight))
    bias = node.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    bias = np.zeros(len(weight)) if bias is None else node.vector(bias, result)
    weight, weight_exact = scale(node.attributes.get("alpha", 1.0), weight)
    bias, bias_exact = scale(node.attributes.get("beta", 1.0), bias)
    weight = _for_each_row(node, weight)
    node.walk.chain.affine(node.name, weight, bias, weight_exact and bias_exact)
    node.walk.shape = result


def _matmul(node):
    """``x @ W`` along the last axis, or ``W @ x`` for a column or a vector x."""
    shape, weight = node.walk.shape, node.matrix()
    out, takes = weight.shape
    if node.value_is_first or len(shape) == 1:
        fits, result = shape[-1] == takes, (*shape[:-1], out)
    else:
        fits, result = shape[-2:] == (takes, 1), (*shape[:-2], out, 1)
    if not fits:
        node.refuse(f"multiplies by a matrix that takes {takes} values")
    node.walk.chain.affine(node.name, _for_each_row(node, weight))
    node.walk.shape = result


def _for_each_row(node, weight):
    """``weight`` for a sample of one row, the same matrix for each row of a sample of several."""
    rows = node.walk.features // weight.shape[1]
    if rows == 1 or not node.value_is_first:
        _check_whole_sample(node, weight)
        return weight
    if rows * rows * weight.size > LARGEST_LOWERED:
        node.refuse(f"acts on each of {rows} rows, which is too large to be written out")
    return sparse.kron(sparse.eye_array(rows), weight).tocsr()


def _check_whole_sample(node, weight):
    if node.walk.features != weight.shape[1]:
        node.refuse(
            f"applies a matrix that takes {weight.shape[1]} values to part of a sample of "
            f"{node.walk.features}"
        )


def _add(node):
    _shift(node, 1, _summand(node))


def _sub(node):
    constant = _summand(node)
    if node.value_is_first:
        _shift(node, 1, -constant)
    else:
        _shift(node, -1, constant)


def _shift(node, sign, constant):
    """``sign * x + constant``: one more step on images, or a map."""
    _affine_entries(node, np.full(len(constant), float(sign)), constant)


def _affine_entries(node, factor, shift, exact=True):
    """``factor * x + shift``, entry by entry."""
    if node.walk.images_follow(node) and not node.walk.chain.maps:
        scale_channels(node, factor, shift, exact)
    else:
        weight = None if (factor == 1.0).all() else sparse.diags_array(factor).tocsr()
        node.walk.chain.affine(node.name, weight, shift, exact)


def _mul(node):
    factor = _summand(node).astype(np.float64)
    _affine_entries(node, factor, np.zeros(len(factor)))


def _div(node):
    divisor = _summand(node).astype(np.float64)
    if not divisor.all():
        node.refuse("divides by zero")
    factor = 1.0 / divisor
    exact = (np.frexp(divisor)[0] == np.sign(divisor) * 0.5).all()  # powers of two
    _affine_entries(node, factor, np.zeros(len(factor)), bool(exact))


def _neg(node):
    _affine_entries(node, np.full(node.walk.features, -1.0), np.zeros(node.walk.features))


def _summand(node):
    """The constant operand of Add and Sub, one number for each feature."""
    walk, array = node.walk, node.constant(node.inputs[1 if node.value_is_first else 0])
    if "axis" in node.attributes and node.attributes.get("broadcast"):  # operator set 6
        room = len(walk.shape) - node.attributes["axis"] % len(walk.shape) - array.ndim
        array = array.reshape(*array.shape, *[1] * max(room, 0))
    try:
        shape = np.broadcast_shapes(walk.shape, array.shape)
    except ValueError:
        shape = ()
    if len(shape) < len(walk.shape) or math.prod(shape) != math.prod(walk.shape):
        node.refuse(f"combines the value with a constant of shape {array.shape}")
    walk.reshape(shape)
    return node.vector(array, shape)


def _relu(node):
    node.walk.chain.relu()


def _clip(node):
    """ReLU in other words: from 0 up, or the larger of 0 and the value."""
    low, high = (node.option(k, name) for k, name in ((1, "min"), (2, "max")))
    if (
        low is None
        or low.size != 1
        or low.item() != 0
        or not (high is None or high.item() >= np.finfo(np.float32).max)
    ):
        node.refuse(f"clips to [{low}, {high}], where only max(0, x) can be read")
    node.walk.chain.relu()


def _max(node):
    others = [self for self in map(node.constant, node.inputs) if self is not None]
    if len(node.inputs) != 2 or not others or others[0].any():
        node.refuse("takes the larger of two values, where only max(0, x) can be read")
    if math.prod(np.broadcast_shapes(others[0].shape, node.walk.shape)) != math.prod(
        node.walk.shape
    ):
        node.refuse("makes the value larger")
    node.walk.chain.relu()


def _leaky(node):
    if node.attributes.get("alpha", 0.01) != 0:
        node.refuse("has a slope below 0, where only max(0, x) can be read")
    node.walk.chain.relu()


def _move(node):
    """What moves numbers and computes none, tried on their places in the value."""
    walk = node.walk
    places = np.arange(math.prod(walk.shape)).reshape(walk.shape)
    inputs = {name: walk.constants[name] for name in node.inputs[1:] if name}
    moved = walk.constants.moved(node.node, {node.inputs[0]: places, **inputs})
    if moved is None or moved.size == 0 or moved.size > LARGEST_LOWERED:
        node.refuse(f"moves its numbers in a way that is unknown ({node.operator})")
    if walk.features and moved.size % walk.samples:
        node.refuse("mixes the samples of a batch")
    walk.move(moved)


def _pad(node):
    """Zeros around images before a convolution are a step; anywhere else they are a map."""
    walk = node.walk
    pads, value = node.option(1, "pads"), node.option(2, "value")
    mode = node.attributes.get("mode", b"constant")
    if mode != b"constant" or (value is not None and value.any()) or pads is None:
        node.refuse("pads with something else than zeros")
    pads = np.asarray(pads).astype(int).ravel()
    axes = node.option(3, "axes")
    before, after = np.zeros((2, len(walk.shape)), dtype=int)
    axes = np.arange(len(walk.shape)) if axes is None else np.asarray(axes).ravel()
    before[axes], after[axes] = pads[: len(axes)], pads[len(axes) :]
    if min(*before, *after, 0) < 0:
        node.refuse("cuts the value with negative pads")
    if pads_images(node, before, after):
        return
    places = np.arange(math.prod(walk.shape)).reshape(walk.shape)
    walk.move(np.pad(places, list(zip(before, after, strict=True)), constant_values=-1))


def _reshape(node):
    shape, keep_zero = node.walk.shape, node.attributes.get("allowzero")
    wanted = node.option(1, "shape")
    wanted = [] if wanted is None else np.asarray(wanted).ravel().tolist()
    target = [
        shape[k] if n == 0 and not keep_zero and k < len(shape) else n for k, n in enumerate(wanted)
    ]
    try:
        node.walk.reshape(target)
    except ValueError:
        node.refuse(f"reshapes to {wanted}")


def _flatten(node):
    shape, axis = node.walk.shape, node.attributes.get("axis", 1)
    axis += len(shape) if axis < 0 else 0
    node.walk.reshape((math.prod(shape[:axis]), math.prod(shape[axis:])))


def _identity(node):
    """Nothing changes."""


def _cast(node):
    """From one float type to another; the network is over the real numbers in any case."""
    if node.attributes["to"] not in FLOAT_TYPES:
        node.refuse("makes something else of the value than floats")


def _dropout(node):
    training = node.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    if training is not None and training.any():
        node.refuse("drops units at random (training_mode is true)")


OPERATORS = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Add": _add,
    "Sub": _sub,
    "Mul": _mul,
    "Div": _div,
    "Neg": _neg,
    "Relu": _relu,
    "Clip": _clip,
    "Max": _max,
    "LeakyRelu": _leaky,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Squeeze": _move,
    "Unsqueeze": _move,
    "Transpose": _move,
    "Slice": _move,
    "Gather": _move,
    "Pad": _pad,
    "Identity": _identity,
    "Cast": _cast,
    "Constant": _identity,
    "Dropout": _dropout,
    **IMAGE_OPERATORS,
}
# What moves numbers, and what does not mind that they were moved.
MOVED = ("Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Gather", "Pad")
UNMOVED = (*MOVED, "Relu", "Clip", "Max", "LeakyRelu", "Identity", "Cast", "Dropout")
SIZED = ("Gemm", "MatMul", *IMAGE_OPERATORS)
