"""Modules are read without torch, and forward passes agree with torch in float64."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from regions import load
from regions.errors import InputError, ReadError
from regions.formats.torch import from_pt, from_torch, to_pt
from regions.network import Network
from regions.network.chain import ReadWarning

# In float64 both sides differ by the order of summation alone: a few units in the last place.
ROUNDING = 1e-12


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def agrees(network, module, shape=()):
    x = np.random.default_rng(1).normal(size=(50, network.n0))
    with torch.no_grad():
        expected = module.double().eval()(torch.from_numpy(x).reshape(50, *(shape or (-1,))))
    return np.allclose(network.forward(x), expected.numpy(), rtol=0, atol=ROUNDING)


def test_plain_sequential():
    module = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2))
    network = from_torch(module)
    assert network.architecture == "3-5-4-2"
    assert agrees(network, module)


def test_everything_that_is_supported():
    module = nn.Sequential(
        nn.Flatten(),
        nn.Sequential(nn.Linear(12, 5, bias=False), nn.ReLU(inplace=True), nn.Dropout(0.5)),
        nn.Identity(),
        nn.Sequential(nn.Sequential(nn.Linear(5, 4)), nn.ReLU()),
        nn.Linear(4, 2),
    )
    network = from_torch(module)
    assert network.architecture == "12-5-4-2"
    assert not network.layers[0].bias.any()
    assert agrees(network, module, (1, 3, 4))


def test_image_input_is_flat():
    module = nn.Sequential(nn.Flatten(), nn.Linear(784, 3), nn.ReLU(), nn.Linear(3, 2))
    network = from_torch(module)
    assert network.n0 == 784
    assert agrees(network, module, (1, 28, 28))


def test_final_relu():
    module = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    network = from_torch(module)
    assert network.widths == (3,)
    assert agrees(network, module)


def test_layers_without_relu_between_them():
    double = torch.float64  # products of float32 weights may well be exact
    module = nn.Sequential(
        nn.Linear(3, 4, dtype=double), nn.Linear(4, 5, dtype=double), nn.ReLU(), nn.Linear(5, 1)
    )
    with pytest.warns(ReadWarning, match="Linear 0 \\+ Linear 1"):
        network = from_torch(module)
    assert network.architecture == "3-5-1"
    assert agrees(network, module)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_weights_are_exact(dtype):
    linear = nn.Linear(3, 2).to(dtype)
    network = from_torch(nn.Sequential(linear))
    assert torch.equal(torch.from_numpy(network.layers[0].weight.copy()).to(dtype), linear.weight)


@pytest.mark.parametrize(
    "module",
    [nn.Softplus(), nn.LeakyReLU(), nn.Conv1d(1, 2, 3), nn.MaxPool2d(2), nn.GELU()],
    ids=lambda module: type(module).__name__,
)
def test_other_modules_are_refused_by_name(module):
    with pytest.raises(ReadError, match=f"module 0.1 is a {type(module).__name__}"):
        from_torch(nn.Sequential(nn.Sequential(nn.Linear(2, 2), module)))


def test_foreign_classes_of_the_same_name_are_followed():
    class Linear(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    doubled, plain = Linear(2, 3), nn.Linear(2, 3)
    doubled.load_state_dict(plain.state_dict())
    (layer,), (half,) = from_torch(nn.Sequential(doubled)).layers, from_torch(plain).layers
    assert np.array_equal(layer.weight, 2 * half.weight)
    assert np.array_equal(layer.bias, 2 * half.bias)


def test_hooks_are_refused():
    module = nn.Sequential(nn.Linear(2, 2))
    module[0].register_forward_hook(lambda *_: None)
    with pytest.raises(ReadError, match="hooks"):
        from_torch(module)


@pytest.mark.parametrize("thing", [None, 3, object()], ids=["nothing", "number", "object"])
def test_other_objects_are_refused(thing):
    with pytest.raises(ReadError, match="neither a path nor"):
        from_torch(thing)


def test_state_dict_file_reads_as_the_module(tmp_path):
    module = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2, bias=False))
    torch.save(module.state_dict(), tmp_path / "net.pt")
    assert from_pt(tmp_path / "net.pt", activation="relu") == from_torch(module)
    with pytest.warns(ReadWarning, match="ReLU is assumed"):
        from_pt(tmp_path / "net.pt")


def test_what_was_written_here_names_its_activation(tmp_path):
    network = Network.of(([[0.1, 0.2]] * 3, [0.3] * 3), ([[1 / 3] * 3], None))
    to_pt(network, tmp_path / "net.pt")
    assert from_pt(tmp_path / "net.pt") == network  # warnings are errors here


@pytest.mark.parametrize(
    "wrap",
    [lambda s: {"state_dict": s, "epoch": 3}, lambda s: {"model_state_dict": s, "optimizer": {"state": {}}}, lambda s: [s], lambda s: [{"net": s}]],
)  # fmt: skip
def test_a_checkpoint_is_opened(tmp_path, wrap):
    module = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    torch.save(wrap(module.state_dict()), tmp_path / "net.pt")
    with pytest.warns(ReadWarning, match="of a checkpoint, nothing else"):
        assert from_pt(tmp_path / "net.pt", activation="relu") == from_torch(module)


def test_a_checkpoint_of_two_networks_is_refused(tmp_path):
    state = nn.Linear(2, 2).state_dict()
    torch.save({"actor": state, "critic": state}, tmp_path / "net.pt")
    with pytest.raises(ReadError, match=r"several state dicts, \['actor'\], \['critic'\]"):
        from_pt(tmp_path / "net.pt")


def test_a_state_dict_in_memory():
    module = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))
    assert load(module.state_dict(), activation="relu") == from_torch(module)
    arrays = {key: tensor.numpy() for key, tensor in module.state_dict().items()}
    assert load(arrays, activation="relu") == from_torch(module)
    with pytest.raises(ReadError, match="'tanh'"):
        load(module.state_dict(), activation="tanh")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.to_sparse(), "sparse"),
        (lambda t: t.to("meta"), "meta"),
        (lambda t: t.to(torch.complex64), "complex64"),
        (lambda t: torch.zeros(1).expand(30000, 30000), "fill the memory"),
    ],
)
def test_tensors_without_plain_numbers(tmp_path, change, message):
    state = {"0.weight": change(torch.ones(2, 2)), "2.weight": torch.ones(1, 2)}
    torch.save(state, tmp_path / "net.pt")
    with pytest.raises(ReadError, match=message) as caught:
        from_pt(tmp_path / "net.pt")
    assert "\n" not in str(caught.value)


def test_integers_that_no_double_holds():
    state = {"0.weight": torch.tensor([[2**53 + 1, 1]])}
    with pytest.raises(InputError, match="9007199254740993, a number that no double holds"):
        load(state)


def test_a_relu_before_the_first_convolution():
    torch.manual_seed(1)
    first = [nn.Conv2d(1, 2, 2), nn.AvgPool2d(2), nn.BatchNorm2d(1)]
    for module in first:
        net = nn.Sequential(nn.ReLU(), module, nn.ReLU(), nn.Flatten(), nn.LazyLinear(2)).double()
        x = torch.randn(50, 1, 4, 4, dtype=torch.float64)
        expected = net.eval()(x).detach().numpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReadWarning)
            read = from_torch(net, input_shape=(1, 4, 4))
        assert read.widths[0] == 16
        assert np.allclose(read.forward(x.reshape(50, -1).numpy()), expected, atol=1e-12)


def test_written_file_loads_into_a_sequential(tmp_path):
    network = Network.of(([[0.1, 0.2]] * 3, [0.3] * 3), ([[1 / 3] * 3], None))
    to_pt(network, tmp_path / "net.pt")
    module = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).double()
    module.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    assert from_torch(module) == network


def test_whole_pickled_module_is_refused(tmp_path):
    torch.save(nn.Sequential(nn.Linear(2, 2)), tmp_path / "net.pt")
    with pytest.raises(ReadError, match="save the state dict alone"):
        from_pt(tmp_path / "net.pt")


@pytest.mark.parametrize("state", [{"state_dict": {}, "epoch": 3}, torch.zeros(2, 2), [1]])
def test_other_contents_are_refused(tmp_path, state):
    torch.save(state, tmp_path / "net.pt")
    with pytest.raises(ReadError):
        from_pt(tmp_path / "net.pt")


def test_torch_is_not_imported():
    code = "import sys, regions.formats.load; sys.exit(any(m in sys.modules for m in ('torch', 'onnx', 'h5py')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Functional(nn.Module):
    """The way most people write a network."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(12, 5), nn.Linear(5, 4), nn.Linear(4, 2)
        self.drop = nn.Dropout(0.5)

    def forward(self, x, mask=None):
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = torch.relu(self.drop(self.fc2(x)))
        return self.fc3(F.dropout(x, training=self.training))


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.arange(12.0))
        self.layers = nn.ModuleList([nn.Linear(12, 4), nn.Linear(4, 3)])
        self.scale = nn.Parameter(torch.tensor([1.0, -2.0, 0.5]))

    def forward(self, x):
        x = (torch.flatten(x, 1) - self.mean) / 4.0
        for layer in self.layers:
            x = layer(x).relu()
        return -(x * self.scale) + 1


class Weights(nn.Module):
    def __init__(self):
        super().__init__()
        self.W, self.V = nn.Parameter(torch.randn(12, 4)), nn.Parameter(torch.randn(2, 4))
        self.b = nn.Parameter(torch.randn(4))

    def forward(self, x):
        hidden = (x.reshape(x.shape[0], -1) @ self.W + self.b).clamp(min=0)
        return F.linear(hidden, 2 * self.V)


class Named(nn.Sequential):
    """A subclass that adds nothing."""


class Image(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 2, 2), nn.Linear(12, 2)

    def forward(self, x):
        return self.fc(torch.flatten(F.relu(self.conv(x / 2)), 1))


def compiled(module):
    """What torch.compile makes, whose import alone takes seconds."""
    kind = type("OptimizedModule", (nn.Module,), {"__module__": "torch._dynamo.eval_frame"})
    wrapper = kind()
    wrapper._orig_mod = module
    return wrapper


def own_modules():
    inner = Named(nn.Flatten(), nn.Linear(12, 3), nn.ReLU(), nn.Linear(3, 2))
    pruned = nn.Sequential(nn.Flatten(), nn.utils.parametrizations.weight_norm(nn.Linear(12, 2)))
    return {
        "functional": Functional(),
        "scaled": Scaled(),
        "weights": Weights(),
        "image": Image(),
        "subclass of Sequential": inner,
        "inside a Sequential": nn.Sequential(Named(Functional(), nn.ReLU(), nn.Linear(2, 2)), nn.Identity()),
        "data parallel": nn.DataParallel(Functional()),
        "parametrised": pruned,
        "compiled": compiled(Functional()),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore::regions.ReadWarning")
@pytest.mark.parametrize("name", own_modules())
def test_modules_with_a_forward_of_their_own(name):
    module = own_modules()[name].double()
    module.train()
    network = from_torch(module, input_shape=(1, 3, 4))
    assert all(part.training for part in module.modules())
    x = torch.randn(20, 1, 3, 4, dtype=torch.float64)
    inner = getattr(module, "_orig_mod", module)
    expected = inner.eval()(x).detach().numpy()
    assert np.abs(network.forward(x.reshape(20, 12).numpy()) - expected).max() <= ROUNDING * 10


def forward(function, **parts):
    """A module with this ``forward`` and these parts."""
    kind = type("Own", (nn.Module,), {"forward": function})
    module = kind()
    for name, part in parts.items():
        setattr(module, name, part)
    return module


SQUARE = nn.Linear(3, 3)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda self, x: self.f(x) + x, "branches"),
        (lambda self, x: self.f(x) if x.sum() > 0 else x, "cannot be followed"),
        (lambda self, x: (self.f(x), x), "several values"),
        (lambda self, x: F.dropout(self.f(x)), "at random"),
        (lambda self, x: torch.sin(self.f(x)), "cannot be read"),
        (lambda self, x: F.leaky_relu(self.f(x)), "cannot be read"),
        (lambda self, x: torch.clamp(self.f(x), 0, 6), "clips"),
        (lambda self, x: torch.flatten(self.f(x)), "flattens the batch"),
        (lambda self, x: self.f(F.softmax(x, 1)), "it is no end"),
        (lambda self, x: self.f(x).view(-1, 2), "rows of 2 of samples of 3"),
        (lambda self, x: 1 / self.f(x), "cannot be read"),
        (lambda self, x: self.f(x) ** 2, "cannot be read"),
        (lambda self, x: [F.relu(x, inplace=True), self.f(x)][1], "in place"),
        (lambda self, x, y: self.f(x) + self.f(y), "second input"),
    ],
)
def test_what_is_no_chain_is_refused(function, message):
    with pytest.raises(ReadError, match=message) as caught:
        from_torch(forward(function, f=SQUARE))
    assert "\n" not in str(caught.value)


def test_a_smooth_end_is_left_out_with_a_warning():
    module = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2))
    for end in (nn.Sequential(module, nn.Softmax(1)), forward(lambda self, x: F.log_softmax(self.f(x), 1), f=module)):  # fmt: skip
        with pytest.warns(ReadWarning, match="is left out"):
            assert from_torch(end) == from_torch(module)


def test_replaced_methods_are_refused(monkeypatch):
    module = nn.Sequential(nn.Linear(2, 2))
    module[0].forward = lambda x: 2 * x
    with pytest.raises(ReadError, match="was replaced"):
        from_torch(module)
    monkeypatch.setattr(nn.Linear, "forward", lambda self, x: x)
    with pytest.raises(ReadError, match="was replaced"):
        from_torch(nn.Sequential(nn.Linear(2, 2)))


def test_flattening_of_less_than_a_sample_is_refused():
    with pytest.raises(ReadError, match="flattens from 0"):
        from_torch(nn.Sequential(nn.Flatten(0), nn.Linear(2, 2)))


@pytest.mark.parametrize("shape", [(1, 2, 2), (3,), "image", (1, 0, 3), (1, 1.5, 2)])
def test_input_shapes_that_contradict_the_module(shape):
    with pytest.raises(ReadError, match="input_shape"):
        from_torch(nn.Sequential(nn.Linear(3, 2)), input_shape=shape)


def test_a_convolution_whose_method_is_changed_is_no_convolution():
    class Mine(nn.Conv2d):
        def _conv_forward(self, *arguments):
            return 2 * super()._conv_forward(*arguments)

    with pytest.raises(ReadError, match=r"cannot be read|branches"):
        from_torch(nn.Sequential(Mine(1, 1, 2)), input_shape=(1, 3, 3))
