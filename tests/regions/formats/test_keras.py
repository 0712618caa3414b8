"""Files in the layout of Keras 3 (compared by hand with Keras 3.15), built here without Keras."""

import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from regions import load
from regions.errors import ReadError
from regions.formats.keras import from_keras, from_keras_h5
from regions.network import Network
from regions.network.chain import ReadWarning

RNG = np.random.default_rng(1)
W, V = RNG.normal(size=(3, 4)).astype("f4"), RNG.normal(size=(2, 3)).astype("f4")
b, c = RNG.normal(size=3).astype("f4"), RNG.normal(size=2).astype("f4")


def dense(use_bias=True, activation="linear"):
    return "Dense", {"use_bias": use_bias, "activation": activation}


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
        (("Activation", {"activation": "elu"}), "'elu'"),
        (("LeakyReLU", {"alpha": 0.1}), "LeakyReLU"),
        (("ReLU", {"negative_slope": 0.1}), "not the plain"),
        (("ReLU", {"threshold": 1.0}), "not the plain"),
        (("Dense", {"use_bias": False, "lora_rank": 4}), "quantised or adapted"),
        (
            (
                "Dense",
                {
                    "use_bias": False,
                    "activation": {
                        "class_name": "ReLU",
                        "module": "keras.layers",
                        "config": {"max_value": 6.0},
                    },
                },
            ),
            "not the plain",
        ),
        (("mine>Dense", {"use_bias": False}), "cannot be read"),
        (("Dense", {"use_bias": False, "activation": {"registered_name": "mine"}}), "mine"),
        (("Flatten", {"data_format": "channels_first"}), "channels_first"),
        (dense(), "instead of kernel and bias"),
    ],
)
def test_other_layers_are_refused(write, layer, message):
    with pytest.raises(ReadError, match=message):
        from_keras(write(layer, dense=[W.T]))


def test_other_models_are_refused(write):
    with pytest.raises(ReadError, match="Mixture"):
        from_keras(write(class_name="Mixture"))


@pytest.mark.parametrize(
    "content", [b"just text\n", b"\x89HDF\r\n\x1a\n", b"PK\x05\x06" + bytes(18)]
)
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "net.keras").write_bytes(content)
    with pytest.raises(ReadError, match=r"not a readable keras.*ONNX"):
        from_keras(tmp_path / "net.keras")


def test_a_relu_as_an_object(write):
    relu = {"module": "keras.layers", "class_name": "ReLU", "config": {"max_value": None}, "registered_name": None}  # fmt: skip
    path = write(("Dense", {"use_bias": True, "activation": relu}), dense(), dense=[W.T, b], dense_1=[V.T, c])  # fmt: skip
    assert from_keras(path) == Network.of((W, b), (V, c))


@pytest.mark.parametrize("end", [("Softmax", {}), ("Activation", {"activation": "sigmoid"}), ("Activation", {"activation": "tanh"})])  # fmt: skip
def test_a_smooth_end_is_left_out_with_a_warning(write, end):
    layers = dense(activation="relu"), dense(), end, ("Flatten", {})
    path = write(*layers, dense=[W.T, b], dense_1=[V.T, c])
    with pytest.warns(ReadWarning, match="is left out"):
        assert from_keras(path) == Network.of((W, b), (V, c))
    with pytest.raises(ReadError, match="it is no end"):
        from_keras(write(dense(), end, dense(), dense=[W.T, b], dense_1=[V.T, c]))


def test_dense_layers_act_on_rows(write):
    """An input of shape (4, 3): the same layer on each of four rows, 12 inputs and 8 outputs."""
    layers = ("InputLayer", {"batch_shape": [None, 2, 4]}), dense(activation="relu"), dense()
    network = from_keras(write(*layers, dense=[W.T, b], dense_1=[V.T, c]))
    row = Network.of((W, b), (V, c))
    assert network.architecture == "8-6-4"
    x = RNG.normal(size=(10, 2, 4))
    assert np.allclose(network.forward(x.reshape(10, 8)), row.forward(x).reshape(10, 4), atol=1e-12)


def test_shapes_that_contradict_each_other(write):
    for shape in ([None, 5], [None, None, 4], [None, 4, 3]):
        with pytest.raises(ReadError, match="takes 4 numbers a row"):
            from_keras(write(("InputLayer", {"batch_shape": shape}), dense(), dense=[W.T, b]))


def test_a_layer_used_twice(write):
    with pytest.raises(ReadError, match="share the name 'one'"):
        from_keras(write(*[("Dense", {"use_bias": False, "name": "one"})] * 2, dense=[np.eye(2)]))


@pytest.mark.parametrize(
    "said",
    [
        {"module": None, "registered_name": "mine>Dense"},
        {"module": "__main__", "registered_name": "Dense"},
        {"module": "my_keras_layers", "registered_name": None},
    ],
)
def test_classes_of_ones_own_are_refused_by_name(said, tmp_path):
    """As Keras writes them: the class is named Dense and computes something else."""
    layer = {"class_name": "Dense", "config": {"name": "d", "use_bias": False}, **said}
    path = saved(tmp_path, [layer], lambda file: file.create_dataset("layers/dense/vars/0", data=np.eye(2)))  # fmt: skip
    with pytest.raises(ReadError, match="class of one's own"):
        from_keras(path)


def saved(folder, layers, fill):
    """A file whose weights ``fill`` writes."""
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        fill(file)
    with zipfile.ZipFile(folder / "net.keras", "w") as archive:
        model = {"class_name": "Sequential", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", weights.getvalue())
    return folder / "net.keras"


def external(file, secret):
    place = [(str(secret), 0, 16)]
    file.create_dataset("layers/dense/vars/0", shape=(16, 1), dtype="u1", external=place)


def virtual(file, secret):
    layout = h5py.VirtualLayout(shape=(2, 2), dtype="f4")
    layout[:] = h5py.VirtualSource(str(secret), "x", shape=(2, 2))
    file.create_group("layers/dense/vars").create_virtual_dataset("0", layout)


def linked(file, secret):
    file.create_group("layers/dense/vars")["0"] = h5py.ExternalLink(str(secret), "/x")


def linked_group(file, secret):
    file.create_group("layers")["dense"] = h5py.ExternalLink(str(secret), "/")


def soft(file, secret):
    file["elsewhere"] = np.eye(2)
    file.create_group("layers/dense/vars")["0"] = h5py.SoftLink("/elsewhere")


def empty(file, secret):
    file.create_dataset("layers/dense/vars/0", shape=(2, 2), dtype="f4")


def bomb(file, secret):
    options = {"chunks": (1000, 1000), "compression": 9}
    big = file.create_dataset(
        "layers/dense/vars/0", shape=(100_000, 100_000), dtype="f8", **options
    )
    big[:2, :2] = np.eye(2)


@pytest.mark.parametrize("fill", [external, virtual, linked, linked_group, soft, empty, bomb])
def test_nothing_outside_the_file_is_read_and_no_memory_filled(tmp_path, fill):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.eye(2)
    layer = {"class_name": "Dense", "config": {"name": "d", "use_bias": False}}
    path = saved(tmp_path, [layer], lambda file: fill(file, tmp_path / "secret.h5"))
    with pytest.raises(
        ReadError, match=r"/layers/dense.*(written|write|stored|fill the memory)"
    ) as caught:
        from_keras(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("config", ["[]", "{}", '{"class_name": "Sequential", "config": {"layers": [3]}}', '{"class_name": "Sequential"}'])  # fmt: skip
def test_damaged_configurations(tmp_path, config):
    path = saved(tmp_path, [], lambda file: file.create_group("layers"))
    with zipfile.ZipFile(path) as archive:
        weights = archive.read("model.weights.h5")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)
    with pytest.raises(ReadError):
        from_keras(path)


def functional(*layers, output="last"):
    """A model in Keras 2's words; each layer is ``(class name, config, names of its inputs)``."""
    described = [
        {
            "class_name": kind,
            "name": config["name"],
            "config": config,
            "inbound_nodes": [[[name, 0, 0, {}] for name in inputs]] if inputs else [],
        }
        for kind, config, inputs in layers
    ]
    ends = {"input_layers": [[layers[0][1]["name"], 0, 0]], "output_layers": [[output, 0, 0]]}
    return {"class_name": "Functional", "config": {"layers": described, **ends}}


@pytest.fixture
def write_h5(tmp_path):
    """Write a .h5 as Keras 2 did; ``weights`` maps the names of layers to their arrays."""

    def write(model, weights):
        with h5py.File(tmp_path / "net.h5", "w") as file:
            if model is not None:
                file.attrs["model_config"] = json.dumps(model)
            for layer, arrays in weights.items():
                group = file.create_group(f"model_weights/{layer}")
                names = [f"{layer}/{kind}:0" for kind in ("kernel", "bias")[: len(arrays)]]
                group.attrs["weight_names"] = [name.encode() for name in names]
                for name, array in zip(names, arrays, strict=True):
                    group[name] = array
        return tmp_path / "net.h5"

    return write


INPUT = ("InputLayer", {"name": "in", "batch_input_shape": [None, 4]}, [])
HIDDEN = ("Dense", {"name": "hidden", "use_bias": True, "activation": "relu"}, ["in"])
LAST = ("Dense", {"name": "last", "use_bias": True, "activation": "linear"}, ["hidden"])
WEIGHTS = {"hidden": [W.T, b], "last": [V.T, c]}


def test_h5_of_a_sequential(write_h5):
    layers = [{"class_name": kind, "config": config} for kind, config, _ in (HIDDEN, LAST)]
    layers[0]["config"] = HIDDEN[1] | {"batch_input_shape": [None, 4]}
    for config in ({"name": "model", "layers": layers}, layers):  # Keras 2.2, and before it
        path = write_h5({"class_name": "Sequential", "config": config}, WEIGHTS)
        assert from_keras_h5(path) == Network.of((W, b), (V, c))


def test_h5_of_a_functional_model(write_h5):
    # the order in the file is no order of the chain
    model = functional(INPUT, LAST, HIDDEN)
    assert from_keras_h5(write_h5(model, WEIGHTS)) == Network.of((W, b), (V, c))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((INPUT, HIDDEN, ("Add", {"name": "last"}, ["hidden", "in"])), "takes 2 values"),
        ((INPUT, HIDDEN, LAST, ("Dense", {"name": "side"}, ["hidden"])), "branches at side"),
        ((INPUT, HIDDEN), "branches at hidden"),
    ],
)
def test_branches_are_refused(write_h5, layers, message):
    with pytest.raises(ReadError, match=message):
        from_keras_h5(write_h5(functional(*layers), WEIGHTS))


def test_weights_alone_are_no_model(write_h5):
    with pytest.raises(ReadError, match="save the whole model"):
        from_keras_h5(write_h5(None, WEIGHTS))


def test_dropout_in_training_is_refused(write_h5):
    model = functional(INPUT, HIDDEN, ("Dropout", {"name": "drop"}, ["hidden"]), ("Dense", LAST[1], ["drop"]))  # fmt: skip
    assert from_keras_h5(write_h5(model, WEIGHTS)).architecture == "4-3-2"
    model["config"]["layers"][2]["inbound_nodes"][0][0][3]["training"] = True
    with pytest.raises(ReadError, match="called with training"):
        from_keras_h5(write_h5(model, WEIGHTS))


def stand_in(name, module, methods):
    """A class that Keras would have made, for an object of it."""
    return type(name, (), {"__module__": module, **methods})()


def in_memory(**changes):
    """A model of two layers in memory, by the methods of Keras that are asked."""
    arrays = {"hidden": [W.T, b], "last": [V.T, c]}
    layers = [stand_in("Dense", "keras.src.layers.core.dense", {"name": name, "get_weights": lambda self: arrays[self.name]}) for name in arrays]  # fmt: skip
    described = [{"class_name": kind, "module": "keras.layers", "registered_name": None, "config": config} for kind, config, _ in (HIDDEN, LAST)]  # fmt: skip
    methods = {"layers": layers, "get_config": lambda self: {"name": "model", "layers": described}}
    return stand_in("Sequential", "keras.src.models.sequential", methods | changes)


def test_models_in_memory():
    assert load(in_memory()) == Network.of((W, b), (V, c))


def test_replaced_calls_are_refused():
    model = in_memory()
    model.layers[0].call = lambda x: x
    with pytest.raises(ReadError, match="call of layer 'hidden' was replaced"):
        load(model)


def test_a_subclass_of_model_is_refused_by_name():
    parent = type("Model", (), {"__module__": "keras.src.models.model"})
    own = type("Mine", (parent,), {"__module__": "__main__"})()
    with pytest.raises(ReadError, match="class of one's own, 'Mine'"):
        load(own)
