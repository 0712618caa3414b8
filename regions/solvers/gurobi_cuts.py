"""Gurobi on a formulation whose solutions call for further constraints: lazily, in one tree."""

import gurobipy
import numpy as np
from gurobipy import GRB

from ..errors import SolverError
from ..milp.counting_model import TOLERANCE
from .gurobi import RESTRICTED_SIZE, TOO_LARGE_FOR_LICENCE


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
        model.Params.TimeLimit = min(max(seconds, 0.0), GRB.INFINITY)
        _optimize(model, callback, formulation.size)
        if failures:
            raise failures[0]
        if model.Status == GRB.INTERRUPTED:
            raise KeyboardInterrupt
        return model.Status in (GRB.INFEASIBLE, GRB.INF_OR_UNBD)


def _optimize(model, callback, size):
    try:
        model.optimize(callback)
    except gurobipy.GurobiError as error:
        if error.errno != TOO_LARGE_FOR_LICENCE:
            raise SolverError(f"Gurobi failed: {error}") from error
        raise SolverError(
            f"the model has {size[0]} variables and {size[1]} rows, the Gurobi licence in use allows "
            f"{RESTRICTED_SIZE} of each; choose solver highs or scip, or method tree, which have no limit"
        ) from error
