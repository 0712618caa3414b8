"""Numbers of other types as doubles, and only those that are doubles."""

import numpy as np

from ..errors import InputError


def as_doubles(name, array):
    """The array of numbers ``array`` as float64, which holds each of them exactly.

    Raises
    ------
    InputError
        It does not: integers beyond 2**53, floats longer than a double; ``name`` says whose they are.

    Examples
    --------
    >>> as_doubles("W1", np.array([2**53, 2**54]))
    array([9.00719925e+15, 1.80143985e+16])
    >>> as_doubles("W1", np.array([1, 2**53 + 1]))
    Traceback (most recent call last):
    ...
    regions.errors.InputError: W1[1] is 9007199254740993, a number that no double holds; exact means exact
    for what is stored: round it yourself, with numpy.asarray(..., dtype=float), if the nearest is meant
    """
    with np.errstate(over="ignore"):  # a longer float beyond all doubles becomes infinite
        doubles = np.array(array, dtype=np.float64, order="C")
    if array.dtype.kind in "fb" and array.dtype.itemsize <= doubles.dtype.itemsize:
        return doubles
    if array.dtype.kind in "iu":
        # only these may have been rounded; Python compares an integer with a float exactly
        large = np.argwhere(np.abs(doubles) >= 2.0**53)
        changed = (i for i in map(tuple, large) if int(array[i]) != int(doubles[i]))
    else:
        same = doubles.astype(array.dtype) == array
        changed = map(tuple, np.argwhere(~same & np.isfinite(array)))
    for where in changed:
        raise InputError(
            f"{name}{[int(i) for i in where]} is {array[where]}, a number that no double holds; exact "
            "means exact for what is stored: round it yourself, with numpy.asarray(..., dtype=float), if "
            "the nearest is meant"
        )
    return doubles
