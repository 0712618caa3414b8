import numpy as np
import pytest

from regions.errors import ReadError
from regions.formats.state_dict import from_state_dict, to_state_dict
from regions.network import Network
from regions.network.chain import ReadWarning

W, V = np.array([[1.0], [2.0]]), np.array([[3.0, 4.0]])
b, c = np.array([5.0, 6.0]), np.array([7.0])


def test_names_in_their_order():
    arrays = {"in.weight": W, "in.bias": b, "head.weight": V, "head.bias": c}
    assert from_state_dict(arrays, "relu") == Network.of((W, b), (V, c))


def test_missing_bias_is_zeros():
    assert from_state_dict({"0.weight": W, "2.weight": V}, "relu") == Network.of(
        (W, None), (V, None)
    )


def test_one_linear_layer_has_no_prefix():
    assert from_state_dict({"weight": V, "bias": c}) == Network.of((V, c))


def test_unordered_names_are_ordered_by_number():
    count = 12
    arrays = {f"net.{2 * k}.weight": np.array([[float(k)]]) for k in range(count)}
    shuffled = dict(sorted(arrays.items()))
    assert list(shuffled) != list(arrays)
    network = from_state_dict(shuffled, "relu")
    assert [layer.weight.item() for layer in network.layers] == list(range(count))


def test_nested_sequentials_are_ordered_by_number():
    arrays = {"1.weight": V, "0.10.weight": np.eye(2), "0.2.weight": W}
    assert from_state_dict(arrays, "relu").architecture == "1-2-2-1"


def test_order_that_names_do_not_tell():
    square = {
        "hidden.weight": np.eye(2),
        "in.weight": W,
        "middle.weight": np.eye(2),
        "out.weight": V,
    }
    with pytest.raises(ReadError, match=r"order of the layers hidden, in, middle.*several"):
        from_state_dict(square, "relu")
    with pytest.raises(ReadError, match="order of the layers b, a"):  # 1-2-1 or 2-1-2
        from_state_dict({"b.weight": W, "a.weight": V}, "relu")
    with pytest.raises(ReadError, match="or none"):
        from_state_dict({"hidden.weight": W, "out.weight": W}, "relu")


def test_shapes_tell_the_order_that_names_do_not():
    for arrays in ({"out.weight": V, "hidden.weight": W}, {"hidden.weight": W, "out.weight": V}):
        assert from_state_dict(arrays, "relu") == Network.of((W, None), (V, None))


@pytest.mark.parametrize("seed", range(3))
def test_one_set_of_tensors_has_one_answer(seed):
    """The order of keys is that of chance after safetensors, and sorted by many a tool."""
    rng = np.random.default_rng(seed)
    arrays = {f"layers.{k}.weight": rng.normal(size=(2, 2)) for k in range(0, 24, 2)}
    arrays["head.weight"] = rng.normal(size=(1, 2))
    network = from_state_dict(arrays, "relu")
    for keys in (sorted(arrays), rng.permutation(list(arrays))):
        assert from_state_dict({key: arrays[key] for key in keys}, "relu") == network


def test_the_activation_is_assumed_with_a_warning():
    arrays = {"0.weight": W, "2.weight": V}
    with pytest.warns(ReadWarning, match="ReLU is assumed after 0"):
        assert from_state_dict(arrays) == from_state_dict(arrays, "relu")
    from_state_dict({"0.weight": W})  # one layer has no activation to assume
    with pytest.raises(ReadError, match="'tanh'"):
        from_state_dict(arrays, "tanh")


@pytest.mark.parametrize(
    ("key", "array"),
    [
        ("1.running_mean", np.zeros(2)),
        ("1.weight_orig", np.zeros((2, 2))),
        ("1.weight", np.zeros((4, 1, 3, 3))),
        ("1.weight", np.zeros(2)),
        ("1.bias", np.zeros(2)),
        ("epoch", np.array(3)),
    ],
)
def test_other_layers_are_refused_by_key(key, array):
    with pytest.raises(ReadError, match=f"'{key}'"):
        from_state_dict({"0.weight": W, key: array, "2.weight": V})


def test_nothing_in_it():
    with pytest.raises(ReadError, match="no key"):
        from_state_dict({})


def test_neighbours_have_no_relu_between_them():
    with pytest.raises(ReadError, match="layers 0 and 1"):
        from_state_dict({"0.weight": W, "1.weight": V})


def test_written_names_are_those_of_a_sequential():
    arrays = to_state_dict(Network.of((W, b), (V, c)), np.float32)
    assert list(arrays) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}
    assert from_state_dict(arrays, "relu") == Network.of((W, b), (V, c))
