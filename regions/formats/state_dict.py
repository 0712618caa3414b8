"""State dicts: arrays named ``PREFIX.weight`` and ``PREFIX.bias``, one prefix per linear layer.

A state dict does not say where the activation functions are. It is read as a network with ReLU after
every layer but the last.
"""

import re
from itertools import pairwise

from ..errors import InputError, ReadError
from ..network import ConvolutionalNetwork, Network

REMEDY = "keep only the weights and biases of linear layers, or export to ONNX"


def from_state_dict(arrays, ordered=True):
    """The `Network` of a mapping from names to arrays.

    Names end in ``.weight``, shape (out, in), or ``.bias``, shape (out,); a layer without bias has
    zeros. With ``ordered`` the layers come in the order of the mapping, otherwise in the order of the
    numbers in their names, which must then differ in nothing else.

    Raises
    ------
    ReadError
        A name or shape that is none of a linear layer, a bias without weight, an order that cannot be
        told, layers with no room for a ReLU between them.
    """
    prefixes = _prefixes(arrays)
    if not ordered:
        prefixes = _by_number(prefixes)
    _check_room_for_relu(prefixes)
    return Network(
        tuple((arrays[f"{p}weight"], arrays.get(f"{p}bias")) for p in prefixes),
    )


def to_state_dict(network, dtype):
    """The arrays of ``network`` under the names of an ``nn.Sequential``: ReLU at the odd places."""
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


def _by_number(prefixes):
    if len({re.sub(r"[\d.]", "", prefix) for prefix in prefixes}) > 1:
        raise ReadError(
            f"the order of the layers {', '.join(p.rstrip('.') for p in prefixes)} cannot be told: the "
            "file keeps names in no order of its own; use names that differ in one number only"
        )
    return sorted(prefixes, key=_numbers)


def _check_room_for_relu(prefixes):
    """In an ``nn.Sequential`` the layers 0 and 1 have no ReLU between them."""
    places = [int(p[:-1]) for p in prefixes if re.fullmatch(r"\d+\.", p)]
    if len(places) < len(prefixes):  # other names than those of a flat Sequential say nothing
        return
    for before, after in pairwise(places):
        if after == before + 1:
            raise ReadError(
                f"layers {before} and {after} of the Sequential are neighbours: there is no ReLU "
                "between them to read; pass the module itself to regions.load"
            )


def _numbers(prefix):
    return [int(digits) for digits in re.findall(r"\d+", prefix)]
