"""Gurobi on the rows of a `regions.milp.bounding_model.Mixed`: one objective, or all questions at once."""

import gurobipy
import numpy as np
from gurobipy import GRB

from .gurobi import ENDED, attribute, run
from .highs_lp import Cover, Verdict
from .tolerances import TOLERANCE

STATUS = GRB.Callback.MIPNODE_STATUS

# Statuses that say something, or that the time is up; any other is `Verdict.trouble`.
WORDS = (*ENDED, "USER_OBJ_LIMIT", "TIME_LIMIT")

REMEDY = "choose solver 'highs', which has no limit"


class GurobiMixed:
    """A `Mixed` as a Gurobi model; a context manager."""

    name = "gurobi"

    def __init__(self, model, env, *, seed=0):
        self.mixed = model
        self.model = gurobipy.Model(env=env)
        kind = np.full(len(model.lower), GRB.CONTINUOUS)
        kind[model.z] = GRB.BINARY
        self.v = self.model.addMVar(len(kind), lb=model.lower, ub=model.upper, vtype=kind)
        for sense, ends in ((">", model.row_lower), ("<", model.row_upper)):
            rows = np.isfinite(ends) & ((sense == ">") | (model.row_lower < model.row_upper))
            equal = model.row_lower == model.row_upper
            if rows.any():
                senses = np.where(equal[rows], "=", sense)
                self.model.addMConstr(model.rows[rows], self.v, senses, ends[rows])
        self.model.Params.Threads = 1
        self.model.Params.Seed = seed % GRB.MAXINT
        self.model.Params.IntFeasTol = self.model.Params.FeasibilityTol = TOLERANCE

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.model.dispose()

    def maximise(self, objective, constant, *, seconds):
        """Maximise ``objective @ v + constant`` until the sign of the maximum is known."""
        self.model.setObjective(objective @ self.v + constant, GRB.MAXIMIZE)
        self.model.Params.BestObjStop = TOLERANCE
        self.model.Params.BestBdStop = 0.0
        status = run(self.model, seconds=seconds, remedy=REMEDY)
        least = attribute(self.model, "ObjBound", np.inf)
        never = status in ("INFEASIBLE", "INF_OR_UNBD") or least <= TOLERANCE
        trouble = "" if status in WORDS else status
        return Verdict(never and not self._value_above_zero(), self._points(), trouble)

    def cover(self, questions, see, *, seconds):
        """Find points for as many of ``questions`` as have one: Serra et al. 2021, section 5.

        ``questions`` are pairs (index of a binary, sign); ``see(point)`` returns those that are
        answered by now.
        """
        wish = self.model.addMVar(len(questions), lb=0.0, ub=1.0, obj=0.0)
        for term, (j, sign) in zip(wish, questions, strict=True):
            z = self.v[self.mixed.z[j]]
            self.model.addConstr(term <= (z if sign > 0 else 1.0 - z))
        self.model.setObjective(wish.sum(), GRB.MAXIMIZE)
        self.model.Params.LazyConstraints = 1
        self.model.Params.BestBdStop = 0.5
        left = dict.fromkeys(range(len(questions)))
        place = {question: k for k, question in enumerate(questions)}
        point = self.v[self.mixed.point]

        def answers(x):
            return [place[q] for q in see(x) if q in place]

        def drop(model, answered):
            for k in left.keys() & answered:
                del left[k]
                model.cbLazy(wish[k].item() <= 0.0)

        def callback(model, where):
            # the input of a relaxation is a point like any other: a forward pass shows its signs
            if where == GRB.Callback.MIPSOL:
                granted = np.flatnonzero(model.cbGetSolution(wish) > 0.5)
                drop(model, {*answers(model.cbGetSolution(point)), *granted})
            elif where == GRB.Callback.MIPNODE and model.cbGet(STATUS) == GRB.OPTIMAL:
                drop(model, {*answers(model.cbGetNodeRel(point))})

        status = run(self.model, callback, seconds=seconds, remedy=REMEDY)
        ended = status in ("OPTIMAL", "USER_OBJ_LIMIT")
        if not ended or not attribute(self.model, "ObjBound", np.inf) < 0.5:
            return Cover(None, "" if status in WORDS else status)
        return Cover([questions[k] for k in left])

    def _value_above_zero(self):
        return attribute(self.model, "ObjVal", -np.inf) > TOLERANCE

    def _points(self):
        if not attribute(self.model, "SolCount", 0):
            return np.zeros((0, len(self.mixed.point)))
        return self.v[self.mixed.point].X[None]
