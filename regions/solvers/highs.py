"""HiGHS: the one small linear programme that finds a point well inside a cell."""

from typing import NamedTuple

import highspy
import numpy as np

# Unit: violation of a row of norm about 1; the least HiGHS accepts.
TOLERANCE = 1e-10


class Widest(NamedTuple):
    """``point`` (k,) has every strict row at least ``margin``; ``multipliers`` (m,) are its duals."""

    point: np.ndarray
    margin: float
    multipliers: np.ndarray


def widest_point(rows, offsets, strict, lower, upper):
    """The point of a polyhedron that is farthest inside its strict rows.

    Maximises t <= 1 with ``rows @ y + offsets >= t`` for the rows (m, k) that are ``strict`` (m
    Booleans), ``>= 0`` for the others, and ``lower <= y <= upper`` (k entries, may be infinite).
    Returns a `Widest`, in floating point: whoever needs a proof checks point or multipliers
    exactly. Returns None when there is no such point or HiGHS does not say, which is no proof either.
    """
    m, k = np.shape(rows)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = k + 1, m
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.append(np.zeros(k), 1.0)
    lp.col_lower_ = np.append(lower, -np.inf)
    lp.col_upper_ = np.append(upper, 1.0)
    lp.row_lower_, lp.row_upper_ = -np.asarray(offsets, dtype=float), np.full(m, np.inf)
    dense = np.column_stack([rows, np.where(strict, -1.0, 0.0)])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.arange(0, m * (k + 1) + 1, k + 1)
    lp.a_matrix_.index_ = np.tile(np.arange(k + 1), m)
    lp.a_matrix_.value_ = dense.ravel()
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("primal_feasibility_tolerance", TOLERANCE)
    solver.setOptionValue("dual_feasibility_tolerance", TOLERANCE)
    solver.setOptionValue("presolve", "off")  # costs more than these small programmes themselves
    solver.passModel(lp)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    y = np.clip(solution.col_value[:k], lower, upper)
    return Widest(y, solution.col_value[k], np.abs(solution.row_dual))
