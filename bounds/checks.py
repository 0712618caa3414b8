"""What every bound asks of its input; each refusal is a `ValueError` of one line."""

from collections.abc import Iterable
from itertools import pairwise
from operator import index
from typing import SupportsIndex


def integer(name: str, value: SupportsIndex, least: int) -> int:
    """``value`` as a Python int of at least ``least``; numpy integers pass, bools do not.

    >>> integer("n0", True, least=1)
    Traceback (most recent call last):
    ...
    ValueError: n0 must be a whole number of at least 1; got True
    """
    try:
        number = index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < least:
        raise ValueError(f"{name} must be a whole number of at least {least}; got {value!r}")
    return number


def architecture(n0: SupportsIndex, widths: Iterable[SupportsIndex]) -> tuple[int, tuple[int, ...]]:
    """``n0`` and ``widths`` as int and tuple of ints, all positive; no hidden layer is allowed."""
    return integer("n0", n0, least=1), integers("widths", widths, least=1)


def integers(
    name: str, values: Iterable[SupportsIndex], least: int, length: int | None = None
) -> tuple[int, ...]:
    """The sequence ``values`` as a tuple of ints of at least ``least``, of the given length."""
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise ValueError(f"{name} must be a sequence of whole numbers; got {values!r}")
    numbers = tuple(integer(f"{name}[{k}]", value, least) for k, value in enumerate(values))
    if length is not None and len(numbers) != length:
        raise ValueError(f"{name} must have {length} entries, one per layer; got {len(numbers)}")
    return numbers


def nondecreasing(name, values):
    """``values`` itself, or the first place where it falls."""
    for k, (before, after) in enumerate(pairwise(values)):
        if after < before:
            raise ValueError(
                f"{name} must not decrease; entry {k} is {before} but entry {k + 1} is {after}"
            )
    return values
