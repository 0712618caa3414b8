"""HiGHS: one linear programme solved again and again under other bounds and objectives."""

from typing import NamedTuple

import numpy as np

from ..deadline import Late
from .highs_quiet import QuietHighs, Said


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

    ``points`` of shape (count, k), count 0 or 1: the best that it found. ``trouble`` names the status
    of a solver that neither came to an end nor to its time limit.
    """

    never: bool
    points: np.ndarray
    trouble: str = ""


class Cover(NamedTuple):
    """``never``: the questions of which a mixed-integer solver says that no point has them, None if it does not say.

    ``trouble`` as in `Verdict`.
    """

    never: list | None
    trouble: str = ""


class Minimum(NamedTuple):
    """The least value of a programme in floating point, where it is taken, and one multiplier per row."""

    value: float
    point: np.ndarray
    multipliers: np.ndarray


def minimise(costs, rows, row_lower, row_upper, lower, upper, **options):
    """The `Minimum` of ``costs @ v`` with ``row_lower <= rows @ v <= row_upper``, ``lower <= v <= upper``, or None.

    None where HiGHS finds no optimum, for whatever reason: that proves nothing. ``options`` are HiGHS's.
    """
    m, k = np.shape(rows)
    ends = (np.broadcast_to(end, m) for end in (row_lower, row_upper))
    columns = (np.broadcast_to(end, k) for end in (lower, upper))
    solver = QuietHighs(**options)
    solver.take(rows, *ends, *columns, costs=costs)
    if solver.say() is not Said.OPTIMAL:
        return None
    solution = solver.getSolution()
    point = np.array(solution.col_value)
    return Minimum(float(costs @ point), point, np.array(solution.row_dual))


class Simplex:
    """``maximise objective @ v`` over the rows of a `regions.milp.bounding_model.Mixed`, each solve from the last basis.

    ``undecided`` counts the programmes about which HiGHS has no word.
    """

    def __init__(self, model):
        self.undecided = 0
        self.solver, self._model = None, model

    def _fresh(self):
        solver, model = QuietHighs(solver="simplex"), self._model
        solver.take(model.rows, model.row_lower, model.row_upper, model.lower, model.upper)
        return solver

    def maximise(self, objective, lower, upper, *, enough=None, seconds=None):
        """Solve under these column bounds, or until the maximum is known to be at most ``enough``."""
        if self.solver is None or self.solver.left_alone:
            self.solver = self._fresh()
        solver = self.solver
        solver.costs(-objective)
        solver.bounds(lower, upper)
        solver.option("objective_bound", np.inf if enough is None else -enough)
        try:
            said = solver.say(seconds=seconds)
        except Late:
            self.undecided += 1
            return Relaxed(True, None, None)
        if said is Said.INFEASIBLE:
            ray = solver.ray()
            return Relaxed(False, None if ray is None else -ray, None)
        self.undecided += said is Said.UNDECIDED
        solution = solver.getSolution()
        multipliers = -np.array(solution.row_dual) if solution.dual_valid else None
        point = np.array(solution.col_value) if said is Said.OPTIMAL else None
        return Relaxed(True, multipliers, point)
