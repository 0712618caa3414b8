"""Networks from arrays in memory: pairs ``(W, b)``, or one list ``[W1, b1, W2, b2, ...]``."""

import numpy as np

from ..errors import InputError, ReadError
from ..network import Network

REMEDY = (
    "give pairs (W, b) from input to output, W of shape (out, in), b of shape (out,) or None, or one list "
    "W1, b1, W2, b2, ..."
)


def from_arrays(arrays):
    """The `Network` of ``arrays``, a sequence; ReLU stands after every layer but the last.

    Its items are pairs ``(W, b)``, or arrays in the order of the layers, where a bias may be missing.

    Raises
    ------
    ReadError
        Other items.
    InputError
        Shapes that do not chain; numbers that are not finite.

    Examples
    --------
    >>> from_arrays([([[1.0], [-1.0]], None), ([[1.0, 1.0]], [0.5])]).architecture
    '1-2-1'
    >>> from_arrays([np.ones((2, 1)), np.zeros(2), np.ones((1, 2))]).architecture
    '1-2-1'
    """
    items = list(arrays)
    if items and all(_is_pair(item) for item in items):
        return Network(tuple((weight, bias) for weight, bias in items))
    layers = []
    for k, item in enumerate(items):
        rank = _rank(item)
        if rank == 2:
            layers.append([item, None])
        elif rank == 1 and layers and layers[-1][1] is None:
            layers[-1][1] = item
        else:
            raise ReadError(
                f"item {k} of the list is neither a weight matrix nor the bias of one but {_what(item)}; "
                f"{REMEDY}"
            )
    if not layers:
        raise ReadError(f"an empty list is no network; {REMEDY}")
    return Network(tuple(map(tuple, layers)))


def _is_pair(item):
    return (
        isinstance(item, tuple | list)
        and len(item) == 2
        and _rank(item[0]) == 2
        and (item[1] is None or _rank(item[1]) == 1)
    )


def _rank(item):
    """The number of dimensions of what is an array or a list of numbers; None for anything else."""
    try:
        array = np.asarray(item)
    except (ValueError, InputError, RuntimeError, TypeError):
        return None
    return array.ndim if array.dtype.kind in "fiub" else None


def _what(item):
    shape = getattr(item, "shape", None)
    return f"a {type(item).__name__}" + ("" if shape is None else f" of shape {tuple(shape)}")
