"""Files in the layout of Keras 3 (compared by hand with Keras 3.15), built here without Keras."""

import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from regions.errors import ReadError
from regions.formats.keras import from_keras
from regions.network import Network

RNG = np.random.default_rng(1)
W, V = RNG.normal(size=(3, 4)).astype("f4"), RNG.normal(size=(2, 3)).astype("f4")
b, c = RNG.normal(size=3).astype("f4"), RNG.normal(size=2).astype("f4")


def dense(use_bias=True, activation="linear"):
    return "Dense", {"use_bias": use_bias, "activation": activation, "name": "any"}


@pytest.fixture
def write(tmp_path):
    """Write a model of ``(class name, config)`` layers; ``groups`` maps HDF5 groups to arrays."""

    def write(*layers, class_name="Sequential", **groups):
        config = {"layers": [{"class_name": k, "config": c} for k, c in layers]}
        weights = io.BytesIO()
        with h5py.File(weights, "w") as file:
            file.create_group("layers")
            for group, arrays in groups.items():
                for k, array in enumerate(arrays):
                    file[f"layers/{group}/vars/{k}"] = array
        with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
            archive.writestr(
                "config.json", json.dumps({"class_name": class_name, "config": config})
            )
            archive.writestr("model.weights.h5", weights.getvalue())
        return tmp_path / "net.keras"

    return write


def test_dense_layers(write):
    path = write(
        ("InputLayer", {}), ("Flatten", {"data_format": "channels_last"}), dense(activation="relu"), ("Dropout", {"rate": 0.5}), dense(),
        dense=[W.T, b], dense_1=[V.T, c],
    )  # fmt: skip
    assert from_keras(path) == Network.of((W, b), (V, c))


@pytest.mark.parametrize("relu", [("ReLU", {"max_value": None}), ("Activation", {"activation": "relu"})])  # fmt: skip
def test_relu_as_a_layer_and_no_bias(write, relu):
    path = write(dense(use_bias=False), relu, dense(), dense=[W.T], dense_1=[V.T, c])
    assert from_keras(path) == Network.of((W, None), (V, c))


def test_final_relu(write):
    path = write(dense(activation="relu"), dense=[W.T, b])
    assert from_keras(path) == Network.of((W, b)).with_output_relu()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (("Conv2D", {"name": "first"}), r"'first' \(Conv2D\) cannot be read"),
        (("ReLU", {"max_value": 6.0}), "not the plain"),
        (("Activation", {"activation": "sigmoid"}), "'sigmoid'"),
        (("Dense", {"use_bias": False, "activation": {"registered_name": "mine"}}), "mine"),
        (("Flatten", {"data_format": "channels_first"}), "channels_first"),
        (dense(), "instead of kernel and bias"),
    ],
)
def test_other_layers_are_refused(write, layer, message):
    with pytest.raises(ReadError, match=message):
        from_keras(write(layer, dense=[W.T]))


def test_other_models_are_refused(write):
    with pytest.raises(ReadError, match="Functional"):
        from_keras(write(class_name="Functional"))


@pytest.mark.parametrize(
    "content", [b"just text\n", b"\x89HDF\r\n\x1a\n", b"PK\x05\x06" + bytes(18)]
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "net.keras").write_bytes(content)
    with pytest.raises(ReadError, match=r"not a readable keras.*ONNX"):
        from_keras(tmp_path / "net.keras")
