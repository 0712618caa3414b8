"""Convolutional networks read from torch and ONNX, written back, and the layers they amount to."""

import io
from contextlib import nullcontext

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from regions import Network, load, save
from regions.errors import InputError, ReadError
from regions.formats.torch import from_torch, to_torch
from regions.network import Convolution, ConvolutionalNetwork, Pooling, Relu
from regions.network.chain import ReadWarning

# Unit: outputs of order one; sums in another order in float64, or one pass in float32.
ROUNDING, FLOAT32_ROUNDING = 1e-12, 1e-5

SHAPE = (2, 8, 6)


def lenet_like(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(4, 6, (3, 2)), nn.ReLU(),
        nn.AvgPool2d(2, 1), nn.Flatten(), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3),
    )  # fmt: skip


def outputs(module, x, shape=SHAPE):
    with torch.no_grad():
        return module.double().eval()(torch.from_numpy(x).reshape(-1, *shape)).flatten(1).numpy()


def points(shape=SHAPE):
    return np.random.default_rng(1).normal(size=(20, int(np.prod(shape))))


def agrees(network, module, shape=SHAPE, rounding=ROUNDING):
    x = points(shape)
    return np.allclose(network.forward(x), outputs(module, x, shape), rtol=0, atol=rounding)


def test_lenet_like():
    module = lenet_like()
    network = load(module, input_shape=SHAPE)
    assert network.architecture == "96-192-24-5-3"
    assert network.image_shapes == ((4, 8, 6), (6, 2, 2))
    assert agrees(network, module)
    assert network.plain() == network
    assert type(network.plain()) is Network


torch.manual_seed(0)  # the modules below are made when this file is imported
OTHERS = {
    "no ReLU between convolutions": [nn.Conv2d(2, 3, 3), nn.Conv2d(3, 2, 2, bias=False), nn.ReLU()],
    "pool before ReLU": [nn.Conv2d(2, 3, 3), nn.AvgPool2d(2), nn.ReLU(), nn.ReLU()],
    "pool first": [nn.AvgPool2d((2, 3)), nn.Conv2d(2, 3, 2), nn.ReLU()],
    "ReLU first": [nn.ReLU(), nn.Conv2d(2, 3, 3), nn.ReLU()],
    "groups, strides, same": [
        nn.Conv2d(2, 4, 3, groups=2, stride=2), nn.ReLU(), nn.Conv2d(4, 4, 3, padding="same", dilation=2),
        nn.Dropout2d(), nn.ReLU(),
    ],
    "to one pixel": [nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d((2, 1))],
}  # fmt: skip


# Kernels composed with kernels, or with sixths: what pytest would make an error if it came unasked.
ROUNDED = ("no ReLU between convolutions", "pool first", "to one pixel")


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("flat", [False, True], ids=["images out", "linear layer"])
def test_other_orders(kind, flat):
    torch.manual_seed(2)
    double = nn.Sequential(*OTHERS[kind]).double()
    module = nn.Sequential(*OTHERS[kind])
    if flat:
        with torch.no_grad():
            size = double(torch.zeros(1, *SHAPE, dtype=torch.float64)).numel()
        module = nn.Sequential(*OTHERS[kind], nn.Flatten(), nn.Linear(size, 2).double())
    with pytest.warns(ReadWarning) if kind in ROUNDED else nullcontext():
        network = load(module, input_shape=SHAPE)
    assert agrees(network, module)


@pytest.mark.parametrize("first", [True, False])
def test_batch_normalisation_is_folded(first):
    torch.manual_seed(0)
    images = (
        [nn.BatchNorm2d(2), nn.Conv2d(2, 3, 3)]
        if first
        else [nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3)]
    )
    module = nn.Sequential(
        *images, nn.ReLU(), nn.Flatten(), nn.Linear(72, 4), nn.BatchNorm1d(4, affine=False), nn.ReLU(),
        nn.Linear(4, 2),
    )  # fmt: skip
    module.train()(torch.randn(30, *SHAPE) * 3 + 1)  # gives statistics that are not 0 and 1
    with pytest.warns(ReadWarning, match="BatchNorm2d"):
        network = load(module, input_shape=SHAPE)
    assert network.widths == (72, 4)
    assert len(network.steps) == (3 if first else 2)
    assert agrees(network, module)


@pytest.mark.parametrize("suffix", ["module", "onnx"])
def test_round_trips(tmp_path, suffix):
    network = load(lenet_like(), input_shape=SHAPE)
    if suffix == "module":
        again = load(to_torch(network), input_shape=SHAPE)
        assert agrees(network, to_torch(network))
    else:
        save(network, tmp_path / "net.onnx")
        again = load(tmp_path / "net.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
        x = points().astype("f4")
        (found,) = session.run(None, {"input": x.reshape(-1, *SHAPE)})
        assert np.allclose(found, network.forward(x), rtol=0, atol=FLOAT32_ROUNDING)
    assert again == network
    assert [type(s) for s in again.steps] == [type(s) for s in network.steps]
    assert again.head == network.head


def test_plain_formats_hold_the_lowered_network(tmp_path):
    network = load(lenet_like(), input_shape=SHAPE)
    save(network, tmp_path / "net.npz")
    assert load(tmp_path / "net.npz") == network


def test_state_dicts_do_not_say_enough(tmp_path):
    network = load(lenet_like(), input_shape=SHAPE)
    for name in ("net.pt", "net.safetensors"):
        with pytest.raises(InputError, match="strides"):
            save(network, tmp_path / name)
        assert not (tmp_path / name).exists()
    torch.save(lenet_like().state_dict(), tmp_path / "net.pt")
    with pytest.raises(ReadError, match="ONNX"):
        load(tmp_path / "net.pt")


@pytest.mark.filterwarnings("ignore:You are using the legacy:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
@pytest.mark.parametrize("batch", [1, 5, None], ids=["one", "five", "any"])
def test_what_torch_exports(tmp_path, batch):
    module, sample = lenet_like(), torch.zeros(batch or 1, *SHAPE)
    axes = None if batch else {"x": {0: "batch"}}
    buffer = io.BytesIO()
    torch.onnx.export(module, sample, buffer, dynamo=False, input_names=["x"], dynamic_axes=axes)
    (tmp_path / "net.onnx").write_bytes(buffer.getvalue())
    assert load(tmp_path / "net.onnx") == from_torch(module, input_shape=SHAPE)


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ([nn.Conv2d(3, 2, 3)], "takes images of 3 channels"),
        ([nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect")], "only zeros"),
        ([nn.Conv2d(2, 2, 2, padding="same")], "opposite sides"),
        ([nn.Conv2d(2, 2, 9)], "larger than its image"),
        ([nn.AvgPool2d(3, padding=1, count_include_pad=False)], "plain averages"),
        ([nn.AvgPool2d(3, ceil_mode=True)], "plain averages"),
        ([nn.AdaptiveAvgPool2d(5)], "windows differ"),
        ([nn.BatchNorm2d(2, track_running_stats=False)], "whole batch"),
        ([nn.MaxPool2d(2)], "no affine map"),
        ([nn.Conv2d(2, 2, 3), nn.Flatten(), nn.Linear(7, 2)], "takes 7"),
        ([nn.Flatten(), nn.Linear(96, 8), nn.Conv2d(2, 2, 1)], "at the beginning"),
    ],
)
def test_what_cannot_be_lowered_is_refused(modules, message):
    with pytest.raises(InputError, match=message):
        load(nn.Sequential(*modules), input_shape=SHAPE)


def test_the_shape_is_asked_for():
    with pytest.raises(ReadError, match=r"input_shape=\(channels, height, width\)"):
        load(lenet_like())


def test_by_hand():
    kernel = np.array([[[[1.0, -1.0]]], [[[-1.0, 1.0]]]])
    steps = Convolution(kernel), Relu(), Pooling((1, 2), (1, 2))
    network = ConvolutionalNetwork.of((1, 1, 3), steps, Network.of(([[1.0, 1.0]], None)))
    # |x0 - x1| and |x1 - x2|, halved and added up
    assert network.forward([3.0, 1.0, 2.0]).tolist() == [1.5]
    assert network.layers[1].weight.tolist() == [[0.5, 0.5, 0.5, 0.5]]
    assert [w.size for w in network.stored_weights] == [4, 2]
    with pytest.raises(InputError, match="2 numbers"):
        ConvolutionalNetwork.of((1, 1, 3), steps, Network.of(([[1.0]], None)))
