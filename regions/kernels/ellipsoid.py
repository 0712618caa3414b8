"""Questions about a wide input, answered on an ellipsoid in the place of the zonotope.

The ellipsoid has the zonotope's shape, and a linear function is maximised on its cut with the cell by an
active-set method that sees nothing but the rows' inner products. It decides nothing: an interior point is
pulled back to an input whose image is computed anew, multipliers are proved with the zonotope's own support
function. Where the two disagree, the ellipsoid is moved to touch the zonotope there, and asked again.
"""

import numpy as np

from .activeset import active_set
from .programs import BLOCK
from .pullback import realise
from .rows import OUTER, TINY, evaluate, put
from .store import njit
from .zonotope import NO, UNKNOWN, YES, image, proves_no

# Rounds of ellipsoid and trial.
ROUNDS = 10
# Squared radius of the first round, as a share of the matching one: near the centre, pulling back is easy.
NEAR = 0.15
# How the squared radius grows from round to round, up to the matching one.
GROW = 2.5
# Multipliers below this share of the largest are first tried as zero: a sparse proof holds higher up.
SPARSE = 0.02


@njit(**BLOCK)
def join_path(full, rows, row_sign, path, position, sigma, gram, norm):
    """Enter row ``path[position]`` into the inner products ``row_i . full . row_j`` of the path's signed rows."""
    p = len(full)
    r = path[position]
    sign = row_sign[r]
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += full[i, e] * rows[r, e]
        sigma[position, i] = sign * total
    for c in range(position + 1):
        s = path[c]
        total = 0.0
        for d in range(p):
            total += rows[s, d] * sigma[position, d]
        total *= row_sign[s]
        gram[position, c] = total
        gram[c, position] = total
    norm[position] = np.sqrt(max(gram[position, position], TINY))


@njit(**OUTER)
def ask_image(
    zonotope, rows, row_sign, path, length, r, side, witness, start, y, z, w, room, rounding
):  # fmt: skip
    """Does ``side`` of row ``r`` occur in the cell? ``(answer, path length that a NO needs)``.

    A YES leaves the new witness in ``z``, its input in ``y`` and its w, see `realise`; ``start`` is the w of the
    present witness.
    """
    p = len(z)
    put(room.middle, room.centre)
    away = 0.0
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += zonotope.metric[i, e] * (witness[e] - room.middle[e])
        away += total * (witness[i] - room.middle[i])
    question(zonotope.full, rows, row_sign, path, length, r, side, room.axis, room.cross)
    radius = max(NEAR * room.radius[0], 1.5 * away)
    for _ in range(ROUNDS):
        found = highest(zonotope, rows, row_sign, path, length, r, side, witness, radius, room)
        if found == YES:
            found = realise(
                zonotope, rows, row_sign, path, length, r, side, witness, start, y, z, w, room, rounding
            )  # fmt: skip
            if found == YES:
                return YES, 0
            if found == UNKNOWN:
                return UNKNOWN, 0
        elif found == NO:
            for share in (SPARSE, 0.0):
                proved, depth = proves_no(
                    zonotope, rows, row_sign, path, length, r, side, room, share
                )
                if proved:
                    return NO, depth
        else:
            return UNKNOWN, 0
        # room.q has a direction in which ellipsoid and zonotope disagree, room.v its pull-back
        radius = touch(
            zonotope, witness, min(GROW * radius, max(room.radius[0], radius)), y, z, room
        )
        if not radius > 0.0:
            return UNKNOWN, 0
    return UNKNOWN, 0


@njit(**BLOCK)
def question(full, rows, row_sign, path, length, r, side, axis, cross):
    """Inner products of ``side * row r``: ``axis`` = full . row, ``cross`` with the path and, last, itself."""
    p = len(full)
    square = 0.0
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += full[i, e] * rows[r, e]
        axis[i] = side * total
        square += total * rows[r, i]
    for c in range(length):
        s = path[c]
        total = 0.0
        for d in range(p):
            total += rows[s, d] * axis[d]
        cross[c] = row_sign[s] * total
    cross[length] = square


@njit(**OUTER)
def touch(zonotope, witness, radius, y, z, room):
    """Move the ellipsoid so that it touches the zonotope where that is highest in direction ``room.q``.

    There the two then agree to first order. Returns the squared radius, enlarged to keep the witness in.
    """
    p = len(z)
    for j in range(len(y)):
        y[j] = zonotope.upper[j] if room.v[j] > 0.0 else zonotope.lower[j]
    image(zonotope.mixing, zonotope.shift, y, z)
    square, reach, distance = 0.0, 0.0, 0.0
    for i in range(p):
        total, towards = 0.0, 0.0
        for e in range(p):
            total += zonotope.full[i, e] * room.q[e]
            towards += zonotope.metric[i, e] * (witness[e] - z[e])
        room.move[i] = total
        square += total * room.q[i]
        reach += room.q[i] * (witness[i] - z[i])
        distance += towards * (witness[i] - z[i])
    if not (square > 0.0 and reach < 0.0):
        return -1.0
    length = np.sqrt(square)
    size = max(np.sqrt(radius), -1.05 * distance * length / (2.0 * reach))
    for i in range(p):
        room.middle[i] = z[i] - size * room.move[i] / length
    return size * size


@njit(**OUTER)
def highest(zonotope, rows, row_sign, path, length, r, side, witness, radius, room):
    """Does ``side * row r`` become positive on the cell cut by the ellipsoid?

    YES leaves a point where it does in ``room.z``, NO the multipliers of the path in ``room.dual``.
    """
    p = len(room.z)
    at_middle, at_witness = room.at_middle, room.at_witness
    for c in range(length):
        s = path[c]
        at_middle[c] = row_sign[s] * evaluate(rows, s, p, room.middle)
        at_witness[c] = row_sign[s] * evaluate(rows, s, p, witness)
    at_middle[length] = side * evaluate(rows, r, p, room.middle)
    at_witness[length] = side * evaluate(rows, r, p, witness)
    size, share, along = active_set(
        room.gram, room.norm, room.cross, at_middle, at_witness, length, p, radius, room.active,
        room.multipliers, room.factor, room.onto, room.through, room.slack,
    )  # fmt: skip
    if size < 0:
        return UNKNOWN
    if along > 0.0:
        for i in range(p):
            room.z[i] = room.middle[i] + share * room.axis[i]
        for j in range(size):
            c = room.active[j]
            factor = share * room.onto[j] + room.through[j]
            for i in range(p):
                room.z[i] -= factor * room.sigma[c, i]
        for i in range(p):
            room.z[i] = witness[i] + along * (room.z[i] - witness[i])
        return YES
    for c in range(length):
        room.dual[c] = 0.0
    for j in range(size):
        room.dual[room.active[j]] = room.multipliers[j]
    return NO
