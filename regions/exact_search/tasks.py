"""Tasks: partial sign assignments, the unit of work of the exact engine.

A task stands for all cells of the domain that agree with its signs. Exploring one gives a number of
cells and a list of smaller tasks; a run is over when none is left. That one mechanism carries time
limits, streams, threads, processes, clusters and the journal.
"""

from dataclasses import dataclass

import numpy as np

from ..arithmetic import linear_programme
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

    def with_sign(self, unit, sign, *, split, weight):
        """The smaller task with one more unit known."""
        signs, is_split = self.signs.copy(), self.split.copy()
        signs[unit], is_split[unit] = sign, split
        return Task(self.layer, signs, is_split, weight=weight)


def settle_exactly(problem, task, starts):
    """Settle one unit of ``task`` in rational arithmetic.

    Returns ``(leaf, tasks)``: ``leaf`` is a rational point of the cell when the task turned out to be one
    whole cell, else None; ``tasks`` are what is left of it, none when it is empty.
    """
    layer = task.layer
    unknown = np.flatnonzero(task.signs[: starts[layer + 1]] == 0)
    while len(unknown) == 0 and layer < len(starts) - 2:
        layer += 1
        unknown = np.flatnonzero(task.signs[: starts[layer + 1]] == 0)
    rows = problem.rows(task.signs, layer + 1)
    cell = _cell(problem, task, rows)
    witness = linear_programme.interior_point(cell, problem.lower, problem.upper)
    if witness is None:
        return None, []
    if len(unknown) == 0:
        return witness, []
    unit = task.unit if task.reason == UNDECIDED else unknown[0]
    found = linear_programme.sides(rows[unit], cell, problem.lower, problem.upper, witness)
    deeper = Task(layer, task.signs, task.split)
    share = task.weight / len(found)
    split = len(found) == 2
    return None, [deeper.with_sign(unit, side, split=split, weight=share) for side in found]


def interior_point(problem, task):
    """A rational interior point of a non-empty task."""
    cell = _cell(problem, task, problem.rows(task.signs, task.layer + 1))
    return linear_programme.interior_point(cell, problem.lower, problem.upper)


def _cell(problem, task, rows):
    """The rows that bound a task, each positive inside."""
    cell = list(problem.domain_rows)
    for unit in np.flatnonzero(task.split):
        cell.append(rows[unit] if task.signs[unit] > 0 else [-v for v in rows[unit]])
    return cell
