"""The part of an ONNX graph that does not depend on its input, computed before the network is read.

Exporters write shapes and transposed weights as nodes: ``x.view(x.size(0), -1)`` alone gives Shape,
Gather, Unsqueeze, Concat and Reshape. Nodes that nothing leads from to the output are left out.
"""

import math
from fractions import Fraction

import numpy as np

from ..errors import ReadError

# Operators that may be computed, each with the rule that its result is no larger than `LARGEST`.
MOVES = (
    "Cast",
    "Concat",
    "Expand",
    "Flatten",
    "Gather",
    "Identity",
    "Reshape",
    "Shape",
    "Slice",
    "Squeeze",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "ConstantOfShape",
    "Where",
    "Equal",
    "Range",
)
ARITHMETIC = {
    "Add": lambda x, y: x + y,
    "Sub": lambda x, y: x - y,
    "Mul": lambda x, y: x * y,
    "Div": lambda x, y: x / y,
}
OTHER_ARITHMETIC = ("Neg", "Sqrt", "Reciprocal", "Pow", "Max", "Min", "Clip", "Floor", "MatMul")
# Unit: entries of a computed constant; a graph of a few bytes may ask for any number.
LARGEST = 50_000_000
# Unit: entries up to which results are compared with exact rationals.
LARGEST_COMPARED = 20_000


def needed(graph, outputs):
    """The nodes of ``graph`` that ``outputs`` depend on, in their order."""
    wanted, nodes = set(outputs), []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            nodes.append(node)
    return nodes[::-1]


def shapes(onnx, model, fixed):
    """Static shapes of the values of ``model`` by name, its input's symbolic sizes replaced by ``fixed``."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for value in copy.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if not dim.dim_value > 0:
                dim.dim_value = fixed
    for value in (*copy.graph.output, *copy.graph.value_info):
        value.type.tensor_type.ClearField("shape")
    try:
        inferred = onnx.shape_inference.infer_shapes(copy, data_prop=True).graph
    except Exception:  # no shapes known: what needs one is refused where it does
        return {}
    found = {}
    for value in (*inferred.input, *inferred.value_info, *inferred.output):
        tensor = value.type.tensor_type
        dims = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
        if tensor.HasField("shape") and None not in dims:
            found[value.name] = tuple(dims)
    return found


class Constants(dict):
    """Constants by name; `fold` adds those that nodes compute. ``rounded`` names nodes that rounded."""

    def __init__(self, onnx, model):
        super().__init__()
        self._onnx, self._model = onnx, model
        self._opset = [o for o in model.opset_import if o.domain in ("", "ai.onnx")]
        self._shapes = shapes(onnx, model, 1)
        self.rounded = []

    def fold(self, node):
        """Whether ``node`` computes a constant, which is then known."""
        if node.op_type == "Shape" and node.input[0] not in self:
            shape = self._shapes.get(node.input[0])
            if shape is None:
                return False
            self[node.output[0]] = np.array(shape, dtype=np.int64)[_span(node)]
            return True
        known = node.op_type in (*MOVES, *ARITHMETIC, *OTHER_ARITHMETIC) and not node.domain
        if not known or not all(name in self for name in node.input if name):
            return False
        if not node.input:
            return False
        inputs = {name: self[name] for name in node.input if name}
        self._check_size(node, inputs)
        result = self._computed(node, inputs)
        if result is None:
            return False
        self[node.output[0]] = result
        if result.dtype.kind == "f" and not self._is_exact(node, list(inputs.values()), result):
            self.rounded.append(node.name or node.output[0])
        return True

    def moved(self, node, inputs):
        """What ``node`` makes of the arrays ``inputs`` by name; None if that is not known."""
        return self._computed(node, inputs)

    def _check_size(self, node, inputs):
        arrays = list(inputs.values())
        size = max((a.size for a in arrays), default=1)
        if node.op_type == "ConstantOfShape":
            size = math.prod(map(int, arrays[0].ravel()))
        elif node.op_type in ("Expand", "Tile"):
            size *= max(1, math.prod(max(1, int(n)) for n in arrays[1].ravel()))
        elif node.op_type == "Range":
            start, stop, step = (float(a) for a in arrays[:3])
            size = abs(stop - start) / max(abs(step), 1e-300)
        elif node.op_type == "Concat":
            size = sum(a.size for a in arrays)
        elif node.op_type in (*ARITHMETIC, "MatMul", "Where", "Max", "Min"):
            size = (
                math.prod(np.broadcast_shapes(*(a.shape for a in arrays)))
                if node.op_type != "MatMul"
                else size**2
            )
        if not size <= LARGEST:
            raise ReadError(
                f"node {node.name or node.output[0]!r} ({node.op_type}) makes a constant of {size:,} numbers, "
                f"more than the {LARGEST:,} that are computed; store what is needed of it instead"
            )

    def _computed(self, node, inputs):
        helper = self._onnx.helper
        kinds = {name: helper.np_dtype_to_tensor_dtype(a.dtype) for name, a in inputs.items()}
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            [node],
            "constant",
            [value(name, kinds[name], a.shape) for name, a in inputs.items()],
            [value(node.output[0], 0, None)],
        )
        from onnx.reference import ReferenceEvaluator

        model = helper.make_model(graph, opset_imports=self._opset, ir_version=8)
        try:
            with np.errstate(all="ignore"):
                (result,) = ReferenceEvaluator(model).run(None, inputs)
        except Exception:  # then the node stays, and is refused by name if it is met
            return None
        return np.asarray(result)

    def _is_exact(self, node, arrays, result):
        if node.op_type in (*MOVES, "Neg", "Max", "Min", "Clip", "Floor"):
            return node.op_type != "Cast" or np.array_equal(arrays[0], result)
        if node.op_type not in ARITHMETIC or result.size > LARGEST_COMPARED:
            return False
        if not np.isfinite(result).all():
            return True  # will be refused where it is used
        exact, pairs = ARITHMETIC[node.op_type], np.broadcast_arrays(*arrays, result)
        return all(
            exact(Fraction(float(x)), Fraction(float(y))) == Fraction(float(z))
            for x, y, z in zip(*(a.ravel() for a in pairs), strict=True)
        )


def _span(node):
    """What a Shape node selects, since operator set 15."""
    chosen = {a.name: a.i for a in node.attribute}
    return slice(chosen.get("start", 0), chosen.get("end"))
