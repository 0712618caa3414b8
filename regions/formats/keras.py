"""Keras 3 files: a zip of the model's description in JSON and its weights in HDF5.

Only a ``Sequential`` of dense layers is read, without Keras. Kernels are stored (in, out), the
transpose of this package's weights.
"""

import io
import json
import re
import zipfile
from collections import Counter

import numpy as np

from ..errors import ReadError
from ..network.chain import Chain
from .optional_packages import parsing, require

NO_OPERATION = ("InputLayer", "Flatten", "Dropout", "Identity")
SUPPORTED = ("Dense", "ReLU", "Activation", *NO_OPERATION)
ACTIVATIONS = ("relu", "linear")
REMEDY = "export to ONNX instead: model.export(path, format='onnx')"


def from_keras(path):
    """The `Network` of a Sequential of Dense, ReLU, Activation, Flatten, Dropout and Identity layers.

    How a final ReLU and layers without ReLU between them are read: see `Chain`.

    Raises
    ------
    ReadError
        Not a .keras file of Keras 3, another model or layer (named), another activation.
    """
    h5py = require("h5py", "keras")
    with parsing("keras", REMEDY), zipfile.ZipFile(path) as archive:
        model = json.loads(archive.read("config.json"))
        stored = io.BytesIO(archive.read("model.weights.h5"))
    if model.get("class_name") != "Sequential":
        raise ReadError(f"the model is a {model.get('class_name')}, not a Sequential; {REMEDY}")
    with parsing("keras", REMEDY), h5py.File(stored) as weights:
        variables = _variables(weights)
    chain, seen = Chain(), Counter()
    for layer in model["config"]["layers"]:
        kind = layer["class_name"]
        group = _group(kind, seen)
        _read(kind, layer["config"], variables.get(group, []), chain)
    return chain.network()


def _variables(weights):
    """The arrays of each layer, in the order of their numbers, by the name of the layer's group."""
    return {
        name: [np.array(group["vars"][key]) for key in sorted(group["vars"], key=int)]
        for name, group in weights["layers"].items()
    }


def _group(kind, seen):
    """Keras names groups after the class and counts repeats: dense, dense_1, ..."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
    repeats, seen[name] = seen[name], seen[name] + 1
    return f"{name}_{repeats}" if repeats else name


def _read(kind, config, arrays, chain):
    name = f"layer {config.get('name', kind)!r} ({kind})"
    if kind not in SUPPORTED:
        raise ReadError(f"{name} cannot be read; a model may hold {', '.join(SUPPORTED)}; {REMEDY}")
    if config.get("data_format") == "channels_first":
        raise ReadError(
            f"{name} reorders its inputs (channels_first), which cannot be read; {REMEDY}"
        )
    if kind == "Dense":
        _read_dense(name, config, arrays, chain)
    if kind == "ReLU":
        plain = {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}
        if any(config.get(key, value) != value for key, value in plain.items()):
            raise ReadError(f"{name} is not the plain max(0, x); {REMEDY}")
        chain.relu()
    activation = config.get("activation", "linear")
    if activation not in ACTIVATIONS:
        raise ReadError(f"{name} has the activation {activation!r}, not relu or linear; {REMEDY}")
    if activation == "relu":
        chain.relu()


def _read_dense(name, config, arrays, chain):
    if len(arrays) != 1 + config["use_bias"]:
        raise ReadError(
            f"{name} has {len(arrays)} stored arrays instead of kernel{' and bias' * config['use_bias']} "
            f"(quantised or adapted layers cannot be read); {REMEDY}"
        )
    kernel, *bias = arrays
    chain.affine(name, kernel.T, *bias)
