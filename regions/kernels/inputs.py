"""Questions about a wide input, answered by an interior-point method over the inputs themselves.

Slower than `ellipsoid`, and right in the corners of the box too: the kernel's last resort before a task
goes back open.
"""

import numpy as np
from numba import njit

from .ellipsoid import SPARSE
from .programs import SLOPPY
from .rows import OUTER, TINY, evaluate
from .zonotope import NO, UNKNOWN, YES, image, inside, proves_no, pull_back, solve

# Newton steps of one run.
NEWTON_STEPS = 60
# Each Newton step that goes well raises the weight of the objective by this factor.
FASTER = 6.0
# A step cut to less than this share means that the weight was raised too soon, and lowers it again.
CRAWL, SLOWER = 0.15, 3.0
# Share of the way to the nearest wall that a step may go.
SHY = 0.9


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
