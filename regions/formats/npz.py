"""npz, the form in which this package keeps networks: arrays ``W1, b1, ..., WL, bL``, and slopes ``s1, s2, ...``."""

import re
import warnings

import numpy as np

from ..errors import ReadError
from ..files import array_names, read_arrays, written
from ..network import Network
from ..network.chain import Chain, ReadWarning
from .optional_packages import parsing

REMEDY = "write the arrays W1, b1, ..., WL, bL with numpy.savez, or use regions.save"
AFFINITREE = re.compile(r"([0-9]+)\.(linear\.weights|linear\.bias|relu)")
NUMBERED = re.compile("[WwBbSs][0-9]+")  # an array of a layer, be it under another number or letter


def from_npz(path):
    """The `Network` in the npz file ``path``.

    ``Wk`` has shape (out, in), ``bk`` shape (out,); a missing ``bk`` stands for zeros; the last layer
    is linear. ``sk``, if there, has the slopes of hidden layer k, (out,) or one for all.
    An array ``digest``, if there, must be the digest of the network.

    Raises
    ------
    ReadError
        Not an npz file, pickled objects in it, a gap in the numbers, another digest.

    Warns
    -----
    ReadWarning
        Arrays of other names, which people keep beside their weights; they are not read.
    """
    with parsing("npz", REMEDY):
        names = array_names(path)
    if any(AFFINITREE.fullmatch(name) for name in names):
        return _of_affinitree(path, sorted(names))
    L = sum(re.fullmatch("W[0-9]+", name) is not None for name in names)
    weights, biases, slopes = ([f"{letter}{k}" for k in range(1, L + 1)] for letter in "Wbs")
    slopes = slopes[: L - 1]  # the last layer is linear
    others = [name for name in names if name not in {*weights, *biases, *slopes, "digest"}]
    misnumbered = [name for name in others if NUMBERED.fullmatch(name)]
    if misnumbered or not L:
        raise ReadError(
            f"{', '.join(misnumbered or others) or 'no array at all'}: the arrays of a network are W1, b1, "
            f"..., WL, bL, numbered without a gap, slopes s1, s2, ... of hidden layers, and digest; {REMEDY}"
        )
    with parsing("npz", REMEDY):
        arrays = read_arrays(path, [name for name in names if name not in others])
    network = Network(
        tuple((arrays[W], arrays.get(b)) for W, b in zip(weights, biases, strict=True)),
        slopes=[arrays.get(s) for s in slopes],
    )
    digest = arrays.get("digest")
    if digest is not None and str(digest) != network.digest:
        raise ReadError(
            f"the digest stored beside the weights, {str(digest)[:12]}..., is not theirs, "
            f"{network.digest[:12]}...; the file was changed: write it anew"
        )
    if others:
        warnings.warn(
            f"read are {', '.join(f'W{k}' for k in range(1, L + 1))} and their biases, not {', '.join(others)}",
            ReadWarning,
            stacklevel=3,
        )
    return network


def _of_affinitree(path, names):
    """The network in affinitree's layout: ``000.linear.weights``, ``000.linear.bias``, ``001.relu``, ..."""
    found = [AFFINITREE.fullmatch(name) for name in names]
    if not all(found):
        other = names[found.index(None)]
        raise ReadError(f"the array {other!r} is no linear layer or ReLU of affinitree's; {REMEDY}")
    wanted = [name for name in names if not name.endswith(".relu")]
    with parsing("npz", REMEDY):
        arrays = read_arrays(path, wanted)
    chain = Chain()
    for name, match in zip(names, found, strict=True):
        if match[2] == "relu":
            chain.relu()
        elif match[2] == "linear.weights":
            chain.affine(f"layer {match[1]}", arrays[name], arrays.get(f"{match[1]}.linear.bias"))
    return chain.network()


def to_npz(network, path):
    """Write ``network`` with its digest to the npz file ``path``, in float64."""
    arrays = {
        f"{letter}{k}": array
        for k, layer in enumerate(network.layers, start=1)
        for letter, array in zip("Wb", layer, strict=True)
    }
    arrays |= {f"s{k}": slopes for k, slopes in enumerate(network.slopes or (), start=1)}
    with written(path) as file:
        np.savez_compressed(file, **arrays, digest=network.digest)
