"""One task, explored: the compiled kernel first, rational arithmetic for what it hands back."""

import math
import threading
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ..arithmetic.judge import Judge
from ..deadline import Deadline, Late, now
from ..kernels.vertices import UNFINISHED
from . import kernel_calls as calls
from .problem import FIRST_CALL
from .tasks import settle_exactly

# How long a compiled call may take before the next one gets a smaller budget, where the clock matters: it cannot
# look at the clock itself. The first call may find one cell, each next one twice as many.
CALL_SECONDS = 0.2


@dataclass(frozen=True)
class Found:
    """What exploring a task gave: cells, and the smaller tasks that are left.

    ``settled`` counts the rational programmes by what settled them, see `arithmetic.judge.Judge`.
    ``signs`` (cells, N) and ``points`` (cells, n0) hold the cells themselves when they were asked for.
    """

    cells: int
    left: list
    nodes: int = 0
    programs: int = 0
    exact: int = 0
    settled: Counter = field(default_factory=Counter)
    signs: np.ndarray | None = None
    points: np.ndarray | None = None


def explore(problem, task, budget, *, keep=False, seconds=math.inf, grain=math.inf):
    """Explore ``task`` until it is done, about ``budget`` cells were found or ``seconds`` are over.

    After ``grain`` seconds it hands over too, but what it is about then is not broken off.
    """
    n_units = problem.network.n_units
    stack = [task]
    cells = nodes = programs = exact = 0
    signs, points = (
        [np.zeros((0, n_units), dtype=np.int8)],
        [np.zeros((0, problem.dimension))],
    )
    # a compiled call in the main thread keeps Ctrl-C waiting
    main = threading.current_thread() is threading.main_thread()
    timed = seconds < math.inf or main
    judge = Judge(Deadline(seconds))
    paced = not timed and grain < math.inf
    deadline, call = Deadline(min(seconds, grain)), 1 if timed else budget
    if paced:
        call = problem.pace["cells"]
    while stack and cells < budget and not deadline.passed:
        task, began = stack.pop(), now()
        if task.reason == UNFINISHED:
            found, smaller, visited, leaves = calls.run(
                problem, task, min(budget - cells, call), keep
            )
            cells, nodes = cells + found, nodes + visited
            signs.append(leaves[0])
            points.append(leaves[1])
            if timed or paced:
                call = _next(call, found, now() - began)
        elif (smaller := calls.by_program(problem, task)) is not None:
            programs += 1
        else:
            exact += 1
            try:
                leaf, smaller = settle_exactly(problem, task, judge)
            except Late:
                stack.append(task)
                break
            if leaf is not None:
                cells += 1
                signs.append(task.signs[None])
                points.append(problem.rounded(leaf, task.signs)[None])
        stack.extend(smaller)
    if paced:
        problem.pace["cells"] = min(max(call, FIRST_CALL), budget)
    if not keep:
        return Found(cells, stack, nodes, programs, exact, judge.tally)
    signs = np.concatenate(signs)
    inputs = problem.points(np.concatenate(points), signs)
    return Found(cells, stack, nodes, programs, exact, judge.tally, signs, inputs)


def _next(call, found, seconds):
    """Cells for the next call, after one for ``call`` cells found so many in so long.

    One that ran out of cells says nothing of what a larger budget would take.
    """
    if seconds >= CALL_SECONDS / 2:
        return max(min(call, found) // 2, 1)
    return call * 2 if found >= call else call
