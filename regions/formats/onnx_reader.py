"""ONNX: a graph that is a chain of affine maps and ReLUs, as the exporters of PyTorch write it.

Operators are in `onnx_operators` and `onnx_images`, the writer in `onnx_writer`.

The graph is walked once along its only computed value. Reshapes never reorder numbers (ONNX is
row-major), so a value is followed by its shape alone, and by the places of its numbers where a node
moves them; what mixes samples of a batch is refused.
"""

import math
import warnings

import numpy as np
from scipy import sparse

from ..errors import ReadError
from ..files import check_expansion
from ..network.chain import ReadWarning
from .image_chain import ImageChain
from .onnx_constants import Constants, needed
from .onnx_images import IMAGE_OPERATORS
from .onnx_operators import MOVED, OPERATORS, SIZED, SMOOTH_ENDS, UNMOVED
from .optional_packages import parsing, require

OLDEST_OPSET = 6  # before it, Add and Gemm had other attributes still
CANNOT = {"MaxPool": "a maximum is no affine map: train with average pooling or strides instead"}


def from_onnx(path, *, output=None):
    """The `Network` in the ONNX file ``path``.

    The operators of `OPERATORS` are read, in a chain from one input to one output, which ``output``
    names if there are several. A symbolic dimension counts as 1; a leading batch of any size is
    allowed. What does not depend on the input is computed first. The network is the real-valued
    function that the graph defines: weights of every float type are exact in float64, products with
    Gemm's alpha and beta are rounded once. How a final ReLU and layers without ReLU between them are
    read: see `Chain`.

    Raises
    ------
    ReadError
        Not an ONNX file, another operator (the node is named), a branch, several inputs or outputs,
        shapes that do not chain.

    Warns
    -----
    ReadWarning
        A softmax, sigmoid or tanh at the end is left out; constants were computed with rounding.
    """
    onnx = require("onnx", "onnx")
    with parsing("onnx", "export the network again"):
        model = onnx.load(path)
        for value in model.graph.output:  # the checker misses them, nobody here asks for them
            value.type.tensor_type.shape.SetInParent()
        model.ir_version = max(model.ir_version, 4)  # before it, constants are listed as inputs too
        onnx.checker.check_model(model)
    opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)
    if opset < OLDEST_OPSET:
        raise ReadError(
            f"the file uses operator set {opset}; sets before {OLDEST_OPSET} follow other broadcasting "
            "rules: export it with a newer one"
        )
    redefined = [f.name for f in model.functions if f.domain in ("", "ai.onnx")]
    if redefined:
        raise ReadError(
            f"the file redefines the operators {', '.join(redefined)}; export it without local functions"
        )
    return _Walk(onnx, model, output).network()


class _Walk:
    """The one computed value on its way through the graph: its name, its shape, its `Chain`.

    ``moved`` is None, or integers of the value's shape: the number at each place is that of the chain's
    value with this index, in its own order; -1 stands for a zero.
    """

    def __init__(self, onnx, model, output):
        self.onnx, self.graph, self.chain = onnx, model.graph, ImageChain()
        self.constants, self.moved = Constants(onnx, model), None
        self.output = self._one_output(output)
        nodes = needed(self.graph, [self.output])
        self.constants.update({t.name: self.array(t) for t in self.graph.initializer})
        self.constants.update(
            {t.values.name: self.sparse_array(t) for t in self.graph.sparse_initializer}
        )
        nodes = [_Node(self, node) for node in nodes]
        self.nodes = [node for node in nodes if not node.is_constant()]
        used = {name for node in self.nodes for name in node.inputs} | {self.output}
        inputs = [i for i in self.graph.input if i.name not in self.constants and i.name in used]
        if len(inputs) != 1:
            raise ReadError(
                f"the graph computes {self.output!r} from {len(inputs)} inputs "
                f"({', '.join(i.name for i in inputs) or 'none'}); a network has one: export the part that is meant"
            )
        for node in self.nodes:
            node.check()
        self.value = inputs[0].name
        dims = [d.dim_param or d.dim_value for d in inputs[0].type.tensor_type.shape.dim]
        self.shape = tuple(d if isinstance(d, int) and d > 0 else 1 for d in dims)
        self.samples = self._samples(dims)

    def array(self, tensor):
        """A stored tensor; floats of every length, bfloat16 too, become float64, which is exact."""
        with parsing("onnx", "export the network again"):
            array = self.onnx.numpy_helper.to_array(tensor)
        return array.astype(np.float64) if array.dtype.kind in "fV" else array

    def sparse_array(self, tensor):
        """A stored tensor of few entries, written out."""
        shape = tuple(tensor.dims)
        check_expansion(8 * math.prod(shape), tensor.ByteSize(), f"the tensor {tensor.values.name}")
        values, places = self.array(tensor.values), self.array(tensor.indices)
        dense = np.zeros(shape)
        flat = places if places.ndim == 1 else np.ravel_multi_index(tuple(places.T), shape)
        dense.reshape(-1)[flat] = values
        return dense

    def _one_output(self, output):
        names = [value.name for value in self.graph.output]
        if output is None and len(names) == 1:
            return names[0]
        if output not in names:
            raise ReadError(
                f"the graph has the outputs {', '.join(names)}; a network has one: choose it with output="
                + ("" if output is None else f", which is {output!r}")
            )
        return output

    def network(self):
        for node in self.nodes:
            node.read()
        if self.output != self.value:
            raise ReadError(
                f"the output {self.output!r} is not the end of the chain, {self.value!r}; the graph "
                "branches: export a plain feed-forward network"
            )
        self.settle()
        network = self.chain.network()
        if self.constants.rounded:
            warnings.warn(
                f"computed while reading, with rounding: {', '.join(self.constants.rounded)}",
                ReadWarning,
                stacklevel=4,
            )
        return network

    def settle(self):
        """Write out what was moved since the last map, as a map of its own if it changes any order."""
        if self.moved is None:
            return
        places, self.moved = self.moved.reshape(self.samples, -1), None
        here = self.chain_size
        first = places[0]
        for k, sample in enumerate(places):
            if (np.where(sample >= 0, sample - k * here, -1) != first).any():
                raise ReadError(
                    "the graph mixes the samples of a batch; export it with a batch of 1"
                )
        if np.array_equal(first, np.arange(here)):
            return
        kept = np.flatnonzero(first >= 0)
        entries = np.ones(len(kept)), (kept, first[kept])
        weight = sparse.csr_array(entries, shape=(len(first), here))
        self.chain.affine("what moves its numbers", weight)

    @property
    def chain_size(self):
        """How many numbers of one sample the chain has, whatever was made of them since."""
        if self.chain.width is not None:
            return self.chain.width
        shape = self.chain.shape
        return self._n0 if shape is None else math.prod(shape)

    def reshape(self, target):
        """Give the value another shape, its numbers in the same order; ValueError if they do not fit."""
        if self.moved is not None:
            self.moved = self.moved.reshape(target)
        self.shape = np.empty(self.shape, dtype=bool).reshape(target).shape

    def move(self, places):
        """Let ``places``, indices into the value as it is, be the value."""
        if self.moved is not None:
            before = np.append(self.moved.ravel(), -1)
            places = before[places]
        self.moved, self.shape = places, places.shape

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
        """Number of samples in the input: the first matrix tells how long one sample is, or one row of it.

        Before operators on images it is the first dimension.
        """
        samples = self._counted(dims)
        self._n0 = math.prod(self.shape) // samples
        return samples

    def _counted(self, dims):
        first = next((k for k, n in enumerate(self.nodes) if n.operator in SIZED), None)
        leading = self.shape[0] if len(self.shape) > 1 else 1
        if first is not None and self.nodes[first].operator in IMAGE_OPERATORS:
            return leading
        n0 = next((n.takes() for n in self.nodes if n.operator in ("Gemm", "MatMul")), None)
        if n0 is None:
            raise ReadError("the graph holds no Gemm, MatMul or Conv: a network needs a layer")
        if n0 not in (math.prod(self.shape[k:]) for k in range(len(self.shape))):
            if any(n.operator in MOVED for n in self.nodes[:first]):
                return leading
            raise ReadError(
                f"the input has shape ({', '.join(map(str, dims))}) but the first layer takes {n0} "
                "values; export with a fixed input shape, flattened before the first layer"
            )
        rows = math.prod(self.shape) // n0
        # a first dimension that is a batch is no row of the sample, and the rows of one are no batch
        return leading if rows % leading == 0 else rows


class _Node:
    """One node of the graph, as its operator reads it."""

    def __init__(self, walk, node):
        self.walk, self.inputs, self.output = walk, list(node.input), node.output[0]
        self.node, self.outputs = node, [name for name in node.output if name]
        self.operator = f"{node.domain}.{node.op_type}".removeprefix("ai.onnx").lstrip(".")
        self.name = f"node {node.name or self.output!r} ({self.operator})"
        get = walk.onnx.helper.get_attribute_value
        self.attributes = {a.name: get(a) for a in node.attribute}

    def check(self):
        """Raise unless the operator can be read."""
        if self.operator not in OPERATORS and self.operator not in SMOOTH_ENDS:
            why = CANNOT.get(self.operator, "rebuild the network without it and export again")
            raise ReadError(
                f"{self.name} cannot be read: a network may hold {', '.join(OPERATORS)}; {why}"
            )

    def is_constant(self):
        """Whether the node stands for a constant, which is then noted."""
        constants = self.walk.constants
        if self.operator == "Constant":
            ((kind, value),) = self.attributes.items()
            if kind == "sparse_value":
                constants[self.output] = self.walk.sparse_array(value)
            else:
                constants[self.output] = (
                    self.walk.array(value) if kind == "value" else np.array(value)
                )
            return True
        return self.operator == self.node.op_type and constants.fold(self.node)

    def read(self):
        """Follow the value through this node."""
        computed = [name for name in self.inputs if name and self.constant(name) is None]
        if computed != [self.walk.value]:
            raise ReadError(
                f"{self.name} takes {' and '.join(map(repr, computed)) or 'only constants'} where the "
                f"chain has come to {self.walk.value!r}; the graph branches (a residual connection?): "
                "only plain feed-forward networks can be read"
            )
        if not self.value_is_first and self.operator not in ("Add", "Sub", "MatMul", "Mul", "Max"):
            self.refuse(f"takes the value {self.walk.value!r} as a parameter")
        walk = self.walk
        if self.operator in SMOOTH_ENDS:
            walk.settle()
            walk.chain.leave_out(self.name)
        else:
            if self.operator not in UNMOVED:
                walk.settle()
            OPERATORS[self.operator](self)
        walk.value = self.output

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

    def option(self, place, name):
        """What newer operator sets give as input number ``place`` and older ones as an attribute."""
        if len(self.inputs) > place and self.inputs[place]:
            return self.constant(self.inputs[place])
        value = self.attributes.get(name)
        return None if value is None else np.asarray(value)

    def refuse(self, why):
        raise ReadError(
            f"{self.name} {why} (the value {self.walk.value!r} has shape {self.walk.shape}); such a "
            "node cannot be read: export a plain feed-forward network"
        )
