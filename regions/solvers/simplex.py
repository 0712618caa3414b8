"""HiGHS: one linear programme solved again and again under other bounds and objectives."""

from typing import NamedTuple

import highspy
import numpy as np


class Relaxed(NamedTuple):
    """One solve in floating point: whoever needs a proof computes it from ``multipliers``.

    ``feasible`` is False when HiGHS calls the rows contradictory; ``multipliers`` (one per row, for
    maximisation) are then a ray that says so. ``point`` holds the columns, or is None; None for
    ``multipliers`` when HiGHS has none to offer.
    """

    feasible: bool
    multipliers: np.ndarray | None
    point: np.ndarray | None


class Verdict(NamedTuple):
    """What a mixed-integer solver says, in floating point: ``never`` if no value is above zero.

    ``points`` of shape (count, k), count 0 or 1: the best that it found.
    """

    never: bool
    points: np.ndarray


def linear_programme(model):
    """The rows and columns of a `regions.mixed.Mixed` as HiGHS takes them, with no objective."""
    rows = model.rows.tocsr()
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(model.lower), len(model.row_lower)
    programme.col_cost_ = np.zeros(programme.num_col_)
    programme.col_lower_, programme.col_upper_ = model.lower, model.upper
    programme.row_lower_, programme.row_upper_ = model.row_lower, model.row_upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = rows.indptr
    programme.a_matrix_.index_ = rows.indices
    programme.a_matrix_.value_ = rows.data
    return programme


class Simplex:
    """``maximise objective @ v`` over the rows of a `regions.mixed.Mixed`, each solve from the last basis."""

    def __init__(self, model):
        self.model = model
        self.solver = highspy.Highs()
        self.solver.silent()
        self.solver.setOptionValue("threads", 1)
        self.solver.setOptionValue("solver", "simplex")
        self.solver.passModel(linear_programme(model))
        self._columns = np.arange(len(model.lower), dtype=np.int32)

    def maximise(self, objective, lower, upper, *, enough=None, seconds=None):
        """Solve under these column bounds, or until the maximum is known to be at most ``enough``."""
        count = len(self._columns)
        solver = self.solver
        solver.changeColsCost(count, self._columns, -objective)
        solver.changeColsBounds(count, self._columns, lower, upper)
        solver.setOptionValue("objective_bound", np.inf if enough is None else -enough)
        # HiGHS adds up the time of all runs of one instance
        limit = np.inf if seconds is None else solver.getRunTime() + max(seconds, 0.0)
        solver.setOptionValue("time_limit", limit)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Relaxed(False, self._ray(), None)
        solution = solver.getSolution()
        multipliers = -np.array(solution.row_dual) if solution.dual_valid else None
        optimal = status == highspy.HighsModelStatus.kOptimal
        return Relaxed(True, multipliers, np.array(solution.col_value) if optimal else None)

    def _ray(self):
        _, exists, ray = self.solver.getDualRay()
        return -np.array(ray) if exists else None
