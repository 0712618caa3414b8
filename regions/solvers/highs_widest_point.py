"""HiGHS: the one small linear programme that finds a point well inside a cell."""

from typing import NamedTuple

import numpy as np

from .highs_quiet import QuietHighs, Said
from .tolerances import FINEST


class Widest(NamedTuple):
    """``point`` (k,) has every strict row at least ``margin``; ``multipliers`` (m,) are its duals."""

    point: np.ndarray
    margin: float
    multipliers: np.ndarray


def widest_point(rows, offsets, strict, lower, upper, *, seconds=None):
    """The point of a polyhedron that is farthest inside its strict rows.

    Maximises t <= 1 with ``rows @ y + offsets >= t`` for the rows (m, k) that are ``strict`` (m
    Booleans), ``>= 0`` for the others, and ``lower <= y <= upper`` (k entries, may be infinite).
    Returns a `Widest`, in floating point: whoever needs a proof checks point or multipliers
    exactly. Returns None when there is no such point or HiGHS does not say (within ``seconds``), which is no proof either.
    """
    m, k = np.shape(rows)
    solver = QuietHighs(
        primal_feasibility_tolerance=FINEST,
        dual_feasibility_tolerance=FINEST,
        presolve="off",  # costs more than these small programmes themselves
    )
    solver.take(
        np.column_stack([rows, np.where(strict, -1.0, 0.0)]),
        -np.asarray(offsets, dtype=float),
        np.full(m, np.inf),
        np.append(lower, -np.inf),
        np.append(upper, 1.0),
        costs=np.append(np.zeros(k), -1.0),
    )
    if solver.say(seconds=seconds) is not Said.OPTIMAL:
        return None
    solution = solver.getSolution()
    y = np.clip(solution.col_value[:k], lower, upper)
    return Widest(y, solution.col_value[k], np.abs(solution.row_dual))
