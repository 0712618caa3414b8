"""One convolutional layer: units that see a few inputs each cut space into fewer cells than units that see all.

Reference: Xiong, Huang, Yu, Liu, Zhu, Shao 2020, On the number of linear regions of convolutional neural
networks, Theorem 2. It is a theorem about supports, not about shared weights: where ``filters`` units at
each position i see the inputs ``fields[i]`` and no others, an arrangement has no more cells than sets of
hyperplanes with independent normals (those without a broken circuit are independent, Whitney 1932,
Zaslavsky 1975), and t_i units of position i can only be independent when the positions find t_i inputs of
their fields each, all different (Hall 1935; Rado 1942).
"""

from collections.abc import Iterable
from itertools import combinations, product
from math import comb
from typing import SupportsIndex, TypeAlias

from .checks import integer, integers

MOST_STEPS = 1_000_000
"""Choices of inputs that are gone through, seconds of work; more, and fields overlap too much for an exact answer."""


Counts: TypeAlias = dict[frozenset[frozenset[int]], int]
"""How often each state is met."""


def convolutional(fields: Iterable[Iterable[SupportsIndex]], filters: SupportsIndex) -> int:
    """The most cells of one layer with ``filters`` units at each position, which see ``fields`` of the inputs.

    The sum over all t, 0 <= t_i <= ``filters``, for which every set J of positions has
    ``sum(t_i for i in J) <= |union of the fields of J|``, of the product of C(filters, t_i). Holds for any
    weights, on any domain; filters in general position reach it (Xiong et al. 2020).

    Parameters
    ----------
    fields
        For each position the indices of the inputs that its units see; `windows` makes those of a
        convolution.
    filters
        Units at each position.

    Raises
    ------
    ValueError
        An index or ``filters`` that is no whole number, or fields that overlap too much
        (`MOST_STEPS`): `shallow` holds for them, as for any layer.

    Examples
    --------
    >>> convolutional(windows((3,), (2,)), filters=3)  # Zaslavsky's number, 6 units of 3 inputs, is 42
    40
    """
    fields = [set(integers(f"fields[{i}]", field, least=0)) for i, field in enumerate(fields)]
    filters = integer("filters", filters, least=1)
    later = [set().union(*fields[i + 1 :]) for i in range(len(fields))]
    # a state: the least sets of inputs, of those that this and later positions see, that may be in use
    counts: Counts = {frozenset([frozenset()]): 1}
    steps = 0
    for field, needed in zip(fields, later, strict=True):
        after: Counts = {}
        for state, count in counts.items():
            for units in range(filters + 1):
                steps += sum(_choices(used, units, field, needed) for used in state)
                if steps > MOST_STEPS:
                    raise ValueError(
                        f"the fields overlap in more than {MOST_STEPS} ways, too many for an exact maximum; "
                        "bounds.shallow(n0, units) holds for any layer"
                    )
                left = _take(state, units, field, needed)
                if not left:
                    break
                after[left] = after.get(left, 0) + count * comb(filters, units)
        counts = after
    return sum(counts.values())


def windows(
    shape: Iterable[SupportsIndex],
    kernel: Iterable[SupportsIndex],
    stride: SupportsIndex = 1,
    channels: SupportsIndex = 1,
) -> list[list[int]]:
    """The inputs that each position of a convolution without padding sees, as `convolutional` takes them.

    Parameters
    ----------
    shape, kernel
        Inputs and window along each axis, sequences of equal length.
    stride
        Steps of the window, the same along each axis.
    channels
        Inputs at each place.

    Examples
    --------
    >>> windows((4,), (2,), stride=2)
    [[0, 1], [2, 3]]
    """
    shape = integers("shape", shape, least=1)
    kernel = integers("kernel", kernel, least=1, length=len(shape))
    stride, channels = integer("stride", stride, least=1), integer("channels", channels, least=1)
    corners = [range(0, n - k + 1, stride) for n, k in zip(shape, kernel, strict=True)]
    return [
        [
            _index([c + o for c, o in zip(corner, offset, strict=True)], shape) * channels + channel
            for offset in product(*map(range, kernel))
            for channel in range(channels)
        ]
        for corner in product(*corners)
    ]


def _take(state, units, field, needed):
    """The state after ``units`` inputs of ``field`` are taken; empty where it has too few left.

    Inputs that no later position needs go first: that costs later positions nothing. Of the sets that may be
    in use the smallest are enough: they are the bases of a matroid, and every other set contains one.
    """
    grown = set()
    for used in state:
        more = max(units - len(field - needed - used), 0)
        for chosen in combinations(sorted((field & needed) - used), more):
            grown.add(used & needed | frozenset(chosen))
    least = min(map(len, grown), default=0)
    return frozenset(used for used in grown if len(used) == least)


def _choices(used, units, field, needed):
    """How many ways `_take` goes through for one set in use."""
    more = max(units - len(field - needed - used), 0)
    return comb(len((field & needed) - used), more)


def _index(place, shape):
    """The number of a place of an array of ``shape``, the last axis running fastest."""
    number = 0
    for coordinate, size in zip(place, shape, strict=True):
        number = number * size + coordinate
    return number
