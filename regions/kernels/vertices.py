"""The search over cells of low dimension, kept as vertex lists.

Depth first. Entering a layer, every unit is evaluated at the vertices of the cell at once: most do
not cross it and are proved one-sided there, for the whole subtree. The cell is split by one of the
others, both halves get an interior witness, and only the units that crossed are asked again.
"""

import numpy as np

from .polytopes import (
    CROWDED,
    centre,
    clip,
    copy_polytope,
    fill_box,
    one_sided,
    polytope_stack,
    spread,
)
from .rows import OUTER, constant_sign, evaluate, largest, layer_rows, margin, put, tied_sign
from .store import njit

# Why a task comes back: the budget is spent; a unit's side is not proved; no witness that replays in
# floating point; more vertices or facets than there is room for.
UNFINISHED, UNDECIDED, UNPROVED, TOO_LARGE = 0, 1, 2, 3
# Of one integer type with the variables in their places, so that nothing is compiled twice, see `rows`.
ROOT, FIRST, NO_UNIT = np.int64(0), np.int64(0), np.int64(-1)


@njit(**OUTER)
def strictly_inside(rows, row_sign, path, length, point, proofs):
    """Whether the exact cell bounded by the rows on ``path`` has ``point`` in its interior."""
    k = len(point)
    for i in range(length):
        r = path[i]
        needed = margin(rows, r, k) if proofs else 0.0
        if not row_sign[r] * evaluate(rows, r, k, point) > needed:
            return False
    return True


@njit(**OUTER)
def hand_back(tasks, n, layer, signs, split, reason, unit):
    """Write one open task; return the new number of tasks."""
    task_layer, task_signs, task_split, task_reason, task_unit = tasks
    task_layer[n] = layer
    put(task_signs[n], signs)
    put(task_split[n], split)
    task_reason[n] = reason
    task_unit[n] = unit
    return n + 1


@njit(**OUTER)
def enter_task(a, rows, row_sign, layer, signs, split, p, path, g, moved, scratch, buffer):
    """Build the polytope of a task at level 0; return ``(rows on its path, why it failed or -1)``."""
    support, multipliers, q = scratch
    fill_box(a.lower, a.upper, p)
    length, next_layer = np.int64(0), np.int64(1)
    for r in range(a.first_unit + a.starts[layer + 1]):
        unit = r - a.first_unit
        if unit >= 0:
            while next_layer <= layer and unit >= a.starts[next_layer]:
                layer_rows(a, rows, next_layer, signs, buffer)
                next_layer += 1
            if not split[unit]:
                continue
        sign = 1.0 if unit < 0 else float(signs[unit])
        row_sign[r] = sign
        low, high, at_low, at_high = spread(rows, r, p.points[0], p.count[0], g)
        if (low if sign > 0 else -high) > 0.0:
            # no facet, but a constraint all the same unless the rows before imply it
            if not one_sided(
                a.lower, a.upper, rows, row_sign, r, sign, g, at_low if sign > 0 else at_high,
                p.points[0], p.mask[0], p.neighbour[0], p.table[0], support, multipliers, q,
            ):  # fmt: skip
                path[length] = r
                length += 1
            continue
        path[length] = r
        length += 1
        n = clip(p, ROOT, g, sign, r, ROOT + 1, moved)
        if n < 0:
            return length, TOO_LARGE if n == CROWDED else UNPROVED
        copy_polytope(p, ROOT + 1, ROOT)
    return length, -1


@njit(**OUTER)
def settle(
    a, lower, upper, rows, row_sign, layer, signs, candidates, count, trail, n_trail,
    points, mask, neighbour, table, n_vertices, g, scratch, proofs,
):  # fmt: skip
    """Settle the candidate units that do not cross the cell.

    Returns ``(how many still cross, trail length, unit that resists proof or -1)``.
    """
    k = len(points)
    first_unit = a.first_unit
    support, multipliers, q = scratch
    crossing = 0
    for i in range(count):
        unit = candidates[i]
        r = first_unit + unit
        sign = 0
        low, high, at_low, at_high = spread(rows, r, points, n_vertices, g)
        slim = margin(rows, r, k)
        if low > -slim or high < slim:
            sign = 1 if low > -high else -1
            if proofs and not one_sided(
                lower, upper, rows, row_sign, r, float(sign), g, at_low if sign > 0 else at_high,
                points, mask, neighbour, table, support, multipliers, q,
            ):  # fmt: skip
                sign = constant_sign(a, layer, unit - a.starts[layer], signs) if layer > 0 else 0
                if sign == 0:
                    return crossing, n_trail, unit
        if sign == 0:
            candidates[crossing] = unit
            crossing += 1
        else:
            signs[unit] = sign
            trail[n_trail] = unit
            n_trail += 1
    return crossing, n_trail, -1


@njit(**OUTER)
def settle_ties(ties, signs, split, candidates, count, trail, n_trail):
    """Settle the candidates that share a hyperplane with a unit of known sign, or have one by their stored numbers.

    Returns ``(how many are left, trail length)``. Apart from `settle`: within its loop this would cost every
    network a third of its time, though few have ties.
    """
    left = 0
    for i in range(count):
        unit = candidates[i]
        sign = tied_sign(ties, signs, split, unit)
        if sign == 0:
            candidates[left] = unit
            left += 1
        else:
            signs[unit] = sign
            trail[n_trail] = unit
            n_trail += 1
    return left, n_trail


@njit(**OUTER)
def unknown_units(a, layer, signs, candidates):
    """List the units of ``layer`` without a sign; return how many."""
    count = 0
    for unit in range(a.starts[layer], a.starts[layer + 1]):
        if signs[unit] == 0:
            candidates[count] = unit
            count += 1
    return count


@njit(**OUTER)
def explore(a, layer, signs, split, budget, max_vertices, proofs, tasks, leaf_signs, leaf_points):
    """Count the cells below one task; return ``(cells, open tasks, nodes)``.

    Parameters
    ----------
    a
        `Arrays`; its rows are copied, so threads may share it.
    layer, signs, split
        The task: layers before ``layer`` are fully assigned in ``signs`` (N,), int8, +1 / -1 / 0 for
        unknown; units with ``split`` bound the cell, the others are proved one-sided on it.
    budget, max_vertices
        Stop after ``budget`` cells; hand back cells with more vertices than there is room for.
    proofs
        False believes the vertex list: for speed comparisons only.
    tasks
        Room for T open tasks: layer (T,), signs (T, N), split (T, N), reason (T,), unit (T,).
    leaf_signs, leaf_points
        Room for the cells found, (cap, N) and (cap, k); with cap 0 they are only counted.
    """
    k, n_layers = len(a.reach), len(a.widths)
    n_units = a.starts[n_layers]
    rows, signs, split = a.rows.copy(), signs.copy(), split.copy()
    levels = n_units + 2
    p = polytope_stack(levels, k, max_vertices)
    layers = np.zeros(levels, dtype=np.int64)
    candidates = np.empty((levels, n_units), dtype=np.int64)
    n_candidates = np.zeros(levels, dtype=np.int64)
    sides_left = np.zeros(levels, dtype=np.int64)
    point = np.empty((levels, k))
    trail = np.empty(n_units, dtype=np.int64)
    trail_mark = np.zeros(levels, dtype=np.int64)
    path = np.empty(a.first_unit + n_units, dtype=np.int64)
    row_sign = np.zeros(a.first_unit + n_units)
    g = np.empty(max_vertices)
    moved = np.empty(max_vertices, dtype=np.int64)
    scratch = (np.empty(k, dtype=np.int64), np.empty(k), np.empty(k + 1))
    buffer = np.empty((k + 3, largest(a.widths)))
    # taken out of the tuple once: each time counts references
    lower, upper, ties = a.lower, a.upper, a.ties
    tied = ties.any()

    cells, n_open, nodes = 0, FIRST, 0
    root_length, failure = enter_task(
        a, rows, row_sign, layer, signs, split, p, path, g, moved, scratch, buffer
    )
    if failure < 0:
        centre(lower, upper, p.points[0], p.count[0], point[0])
        if not strictly_inside(rows, row_sign, path, root_length, point[0], proofs):
            failure = UNPROVED
    if failure >= 0:
        return 0, hand_back(tasks, FIRST, layer, signs, split, failure, NO_UNIT), 1
    layers[0] = layer
    n_candidates[0] = unknown_units(a, layer, signs, candidates[0])
    level, n_trail, entering = ROOT, np.int64(0), True

    while level >= 0:
        if entering:
            nodes += 1
            sides_left[level] = 0
            while True:
                here = layers[level]
                if tied:
                    n_candidates[level], n_trail = settle_ties(
                        ties, signs, split, candidates[level], n_candidates[level], trail, n_trail
                    )
                crossing, n_trail, trouble = settle(
                    a, lower, upper, rows, row_sign, here, signs,
                    candidates[level], n_candidates[level], trail, n_trail,
                    p.points[level], p.mask[level], p.neighbour[level], p.table[level],
                    p.count[level], g, scratch, proofs,
                )  # fmt: skip
                if trouble >= 0:
                    n_open = hand_back(
                        tasks, n_open, here, signs, split, np.int64(UNDECIDED), trouble
                    )
                    break
                if crossing > 0:
                    n_candidates[level] = crossing
                    sides_left[level] = 2
                    break
                if here == n_layers - 1:
                    if cells < len(leaf_signs):
                        put(leaf_signs[cells], signs)
                        put(leaf_points[cells], point[level])
                    cells += 1
                    break
                layers[level] = here + 1
                layer_rows(a, rows, here + 1, signs, buffer)
                n_candidates[level] = unknown_units(a, here + 1, signs, candidates[level])
            trail_mark[level] = n_trail

        # the sides still to visit at this level, else one level up
        unit = candidates[level, 0] if n_candidates[level] > 0 else -1
        for r in range(trail_mark[level], n_trail):
            signs[trail[r]] = 0
        n_trail = trail_mark[level]
        if sides_left[level] == 0:
            level -= 1
            entering = False
            if level >= 0:
                signs[candidates[level, 0]] = 0
                split[candidates[level, 0]] = False
            continue
        side = 1 if sides_left[level] == 2 else -1
        sides_left[level] -= 1
        signs[unit] = side
        split[unit] = True
        if cells >= budget or n_open + 2 * level + 4 > len(tasks[0]):
            n_open = hand_back(
                tasks, n_open, layers[level], signs, split, np.int64(UNFINISHED), NO_UNIT
            )
            signs[unit] = 0
            split[unit] = False
            entering = False
            continue
        r = a.first_unit + unit
        spread(rows, r, p.points[level], p.count[level], g)
        n = clip(p, level, g, float(side), r, level + 1, moved)
        length = root_length + level + 1
        path[length - 1] = r
        row_sign[r] = float(side)
        if n > 0:
            centre(lower, upper, p.points[level + 1], n, point[level + 1])
        if n < 0 or not strictly_inside(rows, row_sign, path, length, point[level + 1], proofs):
            reason = TOO_LARGE if n == CROWDED else UNPROVED
            n_open = hand_back(tasks, n_open, layers[level], signs, split, reason, NO_UNIT)
            signs[unit] = 0
            split[unit] = False
            entering = False
            continue
        n_candidates[level + 1] = n_candidates[level] - 1
        for r in range(n_candidates[level + 1]):
            candidates[level + 1, r] = candidates[level, r + 1]
        layers[level + 1] = layers[level]
        level += 1
        entering = True
    return cells, n_open, nodes
