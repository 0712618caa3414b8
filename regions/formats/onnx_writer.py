"""Networks as ONNX files, such as `onnx` reads back to the same doubles."""

import numpy as np

from ..files import written
from ..network import Convolution, ConvolutionalNetwork, Pooling
from ..network.slopes import require_relu
from .optional_packages import require, shortest_float, shortest_float_of_steps

WRITTEN_OPSET, WRITTEN_IR = 13, 8  # old enough for every runtime in use
BATCH = "batch"


def to_onnx(network, path):
    """Write ``network`` with an input of shape (batch, n0), in float32 where that is exact.

    A `ConvolutionalNetwork` is written with its convolutions and an input (batch, *input_shape). Its
    head may be in float64 behind convolutions in float32, which is all that onnxruntime has.
    """
    require_relu(network, ".onnx", "save it as .npz")
    onnx = require("onnx", "onnx")
    helper, shape, head = onnx.helper, [network.n0], network
    if isinstance(network, ConvolutionalNetwork):
        shape, head = network.input_shape, network.head
        graph = _Graph(onnx, shortest_float_of_steps(network.steps))
        for step in network.steps:
            graph.image_step(step)
        graph.add("Flatten", axis=1)
        graph.cast(shortest_float(network))
    else:
        graph = _Graph(onnx, shortest_float(network))
    for k, (weight, bias) in enumerate(head.layers, start=1):
        if k > 1:
            graph.add("Relu")
        graph.add("Gemm", weight, bias, transB=1)
    model = helper.make_model(
        graph.finished([BATCH, *shape], [BATCH, network.n_out]),
        producer_name="relu-regions",
        opset_imports=[helper.make_opsetid("", WRITTEN_OPSET)],
        ir_version=WRITTEN_IR,
    )
    with written(path) as file:
        file.write(model.SerializeToString())


class _Graph:
    """A chain of nodes under construction, and the arrays they use."""

    def __init__(self, onnx, dtype):
        self.onnx, self.nodes, self.arrays, self.value = onnx, [], [], "input"
        self.dtype = self.input_dtype = dtype

    def add(self, operator, *arrays, **attributes):
        """Append a node that takes the value so far and ``arrays``."""
        number = len(self.nodes)
        names = [f"array{number}_{k}" for k in range(len(arrays))]
        self.arrays += [
            self.onnx.numpy_helper.from_array(array.astype(self.dtype), name)
            for array, name in zip(arrays, names, strict=True)
        ]
        inputs, self.value = [self.value, *names], f"value{number}"
        name = f"{operator.lower()}{number}"
        node = self.onnx.helper.make_node(operator, inputs, [self.value], name, **attributes)
        self.nodes.append(node)

    def cast(self, dtype):
        """Go on in ``dtype``."""
        if dtype != self.dtype:
            self.dtype = dtype
            self.add("Cast", to=self._kind(dtype))

    def image_step(self, step):
        """Append the node of one step of a `ConvolutionalNetwork`."""
        if isinstance(step, Convolution):
            options = {"dilations": step.dilation, "group": step.groups}
            self.add("Conv", step.weight, step.bias, **options, **_window_attributes(step))
        elif isinstance(step, Pooling):
            options = {"kernel_shape": step.kernel, "count_include_pad": 1}
            self.add("AveragePool", **options, **_window_attributes(step))
        else:
            self.add("Relu")

    def finished(self, input_shape, output_shape):
        """The graph; its last node gives the value "output"."""
        self.nodes[-1].output[0] = "output"
        ends = ("input", self.input_dtype, input_shape), ("output", self.dtype, output_shape)
        value = self.onnx.helper.make_tensor_value_info
        values = [[value(name, self._kind(dtype), shape)] for name, dtype, shape in ends]
        return self.onnx.helper.make_graph(self.nodes, "network", *values, self.arrays)

    def _kind(self, dtype):
        return self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def _window_attributes(step):
    return {"strides": step.stride, "pads": (*step.padding, *step.padding)}
