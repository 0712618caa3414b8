"""Linear algebra of the question: products with the first layer, and a bounded quadratic programme.

Nothing here is trusted: what comes out is a proposal that `proofs` judges, so sums may be reordered for speed.
"""

import numpy as np

from ...kernels.programs import BLOCK as FAST
from ...kernels.store import njit

ZERO, ONE = np.int64(0), np.int64(1)
# A pivot below this share of its diagonal is rounding: the direction is closed, by a curvature far above it.
SMALLEST_PIVOT = 1e-10
# A gradient below this share of the largest, in units of the curvature, is rounding: no bound is released for it.
FLAT = 1e-9


@njit(**FAST)
def pull(mixing, q, v):
    """``v = mixing.T @ q``, four rows at a time."""
    p, n = mixing.shape
    for j in range(n):
        v[j] = 0.0
    i = ZERO
    while i + 4 <= p:
        a, b, c, d = q[i], q[i + 1], q[i + 2], q[i + 3]
        w0, w1, w2, w3 = mixing[i], mixing[i + 1], mixing[i + 2], mixing[i + 3]
        for j in range(n):
            v[j] += (a * w0[j] + b * w1[j]) + (c * w2[j] + d * w3[j])
        i += 4
    while i < p:
        a, w0 = q[i], mixing[i]
        for j in range(n):
            v[j] += a * w0[j]
        i += 1


@njit(**FAST)
def image(mixing, shift, t, z):
    """``z = mixing @ t + shift``."""
    p, n = mixing.shape
    for i in range(p):
        total, row = 0.0, mixing[i]
        for j in range(n):
            total += row[j] * t[j]
        z[i] = total + shift[i]


@njit(**FAST)
def curvature(mixing, gram, v, edge, damping, columns, matrix):
    """``matrix``: Gram matrix of the inputs off their bounds, ``|v_j| < edge``, and a share ``damping`` of the full one.

    A sum over those inputs, or the full matrix less the others, whichever are fewer.
    """
    p, n = mixing.shape
    count = ZERO
    for j in range(n):
        if abs(v[j]) < edge:
            count += 1
    less = 2 * count > n
    count = ZERO
    for j in range(n):
        if (abs(v[j]) < edge) != less:
            for i in range(p):
                columns[i, count] = mixing[i, j]
            count += 1
    for i in range(p):
        one = columns[i]
        for e in range(i + 1):
            other, total = columns[e], 0.0
            for j in range(count):
                total += one[j] * other[j]
            if less:
                total = gram[i, e] - total
            total += damping * gram[i, e]
            matrix[i, e] = total
            matrix[e, i] = total


@njit(**FAST)
def solve_part(matrix, right, chosen, count, factor, x):
    """``x``: solution of the rows and columns ``chosen[:count]`` of a positive semidefinite system, by Cholesky."""
    for a in range(count):
        ia, row = chosen[a], factor[a]
        for b in range(a + 1):
            total, other = matrix[ia, chosen[b]], factor[b]
            for d in range(b):
                total -= row[d] * other[d]
            if a == b:
                size = matrix[ia, ia]
                if total < SMALLEST_PIVOT * size + 1e-300:
                    total = 1e2 * size + 1e-3
                row[a] = 1.0 / np.sqrt(total)
            else:
                row[b] = total * other[b]
        total = right[ia]
        for d in range(a):
            total -= row[d] * x[d]
        x[a] = total * row[a]
    for back in range(count):
        a = count - 1 - back
        x[a] *= factor[a, a]
        for d in range(a):
            x[d] -= factor[a, d] * x[a]


@njit(**FAST)
def reach(chosen, count, x, y, lower, upper, free):
    """``(share, which)``: how far ``y`` can go along ``x`` within its bounds; -1 for all the way.

    ``(-1.0, -1)`` when a coordinate at its bound wants to leave: it is no longer free.
    """
    share, which, stuck = 1.0, -ONE, False
    for a in range(count):
        i = chosen[a]
        if x[a] < 0.0 and y[i] + share * x[a] < lower[i]:
            room = (lower[i] - y[i]) / x[a]
        elif x[a] > 0.0 and y[i] + share * x[a] > upper[i]:
            room = (upper[i] - y[i]) / x[a]
        else:
            continue
        if room <= 0.0:
            free[i] = ZERO
            stuck = True
        elif room < share:
            share, which = room, i
    return (-1.0, -ONE) if stuck else (share, which)


@njit(**FAST)
def climb(matrix, slope, start, lower, upper, r, y, free, chosen, factor, x, gradient):
    """``y``: maximum of ``slope.(y - start) - (y - start).matrix.(y - start) / 2`` over the bounds, by an active set."""
    largest = 1e-300
    for i in range(r):
        y[i], gradient[i] = start[i], slope[i]
        largest = max(largest, abs(slope[i]) / np.sqrt(matrix[i, i]))
        held = (start[i] <= lower[i] and slope[i] <= 0.0) or (
            start[i] >= upper[i] and slope[i] >= 0.0
        )
        free[i] = ZERO if held else ONE
    for _ in range(6 * r + 10):
        count = ZERO
        for i in range(r):
            if free[i] > 0:
                chosen[count] = i
                count += 1
        if count > 0:
            solve_part(matrix, gradient, chosen, count, factor, x)
            share, which = reach(chosen, count, x, y, lower, upper, free)
            if share < 0.0:
                continue
            for a in range(count):
                y[chosen[a]] += share * x[a]
            for i in range(r):
                total, row = 0.0, matrix[i]
                for a in range(count):
                    total += row[chosen[a]] * x[a]
                gradient[i] -= share * total
            if which >= 0:
                low = abs(y[which] - lower[which]) < abs(y[which] - upper[which])
                y[which] = lower[which] if low else upper[which]
                free[which] = ZERO
                continue
        released = False
        for i in range(r):
            flat = FLAT * largest * np.sqrt(matrix[i, i])
            rises = y[i] <= lower[i] and gradient[i] > flat
            falls = y[i] >= upper[i] and gradient[i] < -flat
            if free[i] == 0 and (rises or falls):
                free[i] = ONE
                released = True
        if not released:
            return
