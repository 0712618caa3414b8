"""What a user types: `load` and `save` by path, for good files and bad ones."""

import os
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from regions.errors import InputError, ReadError
from regions.formats.load import READERS, WRITERS, load, save
from regions.network import Network

NETWORK = Network.of(([[0.1, -0.2], [1 / 3, 4.0], [5e-324, 1e300]], [0.3, 0.0, -1.0]), ([[1, 2, 3]], None))  # fmt: skip
# float32 forward passes of a network of 300 units whose outputs are below one, against float64 ones
FLOAT32_ROUNDING = 1e-5

finite = st.floats(allow_nan=False, allow_infinity=False)
short = st.floats(allow_nan=False, allow_infinity=False, width=32)


@st.composite
def networks(draw):
    elements = draw(st.sampled_from([finite, short]))
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    return Network(
        tuple(
            (
                draw(arrays(float, (m, n), elements=elements)),
                draw(arrays(float, m, elements=elements)),
            )
            for n, m in pairwise(sizes)
        )
    )


@pytest.mark.parametrize("suffix", WRITERS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(network=networks())
def test_round_trips_are_exact(tmp_path, suffix, network):
    path = tmp_path / f"net{suffix}"
    save(network, path)
    again = load(path)
    assert [a.tobytes() for layer in again.layers for a in layer] == [
        a.tobytes() for layer in network.layers for a in layer
    ]


@pytest.mark.parametrize("path", ["net.npz", "NET.NPZ", "a.b.npz"])
def test_names_of_files(tmp_path, path):
    save(NETWORK, str(tmp_path / path))
    assert os.listdir(tmp_path) == [path]
    assert load(tmp_path / path) == NETWORK


def test_a_network_is_itself():
    assert load(NETWORK) is NETWORK


def one_line(caught):
    """The message, which must be one line."""
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("suffix", READERS)
@pytest.mark.parametrize(
    "content", [b"", b"some text, not a network\n", b"PK\x03\x04 no zip", bytes(range(256))]
)
def test_other_content_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"net{suffix}"
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        load(path)
    assert one_line(caught).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("suffix", "written"),
    [(s, w) for s in READERS for w in WRITERS if READERS[s] is not READERS[w]],
)
def test_content_of_another_format_is_refused(tmp_path, suffix, written):
    save(NETWORK, tmp_path / f"net{written}")
    path = (tmp_path / f"net{written}").rename(tmp_path / f"other{suffix}")
    with pytest.raises(ReadError) as caught:
        load(path)
    one_line(caught)


@pytest.mark.parametrize(
    ("name", "message"),
    [("none.npz", "does not exist"), ("folder.npz", "is a folder"), ("net.doc", "only from .npz")],
)
def test_paths_that_hold_no_network(tmp_path, name, message):
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(ReadError, match=message) as caught:
        load(tmp_path / name)
    assert name in one_line(caught)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite(tmp_path, bad):
    np.savez(tmp_path / "net.npz", W1=[[1.0, bad]])
    with pytest.raises(ReadError, match=rf"net.npz: W1\[0, 1\] is {bad}"):
        load(tmp_path / "net.npz")


def test_shapes_that_do_not_chain(tmp_path):
    np.savez(tmp_path / "net.npz", W1=np.ones((2, 3)), W2=np.ones((1, 3)))
    with pytest.raises(ReadError, match="layer 1 has 2 outputs but W2"):
        load(tmp_path / "net.npz")


@pytest.mark.parametrize(
    ("suffix", "package", "extra"),
    [
        (".onnx", "onnx", "onnx"),
        (".pt", "torch", "torch"),
        (".safetensors", "safetensors", "safetensors"),
        (".keras", "h5py", "keras"),
    ],
)
def test_missing_packages_are_named(tmp_path, monkeypatch, suffix, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / f"net{suffix}").write_bytes(b"content")
    with pytest.raises(ReadError, match=rf"pip install relu-regions\[{extra}\]"):
        load(tmp_path / f"net{suffix}")


@pytest.mark.parametrize(
    ("path", "message"),
    [("net.keras", "only to .npz"), ("net", "only to"), ("no/net.npz", "folder")],
)
def test_paths_that_cannot_be_written(tmp_path, path, message):
    with pytest.raises(InputError, match=message) as caught:
        save(NETWORK, tmp_path / path)
    one_line(caught)


@pytest.mark.skipif(
    "RELU_REGIONS_ACASXU" not in os.environ,
    reason="RELU_REGIONS_ACASXU does not name a folder with ACAS Xu networks in ONNX",
)
def test_acas_xu_networks():
    """Read without a `ReadWarning` (warnings are errors here), and equal to onnxruntime."""
    onnxruntime = pytest.importorskip("onnxruntime")
    paths = sorted(Path(os.environ["RELU_REGIONS_ACASXU"]).glob("*.onnx"))
    assert paths
    for path in paths:
        network = load(path)
        assert network.architecture == "5-50-50-50-50-50-50-5"
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        for x in np.random.default_rng(0).uniform(-0.5, 0.5, (50, 5)).astype("f4"):
            (expected,) = session.run(None, {session.get_inputs()[0].name: x.reshape(1, 1, 1, 5)})
            assert np.allclose(network.forward(x), expected[0], rtol=0, atol=FLOAT32_ROUNDING)


def test_options_that_contradict_the_source(tmp_path):
    save(NETWORK, tmp_path / "net.npz")
    for source in (NETWORK, tmp_path / "net.npz", list(NETWORK.layers)):
        assert load(source, activation="relu", input_shape=(1, 1, 2)) == NETWORK
        for options in ({"activation": "tanh"}, {"output": "y"}, {"input_shape": (3,)}, {"input_shape": 2}):  # fmt: skip
            with pytest.raises(ReadError, match="leave it out"):
                load(source, **options)


@pytest.mark.parametrize(
    "arrays",
    [
        [(layer.weight, layer.bias) for layer in NETWORK.layers],
        [array for layer in NETWORK.layers for array in layer],
        [NETWORK.layers[0].weight.tolist(), NETWORK.layers[0].bias.tolist(), [[1, 2, 3]]],
        tuple(NETWORK.layers),
    ],
)
def test_lists_of_arrays(arrays):
    assert load(arrays) == NETWORK


@pytest.mark.parametrize("arrays", [[], [1, 2], [[1.0]], [None], [np.ones(3), np.ones((1, 3))], ["W", "b"], [np.ones((2, 2)), np.ones(2), np.ones(2)]])  # fmt: skip
def test_lists_that_hold_no_network(arrays):
    with pytest.raises(ReadError) as caught:
        load(arrays)
    assert "(out, in)" in one_line(caught)
