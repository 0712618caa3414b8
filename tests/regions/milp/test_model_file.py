"""``regions export``: what it prints, what it writes, and what it refuses before any work."""

import json

import highspy

from regions import Network, save
from regions.cli import main

NET = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, -1.0]), ([[1.0] * 3], None))


def test_a_model_for_any_solver(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(NET, "net.npz")
    assert main(["export", "net.npz", "--box", "0", "1", "-o", "m.mps", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    # of the three units one is on and one is off
    assert (said["binaries"], said["binaries_saved"]) == (1, 2)
    model = highspy.Highs()
    model.silent()
    assert model.readModel("m.mps") == highspy.HighsStatus.kOk
    assert (model.getNumRow(), model.getNumCol()) == (said["rows"], said["columns"])


def test_a_suffix_of_no_model_is_refused(tmp_path, capsys):
    net = tmp_path / "net.npz"
    save(NET, net)
    assert main(["export", str(net), "--box", "0", "1", "-o", str(tmp_path / "m.txt")]) == 2
    assert "no suffix of a model" in capsys.readouterr().err
