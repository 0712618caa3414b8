"""Every kind of bad input, from outside: one line and exit code 2 on the command line, `InputError` in Python."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from regions import Box, count_regions, load, save
from regions.cli import main
from regions.errors import InputError
from tests.ladder import FIGURE_2


def npz(**arrays):
    return lambda path: np.savez(path, **arrays)


def sigmoid(path):
    nodes = [
        helper.make_node("MatMul", ["x", "W"], ["g"]),
        helper.make_node("Sigmoid", ["g"], ["h"], "squash"),
        helper.make_node("MatMul", ["h", "W"], ["y"]),  # at the end it would be left out
    ]
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2]) for name in "xy")
    weight = numpy_helper.from_array(np.eye(2, dtype=np.float32), "W")
    onnx.save(helper.make_model(helper.make_graph(nodes, "graph", [x], [y], [weight])), path)


NETWORKS = {
    "nan.npz": (npz(W1=[[np.nan]], b1=[0.0]), "nan"),
    "infinite.npz": (npz(W1=[[1.0]], b1=[np.inf]), "inf"),
    "unchained.npz": (npz(W1=np.ones((2, 1)), b1=[0, 0], W2=np.ones((1, 3)), b2=[0]), "2 outputs"),
    "text.npz": (lambda path: path.write_text("hello\n"), "npz"),
    "empty.npz": (lambda path: path.touch(), "empty"),
    "missing.npz": (lambda path: None, "does not exist"),
    "sigmoid.onnx": (sigmoid, "'squash' (Sigmoid)"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, tmp_path, capsys):
    make, words = NETWORKS[name]
    make(tmp_path / name)
    refused(capsys, words, tmp_path / name, "--box", "0", "1")
    with pytest.raises(InputError, match=name):
        load(tmp_path / name)


def test_boxes(tmp_path, capsys):
    net, box = tmp_path / "net.npz", tmp_path / "box.npz"
    save(FIGURE_2, net)
    np.savez(box, lower=[0.0, 0.0], upper=[1.0, 1.0])
    refused(capsys, "lower[0] = 1.0 > upper[0] = 0.0", net, "--box", "1", "0")
    refused(capsys, "dimension 1", net, "--box", box)
    with pytest.raises(InputError, match="swap"):
        Box.cube(1, 1, 0)
    with pytest.raises(InputError, match="dimension 1"):
        count_regions(FIGURE_2, Box.cube(2, 0, 1))


def refused(capsys, words, *arguments):
    assert main(["count", *map(str, arguments)]) == InputError.exit_code == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("regions: ")
    assert words in err
