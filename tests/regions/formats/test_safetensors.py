import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from regions.errors import ReadError
from regions.formats.safetensors import from_safetensors, to_safetensors
from regions.formats.torch import from_torch
from regions.network import Network


def test_reads_what_torch_wrote(tmp_path):
    torch.manual_seed(0)
    layers = [layer for _ in range(6) for layer in (nn.Linear(2, 2), nn.ReLU())]
    module = nn.Sequential(*layers, nn.Linear(2, 1, bias=False))  # names 10 and 12 sort before 2
    save_file(module.state_dict(), tmp_path / "net.safetensors")
    assert from_safetensors(tmp_path / "net.safetensors", activation="relu") == from_torch(module)


def test_what_was_written_here_names_its_activation(tmp_path):
    network = Network.of(([[0.1, 0.2]] * 3, [0.3] * 3), ([[1 / 3] * 3], None))
    to_safetensors(network, tmp_path / "net.safetensors")
    assert from_safetensors(tmp_path / "net.safetensors") == network  # warnings are errors here


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64, torch.int8])
def test_every_type_of_number(tmp_path, dtype):
    arrays = {"0.weight": torch.tensor([[1.5, -2.0], [3.0, 0.0]]).to(dtype)}
    save_file(arrays, tmp_path / "net.safetensors")
    (layer,) = from_safetensors(tmp_path / "net.safetensors").layers
    assert layer.weight.tolist() == arrays["0.weight"].double().tolist()


def test_other_types_of_number_are_named(tmp_path):
    save_file({"0.weight": torch.ones(2, 2).to(torch.float8_e4m3fn)}, tmp_path / "net.safetensors")
    with pytest.raises(ReadError, match="type F8_E4M3"):
        from_safetensors(tmp_path / "net.safetensors")


def test_torch_reads_what_was_written(tmp_path):
    network = Network.of(([[0.1, 0.2]] * 3, [0.3] * 3), ([[1 / 3] * 3], None))
    to_safetensors(network, tmp_path / "net.safetensors")
    module = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)).double()
    module.load_state_dict(load_file(tmp_path / "net.safetensors"))
    assert from_torch(module) == network


@pytest.mark.parametrize("content", [b"", b"just text, no header\n", b"PK\x03\x04"])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "net.safetensors").write_bytes(content)
    with pytest.raises(ReadError, match="not a readable safetensors"):
        from_safetensors(tmp_path / "net.safetensors")
