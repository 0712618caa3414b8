import numpy as np
import pytest

from regions.errors import ReadError
from regions.formats.npz import from_npz, to_npz
from regions.network import Network
from regions.network.chain import ReadWarning

ARRAYS = {"W1": [[1.0], [-1.0]], "b1": [0.0, 1.0], "W2": [[1.0, 1.0]], "b2": [0.5]}
NETWORK = Network.of((ARRAYS["W1"], ARRAYS["b1"]), (ARRAYS["W2"], ARRAYS["b2"]))


@pytest.fixture
def write(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "net.npz", **arrays)
        return tmp_path / "net.npz"

    return write


def test_arrays_by_name(write):
    assert from_npz(write(**ARRAYS)) == NETWORK


def test_missing_bias_is_zeros(write):
    path = write(W1=ARRAYS["W1"], W2=ARRAYS["W2"])
    assert from_npz(path) == Network.of((ARRAYS["W1"], None), (ARRAYS["W2"], None))


def test_layers_are_ordered_by_number(write):
    # W10 sorts before W2 as text
    path = write(**{f"W{k}": [[float(k)]] for k in range(1, 12)})
    assert [layer.weight.item() for layer in from_npz(path).layers] == list(range(1, 12))


def test_own_name_is_kept(tmp_path):
    to_npz(NETWORK, tmp_path / "other.name")
    assert from_npz(tmp_path / "other.name") == NETWORK


def test_digest_is_checked(write):
    assert from_npz(write(**ARRAYS, digest=NETWORK.digest)) == NETWORK
    with pytest.raises(ReadError, match="digest"):
        from_npz(write(**ARRAYS | {"b2": [0.25]}, digest=NETWORK.digest))


@pytest.mark.parametrize("name", ["W4", "W02", "b9", "B1"])
def test_other_names_are_refused(write, name):
    with pytest.raises(ReadError, match=f"{name}.*without a gap"):
        from_npz(write(**ARRAYS, **{name: [[1.0]]}))


def test_what_people_keep_beside_the_weights_is_named(write):
    path = write(**ARRAYS, seed=7, accuracy=0.98, history=np.array([{}], dtype=object))
    with pytest.warns(ReadWarning, match="W1, W2 and their biases, not seed, accuracy, history"):
        assert from_npz(path) == NETWORK


def test_no_arrays(write):
    with pytest.raises(ReadError, match="no array at all"):
        from_npz(write())


def test_pickles_are_refused(write):
    path = write(W1=np.array([{"weight": 1}], dtype=object))
    with pytest.raises(ReadError, match="allow_pickle"):
        from_npz(path)


def test_npy_is_not_npz(tmp_path):
    with open(tmp_path / "net.npz", "wb") as file:
        np.save(file, np.eye(2))
    with pytest.raises(ReadError, match="not a readable npz"):
        from_npz(tmp_path / "net.npz")


def test_the_layout_of_affinitree(write):
    first, last = ARRAYS["W1"], ARRAYS["W2"]
    arrays = {"000.linear.weights": first, "000.linear.bias": ARRAYS["b1"], "001.relu": np.zeros(0)}
    path = write(**arrays, **{"002.linear.weights": last, "002.linear.bias": ARRAYS["b2"]})
    assert from_npz(path) == NETWORK
    with pytest.raises(ReadError, match=r"003\.argmax"):
        from_npz(write(**arrays, **{"003.argmax": np.zeros(0)}))
