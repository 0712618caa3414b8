"""The search over cells of any dimension, kept as half-spaces with one interior witness.

Depth first over units in layer order. The witness proves one side of the next unit; a linear programme
asks for the other. "No" is a proof by multipliers, "yes" comes with a new witness. A proof that does not
use the last rows of the path holds for their siblings too, so it is remembered as far up as it reaches.
"""

from typing import NamedTuple

import numpy as np

from .ellipsoid import ask_image, join_path
from .inputs import ask_inputs
from .programs import pivot, price, start_at_box
from .rows import (
    EPS,
    INNER,
    OUTER,
    constant_sign,
    evaluate,
    largest,
    layer_rows,
    margin,
    proves_empty,
    put,
    tied_sign,
)
from .store import njit
from .vertices import FIRST, NO_UNIT, UNDECIDED, UNFINISHED, UNPROVED, hand_back
from .zonotope import NO, UNKNOWN, YES, image, inside, make_room

MAX_PIVOTS = 500
# Where between the hyperplane and the boundary of the cell a new witness is put.
INWARD = 0.5


class Scratch(NamedTuple):
    """Room that one linear programme needs; p coordinates, m rows."""

    z: np.ndarray  # (p,)
    edges: np.ndarray  # (p, p)
    multipliers: np.ndarray  # (p,)
    active: np.ndarray  # (p,) int64
    mu: np.ndarray  # (p,)
    q: np.ndarray  # (p + 1,)
    inner: np.ndarray  # (m,)
    support: np.ndarray  # (p,) int64
    dual: np.ndarray  # (p,)


class Runs(NamedTuple):
    """Random descents that go down together; R of them, room for T open tasks.

    A run takes one side of each unit that splits its node; sides that no run takes are left out.
    """

    on: np.ndarray  # (R, N) bool: the side of each unit that each run takes
    order: np.ndarray  # (R,) int64: their numbers, those of a node next to each other
    low: np.ndarray  # (T,) int64: the runs of an open task are order[low:high]
    high: np.ndarray  # (T,) int64
    total: np.ndarray  # (1,): cells that were reached, each times its runs times 2 ** its splits


@njit(**OUTER)
def divide(order, low, high, on, unit, first):
    """Put the runs ``order[low:high]`` that take ``first`` side of a unit in front; where they end."""
    middle = low
    for i in range(low, high):
        if on[order[i], unit] == (first > 0):
            order[middle], order[i] = order[i], order[middle]
            middle += 1
    return middle


def make_scratch(p, m):
    """Empty room."""
    return Scratch(
        np.empty(p), np.empty((p, p)), np.empty(p), np.empty(p, dtype=np.int64), np.empty(p),
        np.empty(p + 1), np.empty(m), np.empty(p, dtype=np.int64), np.empty(p),
    )  # fmt: skip


@njit(**INNER)
def prove_no(lower, upper, rows, row_sign, position, r, side, s):
    """``(whether the multipliers at hand prove that the side is empty, path length they need)``."""
    count, depth = np.int64(0), np.int64(0)
    for i in range(len(s.active)):
        row = s.active[i]
        if row >= 0 and s.multipliers[i] > 0.0:
            s.support[count] = row
            s.dual[count] = s.multipliers[i]
            count += 1
            if position[row] >= depth:
                depth = position[row] + 1
    return proves_empty(lower, upper, rows, row_sign, r, side, s.support, s.dual, count, s.q), depth


@njit(**OUTER)
def ask(lower, upper, rows, row_sign, position, path, length, r, side, witness, z, s):
    """Does ``side`` of row ``r`` occur in the cell? ``(answer, path length that a NO needs)``.

    A YES leaves the new witness in ``z``.
    """
    p = len(witness)
    for i in range(length):
        s.inner[i] = row_sign[path[i]] * evaluate(rows, path[i], p, witness)
    at_witness = side * evaluate(rows, r, p, witness)
    start_at_box(lower, upper, rows, r, side, s.z, s.edges, s.multipliers, s.active)
    for _ in range(MAX_PIVOTS):
        value = side * evaluate(rows, r, p, s.z)
        if value < 0.0:
            proved, depth = prove_no(lower, upper, rows, row_sign, position, r, side, s)
            if proved:
                return NO, depth
        which, reach = price(lower, upper, rows, row_sign, path, length, s.z, s.inner, witness)
        if value > 0.0:
            crossing = at_witness / (at_witness - value)
            if reach > crossing:
                along = crossing + INWARD * (reach - crossing)
                for d in range(p):
                    moved = witness[d] + along * (s.z[d] - witness[d])
                    z[d] = min(max(moved, lower[d]), upper[d])
                if inside(rows, row_sign, path, length, r, side, z, 0.0):
                    return YES, 0
        if which < 0:
            return UNKNOWN, 0
        row = path[which] if which < length else -1
        d, top = (which - length) % p, which - length >= p
        if not pivot(
            lower, upper, rows, row_sign, row, d, top, s.z, s.edges, s.multipliers, s.active, s.mu
        ):
            return UNKNOWN, 0
    return UNKNOWN, 0


@njit(**OUTER)
def enter(a, rows, row_sign, position, layer, signs, split, path, buffer):
    """Rows, signs and path of a task; return the length of its path."""
    length = np.int64(0)
    for r in range(a.first_unit):
        row_sign[r] = 1.0
        position[r] = length
        path[length] = r
        length += 1
    for here in range(layer + 1):
        if here > 0:
            layer_rows(a, rows, here, signs, buffer)
        for unit in range(a.starts[here], a.starts[here + 1]):
            if split[unit]:
                r = a.first_unit + unit
                row_sign[r] = float(signs[unit])
                position[r] = length
                path[length] = r
                length += 1
    return length


@njit(**OUTER)
def explore(
    a, layer, signs, split, point, budget, tasks, task_points, leaf_signs, leaf_points,
    scratch=None, zonotope=None, runs=None,
):  # fmt: skip
    """Count the cells below one task; return ``(cells, open tasks, nodes)``.

    Parameters
    ----------
    a, layer, signs, split, budget, tasks, leaf_signs, leaf_points
        As in `vertices.explore`.
    point
        An interior point of the task: coordinates y, of shape (n,), also where the search is in z.
    task_points
        Room for one interior point of each open task, (T, n).
    scratch
        `Scratch` where linear programmes are to be solved.
    zonotope
        `Zonotope` in whose coordinates z the search is, in the place of ``scratch``.
    runs
        `Runs` to visit no more than their cells.

    These three are asked for by ``is not None`` on their own: the branch of one that is None is dropped before
    anything in it is compiled.
    """
    p, n_layers = len(a.reach), len(a.widths)
    n_inputs, rounding = len(point), 0.0
    n_units = a.starts[n_layers]
    n_rows = a.first_unit + n_units
    levels = n_units + 2
    rows, signs, split = a.rows.copy(), signs.copy(), split.copy()
    ties = a.ties  # taken out of the tuple once: each time counts references
    tied = ties.any()
    row_sign = np.ones(n_rows)
    position = np.zeros(n_rows, dtype=np.int64)
    path = np.empty(n_rows, dtype=np.int64)
    buffer = np.empty((p + 3, largest(a.widths)))
    if zonotope is not None:
        room = make_room(zonotope, n_rows)
        rounding = (n_inputs + 4) * EPS
        y = np.empty((levels, n_inputs))  # the input of each level's witness, and of its other side
        other_y = np.empty((levels, n_inputs))
        w = np.zeros((levels, p))
        other_w = np.zeros((levels, p))
    z = np.empty((levels, p))  # the witness of each level, and of its other side
    other_z = np.empty((levels, p))
    unit_at = np.zeros(levels, dtype=np.int64)
    sides_left = np.zeros(levels, dtype=np.int64)
    first_side = np.zeros(levels, dtype=np.int64)
    layers = np.zeros(levels, dtype=np.int64)
    entered = np.zeros(levels, dtype=np.int64)  # path length when the level's layer was entered
    trail = np.empty(n_units, dtype=np.int64)
    trail_mark = np.zeros(levels, dtype=np.int64)
    # what was proved one-sided, with the path it needs: its length and the stamp of its last row
    proved_sign = np.zeros(n_units, dtype=np.int8)
    proved_length = np.zeros(n_units, dtype=np.int64)
    proved_stamp = np.zeros(n_units, dtype=np.int64)
    stamp = np.zeros(n_rows + 1, dtype=np.int64)
    stamps = 0
    if runs is not None:
        # the runs at each level, those of its first side before ``middle``
        low = np.zeros(levels, dtype=np.int64)
        middle = np.zeros(levels, dtype=np.int64)
        high = np.zeros(levels, dtype=np.int64)
        high[0] = len(runs.order)
        root_splits = 0
        for unit in range(n_units):
            root_splits += split[unit]

    root_length = enter(a, rows, row_sign, position, layer, signs, split, path, buffer)
    for i in range(root_length + 1):
        stamps += 1
        stamp[i] = stamps
    if zonotope is None:
        put(z[0], point)
    else:
        put(y[0], point)
        image(zonotope.mixing, zonotope.shift, y[0], z[0])
    for i in range(root_length):
        r = path[i]
        if not inside(rows, row_sign, path, np.int64(0), r, row_sign[r], z[0], rounding):
            put(task_points[0], point)
            if runs is not None:
                runs.low[0], runs.high[0] = 0, len(runs.order)
            failure = np.int64(UNPROVED)
            return 0, hand_back(tasks, FIRST, layer, signs, split, failure, NO_UNIT), 1
    if zonotope is not None:
        for i in range(root_length):
            join_path(zonotope.full, rows, row_sign, path, i, room.sigma, room.gram, room.norm)
    layers[0], entered[0], unit_at[0] = layer, root_length, a.starts[layer]
    cells, n_open, nodes = 0, FIRST, 0
    level, n_trail, entering = np.int64(0), 0, True

    while level >= 0:
        length = root_length + level
        if entering:
            nodes += 1
            sides_left[level] = 0
            while True:
                here = layers[level]
                unit = unit_at[level]
                while unit < a.starts[here + 1] and signs[unit] != 0:
                    unit += 1
                unit_at[level] = unit
                if unit == a.starts[here + 1]:
                    if here == n_layers - 1:
                        if cells < len(leaf_signs):
                            put(leaf_signs[cells], signs)
                            if zonotope is None:
                                put(leaf_points[cells], z[level])
                            else:
                                put(leaf_points[cells], y[level])
                        cells += 1
                        if runs is not None:
                            runs.total[0] += (high[level] - low[level]) * 2.0 ** (
                                root_splits + level
                            )
                        break
                    layers[level] = here + 1
                    entered[level] = length
                    layer_rows(a, rows, here + 1, signs, buffer)
                    for u in range(a.starts[here + 1], a.starts[here + 2]):
                        proved_sign[u] = 0
                    continue
                r = a.first_unit + unit
                sign, needs = np.int64(0), length
                needed = proved_length[unit]
                if (
                    proved_sign[unit] != 0
                    and needed <= length
                    and stamp[needed] == proved_stamp[unit]
                ):
                    sign, needs = proved_sign[unit], needed
                if sign == 0 and tied:
                    sign = np.int64(tied_sign(ties, signs, split, unit))
                if sign == 0 and here > 0:
                    sign = constant_sign(a, here, unit - a.starts[here], signs)
                    needs = entered[level]
                answer = NO
                if sign == 0:
                    value = evaluate(rows, r, p, z[level])
                    if not abs(value) > margin(rows, r, p) + rounding * rows[r, p + 2]:
                        answer = UNKNOWN
                    else:
                        sign = 1 if value > 0.0 else -1
                        if zonotope is not None:
                            answer, needs = ask_image(
                                zonotope, rows, row_sign, path, length, r, float(-sign), z[level], w[level],
                                other_y[level], other_z[level], other_w[level], room, rounding,
                            )  # fmt: skip
                            if answer == UNKNOWN:
                                answer, needs = ask_inputs(
                                    zonotope, rows, row_sign, path, length, r, float(-sign), z[level], y[level],
                                    other_y[level], other_z[level], other_w[level], room, rounding,
                                )  # fmt: skip
                        if scratch is not None:
                            answer, needs = ask(
                                a.lower, a.upper, rows, row_sign, position, path, length, r,
                                float(-sign), z[level], other_z[level], scratch,
                            )  # fmt: skip
                        needs = max(needs, entered[level])
                if answer == UNKNOWN:
                    if zonotope is None:
                        put(task_points[n_open], z[level])
                    else:
                        put(task_points[n_open], y[level])
                    if runs is not None:
                        runs.low[n_open], runs.high[n_open] = low[level], high[level]
                    n_open = hand_back(tasks, n_open, here, signs, split, np.int64(UNDECIDED), unit)
                    break
                if answer == YES:
                    sides_left[level] = 2
                    first_side[level] = sign
                    if runs is not None:
                        middle[level] = divide(
                            runs.order, low[level], high[level], runs.on, unit, sign
                        )
                    break
                signs[unit] = sign
                proved_sign[unit], proved_length[unit], proved_stamp[unit] = (
                    sign,
                    needs,
                    stamp[needs],
                )
                trail[n_trail] = unit
                n_trail += 1
            trail_mark[level] = n_trail

        # the sides still to visit at this level, else one level up
        for i in range(trail_mark[level], n_trail):
            signs[trail[i]] = 0
        n_trail = trail_mark[level]
        if sides_left[level] == 0:
            level -= 1
            entering = False
            if level >= 0:
                unit = unit_at[level]
                signs[unit] = 0
                split[unit] = False
            continue
        unit = unit_at[level]
        second = sides_left[level] == 1
        side = -first_side[level] if second else first_side[level]
        sides_left[level] -= 1
        if runs is not None:
            low[level + 1] = middle[level] if second else low[level]
            high[level + 1] = high[level] if second else middle[level]
            if low[level + 1] == high[level + 1]:
                entering = False
                continue
        signs[unit] = side
        split[unit] = True
        if cells >= budget or n_open + 2 * level + 4 > len(tasks[0]):
            if zonotope is None:
                put(task_points[n_open], other_z[level] if second else z[level])
            else:
                put(task_points[n_open], other_y[level] if second else y[level])
            if runs is not None:
                runs.low[n_open], runs.high[n_open] = low[level + 1], high[level + 1]
            n_open = hand_back(
                tasks, n_open, layers[level], signs, split, np.int64(UNFINISHED), NO_UNIT
            )
            signs[unit] = 0
            split[unit] = False
            entering = False
            continue
        r = a.first_unit + unit
        path[length] = r
        position[r] = length
        row_sign[r] = float(side)
        if zonotope is not None:
            join_path(zonotope.full, rows, row_sign, path, length, room.sigma, room.gram, room.norm)
        stamps += 1
        stamp[length + 1] = stamps
        put(z[level + 1], other_z[level] if second else z[level])
        if zonotope is not None:
            put(y[level + 1], other_y[level] if second else y[level])
            put(w[level + 1], other_w[level] if second else w[level])
        unit_at[level + 1] = unit + 1
        layers[level + 1], entered[level + 1] = layers[level], entered[level]
        level += 1
        entering = True
    return cells, n_open, nodes
