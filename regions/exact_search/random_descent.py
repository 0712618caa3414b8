"""Down the exact engine's tree at random: one step, or many descents together in compiled code."""

import math

import numpy as np

from ..arithmetic.judge import Judge
from ..deadline import NEVER, now
from ..kernels.vertices import UNFINISHED
from . import kernel_calls as calls
from .explore import CALL_SECONDS
from .tasks import settle_exactly


def step(problem, task):
    """``(cells, tasks)``: what ``task`` is made of, one split further down.

    Either it is one cell and there are no tasks, or it is the disjoint union of the tasks, no cell
    among them empty: two where a unit splits it. Each answer is proved as in `explore`, of which this is the smallest
    possible piece; so a path of steps, one side chosen at random each time, is a random descent of
    the tree whose leaves are the cells.
    """
    while True:
        # a kernel without budget stops at the first unit that splits
        cells, tasks, _, _ = calls.run(problem, task, 0, False)
        if not tasks or tasks[0].reason == UNFINISHED:
            return cells, tasks
        cells, tasks = _settle(problem, tasks[0])
        if len(tasks) != 1:
            return cells, tasks
        (task,) = tasks


def follow(problem, on, *, deadline=NEVER):
    """Follow runs to the cells that they reach: ``(sum of 2 ** splits over the runs, cells)``.

    ``on`` (R, N) says which side of each unit a run takes where the unit splits its node. A cell
    behind s splits is reached by 2 ** -s of all 2 ** N runs, so that the sum over R uniformly random ones, dependent
    on each other or not, is on average R times the number of cells. The sum is None when the deadline
    came first. ``problem`` is one that is not searched ``by_vertices``.
    """
    total, cells, call = 0.0, 0, 1
    stack = [(problem.root, on)]
    while stack:
        began = now()
        deadline.check()
        task, on = stack.pop()
        if task.reason == UNFINISHED:
            # runs reach no more cells than there are of them
            budget = len(on) if math.isinf(deadline.left) else min(call, len(on))
            reached, found, children = calls.follow(problem, task, on, budget)
            short = now() - began < CALL_SECONDS / 2
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
    tasks = calls.by_program(problem, task)
    if tasks is not None:
        return 0, tasks
    leaf, tasks = settle_exactly(problem, task, Judge())
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
