"""HiGHS on the rows of a `regions.milp.bounding_model.Mixed`: no licence, no size limit, no callbacks needed."""

import highspy
import numpy as np

from ..deadline import Late
from .highs_lp import Cover, Verdict
from .highs_quiet import QuietHighs, Said
from .tolerances import TOLERANCE

# The status of a run that did not end with its time.
LATE = "it did not look at the clock"


class HighsMixed:
    """A `Mixed` as a HiGHS model; a context manager like its Gurobi twin."""

    name = "highs"

    def __init__(self, model, *, seed=0):
        self.mixed, self._seed = model, seed
        self.solver = self._fresh()

    def _fresh(self):
        model = self.mixed
        solver = QuietHighs(
            seed=self._seed,
            mip_feasibility_tolerance=TOLERANCE,
            primal_feasibility_tolerance=TOLERANCE,
        )
        ends = model.row_lower, model.row_upper
        solver.take(model.rows, *ends, model.lower, model.upper, whole=model.z)
        return solver

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if not self.solver.left_alone:
            self.solver.clear()

    def maximise(self, objective, constant, *, seconds):
        """Maximise ``objective @ v + constant`` until the sign of the maximum is known.

        HiGHS stops at a target of the objective but not of its bound, so a row asks for a
        nonnegative value: where there is none the search ends as infeasible.
        """
        solver, columns = self.solver, np.flatnonzero(objective)
        row = solver.getNumRow()
        solver.addRow(-constant, np.inf, len(columns), columns.astype(np.int32), objective[columns])
        try:
            said, value, point = self._run(objective, constant, TOLERANCE, seconds)
        except Late:
            self.solver = self._fresh()
            return Verdict(False, np.zeros((0, len(self.mixed.point))), LATE)
        solver.deleteRows(1, np.array([row], dtype=np.int32))
        ended = said in (Said.INFEASIBLE, Said.OPTIMAL)
        return Verdict(ended and value <= TOLERANCE, point, self._trouble(said))

    def cover(self, questions, see, *, seconds):
        """As `GurobiMixed.cover`, by solving again without the questions that are answered.

        At most one programme more than there are questions; each stops at the first point that
        answers one of them.
        """
        left = list(questions)
        clock = self.solver.getRunTime()
        while left:
            objective, constant = np.zeros(len(self.mixed.lower)), 0.0
            for j, sign in left:
                objective[self.mixed.z[j]] += sign
                constant += sign < 0
            spent = self.solver.getRunTime() - clock
            rest = None if seconds is None else seconds - spent
            try:
                said, value, points = self._run(objective, constant, 0.5, rest)
            except Late:
                self.solver = self._fresh()
                return Cover(None, LATE)
            if value <= 0.5:
                return Cover(left if said is Said.OPTIMAL else None, self._trouble(said))
            answered = set(see(points[0])) | self._granted(left)
            left = [q for q in left if q not in answered]
        return Cover([])

    def _trouble(self, said):
        return self.solver.getModelStatus().name if said is Said.UNDECIDED else ""

    def _granted(self, questions):
        z = np.array(self.solver.getSolution().col_value)[self.mixed.z]
        return {(j, sign) for j, sign in questions if (z[j] > 0.5) == (sign > 0)}

    def _run(self, objective, constant, target, seconds):
        solver = self.solver
        solver.costs(-objective)
        solver.option("objective_target", constant - target)
        said = solver.say(seconds=seconds)
        info = solver.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return said, -np.inf, np.zeros((0, len(self.mixed.point)))
        v = np.array(solver.getSolution().col_value)
        return said, objective @ v + constant, v[self.mixed.point][None]
