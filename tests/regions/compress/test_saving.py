"""Compressed networks go back to the format they came from, and compute the same there."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from regions import Box, Network, compress_network, load, save
from regions.cli import main
from regions.compress import Fate
from regions.formats.torch import to_torch

# Unit: outputs of order one, in float64. Both sides differ by the order of their sums.
ROUNDING = 1e-12

SUFFIXES = ("npz", "onnx", "pt", "safetensors", "nnet")


def trained(seed=0):
    """A torch network with float32 weights, most of whose units are stable on the unit cube."""
    torch.manual_seed(seed)
    module = nn.Sequential(
        nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 15), nn.ReLU(), nn.Linear(15, 3)
    )
    with torch.no_grad():
        module[0].bias[:12] += 3.0
        module[0].bias[12:16] -= 3.0
        module[2].bias[:8] += 30.0
    return module


def points(count=200):
    return np.random.default_rng(3).random((count, 6))


def torch_outputs(module, x):
    with torch.no_grad():
        return module.double()(torch.from_numpy(x)).numpy()


def test_torch_in_torch_out():
    module, x = trained(), points()
    result = compress_network(module, Box.cube(6, 0, 1))
    assert result.after.units < result.before.units / 2
    assert 0 < result.max_difference < ROUNDING
    smaller = to_torch(result.network)
    assert [type(m).__name__ for m in smaller] == ["Linear", "ReLU"] * (
        len(result.network.hidden)
    ) + ["Linear"]
    assert smaller[0].weight.dtype == torch.float64
    expected = torch_outputs(module, x)
    assert np.allclose(torch_outputs(smaller, x), expected, rtol=0, atol=ROUNDING)


def test_weights_that_were_only_selected_stay_float32():
    module = trained()
    with torch.no_grad():
        module[0].bias[:12] -= 3.0
        module[2].bias[:8] -= 30.0
    result = compress_network(module, Box.cube(6, 0, 1), rule="published")
    assert Fate.INACTIVE in result.fates[0]
    assert result.max_difference == 0.0
    smaller = to_torch(result.network)
    assert smaller[0].weight.dtype == torch.float32
    assert load(smaller) == result.network
    x = points()
    expected = torch_outputs(module, x)
    assert np.allclose(torch_outputs(smaller, x), expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_saved_and_loaded(tmp_path, suffix):
    result = compress_network(trained(), Box.cube(6, 0, 1))
    path = tmp_path / f"small.{suffix}"
    save(result.network, path)
    assert load(path) == result.network


def test_onnxruntime_agrees(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    module, x = trained(), points()
    box, paths = Box.cube(6, 0, 1), [tmp_path / "whole.onnx", tmp_path / "small.onnx"]
    network = load(module)
    save(network, paths[0])
    code = main(["compress", str(paths[0]), "--box", "0", "1", "-o", str(paths[1]), "--json"])
    assert code == 0
    assert load(paths[1]) == compress_network(network, box).network
    expected = torch_outputs(module, x)
    session = onnxruntime.InferenceSession(paths[1])
    (given,) = session.get_inputs()
    assert given.type == "tensor(double)"
    (found,) = session.run(None, {given.name: x})
    assert np.allclose(found, expected, rtol=0, atol=ROUNDING)


@pytest.mark.filterwarnings("default:a state dict names no activation")
def test_the_state_dict_loads_into_a_plain_sequential(tmp_path, capsys):
    source, target = tmp_path / "whole.pt", tmp_path / "small.pt"
    module = trained()
    torch.save(module.state_dict(), source)
    assert main(["compress", str(source), "--box", "0", "1", "-o", str(target), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["widths_after"]
    plain = nn.Sequential(
        nn.Linear(6, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, 3)
    ).double()
    plain.load_state_dict(torch.load(target, weights_only=True))
    x = points()
    expected = torch_outputs(module, x)
    assert np.allclose(torch_outputs(plain, x), expected, rtol=0, atol=ROUNDING)


def test_a_constant_network_is_saved_too(tmp_path):
    network = Network.of(([[1.0, 1.0]], [-5.0]), ([[1.0], [2.0]], [3.0, 4.0]))
    smaller = compress_network(network, Box.cube(2, 0, 1)).network
    for suffix in SUFFIXES:
        save(smaller, tmp_path / f"constant.{suffix}")
        assert load(tmp_path / f"constant.{suffix}").forward([0.5, 0.5]).tolist() == [3.0, 4.0]
    assert to_torch(smaller)(torch.zeros(2)).tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("small.doc", "'.doc'"),
        ("nowhere/small.npz", "does not exist"),
        (".npz", "''"),
        ("x.onnx", "a folder"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_before_any_work(
    tmp_path, capsys, monkeypatch, path, message
):
    (tmp_path / "x.onnx").mkdir()
    work = []
    monkeypatch.setattr("regions.cli.compress.compress_network", lambda *_, **__: work.append(1))
    save(load(trained()), tmp_path / "whole.npz")
    words = ["compress", str(tmp_path / "whole.npz"), "--box", "0", "1", "-o", str(tmp_path / path)]
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert not work
