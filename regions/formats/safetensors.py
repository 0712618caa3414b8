"""safetensors: a state dict without code in it, whose names have no order of their own."""

from ..files import written
from .optional_packages import parsing, require, shortest_float
from .state_dict import from_state_dict, to_state_dict


def from_safetensors(path):
    """The `Network` whose state dict is in ``path``; layers in the order of their numbers.

    ReLU stands after every layer but the last, as in `from_state_dict`, which also says what is
    refused.
    """
    numpy_backend = require("safetensors.numpy", "safetensors")
    with parsing(
        "safetensors", "write one with safetensors.torch.save_file(net.state_dict(), path)"
    ):
        arrays = numpy_backend.load_file(path)
    return from_state_dict(arrays, ordered=False)


def to_safetensors(network, path):
    """Write the state dict ``0.weight, 0.bias, 2.weight, ...``, in float32 where that is exact."""
    numpy_backend = require("safetensors.numpy", "safetensors")
    arrays = to_state_dict(network, shortest_float(network))
    with written(path) as file:
        file.write(numpy_backend.save(arrays))
