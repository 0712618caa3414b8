"""State dicts: arrays named ``PREFIX.weight`` and ``PREFIX.bias``, one prefix per linear layer.

A state dict does not say where the activation functions are. It is read as a network with ReLU after
every layer but the last.
"""

import re
import warnings

from ..errors import InputError, ReadError
from ..network import ConvolutionalNetwork, Network
from ..network.chain import ReadWarning
from ..network.slopes import require_relu
from .layer_order import check_room_for_relu, ordered

RELU = "relu"
REMEDY = "keep only the weights and biases of linear layers, or export to ONNX"


def from_state_dict(arrays, activation=None):
    """The `Network` of a mapping from names to arrays.

    ``activation`` says what stands between the layers: only ``"relu"`` can be read, None assumes it.

    Names end in ``.weight``, shape (out, in), or ``.bias``, shape (out,); a layer without bias has
    zeros. `ordered` says in which order the layers come.

    Raises
    ------
    ReadError
        Another activation, a name or shape that is none of a linear layer, a bias without weight, an order that cannot be
        told, layers with no room for a ReLU between them.

    Warns
    -----
    ReadWarning
        ``activation`` is None: it is assumed.
    """
    if activation not in (None, RELU):
        raise ReadError(
            f"the activation {activation!r} cannot be read: only networks with {RELU!r} between their layers are"
        )
    prefixes = _prefixes(arrays)
    prefixes = ordered(prefixes, {p: arrays[f"{p}weight"].shape for p in prefixes})
    check_room_for_relu(prefixes)
    network = Network(
        tuple((arrays[f"{p}weight"], arrays.get(f"{p}bias")) for p in prefixes),
    )
    if activation is None and len(prefixes) > 1:
        warnings.warn(
            "a state dict names no activation: ReLU is assumed after "
            f"{', '.join(p.rstrip('.') or 'weight' for p in prefixes[:-1])}; say activation='relu' to "
            "regions.load if that is so; with another one the function is another",
            ReadWarning,
            stacklevel=4,
        )
    return network


def to_state_dict(network, dtype):
    """The arrays of ``network`` under the names of an ``nn.Sequential``: ReLU at the odd places."""
    require_relu(network, "a state dict", "save it as .npz")
    if isinstance(network, ConvolutionalNetwork):
        raise InputError(
            f"{network!r}: a state dict does not hold the strides and pools of convolutions; save it as "
            ".onnx, or take the module that regions.to_torch gives"
        )
    return {
        f"{2 * k}.{kind}": array.astype(dtype)
        for k, layer in enumerate(network.layers)
        for kind, array in zip(("weight", "bias"), layer, strict=True)
    }


def _prefixes(arrays):
    """The prefixes of all layers in the order of their weights, or why a key is none of a layer."""
    prefixes = []
    for key, array in arrays.items():
        prefix, kind = re.fullmatch(r"(.*?)([^.]*)", key).groups()
        if kind not in ("weight", "bias"):
            raise ReadError(f"{key!r} is neither a weight nor a bias of a linear layer; {REMEDY}")
        if array.ndim != (2 if kind == "weight" else 1):
            raise ReadError(
                f"{key!r} has shape {tuple(array.shape)}; weights of linear layers are matrices and "
                "biases vectors, and a state dict does not hold the strides and pools of convolutions: "
                "pass the module itself to regions.load, or export to ONNX"
            )
        if f"{prefix}weight" not in arrays:
            raise ReadError(f"{key!r} is a bias without {prefix}weight; {REMEDY}")
        if kind == "weight":
            prefixes.append(prefix)
    if not prefixes:
        raise ReadError(f"no key ends in .weight; {REMEDY}")
    return prefixes
