"""From a wanted image back to an input: the witnesses of a wide network.

The inputs looked at are ``y = clip(centre + W1.T @ w)``, of all with the same image the nearest to the centre.
"""

import numpy as np

from .programs import BLOCK, SLOPPY
from .rows import OUTER, put
from .store import njit
from .zonotope import NO, UNKNOWN, YES, image, inside, pull_back, solve, support

# Steps towards one wanted image.
PULL_STEPS = 18
# A pull-back that leaves more than this share of the squared distance calls for a new Newton matrix.
SLOW = 0.1
# Steps before that is asked, and the least curvature, as a share of the expected one, that is learnt from.
PATIENCE, LEAST_CURVATURE = 2, 1e-3
# Each new Newton matrix of a pull-back has this much less of the full matrix in it.
DAMPING, LEAST_DAMPING = 0.1, 5e-3


@njit(**SLOPPY)
def from_centre(lower, upper, v, y):
    """``y``: the centre of the box moved by ``v``, clipped to the box."""
    for j in range(len(y)):
        y[j] = min(max(0.5 * (lower[j] + upper[j]) + v[j], lower[j]), upper[j])


@njit(**BLOCK)
def newton_matrix(mixing, lower, upper, y, free, full, damping, matrix):
    """``matrix``: derivative of the image by the pull-back, over the inputs off their bounds.

    A share ``damping`` of ``full``, the derivative with no input at its bound, keeps it well-conditioned.
    """
    p, n = mixing.shape
    count = 0
    for j in range(n):
        if lower[j] < y[j] < upper[j]:
            for i in range(p):
                free[i, count] = mixing[i, j]
            count += 1
    for i in range(p):
        for e in range(i + 1):
            total = damping * full[i, e]
            for j in range(count):
                total += free[i, j] * free[e, j]
            matrix[i, e] = total
            matrix[e, i] = total


@njit(**OUTER)
def separated(mixing, shift, lower, upper, target, q, v):
    """Whether direction ``q`` separates the target from the zonotope; ``v`` is left as its pull-back."""
    pull_back(mixing, q, v)
    gap = support(lower, upper, v)
    for i in range(len(target)):
        gap += q[i] * (shift[i] - target[i])
    return gap < 0.0


@njit(**OUTER)
def realise(
    zonotope, rows, row_sign, path, length, r, side, witness, start, y, z, w, room, rounding
):
    """Look for an input with image ``room.z``; YES when one lands in the cell, NO when there is none.

    Inputs are ``y = clip(centre + W1.T @ w)``, of all with the same image the nearest to the centre. The image is the
    gradient of a convex function of w, so w moves by BFGS steps, whose matrix ``room.metric`` is kept from question to
    question; where that is slow, the matrix is computed anew. The first step starts at the witness, whose w is
    ``start``, or at the centre when that is zero.
    """
    p = len(z)
    before, damping = np.inf, DAMPING
    known = False
    for i in range(p):
        known |= start[i] != 0.0
        w[i], room.last[i] = start[i], witness[i]
        room.gap[i] = room.z[i] - witness[i]
    if known:
        before = scaled_square(zonotope.metric, room.gap, room.q)
        step(room.metric, room.gap, room.move, w)
    for trial in range(PULL_STEPS):
        pull_back(zonotope.mixing, w, room.v)
        from_centre(zonotope.lower, zonotope.upper, room.v, y)
        image(zonotope.mixing, zonotope.shift, y, z)
        if inside(rows, row_sign, path, length, r, side, z, rounding):
            return YES
        if known:
            learn(room.metric, room.move, z, room.last, room.q)
        for i in range(p):
            room.gap[i] = room.z[i] - z[i]
        size = scaled_square(zonotope.metric, room.gap, room.q)
        if size > before:  # too far: clipping took over on the way
            for i in range(p):
                room.move[i] *= 0.5
                w[i] -= room.move[i]
            continue
        if size > SLOW * before and trial >= PATIENCE:
            if separated(
                zonotope.mixing,
                zonotope.shift,
                zonotope.lower,
                zonotope.upper,
                room.z,
                room.q,
                room.v,
            ):
                return NO
            damping = max(damping * DAMPING, LEAST_DAMPING)
            newton_matrix(
                zonotope.mixing,
                zonotope.lower,
                zonotope.upper,
                y,
                room.free,
                zonotope.full,
                damping,
                room.hessian,
            )
            if not invert(room.hessian, room.metric):
                return UNKNOWN
        before, known = size, True
        put(room.last, z)
        step(room.metric, room.gap, room.move, w)
    # out of reach, the steps grow along a direction that says so
    put(room.q, room.move)
    far = separated(
        zonotope.mixing, zonotope.shift, zonotope.lower, zonotope.upper, room.z, room.q, room.v
    )
    return NO if far else UNKNOWN


@njit(**SLOPPY)
def scaled_square(metric, vector, product):
    """``vector . metric . vector``, with ``metric @ vector`` left in ``product``."""
    p, square = len(vector), 0.0
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += metric[i, e] * vector[e]
        product[i] = total
        square += total * vector[i]
    return square


@njit(**SLOPPY)
def step(metric, gap, move, w):
    """``move = metric @ gap``, added to ``w``."""
    p = len(gap)
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += metric[i, e] * gap[e]
        move[i] = total
        w[i] += total


@njit(**BLOCK)
def learn(metric, move, z, last, product):
    """The BFGS update of an inverse Hessian: ``move`` of w took the image from ``last`` to ``z``."""
    p, curvature, square = len(move), 0.0, 0.0
    for i in range(p):
        total = 0.0
        for e in range(p):
            total += metric[i, e] * (z[e] - last[e])
        product[i] = total
        curvature += move[i] * (z[i] - last[i])
        square += total * (z[i] - last[i])
    if not curvature > LEAST_CURVATURE * square:
        return
    inverse = 1.0 / curvature
    grow = (1.0 + square * inverse) * inverse
    for i in range(p):
        along, across = grow * move[i] - product[i] * inverse, move[i] * inverse
        for e in range(p):
            metric[i, e] += along * move[e] - across * product[e]


@njit(**BLOCK)
def invert(matrix, inverse):
    """The inverse of a symmetric positive definite ``matrix``, which is overwritten; False when it is not."""
    p = len(matrix)
    work = np.empty((p, p))
    for i in range(p):
        for d in range(p):
            put(work[d], matrix[d])
            inverse[i, d] = 0.0
        inverse[i, i] = 1.0
        if not solve(work, inverse[i]):
            return False
    return True
