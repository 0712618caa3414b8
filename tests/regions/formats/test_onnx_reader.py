"""Hand-built graphs and exported files, against onnxruntime or onnx's reference evaluator."""

import io

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from regions import load
from regions.errors import ReadError
from regions.formats.onnx_reader import from_onnx
from regions.formats.onnx_writer import to_onnx
from regions.network import Network
from regions.network.chain import ReadWarning

# float32 forward passes against float64 ones, for values and sums of order one.
FLOAT32_ROUNDING = 1e-5
# The same in float64.
FLOAT64_ROUNDING = 1e-12

RNG = np.random.default_rng(7)
W, V = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))
b, c = RNG.normal(size=4), RNG.normal(size=2)
NETWORK = Network.of((W, b), (V, c))


@pytest.fixture
def write(tmp_path):
    """Write a graph of ``(operator, inputs, attributes)``; node k gives the value ``vk``."""

    def write(*steps, shape=("batch", 3), opset=17, kind=TensorProto.DOUBLE, **arrays):
        nodes = [
            helper.make_node(op, inputs.split(), [f"v{k}"], f"the-{op}", **attributes)
            for k, (op, inputs, attributes) in enumerate(steps)
        ]
        graph = helper.make_graph(
            nodes,
            "graph",
            [helper.make_tensor_value_info("x", kind, shape)],
            [helper.make_tensor_value_info(f"v{len(steps) - 1}", kind, ["unchecked"])],
            [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
        )
        opsets = [helper.make_opsetid("", opset)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        onnx.save(model, tmp_path / "net.onnx")
        return tmp_path / "net.onnx"

    return write


def agrees(network, path, shape):
    """Whether the file computes the same on 20 random samples of ``shape``, one at a time."""
    evaluator = ReferenceEvaluator(str(path))
    for x in np.random.default_rng(3).normal(size=(20, *shape)):
        (expected,) = evaluator.run(None, {"x": x})
        if not np.allclose(
            network.forward(x.ravel()), expected.ravel(), rtol=0, atol=FLOAT64_ROUNDING
        ):
            return False
    return True


GEMM = ("Gemm", "x W b", {"transB": 1})


def test_gemm_relu_gemm_is_what_the_new_exporter_writes(write):
    explicit = {"transB": 1, "transA": 0, "alpha": 1.0, "beta": 1.0}
    path = write(("Gemm", "x W b", explicit), ("Relu", "v0", {}), ("Gemm", "v1 V c", explicit), W=W, b=b, V=V, c=c)  # fmt: skip
    assert from_onnx(path) == NETWORK
    assert agrees(NETWORK, path, (1, 3))


def test_new_exporter_reshapes_images(write):
    path = write(
        ("Reshape", "x s", {"allowzero": 1}),
        ("Gemm", "v0 W b", {"transB": 1}),
        ("Relu", "v1", {}),
        ("Gemm", "v2 V", {"transB": 1}),
        shape=("batch", 1, 1, 3), s=[-1, 3], W=W, b=b, V=V,
    )  # fmt: skip
    network = from_onnx(path)
    assert network == Network.of((W, b), (V, None))
    assert agrees(network, path, (1, 1, 1, 3))


def test_gemm_with_all_attributes(write):
    path = write(("Gemm", "x W b", {"alpha": 0.5, "beta": -2.0, "transB": 0}), W=W.T, b=b)
    network = from_onnx(path)
    assert network == Network.of((0.5 * W, -2.0 * b))
    assert agrees(network, path, (1, 3))


def test_gemm_that_rounds_says_so(write):
    path = write(("Gemm", "x W b", {"alpha": 0.1, "transB": 1}), W=W, b=b)
    with pytest.warns(ReadWarning, match="the-Gemm"):
        network = from_onnx(path)
    assert agrees(network, path, (1, 3))


@pytest.mark.parametrize("bias", [3.0, [3.0], [[3.0]], [b.tolist()]], ids=str)
def test_gemm_broadcasts_its_bias(write, bias):
    path = write(("Gemm", "x W b", {"transB": 1}), W=W, b=np.array(bias))
    assert agrees(from_onnx(path), path, (1, 3))


def test_matmul_add_is_what_the_old_exporter_writes_for_vectors(write):
    path = write(("MatMul", "x W", {}), ("Add", "b v0", {}), ("Relu", "v1", {}), ("MatMul", "v2 V", {}), shape=(3,), W=W.T, b=b, V=V.T)  # fmt: skip
    network = from_onnx(path)
    assert network == Network.of((W, b), (V, None))
    assert agrees(network, path, (3,))


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3, 1)], ids=str)
def test_matrix_times_column(write, shape):
    column = shape[1:] and (1,)
    path = write(
        ("MatMul", "W x", {}), ("Add", "v0 b", {}), ("Relu", "v1", {}), ("MatMul", "V v2", {}),
        shape=shape, W=W, b=b.reshape(4, *column), V=V,
    )  # fmt: skip
    network = from_onnx(path)
    assert network == Network.of((W, b), (V, None))
    assert agrees(network, path, shape)


def test_subtraction_on_both_sides(write):
    mean, top = np.array([[1.0, -2.0, 0.5]]), np.full(4, 3.0)
    path = write(
        ("Sub", "x mean", {}), ("Gemm", "v0 W", {"transB": 1}), ("Sub", "top v1", {}), ("Relu", "v2", {}), ("Gemm", "v3 V c", {"transB": 1}),
        mean=mean, top=top, W=np.arange(12.0).reshape(4, 3), V=V, c=c,
    )  # fmt: skip
    network = from_onnx(path)  # small integers and halves: nothing is rounded, nothing is warned of
    integers = np.arange(12.0).reshape(4, 3)
    assert network == Network.of((-integers, top + integers @ mean[0]), (V, c))
    assert agrees(network, path, (1, 3))


def test_subtraction_per_channel(write):
    path = write(
        ("Sub", "x mean", {}), ("Flatten", "v0", {}), ("Gemm", "v1 W", {"transB": 1}),
        shape=("batch", 2, 1, 2), mean=np.array([[[1.0]], [[-2.0]]]), W=np.arange(8.0).reshape(2, 4),
    )  # fmt: skip
    assert agrees(from_onnx(path), path, (1, 2, 1, 2))


def test_operators_that_change_nothing(write):
    path = write(
        ("Identity", "x", {}), ("Dropout", "v0", {}), ("Flatten", "v1", {"axis": -1}), ("Identity", "W", {}),
        ("Constant", "", {"value": numpy_helper.from_array(b)}), ("Gemm", "v2 v3 v4", {"transB": 1}),
        W=W,
    )  # fmt: skip
    assert from_onnx(path) == Network.of((W, b))


@pytest.mark.parametrize(
    ("shape", "axis"), [((784, 1), 0), ((1, 28, 28), 1), (("b", 1, 28, 28), 1), ((5, 28, 28), 1)]
)
def test_images_become_784_inputs(write, shape, axis):
    weight = RNG.normal(size=(2, 784))
    path = write(("Flatten", "x", {"axis": axis}), ("Gemm", "v0 W", {"transB": 1}), shape=shape, W=weight)  # fmt: skip
    assert from_onnx(path) == Network.of((weight, None))


@pytest.mark.parametrize("operator", ["Elu", "HardSwish", "Sin", "Exp"])
def test_other_operators_are_refused_by_name(write, operator):
    path = write(GEMM, (operator, "v0", {}), W=W, b=b)
    with pytest.raises(ReadError, match=rf"'the-{operator}' \({operator}\).*Gemm, MatMul, Add"):
        from_onnx(path)


def test_maxima_are_refused_by_name(write):
    path = write(("MaxPool", "x", {"kernel_shape": [2, 2]}), shape=(1, 1, 3, 3))
    with pytest.raises(ReadError, match=r"MaxPool.*no affine map"):
        from_onnx(path)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([GEMM, ("Relu", "v0", {}), ("Add", "v0 v1", {})], "'the-Add'.*branches"),
        ([GEMM, ("Relu", "v0", {}), ("Add", "v1 v0", {})], "'the-Add'.*branches"),
        ([GEMM, ("Add", "v0 v0", {})], "'the-Add'.*branches"),
        ([("MatMul", "x x", {})], "'the-MatMul'.*one computed value"),
        ([("Gemm", "x W b", {"transA": 1, "transB": 1})], "transposes its input"),
        ([("Relu", "x", {})], "no Gemm, MatMul or Conv"),
        ([GEMM, ("Add", "v0 W", {})], "constant of shape"),
        ([GEMM, ("Reshape", "v0 s", {})], "reshapes to"),
    ],
)
def test_what_is_no_chain_is_refused(write, steps, message):
    with pytest.raises(ReadError, match=message):
        from_onnx(write(*steps, W=W, b=b, s=[3, 7]))


@pytest.mark.parametrize(
    ("shape", "steps", "message"),
    [
        ((2, 3), [("Add", "x B", {}), ("Gemm", "v0 W", {"transB": 1})], "samples of a batch"),
        ((3, 3), [("MatMul", "S x", {})], "multiplies by a matrix that takes 3"),
        ((2, 3), [("Reshape", "x s", {}), ("Gemm", "v0 W", {"transB": 1})], "multiplies by"),
        ((2, 5), [("Gemm", "x W", {"transB": 1})], r"input has shape \(2, 5\)"),
    ],
)
def test_what_mixes_samples_is_refused(write, shape, steps, message):
    arrays = {"W": W, "B": np.arange(6.0).reshape(2, 3), "S": np.eye(3), "s": [3, 2]}
    with pytest.raises(ReadError, match=message):
        from_onnx(write(*steps, shape=shape, **arrays))


def test_dropout_in_training_is_refused(write):
    path = write(("Dropout", "x r t", {}), ("Gemm", "v0 W", {"transB": 1}), W=W, r=np.float32(0.5), t=np.array(True))  # fmt: skip
    with pytest.raises(ReadError, match="at random"):
        from_onnx(path)


def test_old_operator_sets_are_refused(write):
    path = write(("MatMul", "x W", {}), opset=5, W=W.T)
    with pytest.raises(ReadError, match="operator set 5"):
        from_onnx(path)


@pytest.mark.parametrize("content", [b"", b"just text\n", b"\x00" * 20])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(ReadError, match="not a readable onnx"):
        from_onnx(tmp_path / "net.onnx")


@pytest.mark.parametrize("scale", [1.0, 1 / 3], ids=["float32", "float64"])
def test_written_file_runs_in_onnxruntime(tmp_path, scale):
    onnxruntime = pytest.importorskip("onnxruntime")
    short = [array.astype(np.float32).astype(np.float64) for array in (W, V, c)]
    network = Network.of((scale * short[0], None), (short[1], short[2]))
    to_onnx(network, tmp_path / "net.onnx")
    assert from_onnx(tmp_path / "net.onnx") == network
    session = onnxruntime.InferenceSession(
        tmp_path / "net.onnx", providers=["CPUExecutionProvider"]
    )
    x = np.random.default_rng(5).normal(size=(30, 3))
    single = "float" in session.get_inputs()[0].type
    (expected,) = session.run(None, {"input": x.astype("f4") if single else x})
    assert single == (scale == 1.0)
    rounding = FLOAT32_ROUNDING if single else FLOAT64_ROUNDING
    assert np.allclose(network.forward(x), expected, rtol=0, atol=rounding)


def export(module, sample):
    """The bytes that torch's exporter without onnxscript writes, and a runtime session for them."""
    onnxruntime = pytest.importorskip("onnxruntime")
    buffer = io.BytesIO()
    torch.onnx.export(module.eval(), sample, buffer, dynamo=False)
    content = buffer.getvalue()
    return content, onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.mark.filterwarnings("ignore:You are using the legacy:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
@pytest.mark.parametrize("shape", [(3,), (1, 3), (1, 1, 3), (4, 1, 1, 3)], ids=str)
def test_old_exporter_of_torch(tmp_path, shape):
    from regions.formats.torch import from_torch

    torch.manual_seed(0)
    nn = torch.nn
    flatten = [nn.Flatten()] if len(shape) > 2 else []
    module = nn.Sequential(
        *flatten, nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4, bias=False), nn.ReLU(), nn.Dropout(), nn.Linear(4, 2)
    )  # fmt: skip
    content, session = export(module, torch.zeros(shape))
    (tmp_path / "net.onnx").write_bytes(content)
    network = from_onnx(tmp_path / "net.onnx")
    assert network == from_torch(module)
    x = np.random.default_rng(2).normal(size=shape).astype("f4")
    (expected,) = session.run(None, {session.get_inputs()[0].name: x})
    assert np.allclose(
        network.forward(x.reshape(-1, 3)), expected.reshape(-1, 2), rtol=0, atol=FLOAT32_ROUNDING
    )


RELU, LAST = ("Relu", "v1", {}), ("Gemm", "v2 V c", {"transB": 1})
TWO, HALF = np.array(2.0), np.full((1, 3), 0.5)
VIEW = [
    ("Shape", "x", {}), ("Gather", "v0 zero", {"axis": 0}), ("Unsqueeze", "v1 axes", {}),
    ("Concat", "v2 minus", {"axis": 0}), ("Reshape", "x v3", {}), ("Gemm", "v4 W b", {"transB": 1}),
]  # fmt: skip
# What plain networks look like in the words of exporters: steps, and the shape of the input.
PLAIN = {
    "scaled input": ([("Sub", "x half", {}), ("Div", "v0 two", {}), ("Gemm", "v1 W b", {"transB": 1})], (3,)),
    "divided by 3": ([("Div", "x three", {}), ("Gemm", "v0 W b", {"transB": 1})], (3,)),
    "times a vector": ([("Mul", "x half", {}), ("Neg", "v0", {}), ("Gemm", "v1 W b", {"transB": 1})], (3,)),
    "view of a batch": (VIEW, (1, 1, 3)),
    "weights transposed": ([("Transpose", "W", {"perm": [1, 0]}), ("MatMul", "x v0", {}), ("Add", "v1 b", {})], (3,)),
    "weights computed": ([("Mul", "W two", {}), ("Transpose", "v0", {"perm": [1, 0]}), ("MatMul", "x v1", {})], (3,)),
    "clip at 0": ([GEMM, ("Clip", "v0 nil", {}), ("Gemm", "v1 V c", {"transB": 1})], (3,)),
    "larger of 0": ([GEMM, ("Max", "nil v0", {}), ("Gemm", "v1 V c", {"transB": 1})], (3,)),
    "leak of 0": ([GEMM, ("LeakyRelu", "v0", {"alpha": 0.0}), ("Gemm", "v1 V c", {"transB": 1})], (3,)),
    "unused nodes": ([GEMM, ("Sigmoid", "v0", {}), ("Relu", "v0", {}), ("Gemm", "v2 V c", {"transB": 1})], (3,)),
    "squeezed": ([("Squeeze", "x one", {}), ("Gemm", "v0 W b", {"transB": 1}), ("Relu", "v1", {}), ("Unsqueeze", "v2 one", {})], (1, 3)),
    "sliced": ([("Slice", "x from to one", {}), ("Gemm", "v0 W b", {"transB": 1})], (5,)),
    "gathered": ([("Gather", "x some", {"axis": 1}), ("Gemm", "v0 W b", {"transB": 1})], (4,)),
    "moved and back": ([("Transpose", "x", {"perm": [0, 2, 1]}), ("Relu", "v0", {}), ("Reshape", "v1 flat6", {}), ("Gemm", "v2 W6", {"transB": 1})], (2, 3)),
    "padded": ([("Pad", "x pads", {}), ("Gemm", "v0 W", {"transB": 1}), ("Relu", "v1", {})], (2,)),
    "rows": ([("MatMul", "x WT", {}), ("Add", "v0 b", {}), ("Relu", "v1", {}), ("Flatten", "v2", {}), ("Gemm", "v3 W8", {"transB": 1})], (2, 3)),
    "images last": ([("Transpose", "x", {"perm": [0, 3, 1, 2]}), ("Conv", "v0 K", {}), ("Transpose", "v1", {"perm": [0, 2, 3, 1]}), ("Add", "v2 k", {}), ("Relu", "v3", {}), ("Flatten", "v4", {}), ("Gemm", "v5 W8", {"transB": 1})], (3, 3, 2)),
    "image after a layer": ([("Gemm", "x W b", {"transB": 1}), ("Relu", "v0", {}), ("Reshape", "v1 square", {}), ("Conv", "v2 K1", {"pads": [1, 1, 1, 1]}), ("Relu", "v3", {}), ("Flatten", "v4", {})], (3,)),
    "same padding": ([("Conv", "x K1", {"auto_pad": "SAME_UPPER", "strides": [2, 2]}), ("Relu", "v0", {}), ("Flatten", "v1", {})], (1, 4, 3)),
    "same padding below": ([("Conv", "x K1", {"auto_pad": "SAME_LOWER"}), ("Relu", "v0", {}), ("Flatten", "v1", {})], (1, 3, 3)),
    "pads of one side": ([("Conv", "x K1", {"pads": [0, 1, 2, 0]}), ("Relu", "v0", {}), ("Flatten", "v1", {})], (1, 3, 3)),
    "pad before a convolution": ([("Pad", "x around", {}), ("Conv", "v0 K1", {}), ("Relu", "v1", {}), ("Flatten", "v2", {})], (1, 3, 3)),
    "scaled image": ([("Sub", "x mean", {}), ("Div", "v0 spread", {}), ("Conv", "v1 K", {"pads": [1, 1, 1, 1]}), ("Relu", "v2", {}), ("Flatten", "v3", {})], (2, 3, 3)),
}  # fmt: skip
ARRAYS = {
    "W": W, "b": b, "V": V, "c": c, "WT": W.T, "half": HALF, "two": TWO, "three": np.array(3.0), "nil": np.array(0.0),
    "zero": np.array(0), "axes": [0], "minus": [-1], "one": [1], "from": [1], "to": [4], "some": [2, 0, 2],
    "flat6": [1, 6], "W6": RNG.normal(size=(3, 6)), "W8": RNG.normal(size=(2, 8)), "pads": [0, 1, 0, 0],
    "K": RNG.normal(size=(2, 2, 2, 2)), "k": RNG.normal(size=2), "K1": RNG.normal(size=(1, 1, 2, 2)),
    "square": [-1, 1, 2, 2], "around": [0, 0, 1, 0, 0, 0, 0, 2], "mean": RNG.normal(size=(2, 1, 1)), "spread": np.array([[[2.0]], [[4.0]]]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::regions.ReadWarning")
@pytest.mark.parametrize("batch", ["batch", 1])
@pytest.mark.parametrize("name", PLAIN)
def test_plain_networks_in_other_words(write, name, batch):
    steps, shape = PLAIN[name]
    used = {word for _, inputs, _ in steps for word in inputs.split()}
    arrays = {key: np.asarray(value) for key, value in ARRAYS.items() if key in used}
    path = write(*steps, shape=(batch, *shape), **arrays)
    network = from_onnx(path)
    assert network.n0 == np.prod(shape)
    assert agrees(network, path, (1, *shape))


def test_a_batch_of_images_that_are_moved(write):
    """Three samples: what is moved in one is moved in all, and only one is read."""
    steps = ("Transpose", "x", {"perm": [0, 2, 1]}), ("Reshape", "v0 flat", {}), ("Gemm", "v1 W", {"transB": 1})  # fmt: skip
    path = write(*steps, shape=(3, 2, 3), flat=[3, 6], W=ARRAYS["W6"])
    network = from_onnx(path)
    x = RNG.normal(size=(3, 2, 3))
    (expected,) = ReferenceEvaluator(str(path)).run(None, {"x": x})
    assert np.allclose(network.forward(x.reshape(3, 6)), expected, atol=FLOAT64_ROUNDING)
    mixed = ("Transpose", "x", {"perm": [1, 0, 2]}), ("Reshape", "v0 flat", {}), ("Gemm", "v1 W", {"transB": 1})  # fmt: skip
    with pytest.raises(ReadError, match="samples of a batch"):
        from_onnx(write(*mixed, shape=(3, 2, 3), flat=[3, 6], W=ARRAYS["W6"]))


@pytest.mark.parametrize("end", ["Softmax", "LogSoftmax", "Sigmoid", "Tanh"])
def test_a_smooth_end_is_left_out_with_a_warning(write, end):
    path = write(GEMM, ("Relu", "v0", {}), ("Gemm", "v1 V c", {"transB": 1}), (end, "v2", {}), W=W, b=b, V=V, c=c)  # fmt: skip
    with pytest.warns(ReadWarning, match=f"{end}.*is left out"):
        assert from_onnx(path) == NETWORK
    path = write(GEMM, (end, "v0", {}), ("Gemm", "v1 V c", {"transB": 1}), W=W, b=b, V=V, c=c)
    with pytest.raises(ReadError, match="it is no end"):
        from_onnx(path)


def test_what_matlab_writes(write):
    """Operator set 6: Gemm and Sub with broadcast, and an axis."""
    path = write(
        ("Sub", "x mean", {"broadcast": 1, "axis": 1}), ("Gemm", "v0 W b", {"transB": 1, "broadcast": 1}),
        ("Relu", "v1", {}), ("Gemm", "v2 V c", {"transB": 1, "broadcast": 1}),
        shape=(1, 3), opset=6, mean=np.array([1.0, 2.0, -4.0]), W=np.round(W, 1), b=b, V=V, c=c,
    )  # fmt: skip
    with pytest.warns(ReadWarning, match="folded"):
        network = from_onnx(path)
    shifted = Network.of((np.round(W, 1), b), (V, c))
    x = RNG.normal(size=(9, 3))
    expected = shifted.forward(x - [1.0, 2.0, -4.0])
    assert np.allclose(network.forward(x), expected, atol=FLOAT64_ROUNDING)


def test_rounded_constants_are_named(write):
    path = write(("Div", "W three", {}), ("Gemm", "x v0", {"transB": 1}), W=W, three=np.array(3.0))
    with pytest.warns(ReadWarning, match="computed while reading, with rounding: the-Div"):
        from_onnx(path)


def test_constants_do_not_fill_the_memory(write):
    path = write(("ConstantOfShape", "s", {}), ("MatMul", "x v0", {}), s=[10**6, 10**6])
    with pytest.raises(ReadError, match="makes a constant of 1,000,000,000,000 numbers"):
        from_onnx(path)


def test_one_of_several_outputs(tmp_path):
    nodes = [
        helper.make_node("Gemm", ["x", "W", "b"], ["h"], transB=1),
        helper.make_node("Gemm", ["h", "V", "c"], ["action"], transB=1),
        helper.make_node("Gemm", ["h", "V", "c"], ["value"], transB=1, alpha=2.0),
    ]
    info = helper.make_tensor_value_info
    arrays = {"W": W, "b": b, "V": V, "c": c}
    graph = helper.make_graph(
        nodes, "two heads", [info("x", TensorProto.DOUBLE, [1, 3])], [info(n, TensorProto.DOUBLE, [1, 2]) for n in ("action", "value")],
        [numpy_helper.from_array(a, n) for n, a in arrays.items()],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "net.onnx")  # fmt: skip
    with pytest.raises(ReadError, match=r"outputs action, value; .*output="):
        load(tmp_path / "net.onnx")
    with pytest.warns(ReadWarning, match="folded"):
        network = load(tmp_path / "net.onnx", output="action")
    x = RNG.normal(size=(5, 3))
    assert np.allclose(network.forward(x), (x @ W.T + b) @ V.T + c, atol=FLOAT64_ROUNDING)
    with pytest.raises(ReadError, match="which is 'none'"):
        load(tmp_path / "net.onnx", output="none")


def test_half_precision(tmp_path):
    half = W.astype(np.float16)
    nodes = [
        helper.make_node("Cast", ["x"], ["x16"], to=TensorProto.FLOAT16),
        helper.make_node("Gemm", ["x16", "W"], ["y16"], transB=1),
        helper.make_node("Cast", ["y16"], ["y"], to=TensorProto.FLOAT),
    ]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "half", [info("x", TensorProto.FLOAT, [1, 3])], [info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(half, "W")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "net.onnx")
    assert from_onnx(tmp_path / "net.onnx") == Network.of((half, None))


def test_batch_normalisation_in_training_is_refused(write, tmp_path):
    ones = {name: np.ones(3) for name in ("g", "o", "m", "v")}
    path = write(("BatchNormalization", "x g o m v", {"training_mode": 1}), ("Gemm", "v0 W", {"transB": 1}), W=W, **ones)  # fmt: skip
    with pytest.raises(ReadError, match="statistics of the batch"):
        from_onnx(path)
    model = onnx.load(path)
    del model.graph.node[0].attribute[:]
    model.graph.node[0].output.extend(["mean", "var"])  # before operator set 14 this says the same
    model.opset_import[0].version = 9
    onnx.save(model, tmp_path / "old.onnx")
    with pytest.raises(ReadError, match=r"statistics of the batch|not a readable onnx"):
        from_onnx(tmp_path / "old.onnx")
