"""PyTorch modules whose ``forward`` is their author's own, followed through the graph that torch.fx draws.

The graph must be a chain: one value on its way from the input to the output, and constants. What
depends on parameters alone is computed first. The module is traced in evaluation and put back as it was.
"""

import sys
from contextlib import contextmanager
from importlib import import_module

import numpy as np

from ..errors import ReadError
from .torch_images import array_of

REMEDY = "write the network as an nn.Sequential, or export it to ONNX"
RELU = ("relu", "relu_")
FLATTEN = ("flatten",)
RESHAPE = ("view", "reshape")
LINEAR = ("linear",)
PRODUCT = ("matmul", "mm")
NOTHING = ("contiguous", "clone", "detach", "float", "double", "half", "bfloat16", "identity")
DROPOUT = ("dropout", "dropout_", "feature_dropout", "dropout2d")
SHAPE = ("size", "shape")
ENDS = ("softmax", "log_softmax", "sigmoid", "tanh")
SUM = {"add": 1, "add_": 1, "sub": -1, "sub_": -1}
QUOTIENT = ("mul", "mul_", "div", "div_", "truediv", "true_divide")


class Size:
    """A part of the value's shape, which is not known: only the batch may be asked for."""


def read_graph(module, chain, is_leaf, read_leaf):
    """Add what ``module`` computes to ``chain``; ``read_leaf`` reads the modules that ``is_leaf`` names."""
    fx = import_module("torch.fx")

    class Tracer(fx.Tracer):
        def is_leaf_module(self, module, name):
            return is_leaf(module)

    with _in_evaluation(module):
        try:
            graph = Tracer().trace(module)
        except ReadError:
            raise
        except Exception as error:  # the author's own code runs here, and may raise anything
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ReadError(
                f"{type(module).__name__} cannot be followed by torch.fx ({first}); {REMEDY}"
            ) from error
        _Follow(module, graph, chain, read_leaf).read()


@contextmanager
def _in_evaluation(module):
    modules = list(module.modules())
    before = [m.training for m in modules]
    try:
        for m in modules:
            m.training = False
        yield
    finally:
        for m, training in zip(modules, before, strict=True):
            m.training = training


class _Follow:
    """The value on its way through the nodes of a graph."""

    def __init__(self, module, graph, chain, read_leaf):
        self.module, self.graph, self.chain, self.read_leaf = module, graph, chain, read_leaf
        self.torch, self.known, self.value = sys.modules["torch"], {}, None

    def read(self):
        """Follow all nodes that the output needs."""
        needed = self._needed()
        for node in self.graph.nodes:
            if node not in needed:
                if self._in_place(node):
                    self.refuse(node, "changes a value in place that is used elsewhere")
                continue
            if node.op == "placeholder":
                self._input(node)
            elif node.op == "get_attr":
                self.known[node] = self._attribute(node.target)
            elif node.op == "output":
                self._output(node)
            elif not self._is_constant(node):
                self._compute(node)

    def refuse(self, node, why):
        raise ReadError(
            f"{node.format_node() or node.name} {why}; only a plain chain of layers can be read: {REMEDY}"
        )

    def _needed(self):
        needed = set()
        stack = [node for node in self.graph.nodes if node.op == "output"]
        while stack:
            node = stack.pop()
            if node not in needed:
                needed.add(node)
                stack += node.all_input_nodes
        return needed

    def _in_place(self, node):
        if node.op == "call_module":
            return bool(getattr(self.module.get_submodule(node.target), "inplace", False))
        name = _name(node)
        return (name.endswith("_") and not name.endswith("__")) or bool(
            node.kwargs.get("inplace", False)
        )

    def _input(self, node):
        if node.args:  # an option with a default, which is what it is
            self.known[node] = node.args[0]
        elif self.value is None:
            self.value = node
        else:
            self.refuse(node, "is a second input")

    def _attribute(self, target):
        value = self.module
        for part in target.split("."):
            value = getattr(value, part)
        return value

    def _output(self, node):
        (result,) = node.args
        if result is not self.value:
            self.refuse(node, "is not the end of the chain, or several values")

    def _is_constant(self, node):
        """Whether a node depends on no input, or asks for the shape of one; its value is then known."""
        if self.value in node.all_input_nodes:
            if _name(node) in SHAPE or (
                node.op == "call_function" and _name(node) == "getattr" and node.args[1] == "shape"
            ):
                self.known[node] = Size()
                return True
            return False
        if not all(n in self.known for n in node.all_input_nodes) or node.op == "call_module":
            return False
        if any(isinstance(self.known[n], Size) for n in node.all_input_nodes):
            if _name(node) == "getitem" and node.args[1] == 0:
                self.known[node] = self.known[node.args[0]]
                return True
            return False
        args = self._values(node.args)
        kwargs = {key: self._values((value,))[0] for key, value in node.kwargs.items()}
        with self.torch.no_grad():
            if node.op == "call_method":
                self.known[node] = getattr(args[0], node.target)(*args[1:], **kwargs)
            else:
                self.known[node] = node.target(*args, **kwargs)
        return True

    def _values(self, args):
        node_type = type(next(iter(self.graph.nodes)))
        return [self.known.get(a, a) if isinstance(a, node_type) else a for a in args]

    def _compute(self, node):
        taken = [n for n in node.all_input_nodes if n not in self.known]
        if taken != [self.value]:
            self.refuse(
                node, f"takes {', '.join(n.name for n in taken) or 'no value'}: the graph branches"
            )
        name, args = _name(node), self._values(node.args)
        options = {key: self._values((value,))[0] for key, value in node.kwargs.items()}
        if node.op == "call_module":
            if len(node.args) != 1 or node.kwargs:
                self.refuse(node, "is called with more than its input")
            self.read_leaf(self.module.get_submodule(node.target), node.target, self.chain)
        elif node.op == "call_function" and not _is_torchs(node.target):
            self.refuse(node, "is no function of PyTorch")
        elif not self._one_of(node, name, args, options):
            self.refuse(node, "cannot be read")
        self.value = node

    def _one_of(self, node, name, args, options):
        """Whether the function of that name could be added."""
        chain, first = self.chain, bool(args) and args[0] is self.value
        if name in RELU and first:
            chain.relu()
        elif name in ("clamp", "clip", "clamp_min", "clamp_") and first:
            low = args[1] if len(args) > 1 else options.get("min")
            high = args[2] if len(args) > 2 else options.get("max")
            if high is not None or not isinstance(low, int | float) or low != 0:
                self.refuse(node, "clips, where only max(0, x) can be read")
            chain.relu()
        elif name in DROPOUT and first:
            if options.get("training", args[2] if len(args) > 2 else True):
                self.refuse(node, "drops units at random (training=True is its default)")
        elif name in FLATTEN and first:
            start = args[1] if len(args) > 1 else options.get("start_dim", 0)
            end = args[2] if len(args) > 2 else options.get("end_dim", -1)
            if (start, end) != (1, -1):
                self.refuse(node, "flattens the batch, or not the whole sample")
            chain.flatten()
        elif name in RESHAPE and first:
            self._reshape(node, args[1:])
        elif name in NOTHING and first and len(args) == 1 and not options:
            pass
        elif name in ENDS and first:
            chain.leave_out(f"{name} ({node.name})")
        elif name in LINEAR and first:
            weight, bias = (
                *args[1:],
                *([options[k] for k in ("weight", "bias") if k in options]),
                None,
            )[:2]
            self._affine(node, weight, bias)
        elif name in PRODUCT and first and self._is_tensor(args[1]) and args[1].ndim == 2:
            self._affine(node, args[1].t(), None)
        elif name in SUM or name in QUOTIENT or name in ("neg", "rsub"):
            return self._entries(node, name, args, options)
        else:
            return False
        return True

    def _affine(self, node, weight, bias):
        if not self._is_tensor(weight) or weight.ndim != 2:
            self.refuse(node, "needs a constant matrix")
        title = f"{_name(node)} ({node.name})"
        weight = array_of(f"the weight of {title}", weight)
        self.chain.affine(
            title, weight, None if bias is None else array_of(f"the bias of {title}", bias)
        )

    def _entries(self, node, name, args, options):
        """Sums and products with constants, entry by entry."""
        if options or len(args) > 2:
            return False
        others = [a for a in args if a is not self.value]
        if name == "neg":
            factor, shift, exact = -1.0, 0.0, True
        elif len(others) != 1:
            return False
        else:
            other, first = self._numbers(node, others[0]), args[0] is self.value
            if name in SUM:
                sign = SUM[name]
                factor, shift, exact = (
                    (1.0 if first or sign > 0 else -1.0),
                    other * (sign if first else 1),
                    True,
                )
            elif name in ("mul", "mul_"):
                factor, shift, exact = other, 0.0, True
            elif name in QUOTIENT and first and np.all(other):
                mantissa = np.frexp(np.asarray(other, dtype=float))[0]
                factor, shift, exact = 1.0 / other, 0.0, bool((np.abs(mantissa) == 0.5).all())
            else:
                return False
        self.chain.entries(f"{name} ({node.name})", factor, shift, exact)
        return True

    def _numbers(self, node, other):
        """A constant as one number, or as a vector with one entry for each number of the value."""
        if self._is_tensor(other):
            other = array_of(node.name, other)
        array = np.asarray(other)
        if array.dtype.kind not in "fiu" or (array.size > 1 and array.shape[-1] != array.size):
            self.refuse(node, f"combines the value with a constant of shape {array.shape}")
        return float(array.item()) if array.size == 1 else array.reshape(-1).astype(float)

    def _reshape(self, node, shape):
        shape = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        shape = self._values(shape)
        batch_first = len(shape) == 2 and (isinstance(shape[0], Size) or shape[0] == -1)
        if not batch_first or not isinstance(shape[1], int):
            self.refuse(node, "makes something else of the value than one row for each sample")
        width = self.chain.features
        if shape[1] != -1 and width is not None and width != shape[1]:
            self.refuse(node, f"makes rows of {shape[1]} of samples of {width} numbers")
        if shape[1] == -1 and not isinstance(shape[0], Size):
            self.refuse(node, "leaves both sizes open")
        self.chain.flatten()

    def _is_tensor(self, value):
        return isinstance(value, self.torch.Tensor)


def _name(node):
    target = node.target
    return target if isinstance(target, str) else getattr(target, "__name__", str(target))


def _is_torchs(function):
    module = getattr(function, "__module__", None) or ""
    return module.split(".")[0] in ("torch", "_operator", "operator", "builtins", "")
