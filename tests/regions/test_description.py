"""`describe` and ``regions show``: numbers that are known by construction."""

import json

import pytest

from regions import Box, Network, WholeSpace, describe, save
from regions.cli import main
from regions.errors import UnsupportedError

# unit 1 is twice unit 0, unit 2 sees nothing, unit 3 is heard by nobody, unit 4 is always off on [0, 1]
NET = Network.of(
    ([[1.0], [2.0], [0.0], [5.0], [-1.0]], [-0.5, -1.0, 1.0, 0.0, 0.0]),
    ([[1.0, 1.0, 1.0, 0.0, 1.0], [-1.0, 0.0, 0.0, 0.0, 0.5]], [0.0, 0.0]),
    ([[1.0, 1.0]], None),
)


def test_the_table_of_a_network():
    first, second, output = describe(NET).layers
    assert first == {
        "layer": 1,
        "units": 5,
        "dead": 2,
        "duplicated": 1,
        "zero_weights": 1,
        "parameters": 10,
        "bound": 4,  # units 0 and 1 share a hyperplane, and so do 3 and 4
    }
    assert second["bound"] == 4 * 3  # one of 3 and 4 is active everywhere
    assert "bound" not in output
    assert (output["parameters"], output["dead"]) == (3, 0)


def test_on_a_domain_it_says_which_units_switch():
    found = describe(NET, (0, 1))
    first, second, _ = found.layers
    assert (first["on"], first["off"], first["undecided"]) == (2, 1, 2)
    assert (second["on"], second["off"], second["undecided"]) == (1, 1, 0)
    assert found.certified
    assert found.about.domain == Box.cube(1, 0, 1)


def test_every_form_holds_the_same_numbers():
    found = describe(NET, (0, 1))
    record = json.loads(json.dumps(found.record()))
    assert record["layers"] == list(found.layers)
    frame = found.to_frame()
    assert frame["units"].tolist() == [5, 2, 1]
    lines = found.summary().splitlines()
    assert lines[2].split()[:4] == ["1", "5", "2", "1"]
    assert found._repr_html_().count("<tr>") == 4


def test_the_verb(tmp_path, capsys):
    save(NET, tmp_path / "net.npz")
    assert main(["show", str(tmp_path / "net.npz"), "--box", "0", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["off"] == 1
    assert main(["show", str(tmp_path / "net.npz")]) == 0
    assert "switch?" not in capsys.readouterr().out


def test_units_on_an_unbounded_domain_are_refused():
    with pytest.raises(UnsupportedError, match="give a Box"):
        describe(NET, WholeSpace(1))
