"""Gurobi on a formulation whose solutions call for further constraints: lazily, in one tree."""

import gurobipy
import numpy as np
from gurobipy import GRB

from .gurobi import run
from .tolerances import TOLERANCE

REMEDY = "choose solver highs or scip, or method tree, which have no limit"


def search(formulation, constraints, see, *, seconds, seed, env):
    """Look for solutions until there is none; whether Gurobi says so in time.

    Each solution that satisfies all ``constraints`` is shown to ``see(x, z)``, which returns further ones
    (`regions.solvers.parities`), at least one of which it breaks.
    """
    active, failures = list(constraints), []
    with gurobipy.Model(env=env) as model:
        kind = np.full(formulation.size[0], GRB.CONTINUOUS)
        kind[formulation.binary] = GRB.BINARY
        v = model.addMVar(len(kind), lb=formulation.lower, ub=formulation.upper, vtype=kind)
        if formulation.size[1]:
            model.addMConstr(formulation.rows, v, formulation.senses, formulation.rhs)
        x, z = v[formulation.inputs], v[formulation.binary]
        for constraint in active:
            for columns, coefficients, rhs in constraint.rows():
                model.addConstr(coefficients @ z[columns] <= rhs)

        def callback(model, where):
            if where != GRB.Callback.MIPSOL:
                return
            try:
                found = np.rint(model.cbGetSolution(z)).astype(int)
                if all(constraint.holds(found) for constraint in active):
                    active.extend(see(model.cbGetSolution(x), found))
                for constraint in active:
                    if not constraint.holds(found):
                        for columns, coefficients, rhs in constraint.rows():
                            model.cbLazy((coefficients @ z[columns]).item() <= rhs)
            except BaseException as error:  # Gurobi would swallow it: raised below
                failures.append(error)
                model.terminate()

        model.Params.LazyConstraints = 1
        model.Params.Threads = 1
        model.Params.IntFeasTol = model.Params.FeasibilityTol = TOLERANCE
        model.Params.Seed = seed % GRB.MAXINT
        try:
            status = run(model, callback, seconds=seconds, remedy=REMEDY)
        except KeyboardInterrupt:
            if failures:
                raise failures[0] from None
            raise
        return status in ("INFEASIBLE", "INF_OR_UNBD")
