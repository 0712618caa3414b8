"""PyTorch: a module in memory, recognised by names alone, and files with its state dict."""

import sys
import warnings
import zipfile
from collections import OrderedDict
from typing import TYPE_CHECKING

from ..errors import ReadError
from ..files import open_zip, regular, written
from ..network import Convolution, ConvolutionalNetwork, Network, Pooling
from ..network.chain import ReadWarning
from ..network.slopes import require_relu
from .image_chain import ImageChain
from .optional_packages import parsing, require, shortest_float
from .state_dict import RELU, from_state_dict, to_state_dict
from .torch_graph import read_graph
from .torch_images import IMAGE_MODULES, array_of, read_image_module

if TYPE_CHECKING:  # slow to import, or not there
    import torch

REMEDY = "save the state dict alone: torch.save(net.state_dict(), path)"
NO_OPERATION = ("Identity", "Dropout", "Dropout2d")
ENDS = ("Softmax", "LogSoftmax", "Sigmoid", "Tanh")  # left out at the end
SUPPORTED = ("Sequential", "Linear", "ReLU", "Flatten", *IMAGE_MODULES, *NO_OPERATION, *ENDS)
WRAPPERS = {
    "OptimizedModule": "_orig_mod",
    "DataParallel": "module",
    "DistributedDataParallel": "module",
}
# Methods of a subclass that change nothing of what it computes.
HARMLESS = (
    "__init__",
    "__new__",
    "__repr__",
    "__getstate__",
    "__setstate__",
    "__deepcopy__",
    "__annotate_func__",
    "__annotate__",
    "extra_repr",
    "reset_parameters",
    "_get_name",
)
CANNOT = {"MaxPool2d": ": a maximum is no affine map (train with average pooling or strides)"}


def from_torch(module, *, input_shape=None):
    """The `Network` of a PyTorch module in memory that is a chain of the modules `SUPPORTED`.

    An ``nn.Sequential``, nested too, is read by its parts; a module with a ``forward`` of its own by the
    graph that torch.fx draws of it (`torch_graph`), with the functions that do what these modules do.
    Dropout and batch normalisation are read as in evaluation. Weights of every float type are exact in
    float64. How a final ReLU and layers without ReLU between them are read: see `Chain`; a softmax,
    sigmoid or tanh at the end is left out with a `ReadWarning`.

    With convolutions it is a `ConvolutionalNetwork` of images of ``input_shape``, (channels, height,
    width), which a module does not tell.

    Raises
    ------
    ReadError
        Another module (named with its place), a branch, hooks, a ``forward`` that was replaced, layers
        that do not chain, images of unknown shape.
    """
    module = _unwrapped(module)
    if not _is_module(module):
        raise ReadError(
            f"a {type(module).__name__} is neither a path nor a module of PyTorch, a state dict or a list of "
            "arrays; pass one of these, or build regions.Network from arrays"
        )
    _check_untouched(module)
    chain = ImageChain(input_shape=_image(input_shape))
    _read(module, "", chain)
    return chain.network()


def _image(shape):
    """``input_shape`` as a tuple of three positive ints, or None."""
    if shape is None:
        return None
    if not isinstance(shape, list | tuple) or len(shape) != 3:
        raise ReadError(f"input_shape {shape!r} is not (channels, height, width)")
    return tuple(_size(n, shape) for n in shape)


def _size(n, shape):
    if isinstance(n, bool) or not hasattr(n, "__index__") or n.__index__() < 1:
        raise ReadError(f"input_shape {shape!r} must hold positive whole numbers")
    return n.__index__()


def from_pt(path, *, activation=None):
    """The `Network` whose state dict ``torch.save`` wrote to ``path``; see `from_state_dict`.

    Read with ``weights_only``: nothing in the file is executed. A checkpoint is searched for the one
    state dict in it.
    """
    torch = require("torch", "torch")
    with parsing("torch", REMEDY), regular(path) as file:
        if zipfile.is_zipfile(file):
            open_zip(file)  # says so if it would fill the memory
        file.seek(0)
        state = torch.load(file, map_location="cpu", weights_only=True)
    return from_tensors(state, activation)


def from_tensors(state, activation=None):
    """The `Network` of a state dict of tensors or arrays, or of a checkpoint that holds one.

    Warns
    -----
    ReadWarning
        It was found beside other things, which are not read; and as `from_state_dict` does.
    """
    tensors, place = _state_dict_in(state)
    if place:
        warnings.warn(
            f"read is the state dict {place} of a checkpoint, nothing else of it",
            ReadWarning,
            stacklevel=4,
        )
    said = getattr(tensors, "_metadata", None)
    if activation is None and isinstance(said, dict):
        activation = said.get("", {}).get("activation")
    arrays = {key: _as_array(key, value) for key, value in tensors.items()}
    return from_state_dict(arrays, activation)


def _state_dict_in(state):
    """``(state dict, its place)``: ``state`` itself, or the only one in a checkpoint."""
    if _holds_tensors(state):
        return state, ""
    found = list(_state_dicts(state, ""))
    if len(found) == 1:
        return found[0]
    if not found:
        raise ReadError(
            f"the file holds a {type(state).__name__} without a state dict in it; {REMEDY}"
        )
    raise ReadError(
        f"the checkpoint holds several state dicts, {', '.join(place for _, place in found)}; {REMEDY}"
    )


def _state_dicts(state, place, depth=3):
    if isinstance(state, dict):
        children = [(f"{place}[{key!r}]", value) for key, value in state.items()]
    elif isinstance(state, list | tuple):
        children = [(f"{place}[{k}]", value) for k, value in enumerate(state)]
    else:
        return
    for name, child in children:
        if _holds_tensors(child):
            yield child, name
        elif depth:
            yield from _state_dicts(child, name, depth - 1)


def _holds_tensors(state):
    """Whether this is a mapping from names to tensors, at least one of them a weight."""
    return (
        isinstance(state, dict)
        and bool(state)
        and all(isinstance(key, str) and hasattr(v, "shape") for key, v in state.items())
        and any(key.endswith("weight") for key in state)
    )


def _as_array(key, value):
    return array_of(key, value) if hasattr(value, "untyped_storage") else value


def to_pt(network, path):
    """Write the state dict of an ``nn.Sequential`` that is ``network``, in float32 where exact."""
    torch = require("torch", "torch")
    arrays = to_state_dict(network, shortest_float(network))
    state = OrderedDict((key, torch.from_numpy(array)) for key, array in arrays.items())
    # where torch itself keeps what else there is to know about a state dict
    state._metadata = OrderedDict({"": {"version": 1, "activation": RELU}})
    with written(path) as file:
        torch.save(state, file)


def to_torch(network: Network) -> "torch.nn.Sequential":
    """``network`` as an ``nn.Sequential``, in float32 if every weight is one, else in float64.

    A `ConvolutionalNetwork` becomes Conv2d, AvgPool2d and ReLU on images (batch, *input_shape), then
    Flatten and linear layers.

    Raises
    ------
    ReadError
        Torch is not installed, or ``network`` is no `Network`.

    Examples
    --------
    >>> from regions.network import Network
    >>> module = to_torch(Network.of(([[1.0], [-1.0]], [0.0, 0.5]), ([[1.0, 1.0]], None)))
    >>> from_torch(module).architecture
    '1-2-1'
    """
    torch = require("torch", "torch")
    if not isinstance(network, Network):
        raise ReadError(f"{network!r} is no Network; regions.load makes one of it")
    require_relu(network, "to_torch", "save it as .npz")
    build, modules, head = _Modules(torch, shortest_float(network)), [], network
    if isinstance(network, ConvolutionalNetwork):
        modules, head = [*map(build.step, network.steps), torch.nn.Flatten()], network.head
    for k, layer in enumerate(head.layers):
        modules += [build.linear(layer)] if k == 0 else [torch.nn.ReLU(), build.linear(layer)]
    return torch.nn.Sequential(*modules)


class _Modules:
    """Makes modules with given weights; ``dtype`` is a NumPy one."""

    def __init__(self, torch, dtype):
        self.torch, self.dtype = torch, dtype

    def linear(self, layer):
        """A `Layer` as nn.Linear."""
        rows, columns = layer.weight.shape
        return self._filled(self.torch.nn.Linear, layer, columns, rows)

    def step(self, step):
        """A step of a `ConvolutionalNetwork`."""
        nn = self.torch.nn
        if isinstance(step, Pooling):
            return nn.AvgPool2d(step.kernel, step.stride, step.padding)
        if not isinstance(step, Convolution):
            return nn.ReLU()
        out, per_group, *kernel = step.weight.shape
        sizes = per_group * step.groups, out, kernel
        options = step.stride, step.padding, step.dilation, step.groups
        return self._filled(nn.Conv2d, (step.weight, step.bias), *sizes, *options)

    def _filled(self, kind, arrays, *sizes):
        module = self.torch.nn.utils.skip_init(kind, *sizes)
        weight, bias = (self.torch.from_numpy(array.astype(self.dtype)) for array in arrays)
        module.to(weight.dtype).load_state_dict({"weight": weight, "bias": bias})
        return module


def _read(module, place, chain):
    kind = _own_kind(module)
    name = f"{kind} {place}" if place else kind
    if kind is None:
        if type(module).__module__.startswith("torch.nn.modules."):
            kind = type(module).__name__
            raise ReadError(
                f"module {place} is a {kind}, which cannot be read{CANNOT.get(kind, '')}; a network may hold "
                f"{', '.join(SUPPORTED)}"
            )
        read_graph(module, chain, _is_leaf, lambda child, at, c: _read(child, _place(place, at), c))
    elif kind == "Sequential":
        for key, child in module._modules.items():
            _read(child, _place(place, key), chain)
    elif kind == "Linear":
        bias = None if module.bias is None else array_of(f"{name}.bias", module.bias)
        chain.affine(name, array_of(f"{name}.weight", module.weight), bias)
    elif kind == "ReLU":
        chain.relu()
    elif kind == "Flatten":
        if (module.start_dim, module.end_dim) != (1, -1):
            raise ReadError(
                f"{name} flattens from {module.start_dim} to {module.end_dim}, not whole samples (1 to -1)"
            )
        chain.flatten()
    elif kind in ENDS:
        chain.leave_out(name)
    elif kind in IMAGE_MODULES:
        read_image_module(module, name, chain)


def _place(place, key):
    return f"{place}.{key}" if place else key


def _is_leaf(module):
    """Whether torch.fx should leave a module as it is: one of PyTorch's own that is no container."""
    return _own_kind(module) not in (None, "Sequential") or (
        type(module).__module__.startswith("torch.nn.modules.")
        and type(module).__name__ not in ("Sequential", "ModuleList", "ModuleDict", "Module")
    )


def _own_kind(module):
    """The name in `SUPPORTED` of what the module computes; None if that is up to its author.

    Subclasses that change no method compute the same, and so do parametrised ones, whose weight is a
    property. Adapters call theirs Linear too, and compute more.
    """
    for kind in type(module).__mro__:
        if kind.__module__.startswith("torch.nn.modules."):
            return kind.__name__ if kind.__name__ in SUPPORTED else None
        if any(callable(value) and name not in HARMLESS for name, value in vars(kind).items()):
            return None
        if "weight" in vars(kind) and kind.__module__ != "torch.nn.utils.parametrize":
            return None
    return None


def _is_module(thing):
    return any(
        kind.__module__ == "torch.nn.modules.module" and kind.__name__ == "Module"
        for kind in type(thing).__mro__
    )


def _unwrapped(module):
    """What a wrapper that computes the same is around: torch.compile, data parallel."""
    for kind, inner in WRAPPERS.items():
        if type(module).__name__ == kind and type(module).__module__.startswith("torch."):
            return _unwrapped(getattr(module, inner))
    return module


def _check_untouched(module):
    """Raise where something else runs than the methods of the classes: hooks, replaced methods."""
    shared = sys.modules["torch.nn.modules.module"]
    if shared._global_forward_hooks or shared._global_forward_pre_hooks:
        raise ReadError(
            "global forward hooks are set, which may change what modules compute; remove them"
        )
    for place, part in module.named_modules():
        name = f"{type(part).__name__} {place}".strip()
        if part._forward_hooks or part._forward_pre_hooks:
            raise ReadError(
                f"{name} has forward hooks, which may change what it computes; remove them first (pruning: "
                "torch.nn.utils.prune.remove)"
            )
        own = next((k for k in type(part).__mro__ if k.__module__.startswith("torch.nn.")), None)
        moved = own is not None and own.forward.__module__.split(".")[0] != "torch"
        if "forward" in vars(part) or "__call__" in vars(type(part)) or moved:
            raise ReadError(
                f"the forward of {name} was replaced; pass a module whose class computes it"
            )
