"""Files as MATLAB writes them, made with SciPy."""

import numpy as np
import pytest
from scipy.io import savemat

from regions import load
from regions.errors import ReadError
from regions.formats.mat import from_mat
from regions.network import Network
from regions.network.chain import ReadWarning

RNG = np.random.default_rng(4)
W, V = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))
b, c = RNG.normal(size=4), RNG.normal(size=2)
NETWORK = Network.of((W, b), (V, c))


def cell(*entries):
    """A MATLAB cell of one row."""
    array = np.empty((1, len(entries)), dtype=object)
    array[0, :] = [None] * len(entries)
    for k, entry in enumerate(entries):
        array[0, k] = entry
    return array


@pytest.fixture
def write(tmp_path):
    def write(compressed=True, **arrays):
        savemat(tmp_path / "net.mat", arrays, do_compression=compressed)
        return tmp_path / "net.mat"

    return write


NNV = {"W": cell(W, V), "b": cell(b[:, None], c[:, None])}


@pytest.mark.parametrize("functions", [cell("relu", "linear"), np.array(["relu", "linear"]), cell("poslin", "purelin")])  # fmt: skip
@pytest.mark.parametrize("compressed", [True, False])
def test_cells_of_nnv(write, functions, compressed):
    path = write(compressed, **NNV, act_fcns=functions)
    assert from_mat(path) == load(path) == NETWORK


def test_cells_in_a_structure(write):
    assert from_mat(write(nn={**NNV, "act_fcns": cell("relu", "linear")})) == NETWORK


def test_a_final_relu(write):
    assert from_mat(write(**NNV, act_fcns=cell("relu", "relu"))) == NETWORK.with_output_relu()


@pytest.mark.parametrize("last", ["logits", "fc2"])
def test_arrays_of_mipverify(write, last):
    arrays = {
        f"{last}/weight": V.T,
        f"{last}/bias": c[None],
        "fc1/weight": W.T,
        "fc1/bias": b[None],
    }
    path = write(**arrays)
    with pytest.warns(ReadWarning, match="ReLU is assumed"):
        assert from_mat(path) == NETWORK
    assert load(path, activation="relu") == NETWORK
    with pytest.raises(ReadError, match="'tanh'"):
        load(path, activation="tanh")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({**NNV, "act_fcns": cell("tansig", "linear")}, "'tansig'"),
        (NNV, "act_fcns is not"),
        ({**NNV, "act_fcns": cell("relu")}, "2, 2 and 1 entries"),
        ({"accuracy": 0.5}, "no layout that is known"),
        ({"conv1/weight": np.ones((2, 2, 1, 3))}, "no matrix"),
        ({"fc1/weight": W, "fc1/bias": b[None]}, r"needs 3"),
    ],
)
def test_other_layouts_are_refused(write, arrays, message):
    with pytest.raises(ReadError, match=message) as caught:
        from_mat(write(**arrays))
    assert "\n" not in str(caught.value)


def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_refused(write):
    path = write(**{"fc1/weight": np.zeros((5000, 2000))})
    assert path.stat().st_size < 10**6
    with pytest.raises(ReadError, match="fill the memory"):
        from_mat(path)
