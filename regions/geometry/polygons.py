"""Vertices of a cell in low dimension, seen from a point inside it.

A cell is given as ``{d : rows @ d <= slack}`` with rows of length 1 and ``slack > 0``: the origin is the
point inside. Thin cells keep their shape that way, for nothing large is subtracted.
"""

import numpy as np
from scipy.spatial import HalfspaceIntersection, QhullError

from ..errors import UnsupportedError

# Distances below this share of the size of the domain are rounding: 64 units in the last place.
ROUNDING = 64 * np.finfo(float).eps
HIGHEST = 5  # dimensions: above, vertices are too many to be of use


def vertices(rows, slack, radius):
    """Vertices of shape (m, k), relative to the point inside; in cyclic order when k = 2.

    ``radius`` bounds the length of every d in the cell. Floating point: a corner that is cut by less than
    ``ROUNDING * radius`` stays as it is, so that concurrent lines make one vertex and not three.

    Raises
    ------
    UnsupportedError
        k is above `HIGHEST`, or a cell with k > 2 is too thin for Qhull.

    >>> diamond = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]) / np.sqrt(2)
    >>> vertices(diamond, np.full(4, np.sqrt(0.5)), 2.0).round(12) + 0.0
    array([[ 1.,  0.], [ 0.,  1.], [-1.,  0.], [ 0., -1.]])
    """
    k = rows.shape[1]
    if k > HIGHEST:
        raise UnsupportedError(
            f"vertices of a cell of dimension {k}: the limit is {HIGHEST}; use halfspaces(), or a slice"
        )
    if k == 0:
        return np.zeros((1, 0))
    if k == 1:
        ends = slack / rows[:, 0]
        return np.array([[ends[rows[:, 0] < 0].max()], [ends[rows[:, 0] > 0].min()]])
    if k == 2:
        return cut(_square(radius), rows, slack, ROUNDING * radius)
    return _by_qhull(rows, slack, ROUNDING * radius)


def cut(corners, rows, slack, tolerance=0.0):
    """What half-planes ``rows @ d <= slack`` leave of the convex polygon ``corners`` (m, 2), in its order.

    A half-plane that no corner exceeds by more than ``tolerance`` (a distance, for rows of length 1) cuts
    nothing. Each cuts at most once, the deepest first: few do. Nothing left is shape (0, 2).
    """
    waiting = np.ones(len(rows), dtype=bool)
    while len(corners) and waiting.any():
        inside = slack - corners @ rows.T
        worst = np.where(waiting, inside.min(axis=0), np.inf)
        row = worst.argmin()
        if worst[row] >= -tolerance:
            break
        waiting[row] = False
        corners = _cut_once(corners, inside[:, row])
    return corners


def area(corners):
    """Area of a polygon (m, 2) whose corners run counterclockwise: the shoelace formula.

    >>> area(np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]]))
    1.0
    """
    x, y = (corners - corners[:1]).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _square(radius):
    # larger than the cell: every edge of the result comes from a row
    return 2 * radius * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


def _cut_once(corners, inside):
    """The part of a convex polygon where ``inside``, an affine function given at its corners, is >= 0."""
    kept = []
    for i, value in enumerate(inside):
        j = (i + 1) % len(inside)
        if value > 0:
            kept.append(corners[i])
        if (value > 0) != (inside[j] > 0):
            share = value / (value - inside[j])
            kept.append(corners[i] + share * (corners[j] - corners[i]))
    return np.array(kept).reshape(-1, 2)


def _by_qhull(rows, slack, tolerance):
    origin = np.zeros(rows.shape[1])
    try:
        found = HalfspaceIntersection(np.column_stack([rows, -slack]), origin).intersections
    except QhullError as error:
        reason = str(error).splitlines()[0]
        raise UnsupportedError(
            f"this cell is too thin for Qhull ({reason}); use halfspaces()"
        ) from error
    apart = []  # a vertex where more than k sides meet comes several times
    for vertex in found:
        if all(np.abs(vertex - other).max() > tolerance for other in apart):
            apart.append(vertex)
    return np.array(apart)
