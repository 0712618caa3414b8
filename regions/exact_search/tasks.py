"""Tasks: partial sign assignments, the unit of work of the exact engine.

A task stands for all cells of the domain that agree with its signs. Exploring one gives a number of
cells and a list of smaller tasks; a run is over when none is left. That one mechanism carries time
limits, streams, threads, processes, clusters and the journal.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..arithmetic.exact_basis import signs_at
from ..kernels.vertices import UNDECIDED, UNFINISHED

ROOT_REASON = UNFINISHED


@dataclass(frozen=True)
class Task:
    """Signs of shape (N,): +1 on, -1 off, 0 unknown; layers before ``layer`` are fully known.

    ``split`` marks the units whose hyperplane bounds the task; the others known are proved
    one-sided on it. ``reason`` and ``unit`` say why a kernel handed it back. ``weight`` is the task's
    share of the prefix space, for progress; ``point`` an interior point in coordinates y, if one is known.
    """

    layer: int
    signs: np.ndarray
    split: np.ndarray
    reason: int = ROOT_REASON
    unit: int = -1
    weight: float = 1.0
    point: np.ndarray | None = None

    @classmethod
    def root(cls, n_units):
        """The task that stands for all cells."""
        return cls(0, np.zeros(n_units, dtype=np.int8), np.zeros(n_units, dtype=np.bool_))

    def halves(self, unit):
        """Both sides of a unit that splits the task, the off side last."""
        return [self.with_sign(unit, side, split=True, weight=self.weight / 2) for side in (1, -1)]

    def with_sign(self, unit, sign, *, split, weight):
        """The smaller task with one more unit known."""
        signs, is_split = self.signs.copy(), self.split.copy()
        signs[unit], is_split[unit] = sign, split
        return Task(self.layer, signs, is_split, weight=weight)


def settle_exactly(problem, task, judge):
    """Settle one unit of ``task`` of a `Problem` in rational arithmetic, by a `arithmetic.judge.Judge`.

    Returns ``(leaf, tasks)``: ``leaf`` is a rational point of the cell when the task turned out to be one
    whole cell, else None; ``tasks`` are what is left of it, none when it is empty.
    """
    layer, starts, box = task.layer, problem.starts, problem.exact.box
    unknown = np.flatnonzero(task.signs[: starts[layer + 1]] == 0)
    while len(unknown) == 0 and layer < len(starts) - 2:
        layer += 1
        unknown = np.flatnonzero(task.signs[: starts[layer + 1]] == 0)
    if len(unknown) == 0:
        return judge.interior_point(cell_of(problem.exact, task), box), []
    unit = task.unit if task.reason == UNDECIDED else unknown[0]
    found = _by_cone(problem, task, unit, judge)
    if not found:
        found = _sides(problem, task, cell_of(problem.exact, task), unit, judge)
    deeper = Task(layer, task.signs, task.split)
    share, split = task.weight / max(len(found), 1), len(found) == 2
    return None, [
        replace(deeper.with_sign(unit, side, split=split, weight=share), point=point)
        for side, point in found.items()
    ]


def _by_cone(problem, task, unit, judge):
    """`_sides` of a unit that the last layers alone decide, where the kernel has seen a point in the cell; else nothing."""
    if problem.cones is None or task.reason != UNDECIDED:
        return {}
    side = problem.cones.refuted(task.signs, unit, judge)
    if side < 0 and not any(problem.exact.row(task.signs, unit).values):
        side = 1  # identically zero: off
    return {-side: task.point} if side else {}


def _sides(problem, task, cell, unit, judge):
    """``{side: a point there or None}`` of a unit on a cell; empty where the cell is."""
    row, box = problem.exact.row(task.signs, unit), problem.exact.box
    known = _side_of_point(problem, task.point, row, cell)
    found = {}
    for side in (1, -1):
        if side == known or (side < 0 and not found and _moves(task, row)):
            found[side] = task.point
            continue
        point = judge.interior_point([*cell, row if side > 0 else -row], box)
        if point is not None:
            found[side] = problem.rounded(point, task.signs)
    if found or judge.interior_point(cell, box) is None:
        return found
    return {-1: task.point}  # identically zero: off


def _moves(task, row):
    """Whether a row that is nowhere positive on a cell is negative inside: the kernel has seen a point in there."""
    return task.reason == UNDECIDED and any(row.values)


def _side_of_point(problem, point, row, cell):
    """The sign of a row at a point that is proved to be strictly inside a cell, else 0."""
    if point is None or problem.charts:
        return 0
    values, denominator = problem.unrounded(point)
    if not problem.exact.box.holds(values, denominator):
        return 0
    *inside, value = signs_at([*cell, row], values, denominator)
    return int(value) if all(sign > 0 for sign in inside) else 0


def cell_of(problem, task):
    """The rows that bound a task of an `ExactProblem`, each a `Row` that is positive inside."""
    cell = list(problem.sides)
    for unit in np.flatnonzero(task.split):
        row = problem.row(task.signs, unit)
        cell.append(row if task.signs[unit] > 0 else -row)
    return cell
