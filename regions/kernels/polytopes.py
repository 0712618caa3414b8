"""Polytopes as vertex lists: the box, one clip by a half-space, extremes of a row, a centre.

A polytope is simple here: each vertex lies on exactly k facets and has k neighbours, one per facet
left behind. Coordinates carry rounding errors and concurrent hyperplanes are treated as if one of
them were nudged, so a vertex list only proposes; `rows.proves_empty` and witness points decide.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .rows import proves_empty

MAX_FACETS = 64
BOX_FACE = -1  # in `table`: a facet of the box, which needs no multiplier
CROWDED, BROKEN = -2, -1


class Polytopes(NamedTuple):
    """A stack of polytopes, one per level; the last axis runs over vertices.

    The functions below work on one level each: the slices ``points[level]`` and so on.
    """

    points: np.ndarray  # (levels, k, vertices)
    facet: np.ndarray  # (levels, k, vertices) int8: the k facets of a vertex
    neighbour: np.ndarray  # (levels, k, vertices) int16: reached by leaving that facet
    mask: np.ndarray  # (levels, vertices) uint64: the same facets as a bit set
    table: np.ndarray  # (levels, MAX_FACETS) int32: the row behind a facet
    count: np.ndarray  # (levels,) int64


@njit(cache=True, nogil=True, error_model="numpy")
def polytope_stack(levels, k, vertices):
    """Room for ``levels`` polytopes of at most ``vertices`` vertices."""
    return Polytopes(
        np.empty((levels, k, vertices)),
        np.empty((levels, k, vertices), dtype=np.int8),
        np.empty((levels, k, vertices), dtype=np.int16),
        np.empty((levels, vertices), dtype=np.uint64),
        np.empty((levels, MAX_FACETS), dtype=np.int32),
        np.zeros(levels, dtype=np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy")
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
            p.facet[0, d, v] = 2 * d + top
            p.neighbour[0, d, v] = v ^ (1 << d)
            bits |= np.uint64(1) << np.uint64(2 * d + top)
        p.mask[0, v] = bits


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def one_sided(
    lower, upper, rows, row_sign, r, sign, g, vertex, points, facet, neighbour, table, support, multipliers, q
):  # fmt: skip
    """Prove that ``sign * g >= 0`` on the polytope, for row ``r``, from its extreme ``vertex``.

    The multiplier of a facet is the fall of the objective along the edge that leaves it, over the
    slack that the facet gains there: nonnegative exactly when the vertex is optimal.
    """
    k = len(points)
    count = 0
    for i in range(k):
        s = table[facet[i, vertex]]
        if s == BOX_FACE:
            continue
        w = neighbour[i, vertex]
        slack = rows[s, k]
        for d in range(k):
            slack += rows[s, d] * points[d, w]
        slack *= row_sign[s]
        rise = sign * (g[w] - g[vertex])
        if slack > 0.0 and rise > 0.0:
            support[count] = s
            multipliers[count] = rise / slack
            count += 1
    return proves_empty(
        lower, upper, rows, row_sign, r, -sign, support, multipliers, count, q
    )


@njit(cache=True, nogil=True, error_model="numpy")
def clip(p, level, g, side, r, target, moved):
    """Write ``{side * row > 0}`` of the polytope at ``level`` to ``target``; return its vertex count.

    ``g`` holds the values of row ``r`` at the vertices. CROWDED when room runs out, BROKEN when
    rounding left no consistent vertex list.
    """
    points, facet, neighbour, mask = (
        p.points[level], p.facet[level], p.neighbour[level], p.mask[level],
    )  # fmt: skip
    new_points, new_facet, new_neighbour, new_mask = (
        p.points[target], p.facet[target], p.neighbour[target], p.mask[target],
    )  # fmt: skip
    k, n, room = len(points), p.count[level], points.shape[1]
    kept = 0
    used = np.uint64(0)
    for v in range(n):
        if (side > 0.0) == (g[v] > 0.0):
            moved[v] = kept
            used |= mask[v]
            kept += 1
        else:
            moved[v] = -1
    if kept == 0 or kept == n:
        return BROKEN
    fresh = 0
    while fresh < MAX_FACETS and (used >> np.uint64(fresh)) & np.uint64(1):
        fresh += 1
    if fresh == MAX_FACETS:
        return CROWDED
    p.table[target, :] = p.table[level]
    p.table[target, fresh] = r
    fresh_bit = np.uint64(1) << np.uint64(fresh)

    total = kept
    for v in range(n):
        t = moved[v]
        if t < 0:
            continue
        new_mask[t] = mask[v]
        for i in range(k):
            new_points[i, t] = points[i, v]
            new_facet[i, t] = facet[i, v]
            w = neighbour[i, v]
            if moved[w] >= 0:
                new_neighbour[i, t] = moved[w]
                continue
            if total == room:
                return CROWDED
            # a new vertex where the edge from v to w leaves the half-space
            along = g[v] / (g[v] - g[w])
            for d in range(k):
                new_points[d, total] = points[d, v] + along * (points[d, w] - points[d, v])
                new_facet[d, total] = facet[d, v]
                new_neighbour[d, total] = -1
            left = np.uint64(1) << np.uint64(facet[i, v])
            new_facet[i, total] = fresh
            new_neighbour[i, total] = t
            new_mask[total] = (mask[v] & ~left) | fresh_bit
            new_neighbour[i, t] = total
            total += 1
    p.count[target] = total
    linked = link(new_facet, new_neighbour, new_mask, kept, total, k)
    return total if linked else BROKEN


@njit(cache=True, nogil=True, error_model="numpy")
def link(facet, neighbour, mask, first, stop, k):
    """Join the new vertices, all on one new facet: neighbours share k - 1 facets."""
    missing = (stop - first) * (k - 1)
    for x in range(first, stop):
        mask_x = mask[x]
        for y in range(x + 1, stop):
            apart = mask_x & ~mask[y]
            if apart & (apart - np.uint64(1)):  # more than one facet apart
                continue
            back = mask[y] & ~mask_x
            for i in range(k):
                if (apart >> np.uint64(facet[i, x])) & np.uint64(1):
                    neighbour[i, x] = y
                    missing -= 1
                if (back >> np.uint64(facet[i, y])) & np.uint64(1):
                    neighbour[i, y] = x
                    missing -= 1
    return missing == 0


@njit(cache=True, nogil=True, error_model="numpy")
def centre(lower, upper, points, n, point):
    """The mean of the vertices, kept inside the box: an interior point unless the cell is thin."""
    for d in range(len(points)):
        total = 0.0
        for v in range(n):
            total += points[d, v]
        point[d] = min(max(total / n, lower[d]), upper[d])
