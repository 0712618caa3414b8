"""One step down the exact engine's tree: a task is a cell, or it is split in two."""

from ..kernels.vertices import UNFINISHED
from .explore import _by_program, _run_kernel
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
        cells, tasks, _, _ = _run_kernel(problem, task, 0, False)
        if not tasks or tasks[0].reason == UNFINISHED:
            return cells, tasks
        (task,) = tasks
        tasks = _by_program(problem.arrays, task)
        if tasks is None:
            leaf, tasks = settle_exactly(problem.exact, task, problem.arrays.starts)
            if leaf is not None or not tasks:
                return int(leaf is not None), []
        if len(tasks) > 1:
            return 0, tasks
        (task,) = tasks
