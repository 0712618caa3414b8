"""Calls of the compiled searches: what goes in, and the tasks that come back."""

import numpy as np

from ..kernels import halfspaces, vertices
from ..kernels.vertices import UNDECIDED
from .second_opinion import settle_by_program
from .tasks import Task

# Room for the vertices of one cell; a cell with more is split in rational arithmetic. Not a power of
# two, so that the coordinates of one vertex do not compete for one line of the cache.
MAX_VERTICES = 488


def run(problem, task, budget, keep):
    """``(cells, open tasks, nodes, (signs, points) of the cells)`` of one compiled call."""
    folding, n_units = problem.folding, problem.network.n_units
    capacity, k = budget if keep else 0, problem.dimension
    if (unit := _unit_of_chart(problem, task)) is not None:
        return 0, task.halves(unit), 1, (np.empty((0, n_units), dtype=np.int8), np.empty((0, k)))
    if folding is not None:
        n_units = folding.n_units
    a, out, points = problem.arrays_of(task), _room(n_units), None
    leaves = np.empty((capacity, n_units), dtype=np.int8), np.empty((capacity, k))
    start = _start(problem, task)
    if problem.by_vertices:
        cells, n_open, nodes = vertices.explore(
            *start, budget, MAX_VERTICES, problem.proofs, out, *leaves
        )
    else:
        points = np.empty((len(out[0]), k))
        cells, n_open, nodes = halfspaces.explore(
            *start,
            _point(problem, task),
            budget,
            out,
            points,
            *leaves,
            *_room_of_questions(problem, a),
        )
    signs, inside = (part[:cells] for part in leaves)
    if folding is not None:
        signs = folding.patterns(signs)
    return cells, _open_tasks(problem, task, out, points, n_open), nodes, (signs, inside)


def follow(problem, task, on, budget):
    """``(sum, cells, open tasks with their runs)`` of one compiled call that follows the runs ``on`` (R, N)."""
    if (unit := _unit_of_chart(problem, task)) is not None:
        halves = zip(task.halves(unit), (on[on[:, unit]], on[~on[:, unit]]), strict=True)
        return 0.0, 0, [(half, runs) for half, runs in halves if len(runs)]
    a, folding, runs_on = problem.arrays_of(task), problem.folding, on
    if folding is not None:
        on = folding.sides(on)
    out = _room(on.shape[1])
    room, n_units = out[1].shape
    points = np.empty((room, problem.dimension))
    low, high = np.empty((2, room), dtype=np.int64)
    nothing = np.empty((0, n_units), dtype=np.int8), points[:0]
    # in one order of memory: the kernel would be compiled again for another
    on = np.ascontiguousarray(on)
    runs = halfspaces.Runs(on, np.arange(len(on)), low, high, np.zeros(1))
    cells, n_open, _ = halfspaces.explore(
        *_start(problem, task), _point(problem, task), budget, out, points,
        *nothing, *_room_of_questions(problem, a), runs,
    )  # fmt: skip
    parts = [runs_on[runs.order[low[i] : high[i]]] for i in range(n_open)]
    open_tasks = _open_tasks(problem, task, out, points, n_open)
    return float(runs.total[0]), cells, list(zip(open_tasks, parts, strict=True))


def by_program(problem, task):
    """What a linear programme makes of an undecided question about a wide input, or None."""
    if problem.zonotope is None or task.reason != UNDECIDED:
        return None
    folding = problem.folding
    if folding is None:
        return settle_by_program(problem.arrays, problem.zonotope, task)
    found = settle_by_program(problem.arrays, problem.zonotope, folding.inward(task))
    return None if found is None else [folding.outward(smaller) for smaller in found]


def _start(problem, task):
    """The first arguments of a kernel that begins at ``task``."""
    inner = task if problem.folding is None else problem.folding.inward(task)
    return problem.arrays_of(task), inner.layer, inner.signs, inner.split


def _unit_of_chart(problem, task):
    """The unit that splits a task of the whole space before there are coordinates for it, or None."""
    return problem.charts.missing(task.signs) if problem.charts else None


def _room_of_questions(problem, a):
    """``(scratch, zonotope)`` of `halfspaces.explore`: one of them is None."""
    if problem.zonotope is not None:
        return None, problem.zonotope
    rows, width = a.rows.shape
    return halfspaces.make_scratch(width - 3, rows), None


def _room(n_units):
    """Layers, signs, splits, reasons and units of the tasks that a call may hand back."""
    room = 4 * n_units + 64  # more than two tasks for each level of the search
    return (
        np.empty(room, dtype=np.int64),
        np.empty((room, n_units), dtype=np.int8),
        np.empty((room, n_units), dtype=np.bool_),
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
    )


def _open_tasks(problem, task, out, points, n_open):
    """The tasks that a call on ``task`` left in ``out``."""
    layer, signs, split, reason, unit = out
    outward = (lambda found: found) if problem.folding is None else problem.folding.outward
    # shares of the prefix space by depth: a split halves what it splits
    depth = np.count_nonzero(split[:n_open], axis=1) - np.count_nonzero(task.split)
    tasks = (
        Task(
            int(layer[i]),
            signs[i].copy(),
            split[i].copy(),
            int(reason[i]),
            int(unit[i]),
            task.weight * 0.5 ** float(depth[i]),
            None if points is None else points[i].copy(),
        )
        for i in range(n_open)
    )
    return [outward(found) for found in tasks]


def _point(problem, task):
    if task.point is not None:
        return task.point
    if not task.split.any():
        return problem.root_point
    return problem.interior(task)
