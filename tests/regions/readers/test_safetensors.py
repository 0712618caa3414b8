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
    assert from_safetensors(tmp_path / "net.safetensors") == from_torch(module)


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
