"""MATLAB .mat files of version 5 and 7: the layouts of NNV and of MIPVerify.

NNV keeps cells ``W``, ``b`` and ``act_fcns``; MIPVerify arrays ``NAME/weight`` of shape (in, out) and
``NAME/bias``, which name no activation.
"""

import re
import warnings
import zlib

import numpy as np

from ..errors import ReadError
from ..files import LARGEST_EXPANSION, SMALL_ENOUGH, check_expansion, regular
from ..network.chain import Chain, ReadWarning
from .layer_order import ordered
from .optional_packages import parsing
from .state_dict import RELU

REMEDY = (
    "save plain arrays: cells W, b and act_fcns (NNV), or arrays NAME/weight (in, out) and NAME/bias, "
    "with save(..., '-v7')"
)
# How MATLAB's people call the functions between layers.
RELUS, LINEAR = ("relu", "poslin"), ("linear", "purelin", "none", "identity")
HEADER, TAG, COMPRESSED = 128, 8, 15  # bytes of a version 5 file and of a tag in it; miCOMPRESSED


def from_mat(path, *, activation=None):
    """The `Network` in a .mat file.

    Raises
    ------
    ReadError
        Another file (version 7.3 is HDF5 of MATLAB's own objects), another layout, another activation.

    Warns
    -----
    ReadWarning
        Arrays of MIPVerify's layout name no activation: ReLU is assumed unless ``activation`` says so.
    """
    from scipy.io import loadmat  # slow to import, and only this format needs it

    with parsing("MATLAB", REMEDY), regular(path) as file:
        content = file.read()
        _check_size(content)
        file.seek(0)
        stored = loadmat(file, verify_compressed_data_integrity=True)
    stored = {name: value for name, value in stored.items() if not name.startswith("__")}
    layers = _cells(stored)
    if layers is None:
        return _named(stored, activation)
    chain = Chain()
    for k, (weight, bias, function) in enumerate(layers, start=1):
        chain.affine(f"layer {k}", weight, bias)
        if function in RELUS:
            chain.relu()
        elif function not in LINEAR:
            raise ReadError(
                f"layer {k} has the activation {function!r}, not one of {', '.join((*RELUS, *LINEAR))}"
            )
    return chain.network()


def _check_size(content):
    """Raise if unpacking would fill the memory; nothing is kept of what is unpacked here."""
    place, total = HEADER, 0
    while place + TAG <= len(content):
        order = "<" if content[126:128] == b"IM" else ">"
        kind, size = np.frombuffer(content, order + "u4", 2, place)
        if kind == COMPRESSED:
            unpacker, data = zlib.decompressobj(), content[place + TAG : place + TAG + int(size)]
            while data and total <= max(SMALL_ENOUGH, LARGEST_EXPANSION * len(content)):
                total += len(unpacker.decompress(data, 2**20))
                data = unpacker.unconsumed_tail
            check_expansion(total, len(content), "the file")
        place += TAG + int(size)


def _cells(stored):
    """Triples (weight, bias, function) of NNV's layout; None if it is another."""
    for part in (stored, *map(_fields, stored.values())):
        lower = {name.lower(): value for name, value in part.items()}
        if "w" in lower and "b" in lower:
            weights, biases = (_list(lower[name]) for name in ("w", "b"))
            functions = next(
                (lower[n] for n in ("act_fcns", "act_fcn", "activation_fcns") if n in lower), None
            )
            if functions is None:
                raise ReadError(f"W and b are there, act_fcns is not: {REMEDY}")
            functions = [str(np.squeeze(f)).strip().lower() for f in _list(functions)]
            if not len(weights) == len(biases) == len(functions):
                raise ReadError(
                    f"W, b and act_fcns have {len(weights)}, {len(biases)} and {len(functions)} entries"
                )
            pairs = zip(weights, biases, functions, strict=True)
            return [(np.atleast_2d(w), np.ravel(b), f) for w, b, f in pairs]
    return None


def _fields(value):
    """The fields of a MATLAB structure."""
    if isinstance(value, np.ndarray) and value.dtype.names and value.size == 1:
        return {name: value.reshape(-1)[0][name] for name in value.dtype.names}
    return {}


def _list(value):
    """The entries of a cell, or of an array of text."""
    value = np.asarray(value)
    return list(value.ravel()) if value.dtype.kind in "OU" else [value]


def _named(stored, activation):
    """The network of arrays ``NAME/weight`` (in, out) and ``NAME/bias``."""
    if activation not in (None, RELU):
        raise ReadError(
            f"the activation {activation!r} cannot be read: only {RELU!r} between layers is"
        )
    weights = {}
    for name, array in stored.items():
        prefix, kind = re.fullmatch(r"(.*?)([^/_.]*)", name).groups()
        if kind not in ("weight", "bias") or np.asarray(array).dtype.kind not in "fiu":
            raise ReadError(f"the array {name!r} is of no layout that is known; {REMEDY}")
        weights.setdefault(prefix, {})[kind] = np.asarray(array)
    layers = {}
    for prefix, arrays in weights.items():
        if "weight" not in arrays or arrays["weight"].ndim != 2:
            raise ReadError(
                f"{prefix}weight is no matrix: convolutions do not tell their strides; {REMEDY}"
            )
        weight, bias = arrays["weight"].T, np.ravel(arrays.get("bias", ()))
        if bias.size not in (0, len(weight)):
            raise ReadError(
                f"{prefix}bias has {bias.size} entries, {prefix}weight of shape (in, out) = "
                f"{arrays['weight'].shape} needs {len(weight)}; {REMEDY}"
            )
        layers[prefix] = weight, bias if bias.size else None
    if not layers:
        raise ReadError(f"the file holds no arrays; {REMEDY}")
    prefixes = ordered(list(layers), {prefix: layers[prefix][0].shape for prefix in layers})
    chain = Chain()
    for k, prefix in enumerate(prefixes):
        if k:
            chain.relu()
        chain.affine(prefix.rstrip("/._") or "weight", *layers[prefix])
    network = chain.network()
    if activation is None and len(prefixes) > 1:
        warnings.warn(
            "the file names no activation: ReLU is assumed between its layers; say activation='relu' to "
            "regions.load if that is so",
            ReadWarning,
            stacklevel=3,
        )
    return network
