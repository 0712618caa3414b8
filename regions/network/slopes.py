"""Slopes: a hidden unit is max(g, s g), with a slope s of its own for where it is off.

0 is the ReLU, 0.01 a leaky one, -1 the absolute value. A unit is on where g > 0, whatever its slope; what it passes
on where it is off is s g. Slopes are below 1: max(g, g) has no two sides, and with s > 1 the two would be min(g, s g).
"""

import numpy as np

from ..arithmetic.doubles import as_doubles
from ..errors import InputError, UnsupportedError


def checked_slopes(slopes, widths):
    """``slopes`` as read-only arrays, one for each hidden layer of ``widths``; None where all units are ReLUs.

    >>> checked_slopes([0.5, [0, -1]], (1, 2))
    (array([0.5]), array([ 0., -1.]))
    >>> checked_slopes([0, [0, 0]], (1, 2)) is None
    True
    """
    if slopes is None:
        return None
    if isinstance(slopes, bool | int | float | np.number):
        slopes = [slopes] * len(widths)
    slopes = list(slopes)
    if len(slopes) != len(widths):
        raise InputError(
            f"slopes are one array or number for each of the {len(widths)} hidden layers, from input to output; "
            f"got {len(slopes)}"
        )
    pairs = zip(slopes, widths, strict=True)
    checked = tuple(_of_layer(k, *pair) for k, pair in enumerate(pairs, start=1))
    return checked if any(layer.any() for layer in checked) else None


def _of_layer(k, slopes, n):
    name = f"s{k}"
    array = np.zeros(n) if slopes is None else np.asarray(slopes)
    if array.dtype.kind not in "fiu":
        raise InputError(f"{name} must hold real numbers; got dtype {array.dtype}")
    if array.shape not in ((), (1,), (n,)):
        raise InputError(
            f"{name} must be one number or have shape ({n},), one entry per unit of hidden layer {k}; got {array.shape}"
        )
    # adding 0.0 turns -0.0 into 0.0: the same number must have one digest
    array = np.broadcast_to(as_doubles(name, array), n) + 0.0
    bad = ~(np.isfinite(array) & (array < 1))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(
            f"{name}[{i}] is {array[i]:g}; a unit max(g, s g) has a finite slope s below 1, so write what is linear "
            "into the weights of the next layer"
        )
    array.setflags(write=False)
    return array


def outputs(g, slopes):
    """What units pass on at pre-activations ``g`` (..., n): max(g, 0), or max(g, s g) with ``slopes`` (n,)."""
    return np.maximum(g, 0.0) if slopes is None else np.where(g > 0.0, g, slopes * g)


def factors(on, slopes):
    """What units multiply their pre-activations by, floats (..., n): 1 where they are ``on``, else their slope."""
    return np.where(on, 1.0, 0.0 if slopes is None else slopes)


COUNTED = "cells, maps and pieces of such networks are counted by count_regions with engine cells"


def require_relu(network, verb, remedy=COUNTED):
    """Raise `UnsupportedError` unless all hidden units are ReLUs: ``verb`` knows no others; ``remedy`` says what does.

    >>> from regions.network import Network
    >>> leaky = Network(((np.eye(2), None), (np.eye(2), None)), slopes=0.01)
    >>> require_relu(leaky, "stable_units")
    Traceback (most recent call last):
    ...
    regions.errors.UnsupportedError: stable_units takes ReLU units only, and this network has slopes (0.01 in hidden
    layer 1); cells, maps and pieces of such networks are counted by count_regions with engine cells
    """
    if network.slopes is None:
        return
    k = next(k for k, layer in enumerate(network.slopes) if layer.any())
    first = network.slopes[k][np.flatnonzero(network.slopes[k])[0]]
    raise UnsupportedError(
        f"{verb} takes ReLU units only, and this network has slopes ({first:g} in hidden layer {k + 1}); {remedy}"
    )
