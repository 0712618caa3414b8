"""A network on a domain as the flat arrays that the kernels of counting by faces take.

Units before the last hidden layer are *earlier* units, numbered through, N of them; the last hidden layer has m. Every
unit is scaled by a power of two so that its weights are about one: no rounding, and signs stay.
"""

from typing import NamedTuple

import numpy as np


class Arrays(NamedTuple):
    """Rows of ``mixing`` are the first layer's units, then the domain's rows, over t in (-1, 1)^n.

    Ranges and slopes are certified: rounded outward. ``slack`` bounds what data and rounding of a row of
    ``mixing`` and its ``shift`` may be off, as a sum over the inputs.
    """

    mixing: np.ndarray  # (p, n)
    shift: np.ndarray  # (p,)
    slack: np.ndarray  # (p,)
    gram: np.ndarray  # (p, p): mixing @ mixing.T
    size_gram: np.ndarray  # (p, p): the same of absolute values
    length: np.ndarray  # (p,): sum of absolute values of a row
    widest: np.ndarray  # (p,): its largest absolute value
    first: int  # number of units of the first layer; the other rows of mixing are the domain's
    layer: np.ndarray  # (N,) int64: layer of each earlier unit
    layers: int
    weights: np.ndarray  # (N - first + m, N): weights of later units on earlier ones
    biases: np.ndarray  # (N - first + m,)
    below: (
        np.ndarray
    )  # (N - first + m, 2) int64: the earlier units that a later one sees, from and to
    lower: np.ndarray  # (N,)
    upper: np.ndarray  # (N,)
    reach: np.ndarray  # (N,): max(|lower|, |upper|)
    slope: np.ndarray  # (N,): max(z, 0) <= slope * z + lift on the range
    lift: np.ndarray  # (N,)
    columns: np.ndarray  # (N,): norms of the weights that leave a unit
    loose: np.ndarray  # (N,) bool: on everywhere, no sign to be asked for
    master: np.ndarray  # (N,) int64: the first unit with the same hyperplane, mostly itself
    flip: np.ndarray  # (N,): sign of a unit on its master's positive side


class Room(NamedTuple):
    """Scratch space of one thread."""

    t: np.ndarray
    v: np.ndarray
    z: np.ndarray  # of the first layer, then y of the free units
    y: np.ndarray
    columns: np.ndarray
    metric: np.ndarray
    half: np.ndarray
    units: np.ndarray
    constants: np.ndarray
    place: np.ndarray
    rows: np.ndarray
    hard: np.ndarray
    soft: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    kind: np.ndarray
    slot: np.ndarray
    start: np.ndarray
    last: np.ndarray
    move: np.ndarray
    slope: np.ndarray
    gradient: np.ndarray
    matrix: np.ndarray
    factor: np.ndarray
    x: np.ndarray
    free: np.ndarray
    chosen: np.ndarray
    pulled: np.ndarray
    tried: np.ndarray
    first: np.ndarray  # multipliers of the first layer, with which t = clip(pull)


def make_room(a, m):
    """Scratch space for the arrays ``a`` with ``m`` units in the last layer."""
    (p, n), units = a.mixing.shape, len(a.lower)
    r, d = 4 * units + m + (p - a.first) + 2, p + units
    floats, ints = np.zeros, lambda *shape: np.zeros(shape, dtype=np.int64)
    return Room(
        t=floats(n),
        v=floats(n),
        z=floats(d),
        y=floats(units),
        columns=floats((p, n)),
        metric=floats((p, p)),
        half=floats((r, d)),
        units=floats((len(a.biases), d)),
        constants=floats(len(a.biases)),
        place=ints(units),
        rows=floats((r, d)),
        hard=floats(r),
        soft=floats(r),
        lower=floats(r),
        upper=floats(r),
        kind=ints(r),
        slot=ints(r),
        start=floats(r),
        last=floats(r),
        move=floats(r),
        slope=floats(r),
        gradient=floats(r),
        matrix=floats((r, r)),
        factor=floats((r, r)),
        x=floats(r),
        free=ints(r),
        chosen=ints(r),
        pulled=floats(d),
        tried=floats(d),
        first=floats(p),
    )
