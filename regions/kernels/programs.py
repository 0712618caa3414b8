"""Linear programmes of a cell: does the other side of a unit occur?

An active-set dual simplex in R^p. It starts at the vertex of the box that is best for the objective
and takes in violated rows one by one, so its value falls towards the maximum and bounds it from
above all the way. Nothing here is trusted: the multipliers and points that come out are proved elsewhere,
so sums may be reordered for speed.
"""

import numpy as np

from .rows import INNER, OUTER
from .store import njit

REORDERED = {"fastmath": {"reassoc", "contract", "nsz"}}
SLOPPY = {**INNER, **REORDERED}
# For more work than a call costs: inlined, it would be compiled again with each caller of its callers.
BLOCK = {**OUTER, **REORDERED}

# A violation below this share of a row's size over the box is rounding, not worth a pivot.
VIOLATION = 1e-12
# A pivot on a smaller share of the entering row would blow up the edges.
SMALLEST_PIVOT = 1e-9


@njit(**SLOPPY)
def start_at_box(lower, upper, rows, r, side, z, edges, multipliers, active):
    """Begin at the best vertex of the box for ``side * row r``.

    Column i of ``edges`` (p, p) is the edge that leaves active constraint i, ``multipliers`` (p,) has
    the dual values and ``active`` (p,) the rows, -1 for a bound of the box.
    """
    p = len(lower)
    for d in range(p):
        c = side * rows[r, d]
        top = c > 0.0
        z[d] = upper[d] if top else lower[d]
        multipliers[d] = abs(c)
        active[d] = -1
        for i in range(p):
            edges[d, i] = 0.0
        edges[d, d] = 1.0 if top else -1.0


@njit(**SLOPPY)
def price(lower, upper, rows, row_sign, listed, count, z, inner, witness):
    """The first constraint that the ray from the witness to ``z`` leaves, and how far along: ``(which, reach)``.

    It bounds the cell, which the most violated one often does not. ``listed`` names ``count`` rows and ``inner`` has
    their values at the witness, all positive. ``which`` is an index into ``listed``, or count + d and count + p + d
    for the lower and upper bound of coordinate d, or -1 when z violates nothing; ``reach`` in [0, 1].
    """
    p = len(z)
    which, reach = -1, 1.0
    for i in range(count):
        r = listed[i]
        value = rows[r, p]
        for d in range(p):
            value += rows[r, d] * z[d]
        value *= row_sign[r]
        if value < -VIOLATION * rows[r, p + 2] and inner[i] < reach * (inner[i] - value):
            which, reach = i, inner[i] / (inner[i] - value)
    for d in range(p):
        below, above = lower[d] - z[d], z[d] - upper[d]
        over = max(below, above)
        if over > VIOLATION * max(abs(lower[d]), abs(upper[d])):
            room = max(witness[d] - lower[d] if below > above else upper[d] - witness[d], 0.0)
            if room < reach * (room + over):
                which, reach = count + d + (0 if below > above else p), room / (room + over)
    return which, reach


@njit(**SLOPPY)
def pivot(lower, upper, rows, row_sign, r, d, top, z, edges, multipliers, active, mu):
    """Bring in row ``r``, or for r < 0 a bound of coordinate ``d``; False when nothing can leave.

    In the form n . z <= c the entering normal is sum_i mu_i n_i over the active ones. The one with the
    smallest multipliers[i] / mu[i] > 0 leaves, which keeps all multipliers nonnegative.
    """
    p = len(z)
    if r >= 0:
        sign = -row_sign[r]
        over = rows[r, p]
        for i in range(p):
            mu[i] = 0.0
        for e in range(p):
            over += rows[r, e] * z[e]
            factor = sign * rows[r, e]
            for i in range(p):
                mu[i] += factor * edges[e, i]
        over *= sign
    else:
        sign = 1.0 if top else -1.0
        over = sign * (z[d] - (upper[d] if top else lower[d]))
        for i in range(p):
            mu[i] = sign * edges[d, i]
    size = 0.0
    for i in range(p):
        size = max(size, abs(mu[i]))
    leaving, best = -1, np.inf
    for i in range(p):
        if mu[i] > SMALLEST_PIVOT * size and multipliers[i] < best * mu[i]:
            leaving, best = i, multipliers[i] / mu[i]
    if leaving < 0:
        return False
    inverse = 1.0 / mu[leaving]
    for i in range(p):
        multipliers[i] = max(multipliers[i] - best * mu[i], 0.0)
    mu[leaving] = 0.0
    for e in range(p):
        edge = edges[e, leaving] * inverse
        z[e] -= over * edge
        for i in range(p):
            edges[e, i] -= mu[i] * edge
        edges[e, leaving] = edge
    multipliers[leaving] = best
    active[leaving] = r
    return True
