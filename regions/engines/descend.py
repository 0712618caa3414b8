"""Down the exact engine's tree at random: one step, or many descents together in compiled code."""

import math
import time
from dataclasses import replace

import numpy as np

from ..kernels import halfspaces
from ..kernels.vertices import UNFINISHED
from .explore import CALL_SECONDS, _by_program, _point, _run_kernel
from .tasks import Task, settle_exactly


def compile_for(problem):
    """Have the kernels that ``problem`` needs compiled: minutes the first time on a machine, then none."""
    root = Task.root(problem.network.n_units)
    _run_kernel(problem, root, 0, False)
    if not problem.by_vertices:
        _follow_kernel(problem, root, np.ones((1, len(root.signs)), dtype=np.bool_), 0)


def step(problem, task):
    """``(cells, tasks)``: what ``task`` is made of, one split further down.

    Either it is one cell and there are no tasks, or it is the disjoint union of the tasks, no cell
    among them empty: two where a unit splits it. Each answer is proved as in `explore`, of which this is the smallest
    possible piece; so a path of steps, one side chosen at random each time, is a random descent of
    the tree whose leaves are the cells.
    """
    while True:
        # a kernel without budget stops at the first unit that splits
        cells, tasks, _, _ = _run_kernel(problem, task, 0, False)
        if not tasks or tasks[0].reason == UNFINISHED:
            return cells, tasks
        cells, tasks = _settle(problem, tasks[0])
        if len(tasks) != 1:
            return cells, tasks
        (task,) = tasks


def follow(problem, on, *, deadline=math.inf):
    """Follow runs to the cells that they reach: ``(sum of 2 ** splits over the runs, cells)``.

    ``on`` (R, N) says which side of each unit a run takes where the unit splits its node. A cell
    behind s splits is reached by 2 ** -s of all 2 ** N runs, so that the sum over R uniformly random ones, dependent
    on each other or not, is on average R times the number of cells. The sum is None when the deadline
    came first. ``problem`` is one that is not searched ``by_vertices``.
    """
    total, cells, call = 0.0, 0, 1
    stack = [(Task.root(problem.network.n_units), on)]
    while stack:
        began = time.monotonic()
        if began > deadline:
            return None, cells
        task, on = stack.pop()
        if task.reason == UNFINISHED:
            budget = len(on) if math.isinf(deadline) else call
            reached, found, children = _follow_kernel(problem, task, on, budget)
            short = time.monotonic() - began < CALL_SECONDS / 2
            call = call * 2 if short else max(call // 2, 1)
        else:
            found, smaller = _settle(problem, task)
            reached = found * len(on) * 2.0 ** np.count_nonzero(task.split)
            children = _divided(task, smaller, on)
        total, cells = total + reached, cells + found
        stack += children
    return total, cells


def _settle(problem, task):
    """``(cells, tasks)`` of a task that the kernel handed back because it could not go on."""
    tasks = _by_program(problem.arrays, task)
    if tasks is not None:
        return 0, tasks
    leaf, tasks = settle_exactly(problem.exact, task, problem.arrays.starts)
    return int(leaf is not None), tasks


def _divided(task, smaller, on):
    """Each of the ``smaller`` tasks that ``task`` is made of, with its runs; those without are left out."""
    if len(smaller) == 1:
        return [(smaller[0], on)]
    parts = []
    for child in smaller:
        unit = np.flatnonzero(child.split & ~task.split)[0]
        parts.append((child, on[on[:, unit] == (child.signs[unit] > 0)]))
    return [(child, runs) for child, runs in parts if len(runs)]


def _follow_kernel(problem, task, on, budget):
    """``(sum, cells, open tasks with their runs)`` of one compiled call."""
    a, n_units = problem.arrays, problem.network.n_units
    room = 4 * n_units + 64  # more than two tasks for each level of the search
    layer, reason, unit, low, high = np.empty((5, room), dtype=np.int64)
    signs = np.empty((room, n_units), dtype=np.int8)
    split = np.empty((room, n_units), dtype=np.bool_)
    points = np.empty((room, len(problem.root_point)))
    nothing = np.empty((0, n_units), dtype=np.int8), points[:0]
    # in one order of memory: the kernel would be compiled again for another
    on = np.ascontiguousarray(on)
    runs = halfspaces.Runs(on, np.arange(len(on)), low, high, np.zeros(1))
    cells, n_open, _ = halfspaces.explore(
        a, task.layer, task.signs, task.split, _point(problem, task), budget,
        (layer, signs, split, reason, unit), points, *nothing, runs,
    )  # fmt: skip
    root = Task.root(n_units)
    open_tasks = [
        replace(
            root,
            layer=int(layer[i]),
            signs=signs[i].copy(),
            split=split[i].copy(),
            reason=int(reason[i]),
            unit=int(unit[i]),
            point=points[i].copy(),
        )
        for i in range(n_open)
    ]
    parts = [on[runs.order[low[i] : high[i]]] for i in range(n_open)]
    return float(runs.total[0]), cells, list(zip(open_tasks, parts, strict=True))
