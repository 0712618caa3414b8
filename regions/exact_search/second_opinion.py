"""A second opinion on wide inputs: one linear programme by HiGHS for a question the kernel left open.

The kernel's ellipsoid is a poor picture of the corners of a zonotope. Before such a question goes to
rational arithmetic over hundreds of inputs, a solver is asked; its point and its multipliers are
checked by the same error-bounded tests as the kernel's own, and dropped when they fail them.
"""

from dataclasses import replace

import numpy as np

from ..kernels.halfspaces import enter
from ..kernels.rows import EPS, margin
from ..kernels.zonotope import image, inside, make_room, proves_no
from ..solvers.highs_lp import minimise
from .tasks import Task


def settle_by_program(a, zonotope, task):
    """The smaller tasks of an undecided one, or None when floating point cannot tell.

    ``a`` are the arrays in coordinates of ``zonotope``, and ``task`` has a unit in question and an interior point.
    """
    rows, signs = a.rows.copy(), task.signs
    row_sign, path = np.ones(len(rows)), np.empty(len(rows), dtype=np.int64)
    position = np.zeros(len(rows), dtype=np.int64)
    buffer = np.empty((rows.shape[1], a.widths.max()))
    length = enter(a, rows, row_sign, position, task.layer, signs, task.split, path, buffer)
    r, p = a.first_unit + task.unit, len(a.reach)
    rounding = (len(zonotope.lower) + 4) * EPS
    z = np.empty(p)
    image(zonotope.mixing, zonotope.shift, task.point, z)
    value = rows[r, :p] @ z + rows[r, p]
    if not abs(value) > margin(rows, r, p) + rounding * rows[r, p + 2]:
        return None
    here = 1 if value > 0 else -1
    found = _widest(zonotope, rows, row_sign, path[:length], r, -here)
    if found is None:
        return None
    y, multipliers = found
    image(zonotope.mixing, zonotope.shift, y, z)
    if inside(rows, row_sign, path, length, r, float(-here), z, rounding):
        return [
            _with_point(task, here, task.point, split=True),
            _with_point(task, -here, y, split=True),
        ]
    if multipliers[-1] > 0:
        room = make_room(zonotope, len(rows))
        room.dual[:length] = multipliers[:-1] / multipliers[-1]
        if proves_no(zonotope, rows, row_sign, path, length, r, float(-here), room, 0.0)[0]:
            return [_with_point(task, here, task.point, split=False)]
    return None


def _widest(zonotope, rows, row_sign, path, r, side):
    """``(input, multipliers)`` of the widest slack over all rows, relative to their size, or None."""
    which = np.append(path, r)
    sign = np.append(row_sign[path], side)[:, None]
    p = len(zonotope.shift)
    size = rows[which, p + 2]
    in_z = sign * rows[which, : p + 1] / size[:, None]
    inputs = in_z[:, :p] @ zonotope.mixing
    constants = in_z[:, p] + in_z[:, :p] @ zonotope.shift
    n = len(zonotope.lower)
    solved = minimise(
        np.append(np.zeros(n), -1.0),
        np.column_stack([-inputs, np.ones(len(which))]),
        -np.inf,
        constants,
        np.append(zonotope.lower, -np.inf),
        np.append(zonotope.upper, 1.0),
    )
    if solved is None:
        return None
    y = np.clip(solved.point[:n], zonotope.lower, zonotope.upper)
    return y, np.maximum(-solved.multipliers, 0.0) / size


def _with_point(task, side, point, *, split):
    smaller = Task(task.layer, task.signs, task.split).with_sign(
        task.unit, side, split=split, weight=task.weight / (1 + split)
    )
    return replace(smaller, point=point)
