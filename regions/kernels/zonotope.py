"""Cells of a wide input: everything in z = W1 y + b1, where the box of inputs becomes a zonotope.

With many more inputs than first-layer units, a question about a cell is one about the zonotope cut by a
few half-spaces in R^p. Touching the inputs costs n p operations; so the zonotope is first replaced by an
ellipsoid of its own shape, on which an interior-point method needs p-dimensional algebra only. Its
answer is then tried on the inputs: an interior point is pulled back to an input whose image is computed
anew, multipliers are proved with the zonotope's support function. The ellipsoid decides nothing.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .programs import SLOPPY
from .rows import EPS, OUTER, TINY, evaluate, margin

NO, UNKNOWN, YES = -1, 0, 1
# Rounds of ellipsoid and trial, each with the radius that the last trial taught.
ROUNDS = 10
# Squared radius of the first round, as a share of the matching one: near the centre, pulling back is easy.
NEAR = 0.15
# How the squared radius grows from round to round, up to the matching one.
GROW = 2.5
# Newton steps of one interior-point run, and steps towards one wanted image.
NEWTON_STEPS, PULL_STEPS = 60, 18
# Each Newton step that goes well raises the weight of the objective by this factor.
FASTER = 6.0
# A step cut to less than this share means that the weight was raised too soon, and lowers it again.
CRAWL, SLOWER = 0.15, 3.0
# Share of the way to the nearest wall that a step may go.
SHY = 0.9
# A pull-back that leaves more than this share of the squared distance calls for a new Newton matrix.
SLOW = 0.1
# How far past the hyperplane a target lies, in units of the remaining gap.
BEYOND = 0.2
# Each new Newton matrix of a pull-back has this much less of the full matrix in it.
DAMPING, LEAST_DAMPING = 0.1, 5e-3
# Multipliers below this share of the largest are first tried as zero: a sparse proof holds higher up.
SPARSE = 0.02


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


@njit(**OUTER)
def start_inside(a, rows, row_sign, path, length, y, z, room):
    """Move the witness input ``y`` as far towards the centre of the box as half of each slack allows."""
    p = len(z)
    share = 0.9
    for c in range(length):
        s = path[c]
        here = row_sign[s] * evaluate(rows, s, p, z)
        there = row_sign[s] * evaluate(rows, s, p, room.centre)
        if there < here:
            share = min(share, 0.5 * here / (here - there))
    for j in range(len(y)):
        y[j] += share * (0.5 * (a.input_lower[j] + a.input_upper[j]) - y[j])
    image(a.mixing, a.shift, y, z)


@njit(**SLOPPY)
def input_hessian(a, y, room):
    """Barrier of the box at ``y``: gradient in ``step``, inverse Hessian, and ``W1 inverse W1^T`` in ``hessian``."""
    p, n = a.mixing.shape
    for j in range(n):
        low, high = y[j] - a.input_lower[j], a.input_upper[j] - y[j]
        room.step[j] = 1.0 / low - 1.0 / high
        room.inverse[j] = 1.0 / (1.0 / (low * low) + 1.0 / (high * high))
    for i in range(p):
        for j in range(n):
            room.free[i, j] = a.mixing[i, j] * room.inverse[j]
    for i in range(p):
        for e in range(i + 1):
            total = 0.0
            for j in range(n):
                total += room.free[i, j] * a.mixing[e, j]
            room.hessian[i, e] = total
            room.hessian[e, i] = total


@njit(**OUTER)
def input_step(a, rows, row_sign, path, length, r, side, weight, y, z, room):
    """One Newton step of the barrier over the inputs themselves: ``(whether near the path, step or -1)``."""
    p, n = a.mixing.shape
    input_hessian(a, y, room)
    gradient, scaled = np.empty(p), np.empty((length, p))
    for i in range(p):
        gradient[i] = weight * side * rows[r, i]
    for c in range(length):
        s = path[c]
        room.slack[c] = row_sign[s] * evaluate(rows, s, p, z)
        inverse = row_sign[s] / room.slack[c]
        for i in range(p):
            scaled[c, i] = rows[s, i] * inverse
            gradient[i] += scaled[c, i]
    # Hessian: box + (scaled W1)^T (scaled W1); its inverse by the matrix inversion lemma
    pull_back(a.mixing, gradient, room.v)
    for j in range(n):
        room.v[j] += room.step[j]
        room.step[j] = room.inverse[j] * room.v[j]
    system = np.eye(length) + scaled @ room.hessian @ scaled.T
    shares = scaled @ (a.mixing @ room.step)
    if not solve(system, shares):
        return False, -1.0
    correction = shares @ scaled
    pull_back(a.mixing, -correction, room.back)
    decrement = 0.0
    longest = 1.0
    for j in range(n):
        room.step[j] += room.inverse[j] * room.back[j]
        decrement += room.v[j] * room.step[j]
        if room.step[j] < 0.0:
            longest = min(longest, SHY * (a.input_lower[j] - y[j]) / room.step[j])
        elif room.step[j] > 0.0:
            longest = min(longest, SHY * (a.input_upper[j] - y[j]) / room.step[j])
    moved = a.mixing @ room.step
    for c in range(length):
        s = path[c]
        change = 0.0
        for d in range(p):
            change += rows[s, d] * moved[d]
        change *= row_sign[s]
        room.dual[c] = max(1.0 - change / room.slack[c], 0.0) / (weight * room.slack[c])
        if change < 0.0:
            longest = min(longest, -SHY * room.slack[c] / change)
    for j in range(n):
        y[j] += longest * room.step[j]
    image(a.mixing, a.shift, y, z)
    return decrement < 1.0, longest


@njit(**OUTER)
def ask_inputs(
    a, rows, row_sign, path, length, r, side, witness, input_witness, y, z, w, room, rounding
):
    """As `ask_image`, by an interior-point method over the inputs: slower, and right in the corners too."""
    p, n = a.mixing.shape
    y[:] = input_witness
    z[:] = witness
    start_inside(a, rows, row_sign, path, length, y, z, room)
    terms = length + 2.0 * n
    weight = 0.1 * terms / max(-side * evaluate(rows, r, p, z), TINY)
    for _ in range(NEWTON_STEPS):
        close, moved = input_step(a, rows, row_sign, path, length, r, side, weight, y, z, room)
        if moved < 0.0:
            return UNKNOWN, 0
        value = side * evaluate(rows, r, p, z)
        if value > 0.0 and inside(rows, row_sign, path, length, r, side, z, rounding):
            w[:] = 0.0
            return YES, 0
        if close and value < 0.0:
            for share in (SPARSE, 0.0):
                proved, depth = proves_no(a, rows, row_sign, path, length, r, side, room, share)
                if proved:
                    return NO, depth
        if close:
            weight *= FASTER
        elif moved < CRAWL:
            weight /= SLOWER
    return UNKNOWN, 0


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
