"""ONNX: a graph that is a chain of affine maps and ReLUs, as the exporters of PyTorch write it.

Operators on images are in `onnx_images`, the writer in `onnx_writer`.

The graph is walked once along its only computed value. Reshapes never reorder numbers (ONNX is
row-major), so a value is followed by its shape alone; what mixes samples of a batch is refused.
"""

import math

import numpy as np

from ..errors import ReadError
from ..network.affine import scale
from .image_chain import ImageChain
from .onnx_images import IMAGE_OPERATORS, shift_channels
from .optional_packages import parsing, require

OLDEST_OPSET = 7  # before it, Add and Gemm had broadcasting rules of their own
FLOAT_TYPES = (1, 11)  # of TensorProto: FLOAT and DOUBLE
CANNOT = {"MaxPool": "a maximum is no affine map: train with average pooling or strides instead"}


def from_onnx(path):
    """The `Network` in the ONNX file ``path``.

    The operators of `OPERATORS` are read, in a chain from one input to one output. A symbolic
    dimension counts as 1; a leading batch of any size is allowed. The network is the real-valued
    function that the graph defines: weights of every float type are exact in float64, products with
    Gemm's alpha and beta are rounded once. How a final ReLU and layers without ReLU between them are
    read: see `Chain`.

    Raises
    ------
    ReadError
        Not an ONNX file, another operator (the node is named), a branch, several inputs or outputs,
        shapes that do not chain.
    """
    onnx = require("onnx", "onnx")
    with parsing("onnx", "export the network again"):
        model = onnx.load(path)
        onnx.checker.check_model(model)
    opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)
    if opset < OLDEST_OPSET:
        raise ReadError(
            f"the file uses operator set {opset}; sets before {OLDEST_OPSET} follow other broadcasting "
            "rules: update it with onnx.version_converter.convert_version"
        )
    return _Walk(onnx, model.graph).network()


class _Walk:
    """The one computed value on its way through the graph: its name, its shape, its `Chain`."""

    def __init__(self, onnx, graph):
        self.onnx, self.graph, self.chain = onnx, graph, ImageChain()
        self.constants = {t.name: self.array(t) for t in graph.initializer}
        inputs = [i for i in graph.input if i.name not in self.constants]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise ReadError(
                f"the graph has {len(inputs)} inputs and {len(graph.output)} outputs; a network has "
                "one of each: export the part between them"
            )
        self.value = inputs[0].name
        nodes = [_Node(self, node) for node in graph.node]
        self.nodes = [node for node in nodes if not node.is_constant()]
        dims = [d.dim_param or d.dim_value for d in inputs[0].type.tensor_type.shape.dim]
        self.shape = tuple(d if isinstance(d, int) and d > 0 else 1 for d in dims)
        self.samples = self._samples(dims)

    def array(self, tensor):
        """A stored tensor; floats of every length, bfloat16 too, become float64, which is exact."""
        array = self.onnx.numpy_helper.to_array(tensor)
        return array.astype(np.float64) if array.dtype.kind in "fV" else array

    def network(self):
        for node in self.nodes:
            node.read()
        output = self.graph.output[0].name
        if output != self.value:
            raise ReadError(
                f"the output {output!r} is not the end of the chain, {self.value!r}; the graph "
                "branches: export a plain feed-forward network"
            )
        return self.chain.network()

    def images_follow(self, node):
        """Whether an operator on images comes after ``node``."""
        following = self.nodes[self.nodes.index(node) :]
        return any(
            n.operator in IMAGE_OPERATORS and n.operator != "BatchNormalization" for n in following
        )

    @property
    def features(self):
        """How many numbers of the value belong to one sample."""
        return math.prod(self.shape) // self.samples

    def _samples(self, dims):
        """Number of samples in the input: the first matrix tells how long one sample is.

        Before operators on images it is the first dimension.
        """
        first = next((n for n in self.nodes if n.operator in SIZED), None)
        if first is not None and first.operator in IMAGE_OPERATORS:
            return self.shape[0] if len(self.shape) > 1 else 1
        n0 = next((n.takes() for n in self.nodes if n.operator in ("Gemm", "MatMul")), None)
        if n0 is None:
            raise ReadError("the graph holds no Gemm, MatMul or Conv: a network needs a layer")
        if n0 not in (math.prod(self.shape[k:]) for k in range(len(self.shape))):
            raise ReadError(
                f"the input has shape ({', '.join(map(str, dims))}) but the first layer takes {n0} "
                "values; export with a fixed input shape, flattened before the first layer"
            )
        return math.prod(self.shape) // n0


class _Node:
    """One node of the graph, as its operator reads it."""

    def __init__(self, walk, node):
        self.walk, self.inputs, self.output = walk, list(node.input), node.output[0]
        self.operator = f"{node.domain}.{node.op_type}".removeprefix("ai.onnx").lstrip(".")
        self.name = f"node {node.name or self.output!r} ({self.operator})"
        if self.operator not in OPERATORS:
            why = CANNOT.get(self.operator, "rebuild the network without it and export again")
            raise ReadError(
                f"{self.name} cannot be read: a network may hold {', '.join(OPERATORS)}; {why}"
            )
        get = walk.onnx.helper.get_attribute_value
        self.attributes = {a.name: get(a) for a in node.attribute}

    def is_constant(self):
        """Whether the node stands for a constant, which is then noted."""
        constants = self.walk.constants
        if self.operator == "Constant":
            ((kind, value),) = self.attributes.items()
            constants[self.output] = self.walk.array(value) if kind == "value" else np.array(value)
        elif self.operator == "Identity" and self.inputs[0] in constants:
            constants[self.output] = constants[self.inputs[0]]
        return self.output in constants

    def read(self):
        """Follow the value through this node."""
        computed = [name for name in self.inputs if name and self.constant(name) is None]
        if computed != [self.walk.value]:
            raise ReadError(
                f"{self.name} takes {' and '.join(map(repr, computed)) or 'only constants'} where the "
                f"chain has come to {self.walk.value!r}; the graph branches (a residual connection?): "
                "only plain feed-forward networks can be read"
            )
        if not self.value_is_first and self.operator not in ("Add", "Sub", "MatMul"):
            self.refuse(f"takes the value {self.walk.value!r} as a parameter")
        OPERATORS[self.operator](self)
        self.walk.value = self.output

    @property
    def value_is_first(self):
        """Whether the computed value is the first operand."""
        return self.inputs[0] == self.walk.value

    def constant(self, name):
        """The constant of that name, or None."""
        return self.walk.constants.get(name)

    def matrix(self):
        """The constant operand of Gemm or MatMul as a matrix of shape (out, in)."""
        first, second = map(self.constant, self.inputs[:2])
        array = first if second is None else second
        if array is None or array.ndim != 2:
            self.refuse("needs a constant matrix and one computed value")
        if second is None:
            return array  # W @ x
        return array if self.attributes.get("transB") else array.T

    def takes(self):
        """Number of values that one sample has before this Gemm or MatMul."""
        return self.matrix().shape[1]

    def vector(self, array, shape):
        """``array`` broadcast to ``shape`` as one vector, the same for all samples."""
        rows = np.broadcast_to(array, shape).reshape(self.walk.samples, -1)
        if (rows != rows[0]).any():
            self.refuse("treats the samples of a batch differently")
        return rows[0]

    def refuse(self, why):
        raise ReadError(
            f"{self.name} {why} (the value {self.walk.value!r} has shape {self.walk.shape}); such a "
            "node cannot be read: export a plain feed-forward network"
        )


def _gemm(node):
    shape, weight = node.walk.shape, node.matrix()
    if node.attributes.get("transA") or len(shape) != 2 or shape[1] != weight.shape[1]:
        node.refuse(f"multiplies by a matrix of shape {weight.shape}, or transposes its input")
    _check_whole_sample(node, weight)
    result = (shape[0], len(weight))
    bias = node.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    bias = np.zeros(len(weight)) if bias is None else node.vector(bias, result)
    weight, weight_exact = scale(node.attributes.get("alpha", 1.0), weight)
    bias, bias_exact = scale(node.attributes.get("beta", 1.0), bias)
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
    _check_whole_sample(node, weight)
    node.walk.chain.affine(node.name, weight)
    node.walk.shape = result


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
    if node.walk.images_follow(node):
        shift_channels(node, sign, constant)
    else:
        weight = None if sign > 0 else -np.eye(len(constant))
        node.walk.chain.affine(node.name, weight, constant)


def _summand(node):
    """The constant operand of Add and Sub, one number for each feature."""
    walk, array = node.walk, node.constant(node.inputs[1 if node.value_is_first else 0])
    try:
        shape = np.broadcast_shapes(walk.shape, array.shape)
    except ValueError:
        shape = ()
    if len(shape) < len(walk.shape) or math.prod(shape) != math.prod(walk.shape):
        node.refuse(f"combines the value with a constant of shape {array.shape}")
    walk.shape = shape
    return node.vector(array, shape)


def _relu(node):
    node.walk.chain.relu()


def _flatten(node):
    shape, axis = node.walk.shape, node.attributes.get("axis", 1)
    axis += len(shape) if axis < 0 else 0
    node.walk.shape = (math.prod(shape[:axis]), math.prod(shape[axis:]))


def _reshape(node):
    shape, keep_zero = node.walk.shape, node.attributes.get("allowzero")
    wanted = node.constant(node.inputs[1]).tolist()
    target = [
        shape[k] if n == 0 and not keep_zero and k < len(shape) else n for k, n in enumerate(wanted)
    ]
    try:
        node.walk.shape = np.empty(shape, dtype=bool).reshape(target).shape
    except ValueError:
        node.refuse(f"reshapes to {wanted}")


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
    "Relu": _relu,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Identity": _identity,
    "Cast": _cast,
    "Constant": _identity,
    "Dropout": _dropout,
    **IMAGE_OPERATORS,
}
SIZED = ("Gemm", "MatMul", *IMAGE_OPERATORS)
