import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regions.domain import Box
from regions.errors import InputError
from regions.network import Network

# Small integers: every sum and product below is exact, so results are compared with ==.
integers = st.integers(-3, 3).map(float)


@st.composite
def networks(draw):
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    return Network(
        tuple(
            (
                draw(arrays(float, (m, n), elements=integers)),
                draw(arrays(float, m, elements=integers)),
            )
            for n, m in pairwise(sizes)
        )
    )


@st.composite
def networks_with_points(draw):
    network = draw(networks())
    return network, draw(arrays(float, (5, network.n0), elements=integers))


# |x| = relu(x) + relu(-x)
ABSOLUTE = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], None))


def test_absolute_value():
    x = np.array([[-2.0], [0.0], [3.0]])
    assert ABSOLUTE.forward(x).tolist() == [[2.0], [0.0], [3.0]]
    assert ABSOLUTE.pattern(x).tolist() == [[False, True], [False, False], [True, False]]
    assert ABSOLUTE.affine_map([False, True])[0].tolist() == [[-1.0]]


def test_sizes():
    network = Network.of(
        (np.ones((4, 3)), None), (np.ones((5, 4)), np.ones(5)), (np.ones((2, 5)), None)
    )
    assert (network.n0, network.widths, network.n_out, network.n_units) == (3, (4, 5), 2, 9)
    assert network.architecture == "3-4-5-2"


def test_affine_network_has_the_empty_pattern():
    network = Network.of(([[2.0, 1.0]], [1.0]))
    assert network.pattern([[0.0, 0.0]] * 3).shape == (3, 0)
    assert network.affine_map([])[0].tolist() == [[2.0, 1.0]]


@given(networks_with_points())
def test_affine_map_of_the_pattern_is_the_network_there(case):
    network, points = case
    for x in points:
        A, c = network.affine_map(network.pattern(x))
        assert (A @ x + c).tolist() == network.forward(x).tolist()


@given(networks_with_points())
def test_pattern_is_the_sign_of_the_preactivations(case):
    network, points = case
    g = network.preactivations(points)
    assert [layer.shape for layer in g] == [(5, n) for n in network.widths]
    expected = np.concatenate([np.zeros((5, 0)), *g], axis=1) > 0
    assert np.array_equal(network.pattern(points), expected)


@given(networks_with_points())
def test_points_come_in_any_shape(case):
    network, points = case
    one_by_one = np.array([network.forward(x) for x in points])
    assert np.array_equal(network.forward(points), one_by_one)
    assert np.array_equal(network.forward(points[None])[0], one_by_one)


@given(networks_with_points())
def test_output_relu(case):
    network, points = case
    hidden = network.with_output_relu()
    assert hidden.widths == (*network.widths, network.n_out)
    assert np.array_equal(hidden.forward(points), np.maximum(network.forward(points), 0))


@given(networks())
def test_equal_networks_have_equal_digests(network):
    again = Network(network.layers)
    assert again == network
    assert hash(again) == hash(network)
    first = network.layers[0]
    changed = Network(((first.weight, first.bias + 1), *network.layers[1:]))
    assert changed != network


def test_digest_does_not_tell_zeros_apart():
    assert Network.of(([[-0.0]], [0.0])) == Network.of(([[0.0]], None))


def test_digest_tells_shapes_apart():
    assert Network.of((np.zeros((1, 3)), None)) != Network.of((np.zeros((3, 1)), None))


def test_digest_is_what_files_hold():
    # stored in npz files: a change makes all of them unreadable
    assert ABSOLUTE.digest == ("49212cde4671b2872afb9547d489527a0acdafb884d44a961c660b5862220bef")


def test_values_are_copied_and_frozen():
    weight = np.ones((1, 2))
    network = Network.of((weight, None))
    weight[0, 0] = 5.0
    assert network.layers[0].weight.tolist() == [[1.0, 1.0]]
    with pytest.raises(ValueError, match="read-only"):
        network.layers[0].weight[0, 0] = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.layers = ()


def test_not_equal_to_other_things():
    assert Network.of(([[1.0]], None)) != "network"


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "no layer"),
        ([([[1.0, 2.0]], None), ([[1.0, 2.0]], None)], "layer 1 has 1 outputs but W2"),
        ([([1.0, 2.0], None)], "W1 must be a matrix"),
        ([(np.zeros((0, 2)), None)], "W1 must be a matrix"),
        ([([[1.0]], [1.0, 2.0])], r"b1 must have shape \(1,\)"),
        ([([[np.nan]], None)], r"W1\[0, 0\] is nan"),
        ([([[1.0]], [-np.inf])], r"b1\[0\] is -inf"),
        ([([["one"]], None)], "real numbers"),
        ([([[1j]], None)], "real numbers"),
        ([([[1.0], [1.0, 2.0]], None)], "one length"),
    ],
)
def test_bad_layers(layers, message):
    with pytest.raises(InputError, match=message):
        Network(tuple(layers))


@pytest.mark.parametrize("x", [1.0, [1.0, 2.0], [[1.0, 2.0]], []])
def test_points_of_another_dimension(x):
    with pytest.raises(InputError, match="n0"):
        ABSOLUTE.forward(x)


def test_pattern_of_another_network():
    with pytest.raises(InputError, match="2 units"):
        ABSOLUTE.affine_map([True])


@pytest.mark.parametrize("array", [
    np.array([[2**53 + 1, 1]]), np.array([[-(2**60) - 1, 1]]), np.array([[2**64 - 1]], dtype=np.uint64),
    np.array([[np.longdouble(1) / 3]]),
])  # fmt: skip
def test_numbers_that_no_double_holds_are_refused(array):
    if array.dtype == float:
        pytest.skip("a long double is a double here")
    with pytest.raises(InputError, match="no double holds"):
        Network.of((array, None))
    with pytest.raises(InputError, match="no double holds"):
        Box(array[0], array[0])


def test_integers_and_long_doubles_that_are_doubles():
    array = np.array([[2**53, -(2**62), 2**60 + 2**10]])
    assert Network.of((array, None)).layers[0].weight.astype(object).tolist() == array.tolist()
    assert Network.of((np.array([[np.longdouble(0.1)]]), None)).layers[0].weight.item() == 0.1
