"""Stacks of a torch module, recognised by names alone and checked against the module's own forward pass."""

from typing import Any

import numpy as np

from ..errors import ReadError
from .stack import Stack, StackNetwork

PARTS = ("Linear", "ReLU", "Sequential", "Identity")
# Unit: share of the largest output. A module of another form differs by shares of order one; single
# precision in sums of thousands of terms by some 1e-5.
AGREEMENT = 1e-3
POINTS, SEED = 64, 0


def load_stacks(module: Any) -> StackNetwork:
    """The `StackNetwork` of a torch module: an ``nn.Sequential`` whose children are stacks.

    A stack is a module of any class of yours with, in the order of their registration, two ``nn.Linear``
    with bias (the wide layer and the bottleneck) and one or two without (the affine path); ReLU modules may
    lie between. What its ``forward`` does with them cannot be read, so it is tested: on random points the
    module must give what the stacks give.

    Parameters
    ----------
    module
        As above. Torch is not imported: modules are known by the names of their classes.

    Raises
    ------
    ReadError
        A child without the stack form, other layers, a forward pass that is not that of the stacks.

    References
    ----------
    Heiss, Stockinger, Teichmann 2021, *Reducing the number of neurons of deep ReLU networks based on the
    current theory of regularization* (the architecture).
    """
    if not _is_torch(module, "Sequential"):
        raise ReadError(
            f"{type(module).__name__} is no torch.nn.Sequential of stacks; put the stacks into one, or "
            "build a StackNetwork from arrays"
        )
    stacks = [_stack(name, child) for name, child in module._modules.items()]
    network = StackNetwork(tuple(stacks))
    _check(network, module)
    return network


def _stack(name, module):
    layers = list(_linear_layers(name, module))
    bent = [layer for layer in layers if layer.bias is not None]
    straight = [layer for layer in layers if layer.bias is None]
    if len(bent) != 2 or len(straight) not in (1, 2):
        raise ReadError(
            f"child {name} has {len(bent)} Linear layers with bias and {len(straight)} without; a stack has "
            "two with (wide layer, bottleneck) and one or two without (affine path)"
        )
    wide, bottleneck = bent
    return Stack(
        _array(wide.weight),
        _array(wide.bias),
        _array(bottleneck.weight),
        _array(bottleneck.bias),
        tuple(_array(layer.weight) for layer in straight),
    )


def _linear_layers(name, module):
    for key, child in module._modules.items():
        kind = type(child).__name__
        if kind not in PARTS or not _is_torch(child, kind):
            raise ReadError(f"{name}.{key} is a {kind}; a stack is made of {', '.join(PARTS)}")
        if kind == "Linear":
            yield child
        yield from _linear_layers(f"{name}.{key}", child)


def _check(network, module):
    points = np.random.default_rng(SEED).normal(size=(POINTS, network.n0))
    tensor = next(iter(module.parameters())).new_tensor(points)
    theirs, ours = _array(module(tensor)), network.forward(points)
    off = np.abs(theirs - ours).max() if theirs.shape == ours.shape else np.inf
    if not off <= AGREEMENT * np.abs(ours).max():
        raise ReadError(
            f"the module's forward pass differs from that of the stacks read by {off:.2g} on random "
            "points; each child must compute W relu(V z + b) + c plus its affine path"
        )


def _is_torch(module, kind):
    return type(module).__name__ == kind and type(module).__module__.startswith("torch.nn.modules.")


def _array(tensor):
    return tensor.detach().cpu().double().numpy()
