"""Questions about a wide input, answered by an interior-point method over the inputs themselves.

Slower than `ellipsoid`, and right in the corners of the box too: the kernel's last resort before a task
goes back open.
"""

import numpy as np

from .ellipsoid import SPARSE
from .programs import BLOCK
from .rows import OUTER, TINY, evaluate, put
from .store import njit
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
    zonotope, rows, row_sign, path, length, r, side, witness, input_witness, y, z, w, room, rounding
):
    """As `ask_image`, by an interior-point method over the inputs: slower, and right in the corners too."""
    p, n = zonotope.mixing.shape
    put(y, input_witness)
    put(z, witness)
    start_inside(zonotope, rows, row_sign, path, length, y, z, room)
    terms = length + 2.0 * n
    weight = 0.1 * terms / max(-side * evaluate(rows, r, p, z), TINY)
    for _ in range(NEWTON_STEPS):
        close, moved = input_step(
            zonotope, rows, row_sign, path, length, r, side, weight, y, z, room
        )
        if moved < 0.0:
            return UNKNOWN, 0
        value = side * evaluate(rows, r, p, z)
        if value > 0.0 and inside(rows, row_sign, path, length, r, side, z, rounding):
            for i in range(len(w)):
                w[i] = 0.0
            return YES, 0
        if close and value < 0.0:
            for share in (SPARSE, 0.0):
                proved, depth = proves_no(
                    zonotope, rows, row_sign, path, length, r, side, room, share
                )
                if proved:
                    return NO, depth
        if close:
            weight *= FASTER
        elif moved < CRAWL:
            weight /= SLOWER
    return UNKNOWN, 0


@njit(**OUTER)
def start_inside(zonotope, rows, row_sign, path, length, y, z, room):
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
        y[j] += share * (0.5 * (zonotope.lower[j] + zonotope.upper[j]) - y[j])
    image(zonotope.mixing, zonotope.shift, y, z)


@njit(**BLOCK)
def input_hessian(zonotope, y, room):
    """Barrier of the box at ``y``: gradient in ``step``, inverse Hessian, and ``W1 inverse W1^T`` in ``hessian``."""
    p, n = zonotope.mixing.shape
    for j in range(n):
        low, high = y[j] - zonotope.lower[j], zonotope.upper[j] - y[j]
        room.step[j] = 1.0 / low - 1.0 / high
        room.inverse[j] = 1.0 / (1.0 / (low * low) + 1.0 / (high * high))
    for i in range(p):
        for j in range(n):
            room.free[i, j] = zonotope.mixing[i, j] * room.inverse[j]
    for i in range(p):
        for e in range(i + 1):
            total = 0.0
            for j in range(n):
                total += room.free[i, j] * zonotope.mixing[e, j]
            room.hessian[i, e] = total
            room.hessian[e, i] = total


@njit(**BLOCK)
def fill_system(scaled, hessian, half, system):
    """The lower half of ``system = 1 + scaled . hessian . scaled^T``; ``half`` (p,) is scratch."""
    length, p = scaled.shape
    for c in range(length):
        for i in range(p):
            half[i] = 0.0
        for e in range(p):
            for i in range(p):
                half[i] += scaled[c, e] * hessian[e, i]
        for d in range(c + 1):
            total = 0.0
            for i in range(p):
                total += half[i] * scaled[d, i]
            system[c, d] = total
        system[c, c] += 1.0


@njit(**BLOCK)
def times(matrix, vector, product):
    """``product = matrix @ vector``."""
    for i in range(len(matrix)):
        total = 0.0
        for j in range(len(vector)):
            total += matrix[i, j] * vector[j]
        product[i] = total


@njit(**OUTER)
def input_step(zonotope, rows, row_sign, path, length, r, side, weight, y, z, room):
    """One Newton step of the barrier over the inputs themselves: ``(whether near the path, step or -1)``."""
    p, n = zonotope.mixing.shape
    input_hessian(zonotope, y, room)
    gradient, scaled = np.empty(p), np.empty((length, p))
    system, shares = np.empty((length, length)), np.empty(length)
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
    pull_back(zonotope.mixing, gradient, room.v)
    for j in range(n):
        room.v[j] += room.step[j]
        room.step[j] = room.inverse[j] * room.v[j]
    fill_system(scaled, room.hessian, room.gap, system)
    times(zonotope.mixing, room.step, room.gap)
    times(scaled, room.gap, shares)
    if not solve(system, shares):
        return False, -1.0
    for i in range(p):
        gradient[i] = 0.0
        for c in range(length):
            gradient[i] -= shares[c] * scaled[c, i]
    pull_back(zonotope.mixing, gradient, room.back)
    decrement = 0.0
    longest = 1.0
    for j in range(n):
        room.step[j] += room.inverse[j] * room.back[j]
        decrement += room.v[j] * room.step[j]
        if room.step[j] < 0.0:
            longest = min(longest, SHY * (zonotope.lower[j] - y[j]) / room.step[j])
        elif room.step[j] > 0.0:
            longest = min(longest, SHY * (zonotope.upper[j] - y[j]) / room.step[j])
    times(zonotope.mixing, room.step, room.gap)
    for c in range(length):
        s = path[c]
        change = 0.0
        for d in range(p):
            change += rows[s, d] * room.gap[d]
        change *= row_sign[s]
        room.dual[c] = max(1.0 - change / room.slack[c], 0.0) / (weight * room.slack[c])
        if change < 0.0:
            longest = min(longest, -SHY * room.slack[c] / change)
    for j in range(n):
        y[j] += longest * room.step[j]
    image(zonotope.mixing, zonotope.shift, y, z)
    return decrement < 1.0, longest
