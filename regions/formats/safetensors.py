"""safetensors: a state dict without code in it, whose names have no order of their own."""

import json
import math

import numpy as np

from ..errors import ReadError
from ..files import regular, written
from .optional_packages import parsing, require, shortest_float
from .state_dict import RELU, from_state_dict, to_state_dict

REMEDY = "write one with safetensors.torch.save_file(net.state_dict(), path)"
# Every type of number of the format that doubles hold and NumPy has.
TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}


def from_safetensors(path, *, activation=None):
    """The `Network` whose state dict is in ``path``; see `from_state_dict`, which says what is refused."""
    package = require("safetensors", "safetensors")
    with parsing("safetensors", REMEDY), regular(path) as file:
        content = file.read()
        tensors = package.deserialize(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    activation = activation or header.get("__metadata__", {}).get("activation")
    return from_state_dict({name: _array(name, tensor) for name, tensor in tensors}, activation)


def to_safetensors(network, path):
    """Write the state dict ``0.weight, 0.bias, 2.weight, ...``, in float32 where that is exact."""
    numpy_backend = require("safetensors.numpy", "safetensors")
    arrays = to_state_dict(network, shortest_float(network))
    with written(path) as file:
        file.write(numpy_backend.save(arrays, metadata={"activation": RELU}))


def _array(name, tensor):
    """One tensor as an array; bfloat16, which NumPy lacks, is the upper half of a float32."""
    kind, shape, data = tensor["dtype"], tensor["shape"], bytes(tensor["data"])
    if kind == "BF16":
        halves = np.frombuffer(data, dtype="<u2").astype("<u4")
        return (halves << 16).view("<f4").reshape(shape)
    if kind not in TYPES:
        raise ReadError(
            f"{name!r} has the type {kind}, which cannot be read; store it as one of BF16, {', '.join(TYPES)}"
        )
    return np.frombuffer(data, dtype=TYPES[kind], count=math.prod(shape)).reshape(shape)
