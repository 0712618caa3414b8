"""npz, the form in which this package keeps networks: arrays ``W1, b1, ..., WL, bL``."""

import zipfile

import numpy as np

from ..errors import ReadError
from ..network import Network
from .optional_packages import parsing

REMEDY = "write the arrays W1, b1, ..., WL, bL with numpy.savez, or use regions.save"


def from_npz(path):
    """The `Network` in the npz file ``path``.

    ``Wk`` has shape (out, in), ``bk`` shape (out,); a missing ``bk`` stands for zeros; the last layer
    is linear. An array ``digest``, if there, must be the digest of the network.

    Raises
    ------
    ReadError
        Not an npz file, pickled objects in it, an array of another name, a gap in the numbers, another
        digest.
    """
    arrays = _arrays(path)
    digest = arrays.pop("digest", None)
    L = sum(name.startswith("W") for name in arrays)
    weights, biases = ([f"{letter}{k}" for k in range(1, L + 1)] for letter in "Wb")
    unknown = sorted(arrays.keys() - {*weights, *biases})
    if unknown or not L:
        raise ReadError(
            f"{', '.join(unknown) or 'no array at all'}: the arrays of a network are W1, b1, ..., "
            f"WL, bL, numbered without a gap, and digest; {REMEDY}"
        )
    network = Network(
        tuple((arrays[W], arrays.get(b)) for W, b in zip(weights, biases, strict=True))
    )
    if digest is not None and str(digest) != network.digest:
        raise ReadError(
            f"the digest stored beside the weights, {str(digest)[:12]}..., is not theirs, "
            f"{network.digest[:12]}...; the file was changed: write it anew"
        )
    return network


def to_npz(network, path):
    """Write ``network`` with its digest to the npz file ``path``, in float64."""
    arrays = {
        f"{letter}{k}": array
        for k, layer in enumerate(network.layers, start=1)
        for letter, array in zip("Wb", layer, strict=True)
    }
    with open(path, "wb") as file:  # numpy would append .npz to a name with another suffix
        np.savez_compressed(file, **arrays, digest=network.digest)


def _arrays(path):
    # opened here, because numpy leaves the file open when the zip in it is broken
    with parsing("npz", REMEDY), open(path, "rb") as file:
        if not zipfile.is_zipfile(file):  # numpy would take it for a pickle and advise to trust it
            raise ValueError("it is no zip archive")
        file.seek(0)
        with np.load(file, allow_pickle=False) as data:
            return dict(data)
