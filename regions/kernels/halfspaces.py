"""The search over cells of any dimension, kept as half-spaces with one interior witness.

Depth first over units in layer order. The witness proves one side of the next unit; a linear programme
asks for the other. "No" is a proof by multipliers, "yes" comes with a new witness. A proof that does not
use the last rows of the path holds for their siblings too, so it is remembered as far up as it reaches.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .programs import pivot, price, start_at_box
from .rows import EPS, OUTER, constant_sign, evaluate, layer_rows, margin, proves_empty
from .vertices import UNDECIDED, UNFINISHED, UNPROVED, hand_back
from .zonotope import image, pull_back, step_into_box, support, write_cut

NO, UNKNOWN, YES = -1, 0, 1
MAX_PIVOTS = 500
# Projection steps towards one wanted point, and how many such attempts one question may take.
STEPS, ATTEMPTS = 8, 60
# Where between the hyperplane and the boundary of the cell a new witness is put.
INWARD = 0.5
# How far beyond the hyperplane the first, cheap guess goes, as a share of the witness's distance to it.
BEYOND = 0.3


class Scratch(NamedTuple):
    """Room that one question needs; p coordinates, n inputs, m rows."""

    z: np.ndarray  # (p,)
    edges: np.ndarray  # (p, p)
    multipliers: np.ndarray  # (p,)
    active: np.ndarray  # (p,) int64
    mu: np.ndarray  # (p,)
    q: np.ndarray  # (p + 1,)
    target: np.ndarray  # (p,)
    v: np.ndarray  # (n,)
    listed: np.ndarray  # (m,) int64
    inner: np.ndarray  # (m,)
    support: np.ndarray  # (p,) int64
    dual: np.ndarray  # (p,)
    last_used: np.ndarray  # (cuts,) int64: when each cut last helped
    clock: np.ndarray  # (2,) int64: questions asked, cuts written


@njit(**OUTER)
def make_scratch(p, n, m, cuts):
    """Empty room."""
    return Scratch(
        np.empty(p), np.empty((p, p)), np.empty(p), np.empty(p, dtype=np.int64), np.empty(p),
        np.empty(p + 1), np.empty(p), np.empty(n), np.empty(m, dtype=np.int64), np.empty(m),
        np.empty(p, dtype=np.int64), np.empty(p), np.zeros(cuts, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )  # fmt: skip


@njit(**OUTER)
def inside(rows, row_sign, path, length, r, side, z, rounding):
    """Whether ``z`` is in the interior of the exact cell and on ``side`` of row ``r``.

    ``rounding`` is what computing z itself adds to each row, per unit of its norm.
    """
    p = len(z)
    if not side * evaluate(rows, r, p, z) > margin(rows, r, p) + rounding * rows[r, p + 2]:
        return False
    for i in range(length):
        s = path[i]
        needed = margin(rows, s, p) + rounding * rows[s, p + 2]
        if not row_sign[s] * evaluate(rows, s, p, z) > needed:
            return False
    return True


@njit(**OUTER)
def next_cut(a, s, first_cut):
    """The row for a new cut: an unused one, else the one unused for longest that is not active."""
    room = len(s.last_used)
    if s.clock[1] < room:
        return first_cut + s.clock[1]
    best = -1
    for c in range(room):
        busy = False
        for i in range(len(s.active)):
            busy |= s.active[i] == first_cut + c
        if not busy and (best < 0 or s.last_used[c] < s.last_used[best]):
            best = c
    return first_cut + best


@njit(**OUTER)
def project(a, rows, row_sign, path, length, r, side, y, z, s, first_cut, rounding):
    """Move the input ``y`` with image ``z`` towards ``s.target``: ``(answer, row of a new cut)``.

    Projected gradient descent on the distance in the metric (W1 W1^T)^-1, for which the unit step is safe.
    YES when it lands in the wanted cell; NO when the target lies outside the zonotope, with the cut that
    proves it.
    """
    p = len(z)
    for _ in range(STEPS):
        for i in range(p):
            s.q[i] = 0.0
        for e in range(p):
            away = s.target[e] - z[e]
            for i in range(p):
                s.q[i] += a.metric[e, i] * away
        pull_back(a.mixing, s.q, s.v)
        value = support(a.input_lower, a.input_upper, s.v)
        gap = value
        for i in range(p):
            gap += s.q[i] * (a.shift[i] - s.target[i])
        if gap < 0.0:
            cut = next_cut(a, s, first_cut)
            write_cut(rows, cut, s.q, value, a.shift, a.reach, len(y))
            s.last_used[cut - first_cut] = s.clock[0]
            s.clock[1] += 1
            return NO, cut
        step_into_box(a.input_lower, a.input_upper, y, s.v)
        image(a.mixing, a.shift, y, z)
        if inside(rows, row_sign, path, length, r, side, z, rounding):
            return YES, -1
    return UNKNOWN, -1


@njit(**OUTER)
def cheap_target(a, rows, layer, signs, r, side, witness, target):
    """The nearest point a little beyond row ``r``, near in units of the distance to the first layer's walls."""
    p = len(witness)
    value = side * evaluate(rows, r, p, witness)
    total = 0.0
    for i in range(p):
        weight = witness[i] * witness[i] if layer > 0 else 1.0
        target[i] = weight * side * rows[r, i]
        total += target[i] * side * rows[r, i]
    if not total > 0.0:
        return False
    factor = -value * (1.0 + BEYOND) / total
    for i in range(p):
        target[i] = witness[i] + factor * target[i]
    return True


@njit(**OUTER)
def prove_no(a, lower, upper, rows, row_sign, position, r, side, s, first_cut):
    """``(whether the multipliers at hand prove that the side is empty, path length they need)``."""
    count, depth = 0, 0
    for i in range(len(s.active)):
        row = s.active[i]
        if row >= 0 and s.multipliers[i] > 0.0:
            s.support[count] = row
            s.dual[count] = s.multipliers[i]
            count += 1
            if row < first_cut:
                depth = max(depth, position[row] + 1)
    if not proves_empty(lower, upper, rows, row_sign, r, side, s.support, s.dual, count, s.q):
        return False, 0
    for i in range(count):
        if s.support[i] >= first_cut:
            s.last_used[s.support[i] - first_cut] = s.clock[0]
    return True, depth


@njit(**OUTER)
def ask(
    a, lower, upper, rows, row_sign, position, path, skip, length, layer, signs, r, side,
    witness, input_witness, y, z, s, first_cut, rounding,
):  # fmt: skip
    """Does ``side`` of row ``r`` occur in the cell? ``(answer, path length that a NO needs)``.

    A YES leaves the new witness in ``z``, and its input in ``y``. The first ``skip`` rows of the path are
    bounds of single coordinates, already in ``lower`` and ``upper``.
    """
    p = len(witness)
    images = len(a.shift) > 0
    s.clock[0] += 1
    for i in range(p):
        s.active[i] = -1
    if images:
        y[:] = input_witness
        z[:] = witness
        if cheap_target(a, rows, layer, signs, r, side, witness, s.target):
            answer, cut = project(a, rows, row_sign, path, length, r, side, y, z, s, first_cut, rounding)
            if answer == YES:
                return YES, 0
    count = 0
    for i in range(skip, length):
        s.listed[count] = path[i]
        s.inner[count] = row_sign[path[i]] * evaluate(rows, path[i], p, witness)
        count += 1
    base = count
    for c in range(min(s.clock[1], len(s.last_used))):
        s.listed[count] = first_cut + c
        s.inner[count] = max(evaluate(rows, first_cut + c, p, witness), 0.0)
        count += 1
    at_witness = side * evaluate(rows, r, p, witness)
    start_at_box(lower, upper, rows, r, side, s.z, s.edges, s.multipliers, s.active)
    attempts = 0
    for _ in range(MAX_PIVOTS):
        value = side * evaluate(rows, r, p, s.z)
        if value < 0.0:
            proved, depth = prove_no(a, lower, upper, rows, row_sign, position, r, side, s, first_cut)
            if proved:
                return NO, depth
        which, reach = price(
            lower, upper, rows, row_sign, s.listed, count, s.z, s.inner, witness
        )
        crossing = at_witness / (at_witness - value) if value > 0.0 else 1.0
        if reach > crossing:
            along = crossing + INWARD * (reach - crossing)
            for d in range(p):
                s.target[d] = witness[d] + along * (s.z[d] - witness[d])
            if not images:
                for d in range(p):
                    z[d] = min(max(s.target[d], lower[d]), upper[d])
                if inside(rows, row_sign, path, length, r, side, z, rounding):
                    return YES, 0
            else:
                attempts += 1
                answer, cut = project(a, rows, row_sign, path, length, r, side, y, z, s, first_cut, rounding)
                if answer == YES:
                    return YES, 0
                if attempts > ATTEMPTS:
                    return UNKNOWN, 0
                if answer == NO:
                    at = base + cut - first_cut
                    s.listed[at] = cut
                    s.inner[at] = max(evaluate(rows, cut, p, witness), 0.0)
                    count = max(count, at + 1)
                    continue
                if which < 0:
                    continue
        if which < 0:
            return UNKNOWN, 0
        if which < count:
            ok = pivot(lower, upper, rows, row_sign, s.listed[which], 0, False, s.z, s.edges, s.multipliers, s.active, s.mu)
        else:
            d = (which - count) % p
            ok = pivot(lower, upper, rows, row_sign, -1, d, which - count >= p, s.z, s.edges, s.multipliers, s.active, s.mu)
        if not ok:
            return UNKNOWN, 0
    return UNKNOWN, 0


@njit(**OUTER)
def enter(a, rows, row_sign, position, layer, signs, split, path, lower, upper, buffer):
    """Rows, signs and path of a task; return ``(path length, how many rows are mere bounds)``."""
    images = len(a.shift) > 0
    length = 0
    for r in range(a.first_unit):
        row_sign[r] = 1.0
        position[r] = length
        path[length] = r
        length += 1
    skip = 0
    for here in range(layer + 1):
        if here > 0:
            layer_rows(a, rows, here, signs, buffer)
        for unit in range(a.starts[here], a.starts[here + 1]):
            if here == 0 and images and signs[unit] != 0:
                bound_coordinate(lower, upper, unit, signs[unit])
            if split[unit]:
                r = a.first_unit + unit
                row_sign[r] = float(signs[unit])
                position[r] = length
                path[length] = r
                length += 1
        if here == 0 and images:
            skip = length
    return length, skip


@njit(**OUTER)
def bound_coordinate(lower, upper, unit, sign):
    """Cut the box of z by the sign of a first-layer unit."""
    if sign > 0:
        lower[unit] = max(lower[unit], 0.0)
    else:
        upper[unit] = min(upper[unit], 0.0)


@njit(**OUTER)
def free_coordinate(a, lower, upper, unit):
    """Undo `bound_coordinate`."""
    lower[unit] = a.lower[unit]
    upper[unit] = a.upper[unit]


@njit(**OUTER)
def explore(a, layer, signs, split, point, budget, n_cuts, tasks, task_points, leaf_signs, leaf_points):
    """Count the cells below one task; return ``(cells, open tasks, nodes)``.

    Parameters
    ----------
    a, layer, signs, split, budget, tasks, leaf_signs, leaf_points
        As in `vertices.explore`.
    point
        An interior point of the task: coordinates y, of shape (n,), also where the search is in z.
    n_cuts
        How many cuts of the zonotope are kept at a time.
    task_points
        Room for one interior point of each open task, (T, n).
    """
    p, n_layers = len(a.reach), len(a.widths)
    images = len(a.shift) > 0
    n_inputs = len(a.input_lower) if images else p
    rounding = (n_inputs + 4) * EPS if images else 0.0
    n_units = a.starts[n_layers]
    first_cut = a.first_unit + n_units
    rows = np.zeros((first_cut + n_cuts, p + 3))
    rows[:first_cut] = a.rows
    signs, split = signs.copy(), split.copy()
    lower, upper = a.lower.copy(), a.upper.copy()
    row_sign = np.ones(first_cut + n_cuts)
    position = np.zeros(first_cut, dtype=np.int64)
    path = np.empty(first_cut, dtype=np.int64)
    buffer = np.empty((p + 3, a.widths.max()))
    s = make_scratch(p, n_inputs, first_cut + n_cuts, n_cuts)

    levels = n_units + 2
    z = np.empty((levels, p))  # the witness of each level, and of its other side
    y = np.empty((levels, n_inputs))
    other_z = np.empty((levels, p))
    other_y = np.empty((levels, n_inputs))
    unit_at = np.zeros(levels, dtype=np.int64)
    sides_left = np.zeros(levels, dtype=np.int64)
    first_side = np.zeros(levels, dtype=np.int64)
    layers = np.zeros(levels, dtype=np.int64)
    skips = np.zeros(levels, dtype=np.int64)
    entered = np.zeros(levels, dtype=np.int64)  # path length when the level's layer was entered
    trail = np.empty(n_units, dtype=np.int64)
    trail_mark = np.zeros(levels, dtype=np.int64)
    # what was proved one-sided, with the path it needs: its length and the stamp of its last row
    proved_sign = np.zeros(n_units, dtype=np.int8)
    proved_length = np.zeros(n_units, dtype=np.int64)
    proved_stamp = np.zeros(n_units, dtype=np.int64)
    stamp = np.zeros(first_cut + 1, dtype=np.int64)
    stamps = 0

    root_length, skips[0] = enter(a, rows, row_sign, position, layer, signs, split, path, lower, upper, buffer)
    for i in range(root_length + 1):
        stamps += 1
        stamp[i] = stamps
    if images:
        y[0, :] = point
        image(a.mixing, a.shift, y[0], z[0])
    else:
        z[0, :] = point
    for i in range(root_length):
        r = path[i]
        if not inside(rows, row_sign, path, 0, r, row_sign[r], z[0], rounding):
            task_points[0, :] = point
            return 0, hand_back(tasks, 0, layer, signs, split, UNPROVED, -1), 1
    layers[0], entered[0], unit_at[0] = layer, root_length, a.starts[layer]
    cells, n_open, nodes = 0, 0, 0
    level, n_trail, entering = 0, 0, True

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
                            leaf_signs[cells, :] = signs
                            leaf_points[cells, :] = y[level] if images else z[level]
                        cells += 1
                        break
                    if here == 0 and images:
                        skips[level] = length
                    layers[level] = here + 1
                    entered[level] = length
                    layer_rows(a, rows, here + 1, signs, buffer)
                    for u in range(a.starts[here + 1], a.starts[here + 2]):
                        proved_sign[u] = 0
                    continue
                r = a.first_unit + unit
                sign, needs = 0, length
                if proved_sign[unit] != 0 and proved_length[unit] <= length and stamp[proved_length[unit]] == proved_stamp[unit]:
                    sign, needs = proved_sign[unit], proved_length[unit]
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
                        skip = skips[level] if here > 0 or not images else length
                        answer, needs = ask(
                            a, lower, upper, rows, row_sign, position, path, skip, length, here, signs, r,
                            float(-sign), z[level], y[level], other_y[level], other_z[level], s, first_cut, rounding,
                        )  # fmt: skip
                        needs = length if here == 0 and images else max(needs, entered[level])
                if answer == UNKNOWN:
                    task_points[n_open, :] = y[level] if images else z[level]
                    n_open = hand_back(tasks, n_open, here, signs, split, UNDECIDED, unit)
                    break
                if answer == YES:
                    sides_left[level] = 2
                    first_side[level] = sign
                    break
                signs[unit] = sign
                proved_sign[unit], proved_length[unit], proved_stamp[unit] = sign, needs, stamp[needs]
                trail[n_trail] = unit
                n_trail += 1
                if here == 0 and images:
                    bound_coordinate(lower, upper, unit, sign)
            trail_mark[level] = n_trail

        # the sides still to visit at this level, else one level up
        for i in range(trail_mark[level], n_trail):
            signs[trail[i]] = 0
            if images and trail[i] < a.starts[1]:
                free_coordinate(a, lower, upper, trail[i])
        n_trail = trail_mark[level]
        if sides_left[level] == 0:
            level -= 1
            entering = False
            if level >= 0:
                unit = unit_at[level]
                signs[unit] = 0
                split[unit] = False
                if images and unit < a.starts[1]:
                    free_coordinate(a, lower, upper, unit)
            continue
        unit = unit_at[level]
        second = sides_left[level] == 1
        side = -first_side[level] if second else first_side[level]
        sides_left[level] -= 1
        signs[unit] = side
        split[unit] = True
        if cells >= budget or n_open + 2 * level + 4 > len(tasks[0]):
            if images:
                task_points[n_open, :] = other_y[level] if second else y[level]
            else:
                task_points[n_open, :] = other_z[level] if second else z[level]
            n_open = hand_back(tasks, n_open, layers[level], signs, split, UNFINISHED, -1)
            signs[unit] = 0
            split[unit] = False
            entering = False
            continue
        r = a.first_unit + unit
        if images and unit < a.starts[1]:
            bound_coordinate(lower, upper, unit, side)
        path[length] = r
        position[r] = length
        row_sign[r] = float(side)
        stamps += 1
        stamp[length + 1] = stamps
        z[level + 1, :] = other_z[level] if second else z[level]
        y[level + 1, :] = other_y[level] if second else y[level]
        unit_at[level + 1] = unit + 1
        layers[level + 1], skips[level + 1], entered[level + 1] = layers[level], skips[level], entered[level]
        level += 1
        entering = True
    return cells, n_open, nodes
