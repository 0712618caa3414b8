"""Polytopes as vertex lists: the box, one clip by a half-space, extremes of a row, a centre.

A polytope is simple here: each vertex lies on exactly k facets and has k neighbours, one per facet
left behind. Coordinates carry rounding errors and concurrent hyperplanes are treated as if one of
them were nudged, so a vertex list only proposes; `rows.proves_empty` and witness points decide.
"""

from typing import NamedTuple

import numpy as np

from .bits import count_ones, lowest_one
from .rows import INNER, OUTER, proves_empty
from .store import njit

MAX_FACETS = 64
ONE = np.uint64(1)
BOX_FACE = -1  # in `table`: a facet of the box, which needs no multiplier
CROWDED, BROKEN = -2, -1


class Polytopes(NamedTuple):
    """A stack of polytopes, one per level; the last axis runs over vertices.

    The functions below work on one level each: the slices ``points[level]`` and so on.
    """

    points: np.ndarray  # (levels, k, vertices)
    mask: np.ndarray  # (levels, vertices) uint64: the k facets of a vertex, as a bit set
    neighbour: (
        np.ndarray
    )  # (levels, vertices, k) int16: reached by leaving the i-th facet of the mask
    table: np.ndarray  # (levels, MAX_FACETS) int32: the row behind a facet
    count: np.ndarray  # type: ignore[assignment]  # (levels,) int64; hides what tuples call count


@njit(**OUTER)
def polytope_stack(levels, k, vertices):
    """Room for ``levels`` polytopes of at most ``vertices`` vertices."""
    return Polytopes(
        np.empty((levels, k, vertices)),
        np.empty((levels, vertices), dtype=np.uint64),
        np.empty((levels, vertices, k), dtype=np.int16),
        np.empty((levels, MAX_FACETS), dtype=np.int32),
        np.zeros(levels, dtype=np.int64),
    )


@njit(**OUTER)
def fill_box(lower, upper, p):
    """Put the box at level 0. Facet 2d is ``y_d = lower``, 2d + 1 is ``y_d = upper``."""
    k = len(lower)
    p.count[0] = 1 << k
    for f in range(MAX_FACETS):
        p.table[0, f] = BOX_FACE
    for v in range(1 << k):
        bits = np.uint64(0)
        for d in range(k):
            top = (v >> d) & 1
            p.points[0, d, v] = upper[d] if top else lower[d]
            p.neighbour[0, v, d] = v ^ (1 << d)
            bits |= ONE << np.uint64(2 * d + top)
        p.mask[0, v] = bits


@njit(**OUTER)
def copy_polytope(p, source, target):
    """Copy one level to another."""
    k, n = p.points.shape[1], p.count[source]
    p.count[target] = n
    for f in range(MAX_FACETS):
        p.table[target, f] = p.table[source, f]
    for d in range(k):
        for v in range(n):
            p.points[target, d, v] = p.points[source, d, v]
    for v in range(n):
        p.mask[target, v] = p.mask[source, v]
        for i in range(k):
            p.neighbour[target, v, i] = p.neighbour[source, v, i]


@njit(**INNER)
def spread(rows, r, points, n, g):
    """Values ``g`` of row ``r`` at the ``n`` vertices, and ``(lowest, highest, vertex of each)``."""
    k = len(points)
    constant = rows[r, k]
    factor = rows[r, 0]
    for v in range(n):
        g[v] = constant + factor * points[0, v]
    for d in range(1, k):
        factor = rows[r, d]
        for v in range(n):
            g[v] += factor * points[d, v]
    low, high, at_low, at_high = g[0], g[0], 0, 0
    for v in range(1, n):
        value = g[v]
        if value < low:
            low, at_low = value, v
        if value > high:
            high, at_high = value, v
    return low, high, at_low, at_high


@njit(**INNER)
def one_sided(
    lower, upper, rows, row_sign, r, sign, g, vertex, points, mask, neighbour, table, support, multipliers, q
):  # fmt: skip
    """Prove that ``sign * g >= 0`` on the polytope, for row ``r``, from its extreme ``vertex``.

    The multiplier of a facet is the fall of the objective along the edge that leaves it, over the
    slack that the facet gains there: nonnegative exactly when the vertex is optimal.
    """
    k, count = len(points), np.int64(0)
    facets = mask[vertex]
    for i in range(k):
        s = table[lowest_one(facets)]
        facets &= facets - ONE
        if s == BOX_FACE:
            continue
        w = neighbour[vertex, i]
        slack = rows[s, k]
        for d in range(k):
            slack += rows[s, d] * points[d, w]
        slack *= row_sign[s]
        rise = sign * (g[w] - g[vertex])
        if slack > 0.0 and rise > 0.0:
            support[count] = s
            multipliers[count] = rise / slack
            count += 1
    return proves_empty(lower, upper, rows, row_sign, r, -sign, support, multipliers, count, q)


@njit(**OUTER)
def clip(p, level, g, side, r, target, moved):
    """Write ``{side * row > 0}`` of the polytope at ``level`` to ``target``; return its vertex count.

    ``g`` holds the values of row ``r`` at the vertices. CROWDED when room runs out, BROKEN when
    rounding left no consistent vertex list.
    """
    points, mask, neighbour, table = p.points, p.mask, p.neighbour, p.table
    k, n, room = points.shape[1], p.count[level], points.shape[2]
    kept = np.int64(0)
    used = np.uint64(0)
    for v in range(n):
        if (side > 0.0) == (g[v] > 0.0):
            moved[v] = kept
            used |= mask[level, v]
            kept += 1
        else:
            moved[v] = -1
    if kept == 0 or kept == n:
        return BROKEN
    fresh = lowest_one(~used)
    if fresh >= MAX_FACETS:
        return CROWDED
    for f in range(MAX_FACETS):
        table[target, f] = table[level, f]
    table[target, fresh] = r
    fresh_bit = ONE << fresh

    total = kept
    for v in range(n):
        t = moved[v]
        if t < 0:
            continue
        facets = mask[level, v]
        mask[target, t] = facets
        for d in range(k):
            points[target, d, t] = points[level, d, v]
        for i in range(k):
            leaving = facets & (~facets + ONE)
            facets ^= leaving
            w = neighbour[level, v, i]
            if moved[w] >= 0:
                neighbour[target, t, i] = moved[w]
                continue
            if total == room:
                return CROWDED
            # a new vertex where the edge from v to w leaves the half-space
            along = g[v] / (g[v] - g[w])
            for d in range(k):
                start = points[level, d, v]
                points[target, d, total] = start + along * (points[level, d, w] - start)
            bits = (mask[level, v] ^ leaving) | fresh_bit
            mask[target, total] = bits
            neighbour[target, total, count_ones(bits & (fresh_bit - ONE))] = t
            neighbour[target, t, i] = total
            total += 1
    p.count[target] = total
    return total if link(mask[target], neighbour[target], kept, total, k) else BROKEN


@njit(**OUTER)
def link(mask, neighbour, first, stop, k):
    """Join the new vertices, all on one new facet: neighbours share k - 1 facets."""
    missing = (stop - first) * (k - 1)
    for x in range(first, stop):
        mask_x = mask[x]
        for y in range(x + 1, stop):
            apart = mask_x & ~mask[y]
            if apart & (apart - ONE):  # more than one facet apart
                continue
            back = mask[y] & ~mask_x
            neighbour[x, count_ones(mask_x & (apart - ONE))] = y
            neighbour[y, count_ones(mask[y] & (back - ONE))] = x
            missing -= 2
    return missing == 0


@njit(**INNER)
def centre(lower, upper, points, n, point):
    """The mean of the vertices, kept inside the box: an interior point unless the cell is thin."""
    for d in range(len(points)):
        total = 0.0
        for v in range(n):
            total += points[d, v]
        point[d] = min(max(total / n, lower[d]), upper[d])
