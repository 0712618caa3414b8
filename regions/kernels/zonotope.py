"""The first layer's image of a box, a zonotope: its points, its support, proofs over it.

With many more inputs than first-layer units everything happens in z = W1 y + b1 in R^p, and only what is in
this module touches the inputs, at n p operations a time.
"""

from typing import NamedTuple

import numpy as np

from .programs import BLOCK, SLOPPY
from .rows import EPS, OUTER, TINY, evaluate, margin
from .store import njit

NO, UNKNOWN, YES = -1, 0, 1


class Zonotope(NamedTuple):
    """The image of a box by a first layer with fewer units than inputs: z = mixing @ y + shift."""

    mixing: np.ndarray  # (p, n): the first layer's weights
    shift: np.ndarray  # (p,): its biases
    full: np.ndarray  # (p, p): mixing @ mixing.T
    metric: np.ndarray  # (p, p): its pseudo-inverse
    lower: np.ndarray  # (n,): the box of y
    upper: np.ndarray  # (n,)


class Room(NamedTuple):
    """Scratch for one question; p coordinates, n inputs, m rows."""

    z: np.ndarray  # (p,)
    move: np.ndarray  # (p,)
    hessian: np.ndarray  # (p, p)
    slack: np.ndarray  # (m + 1,)
    dual: np.ndarray  # (m,)
    q: np.ndarray  # (p + 1,)
    v: np.ndarray  # (n,)
    free: np.ndarray  # (p, n)
    last: np.ndarray  # (p,)
    gap: np.ndarray  # (p,)
    metric: np.ndarray  # (p, p): inverse derivative of the image, see `pullback.realise`
    centre: np.ndarray  # (p,): image of the centre of the box
    middle: np.ndarray  # (p,): of the ellipsoid
    inverse: np.ndarray  # (n,): of the box's share of a Hessian over the inputs
    step: np.ndarray  # (n,)
    back: np.ndarray  # (n,)
    radius: np.ndarray  # (1,): squared radius that matches the zonotope, in the metric (W1 W1^T)^-1
    sigma: np.ndarray  # (m, p): W1 W1^T times the signed rows of the path
    gram: np.ndarray  # (m, m): inner products of the path's signed rows
    axis: np.ndarray  # (p,): W1 W1^T times the row in question
    cross: np.ndarray  # (m + 1,): its inner products with the path, then with itself
    active: np.ndarray  # (p + 2,) int64
    multipliers: np.ndarray  # (p + 2,)
    factor: np.ndarray  # (p + 4, p + 2)
    norm: np.ndarray  # (m,): lengths of the path's rows
    at_middle: np.ndarray  # (m + 1,)
    at_witness: np.ndarray  # (m + 1,)
    onto: np.ndarray  # (p + 2,)
    through: np.ndarray  # (p + 2,)


@njit(**OUTER)
def make_room(zonotope, m):
    """Scratch for a network, with the ellipsoid that matches the zonotope on average."""
    p, n = zonotope.mixing.shape
    room = Room(
        np.empty(p), np.empty(p), np.empty((p, p)), np.empty(m + 1), np.empty(m),
        np.empty(p + 1), np.empty(n), np.empty((p, n)), np.empty(p), np.empty(p), zonotope.metric.copy(), np.empty(p), np.empty(p), np.empty(n), np.empty(n), np.empty(n), np.empty(1),
        np.empty((m, p)), np.empty((m, m)), np.empty(p), np.empty(m + 1), np.empty(p + 2, dtype=np.int64), np.empty(p + 2), np.empty((p + 4, p + 2)), np.empty(m), np.empty(m + 1), np.empty(m + 1),
        np.empty(p + 2), np.empty(p + 2),
    )  # fmt: skip
    for j in range(n):
        room.v[j] = 0.5 * (zonotope.lower[j] + zonotope.upper[j])
    image(zonotope.mixing, zonotope.shift, room.v, room.centre)
    # support along each axis, over the length of the pulled-back axis
    total = 0.0
    for i in range(p):
        half, square = 0.0, TINY
        for j in range(n):
            half += 0.5 * abs(zonotope.mixing[i, j]) * (zonotope.upper[j] - zonotope.lower[j])
            square += zonotope.mixing[i, j] * zonotope.mixing[i, j]
        total += half * half / square
    room.radius[0] = total / p
    return room


@njit(**BLOCK)
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


@njit(**BLOCK)
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
def proves_no(zonotope, rows, row_sign, path, length, r, side, room, share):
    """``(proved, path length needed)`` for the multipliers ``room.dual``, those below ``share`` left out.

    As `rows.proves_empty`, with the zonotope's support function in place of the box of z.
    """
    p, n = zonotope.mixing.shape
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
    pull_back(zonotope.mixing, q, room.v)
    bound = q[p] + support(zonotope.lower, zonotope.upper, room.v)
    for i in range(p):
        bound += q[i] * zonotope.shift[i]
    bound += (error + (length + p + n + 16) * EPS * norm) * (1.0 + 1e-9)
    return -np.inf < bound < 0.0, depth
