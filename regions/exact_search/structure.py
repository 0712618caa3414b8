"""What the stored numbers alone say of units: which share a hyperplane, which have one sign.

Units of one layer with proportional weights and biases, of either sign, are one hyperplane; on the domain so are rows of the
first layer that are proportional there, and a row that is proportional to a side of the domain, touches its box or does not
move has one sign. Such ties are exact: no tolerance can settle them, and each would come up again in cell after cell.
Floats look for candidates, whole numbers decide.
"""

import numpy as np

from ..arithmetic.integers import whole_numbers
from ..arithmetic.proportional import NEAR, either_sign


def ties(problem):
    """For each hidden unit of a `Problem`, int64 (N,): what another unit or its own numbers say of its sign.

    t > 0: the unit has the sign of unit t - 1 of its layer, an earlier one; t < 0: the opposite of that of unit -t - 1,
    where that is not identically zero; N + 1 and -N - 1: on and off, on all of the domain. 0: nothing is known.
    """
    network = problem.network
    out = np.zeros(network.n_units, dtype=np.int64)
    _first_layer(problem, out)
    start = network.widths[0] if network.widths else 0
    for layer in network.hidden[1:]:
        rows = np.column_stack([layer.weight, layer.bias])
        for unit, leader, sign in either_sign(rows, lambda i, rows=rows: _whole(rows[i])):
            out[start + unit] = sign * (start + leader + 1)
        start += len(rows)
    return out


def _first_layer(problem, out):
    """The rows of the first layer on the domain, with its sides before them."""
    network, exact, hull = problem.network, problem.exact, problem.hull
    if not network.widths:
        return
    weight, bias = network.hidden[0]
    always = network.n_units + 1
    signs = np.zeros(network.n_units, dtype=np.int8)

    def row(unit):
        return exact.row(signs, unit)

    with np.errstate(all="ignore"):
        slopes = weight @ hull.directions.T if hull.free is None else weight[:, hull.free]
        constants = weight @ hull.origin + bias
        size = np.abs(weight) @ np.abs(hull.directions).T if hull.free is None else np.abs(slopes)
    lower, upper = exact.box.floats
    k = slopes.shape[1]
    with np.errstate(all="ignore"):
        reach = np.maximum(np.abs(lower), np.abs(upper))[:k]
        room = size @ reach + np.abs(weight) @ np.abs(hull.origin) + np.abs(bias)
        ends = slopes * lower[:k], slopes * upper[:k]
        high = np.maximum(*ends).sum(axis=1) + constants
        low = np.minimum(*ends).sum(axis=1) + constants
        touching = ~(np.minimum(np.abs(high), np.abs(low)) > NEAR * room)
        if not problem.domain.bounded:  # cones: only what does not depend on x has a sign
            touching = ~weight.any(axis=1)
    for unit in np.flatnonzero(touching):
        out[unit] = always * _sign_on(exact.box, row(unit).values)
    open_ = np.flatnonzero(out[: len(bias)] == 0)
    sides = exact.sides if problem.domain.bounded else []
    values = np.array([side.floats for side in sides]).reshape(len(sides), k + 1)
    rows = np.concatenate([values, np.column_stack([slopes, constants])[open_]])
    rows[np.abs(rows) <= NEAR * np.abs(rows).max(axis=1, keepdims=True, initial=0)] = 0.0

    def whole(i):
        return sides[i].values if i < len(sides) else row(int(open_[i - len(sides)])).values

    for i, j, sign in either_sign(rows, whole):
        if i < len(sides):
            continue
        unit = open_[i - len(sides)]
        out[unit] = sign * (always if j < len(sides) else open_[j - len(sides)] + 1)


def _sign_on(box, values):
    """The sign of a row on the interior of a box, -1 where it is identically zero; 0 when it takes both."""
    if box.highest(values) <= 0:
        return -1
    return 1 if box.highest([-v for v in values]) <= 0 else 0


def _whole(row):
    return whole_numbers(row)[0]
