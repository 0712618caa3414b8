from fractions import Fraction

import numpy as np
import pytest

from regions.errors import InputError, ReadError
from regions.network import Network
from regions.network.chain import Chain, ReadWarning

W, b = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, 0.0, -1.0]
V, c = [[1.0, -1.0, 2.0]], [0.5]


def chain_of(*steps):
    chain = Chain()
    for k, step in enumerate(steps):
        chain.relu() if step == "relu" else chain.affine(f"map {k}", *step)
    return chain.network()


def test_plain_network():
    assert chain_of((W, b), "relu", (V, c)) == Network.of((W, b), (V, c))


def test_two_relus_are_one():
    assert chain_of((W, b), "relu", "relu", (V, c)) == Network.of((W, b), (V, c))


def test_final_relu_gets_an_identity_output():
    assert chain_of((W, b), "relu") == Network.of((W, b), (np.eye(3), None))


def test_first_relu_gets_an_identity_layer():
    assert chain_of("relu", (W, b)) == Network.of((np.eye(2), None), (W, b))


def test_shift_alone_is_a_layer():
    assert chain_of((None, [1.0, 2.0]), "relu", ([[1.0, 1.0]],)) == Network.of(
        (np.eye(2), [1.0, 2.0]), ([[1.0, 1.0]], None)
    )


def test_exact_folding_is_silent():
    folded = Network.of((np.array(V) @ W, np.array(V) @ b + c))
    assert chain_of((W, b), (V, c)) == folded


def test_rounded_folding_names_the_layers():
    with pytest.warns(ReadWarning, match=r"map 0 \+ map 1.*folded one"):
        network = chain_of(([[0.1]],), ([[0.1]],))
    assert network.layers[0].weight.item() == float(Fraction(0.1) ** 2)


def test_layers_must_chain():
    with pytest.raises(ReadError, match="map 1 takes 3 values but map 0 before it gives 1"):
        chain_of((V, c), (V, c))


def test_convolution_weights_are_refused():
    with pytest.raises(ReadError, match="only matrices"):
        chain_of((np.zeros((2, 1, 3, 3)),))


def test_bias_must_fit():
    with pytest.raises(ReadError, match="one entry per output"):
        chain_of((W, [1.0]))


def test_weights_must_be_finite():
    with pytest.raises(InputError, match=r"map 0\[0, 0\] is nan"):
        chain_of(([[np.nan]],))


def test_no_layer_is_no_network():
    with pytest.raises(ReadError, match="no layer"):
        chain_of("relu")
