"""Convolutional networks are compressed to convolutional ones, equal in torch to the proved bound."""

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from regions import (
    Box,
    ConvolutionalNetwork,
    Network,
    WholeSpace,
    compress_network,
    load,
    save,
    stable_units,
    to_torch,
)
from regions.cli import main
from regions.compress import Fate, Size
from regions.network.chain import ReadWarning

# Unit: outputs of order one; forward passes in float64 add up in another order.
ROUNDING = 1e-12

# Unit: outputs up to 40. One pass in float32.
FLOAT32_ROUNDING = 1e-4

SHAPE, BOX = (2, 8, 8), Box.cube(128, 0, 1)
DEAD, UNREAD = [1, 4], [2]


def module(pool=2, groups=1, seed=0):
    """Two convolutions with two dead channels each, one that nothing reads, and a half dead head."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(), nn.AvgPool2d(pool, 2),
        nn.Conv2d(6, 6, 2, groups=groups), nn.ReLU(), nn.AvgPool2d(2, 1), nn.Flatten(),
        nn.Linear(24 if pool == 2 else 6, 10), nn.ReLU(), nn.Linear(10, 9), nn.ReLU(), nn.Linear(9, 3),
    )  # fmt: skip
    with torch.no_grad():
        for k in (0, 3):
            net[k].bias[DEAD] -= 9.0
        net[7].weight[:, UNREAD[0] * net[7].in_features // 6 :][:, : net[7].in_features // 6] = 0.0
        net[7].bias[:3] -= 9.0
        net[7].bias[3:6] += 9.0
        net[9].bias[:6] += 30.0
    return net


def outputs(net, x):
    with torch.no_grad():
        return net.double()(torch.from_numpy(x).reshape(-1, *SHAPE)).numpy()


def points():
    return np.random.default_rng(0).random((100, 128))


def check_equal_in_torch(result, net):
    x = points()
    difference = np.abs(outputs(to_torch(result.network), x) - outputs(net, x)).max()
    assert difference <= result.max_difference + ROUNDING


@pytest.mark.parametrize("rule", ["published", "two-sided"])
def test_channels_go_as_a_whole(rule):
    network = load(module(), input_shape=SHAPE)
    result = compress_network(network, BOX, rule=rule)
    last = 4 if rule == "published" else 3
    assert result.network.image_shapes == ((4, 8, 8), (last, 3, 3))
    assert result.network.head.widths[0] <= 7
    assert result.certified
    assert result.max_difference < ROUNDING
    check_equal_in_torch(result, module())
    fates = np.array([str(f) for f in result.fates[1]]).reshape(6, -1)
    assert (fates[DEAD] == str(Fate.INACTIVE)).all()
    assert (fates[UNREAD] == str(Fate.SILENT if rule == "two-sided" else Fate.KEPT)).all()


def test_only_dropping_channels_changes_no_number():
    net = module()
    with torch.no_grad():  # nothing in the head is stable
        net[7].bias[:6], net[9].bias[:6] = 0.0, 0.0
    result = compress_network(net_of := load(net, input_shape=SHAPE), BOX, rule="published")
    assert result.max_difference == 0.0
    kept = [0, 2, 3, 5]
    assert np.array_equal(result.network.steps[0].weight, net_of.steps[0].weight[kept])
    assert np.array_equal(result.network.steps[3].weight, net_of.steps[3].weight[kept][:, kept])
    assert to_torch(result.network)[0].weight.dtype == torch.float32


def test_patterns_are_lifted():
    network = load(module(), input_shape=SHAPE)
    result = compress_network(network, BOX)
    x = points()
    lifted, expected = result.lift(result.network.pattern(x)), network.pattern(x)
    sure = ~result.lift.undetermined
    assert np.array_equal(lifted[:, sure], expected[:, sure])
    assert sure.sum() > network.n_units - 60


def test_pools_that_are_not_exact_are_accounted_for():
    net = module(pool=3)
    with pytest.warns(ReadWarning, match="AvgPool2d"):
        network = load(net, input_shape=SHAPE)
    with torch.no_grad():
        net[5] = nn.AvgPool2d((1, 1))
    result = compress_network(network, BOX)
    assert result.network.image_shapes[0] == (4, 8, 8)
    x = points()
    difference = np.abs(result.network.forward(x) - network.forward(x)).max()
    assert difference <= result.max_difference + ROUNDING


def test_a_sixth_before_the_head_costs_rounding():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.ReLU(), nn.AvgPool2d((2, 3)), nn.Flatten(), nn.Linear(18, 5), nn.ReLU(),
        nn.Linear(5, 2),
    )  # fmt: skip
    with pytest.warns(ReadWarning, match="AvgPool2d"):
        network = load(net, input_shape=SHAPE)
    result = compress_network(network, BOX)
    assert 0 < result.max_difference < ROUNDING
    check_equal_in_torch(result, net)
    unbounded = compress_network(network, WholeSpace(128))  # rounding knows no bound there
    assert unbounded.network == network


def test_groups_keep_their_channels():
    result = compress_network(load(module(groups=2), input_shape=SHAPE), BOX)
    assert result.network.image_shapes == ((6, 8, 8), (6, 3, 3))
    check_equal_in_torch(result, module(groups=2))


@pytest.mark.parametrize("layer", [0, 3, 7])
def test_a_layer_that_is_off_makes_a_constant(layer):
    net = module()
    with torch.no_grad():
        net[layer].bias -= 30.0
    result = compress_network(load(net, input_shape=SHAPE), BOX)
    assert type(result.network) is Network
    assert result.network.architecture == "128-3"
    x = points()
    assert np.abs(result.network.forward(x) - outputs(net, x)).max() < ROUNDING


def test_no_rule_but_two_sided_drops_what_nothing_reads_and_it_is_never_larger():
    for seed in range(3):
        network = load(module(seed=seed), input_shape=SHAPE)
        two_sided, published = (
            compress_network(network, BOX, rule=rule).after for rule in ("two-sided", "published")
        )
        assert two_sided.within(published)
        assert published.within(Size.of(network))


def test_the_plain_network_loses_single_units():
    net = module()
    with torch.no_grad():  # in the corners of the image 8 pixels are not enough
        net[0].weight[0], net[0].bias[0] = 1.0, -8.5
    network = load(net, input_shape=SHAPE)
    found = stable_units(network, BOX)
    plain = compress_network(network.plain(), BOX, stability=found)
    assert type(plain.network) is Network
    gone = [f is not Fate.KEPT for f in plain.fates[0][:64]]
    assert np.flatnonzero(gone).tolist() == [0, 7, 56, 63]
    x = points()
    assert np.abs(plain.network.forward(x) - network.forward(x)).max() < ROUNDING


def test_from_onnx_to_onnx(tmp_path, capsys):
    network = load(module(), input_shape=SHAPE)
    whole, small = tmp_path / "whole.onnx", tmp_path / "small.onnx"
    save(network, whole)
    assert main(["compress", str(whole), "--box", "0", "1", "-o", str(small), "--json"]) == 0
    again = load(small)
    assert isinstance(again, ConvolutionalNetwork)
    assert again == compress_network(network, BOX).network
    x = points().astype("f4")
    session = onnxruntime.InferenceSession(small)  # convolutions in float32, then float64
    (found,) = session.run(None, {"input": x.reshape(-1, *SHAPE)})
    assert found.dtype == np.float64
    assert np.abs(found - outputs(module(), x.astype(float))).max() < FLOAT32_ROUNDING


def test_trained_with_l1_compressed_saved_and_reloaded_in_torch(tmp_path):
    from benchmarks.convolution import train
    from experiments.data import digits

    images = digits("sklearn")
    shape, box = (1, 8, 8), Box.cube(64, 0, 1)
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(32, 24), nn.ReLU(), nn.Linear(24, 10),
    )  # fmt: skip
    x, labels = (torch.from_numpy(a.copy()) for a in (images.train_images, images.train_labels))
    train(net, x.float().reshape(-1, *shape), labels.long(), l1=0.004, epochs=12, seed=0)
    network = load(net, input_shape=shape)
    result = compress_network(network, box)
    assert result.after.units < result.before.units
    assert len(result.network.image_shapes) == 2
    torch.save(to_torch(result.network), tmp_path / "small.pt")
    again = torch.load(tmp_path / "small.pt", weights_only=False)
    test = torch.from_numpy(images.test_images.copy()).double().reshape(-1, *shape)
    with torch.no_grad():
        expected, found = net.double()(test), again.double()(test)
    accuracy = (expected.argmax(1).numpy() == images.test_labels).mean()
    assert accuracy > 0.8
    assert (expected - found).abs().max() <= result.max_difference + ROUNDING
