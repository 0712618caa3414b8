"""PyTorch: a module in memory, recognised by names alone, and files with its state dict."""

from ..errors import ReadError
from .chain import Chain
from .foreign import parsing, require, shortest_float
from .state_dict import from_state_dict, to_state_dict

NO_OPERATION = ("Flatten", "Identity", "Dropout")
SUPPORTED = ("Sequential", "Linear", "ReLU", *NO_OPERATION)
CANNOT_YET = ("Conv1d", "Conv2d", "Conv3d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d")


def from_torch(module):
    """The `Network` of an ``nn.Sequential`` of Linear, ReLU, Flatten, Identity, Dropout, nested too.

    Dropout is read as in evaluation, where it does nothing. Torch is not imported: modules are known
    by the names of their classes, which must be PyTorch's own. Weights of every float type are exact
    in float64. How a final ReLU and layers without ReLU between them are read: see `Chain`.

    Raises
    ------
    ReadError
        Another module (named with its place), hooks, layers that do not chain.
    """
    if not _is_torch(module) or type(module).__name__ != "Sequential":
        raise ReadError(
            f"{type(module).__name__} is neither a path nor a torch.nn.Sequential; pass one of these, "
            "or build regions.Network from arrays"
        )
    chain = Chain()
    _read(module, "", chain)
    return chain.network()


def from_pt(path):
    """The `Network` whose state dict ``torch.save`` wrote to ``path``; see `from_state_dict`.

    Read with ``weights_only``: nothing in the file is executed.
    """
    torch = require("torch", "torch")
    remedy = "save the state dict alone: torch.save(net.state_dict(), path)"
    with parsing("torch", remedy):
        state = torch.load(path, map_location="cpu", weights_only=True)
    tensors = state if isinstance(state, dict) else {type(state).__name__: state}
    for key, value in tensors.items():
        if not isinstance(value, torch.Tensor):
            raise ReadError(f"{key!r} holds no tensor but a {type(value).__name__}; {remedy}")
    return from_state_dict({key: _array(key, value) for key, value in tensors.items()})


def to_pt(network, path):
    """Write the state dict of an ``nn.Sequential`` that is ``network``, in float32 where exact."""
    torch = require("torch", "torch")
    arrays = to_state_dict(network, shortest_float(network))
    torch.save({key: torch.from_numpy(array) for key, array in arrays.items()}, path)


def to_torch(network):
    """``network`` as an ``nn.Sequential``, in float32 if every weight is one, else in float64.

    Raises
    ------
    ReadError
        Torch is not installed.

    Examples
    --------
    >>> from regions.network import Network
    >>> module = to_torch(Network.of(([[1.0], [-1.0]], [0.0, 0.5]), ([[1.0, 1.0]], None)))
    >>> from_torch(module).architecture
    '1-2-1'
    """
    torch = require("torch", "torch")
    arrays = to_state_dict(network, shortest_float(network))
    modules = []
    for layer in network.layers:
        rows, columns = layer.weight.shape
        modules += [torch.nn.utils.skip_init(torch.nn.Linear, columns, rows), torch.nn.ReLU()]
    module = torch.nn.Sequential(*modules[:-1])
    tensors = {key: torch.from_numpy(array) for key, array in arrays.items()}
    module.to(next(iter(tensors.values())).dtype).load_state_dict(tensors)
    return module


def _read(module, place, chain):
    kind = type(module).__name__
    name = f"{kind} {place}" if place else kind
    if not _is_torch(module) or kind not in SUPPORTED:
        yet = " yet: lowering it to matrices is not supported" if kind in CANNOT_YET else ""
        raise ReadError(
            f"module {place} is a {kind}, which cannot be read{yet}; a network may hold "
            f"{', '.join(SUPPORTED)}"
        )
    if module._forward_hooks or module._forward_pre_hooks:
        raise ReadError(
            f"{name} has forward hooks, which may change what it computes; remove them first (pruning: "
            "torch.nn.utils.prune.remove)"
        )
    if kind == "Sequential":
        for key, child in module._modules.items():
            _read(child, f"{place}.{key}" if place else key, chain)
    elif kind == "Linear":
        bias = None if module.bias is None else _array(f"{name}.bias", module.bias)
        chain.affine(name, _array(f"{name}.weight", module.weight), bias)
    elif kind == "ReLU":
        chain.relu()


def _is_torch(module):
    """Whether the class is PyTorch's own: adapters call theirs Linear too, and compute more."""
    return type(module).__module__.startswith("torch.nn.modules.")


def _array(key, tensor):
    if tensor.is_complex() or tensor.is_quantized:
        raise ReadError(
            f"{key} has dtype {tensor.dtype}; weights must be real floating-point numbers"
        )
    return tensor.detach().cpu().double().numpy()
