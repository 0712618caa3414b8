"""Pre-activations as affine rows with error bounds: the arithmetic that all kernels share.

On a cell the pre-activation of a unit is one affine function of the coordinates y in R^k. Its float
row has k + 3 entries: k coefficients, the constant, and

* the error: a bound on ``|row(y) - g(y)|`` over the box ``lower <= y <= upper`` of the domain,
  where g is the exact pre-activation of the stored weights under the activations chosen so far;
* the norm: a bound on ``sum_d |row_d| reach_d + |constant|``, so that evaluating the row at a point of the
  box errs by at most ``gamma(k) * norm`` (standard model of floating-point summation, Higham 2002,
  section 3.1, with twice the unit roundoff, which pays for rounding in the bounds themselves).

Rows before ``first_unit`` belong to the domain itself and are nonnegative inside.

Inner functions take plain arrays, not the named tuple: unpacking one costs more than their work.

Compiling is most of the first minute, so kernels are written for it: a loop or `put` where NumPy has a slice
assignment, whose general case (broadcasting, the text of its error) is compiled for each pair of types; and
`np.int64(0)` where a callee takes an integer that is known, for which it would be compiled once more.
"""

from typing import NamedTuple

import numpy as np

from .store import njit

# How every kernel is compiled: on disk once, without the GIL, no fast-math anywhere.
OUTER = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
# Small functions in hot loops: a call costs more than their work, since each array is seven words.
INNER = {**OUTER, "forceinline": True}

# Twice the unit roundoff 2**-53; and a floor that pays for underflow: rows are scaled so that no coordinate
# and no pre-activation exceeds 1 (`regions.preactivations.scaling`), and a product then loses less than 1e-307.
EPS = 2.0**-52
TINY = 1e-290


class Arrays(NamedTuple):
    """A network on a domain as the flat arrays that compiled code takes.

    ``rows`` has the domain's rows and the first hidden layer filled in; ``weights`` holds the
    transposed matrices of layers 2..L one after another, from ``offsets[l]`` for the layer with index l.
    """

    rows: np.ndarray  # (first_unit + N, k + 3)
    first_unit: int
    widths: np.ndarray  # (L,) int64
    starts: np.ndarray  # (L + 1,) int64: first unit of each layer
    weights: np.ndarray  # flat, layer l as (n_{l-1}, n_l)
    offsets: np.ndarray  # (L,) int64
    biases: np.ndarray  # (N,)
    slopes: np.ndarray  # (N,): what an off unit multiplies its row by, 0 for a ReLU
    one: int  # the coordinate that multiplies biases: k, or the last when homogenised
    lower: np.ndarray  # (k,)
    upper: np.ndarray  # (k,)
    reach: np.ndarray  # (k,): max(|lower|, |upper|)
    ties: (
        np.ndarray
    )  # (N,) int64: what the stored numbers say of a unit, see `exact_search.structure.ties`


@njit(**OUTER)
def layer_rows(a, rows, layer, signs, buffer):
    """Fill in the rows of hidden layer ``layer`` >= 1 under the signs of the layer before it.

    ``signs`` has shape (N,): +1 active, anything else inactive; ``buffer`` (k + 3, width) is scratch. A product with
    a slope is one rounding more for a term, which ``gamma`` has room for.
    """
    k = len(a.reach)
    before, n_before, n = a.starts[layer - 1], a.widths[layer - 1], a.widths[layer]
    first = a.first_unit + a.starts[layer]
    bias = a.biases[a.starts[layer] : a.starts[layer + 1]]
    slopes = a.slopes
    gamma = (n_before + 4) * EPS
    # unit by unit along the last axis: the loops that the compiler turns into vector code
    for d in range(k + 3):
        for i in range(n):
            buffer[d, i] = 0.0
    for i in range(n):
        buffer[a.one, i] = bias[i]
        buffer[k + 1, i] = gamma * abs(bias[i]) + TINY
    for j in range(n_before):
        passed = 1.0 if signs[before + j] > 0 else slopes[before + j]
        if passed == 0.0:
            continue
        row = rows[a.first_unit + before + j]
        start = a.offsets[layer] + j * n
        weight = a.weights[start : start + n]
        for d in range(k + 1):
            factor = passed * row[d]
            for i in range(n):
                buffer[d, i] += factor * weight[i]
        inherited = abs(passed) * (row[k + 1] + gamma * row[k + 2])
        for i in range(n):
            buffer[k + 1, i] += inherited * abs(weight[i])
    for d in range(k + 1):
        reach = a.reach[d] if d < k else 1.0
        for i in range(n):
            buffer[k + 2, i] += abs(buffer[d, i]) * reach
    for i in range(n):
        row = rows[first + i]
        for d in range(k + 1):
            row[d] = buffer[d, i]
        row[k + 1] = buffer[k + 1, i] * (1.0 + gamma)
        row[k + 2] = buffer[k + 2, i] * (1.0 + gamma) + TINY


@njit(**OUTER)
def constant_sign(a, layer, unit, signs):
    """+1 or -1 when the pre-activation is exactly a constant on the cell, or has a sign by structure.

    Layers after the first only: hidden outputs have a sign, nonnegative but where a slope is positive and the unit off,
    so weights and bias of one sign settle the unit without any arithmetic. An identically zero pre-activation is
    off. 0 means undecided.
    """
    before, here = a.starts[layer - 1], a.starts[layer]
    n_before, n_here = a.widths[layer - 1], a.widths[layer]
    slopes = a.slopes
    can_rise, can_fall, rises = False, False, False
    for j in range(n_before):
        slope = slopes[before + j]
        if signs[before + j] > 0:
            w = a.weights[a.offsets[layer] + j * n_here + unit]
            rises |= w > 0.0
            can_fall |= w < 0.0
        elif slope != 0.0:
            # s g has the sign of -s, or is zero
            w = a.weights[a.offsets[layer] + j * n_here + unit]
            falls = (w > 0.0) == (slope > 0.0)
            can_rise |= w != 0.0 and not falls
            can_fall |= w != 0.0 and falls
    can_rise |= rises
    bias = a.biases[here + unit]
    if not can_rise and bias <= 0.0:
        return -1
    if not can_fall and bias > 0.0:
        return 1
    # a sum of nonnegative terms: on as soon as one of them is a unit that is not identically zero
    if not can_fall and bias == 0.0 and rises:
        return 1
    return 0


@njit(**INNER)
def put(target, source):
    """``target[:] = source`` for vectors."""
    for i in range(len(source)):
        target[i] = source[i]


@njit(**INNER)
def largest(values):
    """The largest of nonnegative integers."""
    most = np.int64(0)
    for i in range(len(values)):
        if values[i] > most:
            most = values[i]
    return most


@njit(**INNER)
def tied_sign(ties, signs, split, unit):
    """+1 or -1 when the stored numbers, and the sign of the unit on the same hyperplane, settle the unit; else 0.

    The opposite of a unit that is off is on only where that unit splits: it may be identically zero.
    """
    tie = ties[unit]
    if tie == 0:
        return 0
    other = abs(tie) - 1
    if other == len(signs):
        return 1 if tie > 0 else -1
    if tie > 0:
        return signs[other]
    return -signs[other] if signs[other] > 0 or split[other] else 0


@njit(**INNER)
def evaluate(rows, r, k, y):
    """The float row ``r`` at the point ``y``."""
    value = rows[r, k]
    for d in range(k):
        value += rows[r, d] * y[d]
    return value


@njit(**INNER)
def margin(rows, r, k):
    """A value of row ``r`` beyond this, at a point of the box, has the sign of the exact pre-activation."""
    return rows[r, k + 1] + (k + 4) * EPS * rows[r, k + 2]


@njit(**INNER)
def proves_empty(lower, upper, rows, row_sign, r, side, support, multipliers, count, q):
    """Whether multipliers prove that ``side * g > 0`` nowhere on the cell, g being row ``r``.

    Weak duality: with ``multipliers >= 0`` on rows s for which ``row_sign[s] * rows[s]`` is nonnegative on
    the cell, the maximum over the box of the weighted sum, plus all error bounds, bounds ``side * g``
    from above. The proof holds when that is strictly negative, and a number: a multiplier that overflows
    makes slopes of -inf, which bound nothing. ``q`` is scratch (k + 1,).
    """
    k = len(lower)
    error = rows[r, k + 1]
    norm = rows[r, k + 2]
    for d in range(k + 1):
        q[d] = side * rows[r, d]
    for i in range(count):
        m = multipliers[i]
        if not m > 0.0:
            continue
        s = support[i]
        factor = m * row_sign[s]
        for d in range(k + 1):
            q[d] += factor * rows[s, d]
        error += m * rows[s, k + 1]
        norm += m * rows[s, k + 2]
    bound = q[k]
    for d in range(k):
        bound += q[d] * (upper[d] if q[d] > 0.0 else lower[d])
    return -np.inf < bound + (error + (count + k + 6) * EPS * norm) * (1.0 + 1e-9) < 0.0
