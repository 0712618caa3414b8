"""The image of a box under the first layer: points of it, and cuts that enclose it.

With many more inputs than first-layer units everything later lives in z = W1 y + b1, y in a box: a
zonotope in R^p. Its support function is one sum over the inputs, and gives for every direction q the valid
row ``h(q) - q . z >= 0``. Finding an input for a wanted z is a projection onto the zonotope; where there is
none the projection's normal is a cut that says so.
"""

import numpy as np
from numba import njit

from .programs import SLOPPY
from .rows import EPS, OUTER, TINY


@njit(**SLOPPY)
def image(mixing, shift, y, z):
    """``z = mixing @ y + shift``; any order of summation is inside the margins of the rows."""
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
        for j in range(n):
            v[j] += q0 * mixing[i, j] + q1 * mixing[i + 1, j] + q2 * mixing[i + 2, j] + q3 * mixing[i + 3, j]
        i += 4
    while i < p:
        for j in range(n):
            v[j] += q[i] * mixing[i, j]
        i += 1


@njit(**SLOPPY)
def support(lower, upper, v):
    """The maximum of ``v . y`` over the box."""
    total = 0.0
    for j in range(len(v)):
        total += max(v[j] * lower[j], v[j] * upper[j])
    return total


@njit(**SLOPPY)
def step_into_box(lower, upper, y, v):
    """``y + v`` clipped to the box, in place."""
    for j in range(len(y)):
        y[j] = min(max(y[j] + v[j], lower[j]), upper[j])


@njit(**OUTER)
def write_cut(rows, r, q, value, shift, reach, n_inputs):
    """Put the row ``value + q . shift - q . z >= 0`` at index ``r``, rounded to the safe side.

    ``value`` is the computed support of ``q``; its rounding is at most a multiple of
    ``sum_i |q_i| reach_i``, where reach_i bounds ``|W1| |y| + |b1|``.
    """
    p = len(q)
    size = TINY
    for i in range(p):
        size += abs(q[i]) * reach[i]
        value += q[i] * shift[i]
        rows[r, i] = -q[i]
    value += (n_inputs + p + 8) * EPS * size
    rows[r, p] = value
    rows[r, p + 1] = 0.0
    rows[r, p + 2] = (size + abs(value)) * (1.0 + (p + 4) * EPS)
