"""Questions about a wide input, answered on an ellipsoid in the place of the zonotope.

The ellipsoid has the zonotope's shape, and an interior-point method on it needs p-dimensional algebra
only. It decides nothing: an interior point is pulled back to an input whose image is computed anew, multipliers are
proved with the zonotope's own support function. Where the two disagree, the ellipsoid is moved to touch
the zonotope there, and asked again.
"""

import numpy as np
from numba import njit

from .programs import SLOPPY
from .rows import OUTER, TINY, evaluate
from .zonotope import NO, UNKNOWN, YES, image, proves_no, realise, solve

# Rounds of ellipsoid and trial.
ROUNDS = 10
# Squared radius of the first round, as a share of the matching one: near the centre, pulling back is easy.
NEAR = 0.15
# How the squared radius grows from round to round, up to the matching one.
GROW = 2.5
# Newton steps of one interior-point run.
NEWTON_STEPS = 60
# Each Newton step that goes well raises the weight of the objective by this factor.
FASTER = 6.0
# A step cut to less than this share means that the weight was raised too soon, and lowers it again.
CRAWL, SLOWER = 0.15, 3.0
# Share of the way to the nearest wall that a step may go.
SHY = 0.9
# How far past the hyperplane a target lies, in units of the remaining gap.
BEYOND = 0.2
# Multipliers below this share of the largest are first tried as zero: a sparse proof holds higher up.
SPARSE = 0.02


@njit(**OUTER)
def ask_image(
    a, rows, row_sign, path, length, r, side, witness, start, y, z, w, room, rounding
):  # fmt: skip
    """Does ``side`` of row ``r`` occur in the cell? ``(answer, path length that a NO needs)``.

    A YES leaves the new witness in ``z``, its input in ``y`` and its w, see `realise`; ``start`` is the w of the
    present witness.
    """
    p = len(z)
    room.middle[:] = room.centre
    away = 0.0
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += a.metric[i, e] * (witness[e] - room.middle[e])
        away += total * (witness[i] - room.middle[i])
    radius = max(NEAR * room.radius[0], 1.5 * away)
    for _ in range(ROUNDS):
        room.z[:] = witness
        found = follow_path(a, rows, row_sign, path, length, r, side, radius, room)
        if found == YES:
            found = realise(
                a, rows, row_sign, path, length, r, side, start, y, z, w, room, rounding
            )
            if found == YES:
                return YES, 0
            if found == UNKNOWN:
                return UNKNOWN, 0
        elif found == NO:
            for share in (SPARSE, 0.0):
                proved, depth = proves_no(a, rows, row_sign, path, length, r, side, room, share)
                if proved:
                    return NO, depth
        else:
            return UNKNOWN, 0
        # room.q has a direction in which ellipsoid and zonotope disagree, room.v its pull-back
        radius = touch(a, witness, min(GROW * radius, max(room.radius[0], radius)), y, z, room)
        if not radius > 0.0:
            return UNKNOWN, 0
    return UNKNOWN, 0


@njit(**OUTER)
def touch(a, witness, radius, y, z, room):
    """Move the ellipsoid so that it touches the zonotope where that is highest in direction ``room.q``.

    There the two then agree to first order. Returns the squared radius, enlarged to keep the witness in.
    """
    p = len(z)
    for j in range(len(y)):
        y[j] = a.input_upper[j] if room.v[j] > 0.0 else a.input_lower[j]
    image(a.mixing, a.shift, y, z)
    square, reach, distance = 0.0, 0.0, 0.0
    for i in range(p):
        total, towards = 0.0, 0.0
        for e in range(p):
            total += a.full[i, e] * room.q[e]
            towards += a.metric[i, e] * (witness[e] - z[e])
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
def follow_path(a, rows, row_sign, path, length, r, side, radius, room):
    """Maximise row ``r`` on the cell cut by the ellipsoid, from ``room.z``, until the sign is clear.

    YES leaves a point beyond the hyperplane in ``room.z``, NO the multipliers in ``room.dual``.
    """
    p = len(room.z)
    terms = length + 2.0
    weight = terms / max(-side * evaluate(rows, r, p, room.z), TINY)
    for _ in range(NEWTON_STEPS):
        close, moved = ellipsoid_step(
            a, rows, row_sign, path, length, r, side, weight, radius, room
        )
        if moved < 0.0:
            return UNKNOWN
        value = side * evaluate(rows, r, p, room.z)
        if value > BEYOND * terms / weight or (value > 0.0 and close):
            return YES
        if close and value + terms / weight < 0.0:
            return NO
        if close:
            weight *= FASTER
        elif moved < CRAWL:
            weight /= SLOWER
    return UNKNOWN


@njit(**SLOPPY)
def ellipsoid_step(a, rows, row_sign, path, length, r, side, weight, radius, room):
    """One Newton step of the barrier at ``room.z``: ``(whether it was near the path, step or -1)``."""
    p = len(room.z)
    z, gradient, hessian = room.z, room.gradient, room.hessian
    # the ellipsoid: room for (z - centre)^T metric (z - centre)
    left = radius
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += a.metric[i, e] * (z[e] - room.middle[e])
        room.q[i] = total
        left -= total * (z[i] - room.middle[i])
    left = max(left, 1e-3 * radius)
    for i in range(p):
        gradient[i] = weight * side * rows[r, i] - 2.0 * room.q[i] / left
        for e in range(i + 1):
            hessian[i, e] = 2.0 * a.metric[i, e] / left + 4.0 * room.q[i] * room.q[e] / (
                left * left
            )
    for c in range(length):
        s = path[c]
        value = rows[s, p]
        for d in range(p):
            value += rows[s, d] * z[d]
        value *= row_sign[s]
        room.slack[c] = value
        inverse = row_sign[s] / value
        for i in range(p):
            scaled = rows[s, i] * inverse
            if scaled == 0.0:
                continue
            gradient[i] += scaled
            for e in range(i + 1):
                hessian[i, e] += scaled * rows[s, e] * inverse
    for i in range(p):
        room.q[i] = gradient[i]
    if not solve(hessian, gradient):
        return False, -1.0
    decrement = 0.0
    for i in range(p):
        decrement += room.q[i] * gradient[i]
    # multipliers to first order after the step, and the longest step that keeps all slacks positive
    longest = 1.0
    for c in range(length):
        s = path[c]
        change = 0.0
        for d in range(p):
            change += rows[s, d] * gradient[d]
        change *= row_sign[s]
        room.dual[c] = max(1.0 - change / room.slack[c], 0.0) / (weight * room.slack[c])
        if change < 0.0:
            longest = min(longest, -SHY * room.slack[c] / change)
    square, cross = 0.0, 0.0
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += a.metric[i, e] * gradient[e]
        square += total * gradient[i]
        cross += total * (z[i] - room.middle[i])
    if square > 0.0:
        root = (-cross + np.sqrt(max(cross * cross + square * left, 0.0))) / square
        longest = min(longest, SHY * root)
    for i in range(p):
        z[i] += longest * gradient[i]
    return decrement < 1.0, longest
