"""The first layer's image of a box, a zonotope: its points, its support, proofs over it.

With many more inputs than first-layer units everything happens in z = W1 y + b1 in R^p, and only what is in
this module touches the inputs, at n p operations a time.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .programs import SLOPPY
from .rows import EPS, OUTER, TINY, evaluate, margin

NO, UNKNOWN, YES = -1, 0, 1
# Steps towards one wanted image.
PULL_STEPS = 18
# A pull-back that leaves more than this share of the squared distance calls for a new Newton matrix.
SLOW = 0.1
# Each new Newton matrix of a pull-back has this much less of the full matrix in it.
DAMPING, LEAST_DAMPING = 0.1, 5e-3


class Room(NamedTuple):
    """Scratch for one question; p coordinates, n inputs, m rows."""

    z: np.ndarray  # (p,)
    move: np.ndarray  # (p,)
    gradient: np.ndarray  # (p,)
    hessian: np.ndarray  # (p, p)
    slack: np.ndarray  # (m,)
    dual: np.ndarray  # (m,)
    q: np.ndarray  # (p + 1,)
    v: np.ndarray  # (n,)
    free: np.ndarray  # (p, n)
    metric: np.ndarray  # (p, p): derivative of the image by the pull-back, kept while it helps
    centre: np.ndarray  # (p,): image of the centre of the box
    middle: np.ndarray  # (p,): of the ellipsoid
    inverse: np.ndarray  # (n,): of the box's share of a Hessian over the inputs
    step: np.ndarray  # (n,)
    back: np.ndarray  # (n,)
    radius: np.ndarray  # (1,): squared radius that matches the zonotope, in the metric (W1 W1^T)^-1


@njit(**OUTER)
def make_room(a, m):
    """Scratch for a network, with the ellipsoid that matches the zonotope on average."""
    p, n = a.mixing.shape
    room = Room(
        np.empty(p), np.empty(p), np.empty(p), np.empty((p, p)), np.empty(m), np.empty(m),
        np.empty(p + 1), np.empty(n), np.empty((p, n)), a.full.copy(), np.empty(p), np.empty(p), np.empty(n), np.empty(n), np.empty(n), np.empty(1),
    )  # fmt: skip
    image(a.mixing, a.shift, 0.5 * (a.input_lower + a.input_upper), room.centre)
    # support along each axis, over the length of the pulled-back axis
    total = 0.0
    for i in range(p):
        half, square = 0.0, TINY
        for j in range(n):
            half += 0.5 * abs(a.mixing[i, j]) * (a.input_upper[j] - a.input_lower[j])
            square += a.mixing[i, j] * a.mixing[i, j]
        total += half * half / square
    room.radius[0] = total / p
    return room


@njit(**SLOPPY)
def image(mixing, shift, y, z):
    """``z = mixing @ y + shift``; the margins of the rows hold for any order of summation."""
    p, n = mixing.shape
    for i in range(p):
        total = 0.0
        for j in range(n):
            total += mixing[i, j] * y[j]
        z[i] = total + shift[i]


@njit(**OUTER)
def pull_back(mixing, q, v):
    """``v = mixing.T @ q``, four rows at a time."""
    p, n = mixing.shape
    for j in range(n):
        v[j] = 0.0
    i = 0
    while i + 4 <= p:
        q0, q1, q2, q3 = q[i], q[i + 1], q[i + 2], q[i + 3]
        w0, w1, w2, w3 = mixing[i], mixing[i + 1], mixing[i + 2], mixing[i + 3]
        for j in range(n):
            v[j] += (q0 * w0[j] + q1 * w1[j]) + (q2 * w2[j] + q3 * w3[j])
        i += 4
    while i < p:
        q0, w0 = q[i], mixing[i]
        for j in range(n):
            v[j] += q0 * w0[j]
        i += 1


@njit(**SLOPPY)
def support(lower, upper, v):
    """The maximum of ``v . y`` over the box; any order of summation is inside the error bound."""
    total = 0.0
    for j in range(len(v)):
        total += max(v[j] * lower[j], v[j] * upper[j])
    return total


@njit(**SLOPPY)
def from_centre(lower, upper, v, y):
    """``y``: the centre of the box moved by ``v``, clipped to the box."""
    for j in range(len(y)):
        y[j] = min(max(0.5 * (lower[j] + upper[j]) + v[j], lower[j]), upper[j])


@njit(**SLOPPY)
def solve(matrix, vector):
    """Solve in place for a symmetric positive definite matrix (Cholesky); False when it is not."""
    p = len(vector)
    for i in range(p):
        for e in range(i + 1):
            total = matrix[i, e]
            for d in range(e):
                total -= matrix[i, d] * matrix[e, d]
            if i == e:
                if not total > 0.0:
                    return False
                matrix[i, i] = np.sqrt(total)
            else:
                matrix[i, e] = total / matrix[e, e]
    for i in range(p):
        total = vector[i]
        for d in range(i):
            total -= matrix[i, d] * vector[d]
        vector[i] = total / matrix[i, i]
    for i in range(p - 1, -1, -1):
        total = vector[i]
        for d in range(i + 1, p):
            total -= matrix[d, i] * vector[d]
        vector[i] = total / matrix[i, i]
    return True


@njit(**SLOPPY)
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
def inside(rows, row_sign, path, length, r, side, z, rounding):
    """Whether ``z`` is in the interior of the exact cell and on ``side`` of row ``r``.

    ``rounding`` is what computing z itself adds to each row, per unit of its norm.
    """
    p = len(z)
    if not side * evaluate(rows, r, p, z) > margin(rows, r, p) + rounding * rows[r, p + 2]:
        return False
    for i in range(length):
        s = path[i]
        needed = margin(rows, s, p) + rounding * rows[s, p + 2]
        if not row_sign[s] * evaluate(rows, s, p, z) > needed:
            return False
    return True


@njit(**OUTER)
def separated(a, room):
    """Whether direction ``room.q`` separates the target ``room.z`` from the zonotope."""
    pull_back(a.mixing, room.q, room.v)
    gap = support(a.input_lower, a.input_upper, room.v)
    for i in range(len(room.z)):
        gap += room.q[i] * (a.shift[i] - room.z[i])
    return gap < 0.0


@njit(**OUTER)
def realise(a, rows, row_sign, path, length, r, side, start, y, z, w, room, rounding):
    """Look for an input with image ``room.z``; YES when one lands in the cell, NO when there is none.

    Inputs are ``y = clip(centre + W1.T @ w)``, of all with the same image the nearest to the centre; w moves by Newton
    steps whose matrix is kept until it stops helping.
    """
    p = len(z)
    before, damping = np.inf, DAMPING
    w[:] = start
    for _ in range(PULL_STEPS):
        pull_back(a.mixing, w, room.v)
        from_centre(a.input_lower, a.input_upper, room.v, y)
        image(a.mixing, a.shift, y, z)
        if inside(rows, row_sign, path, length, r, side, z, rounding):
            return YES
        size = 0.0
        for i in range(p):
            total = 0.0
            for e in range(p):
                total += a.metric[i, e] * (room.z[e] - z[e])
            size += total * (room.z[i] - z[i])
        if size > before:  # too far: clipping took over on the way
            for i in range(p):
                room.move[i] *= 0.5
                w[i] -= room.move[i]
            continue
        if size > SLOW * before:
            for i in range(p):
                total = 0.0
                for e in range(p):
                    total += a.metric[i, e] * (room.z[e] - z[e])
                room.q[i] = total
            if separated(a, room):
                return NO
            damping = max(damping * DAMPING, LEAST_DAMPING)
            newton_matrix(
                a.mixing,
                a.input_lower,
                a.input_upper,
                y,
                room.free,
                a.full,
                damping,
                room.metric,
            )
        before = size
        for i in range(p):
            room.move[i] = room.z[i] - z[i]
        room.hessian[:, :] = room.metric
        if not solve(room.hessian, room.move):
            return UNKNOWN
        for i in range(p):
            w[i] += room.move[i]
            room.q[i] = room.move[i]
    # out of reach, the steps grow along a direction that says so
    return NO if separated(a, room) else UNKNOWN


@njit(**OUTER)
def proves_no(a, rows, row_sign, path, length, r, side, room, share):
    """``(proved, path length needed)`` for the multipliers ``room.dual``, those below ``share`` left out.

    As `rows.proves_empty`, with the zonotope's support function in place of the box of z.
    """
    p, n = a.mixing.shape
    q, depth = room.q, 0
    error, norm = rows[r, p + 1], rows[r, p + 2]
    for d in range(p + 1):
        q[d] = side * rows[r, d]
    most = 0.0
    for c in range(length):
        most = max(most, room.dual[c] * rows[path[c], p + 2])
    for c in range(length):
        s = path[c]
        m = room.dual[c]
        if not m * rows[s, p + 2] > share * most:
            continue
        depth = c + 1
        factor = m * row_sign[s]
        for d in range(p + 1):
            q[d] += factor * rows[s, d]
        error += m * rows[s, p + 1]
        norm += m * rows[s, p + 2]
    pull_back(a.mixing, q, room.v)
    bound = q[p] + support(a.input_lower, a.input_upper, room.v)
    for i in range(p):
        bound += q[i] * a.shift[i]
    bound += (error + (length + p + n + 16) * EPS * norm) * (1.0 + 1e-9)
    return bound < 0.0, depth
