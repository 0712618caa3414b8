"""Gurobi: its environment and licence, and one run of a model."""

from contextlib import contextmanager

import numpy as np

from ..errors import SolverError

# The licence inside the gurobipy wheel; both found by trying (`regions doctor` tries again).
RESTRICTED_SIZE = 2000
RESTRICTED_QUADRATIC = 200
TOO_LARGE_FOR_LICENCE = 10010

# Statuses after which nothing is left to find. All columns are bounded, so "infeasible or unbounded" is infeasible.
ENDED = ("OPTIMAL", "INFEASIBLE", "INF_OR_UNBD")

WITHOUT_LIMIT = "the engines cells and scip have no size limit"


@contextmanager
def environment():
    """A silent Gurobi environment, closed at the end; `SolverError` when there is no licence."""
    try:
        import gurobipy
    except ImportError as error:
        raise SolverError(
            f"gurobipy is not installed: pip install gurobipy; {WITHOUT_LIMIT}"
        ) from error
    try:
        env = gurobipy.Env(empty=True)
        env.setParam("OutputFlag", 0)  # before start: the licence banner would go to stdout
        env.start()
    except gurobipy.GurobiError as error:
        raise SolverError(
            f"Gurobi does not start: {error}; repair the licence file, or choose another engine: "
            f"{WITHOUT_LIMIT}"
        ) from error
    with env:
        yield env


def run(model, callback=None, *, seconds=None, remedy=WITHOUT_LIMIT):
    """Run Gurobi for at most ``seconds`` and return the name of its status.

    `SolverError` with a ``remedy`` where it fails, `KeyboardInterrupt` where it was interrupted.
    """
    import gurobipy

    codes = gurobipy.GRB
    seconds = codes.INFINITY if seconds is None else seconds
    model.Params.TimeLimit = min(max(seconds, 0.0), codes.INFINITY)
    try:
        model.optimize(callback)
    except gurobipy.GurobiError as error:
        if error.errno != TOO_LARGE_FOR_LICENCE:
            raise SolverError(f"Gurobi failed: {error}; {remedy}") from error
        raise SolverError(
            f"the model has {model.NumVars} variables and {model.NumConstrs} rows, the Gurobi licence in use "
            f"allows {RESTRICTED_SIZE} of each, {RESTRICTED_QUADRATIC} where it is quadratic; {remedy}"
        ) from error
    if model.Status == codes.INTERRUPTED:
        raise KeyboardInterrupt
    names = {getattr(codes.Status, name): name for name in dir(codes.Status) if name.isupper()}
    return names.get(model.Status, str(model.Status))


def attribute(model, name, default):
    """An attribute of a Gurobi model, or ``default`` before there is one: no bound is known at the start."""
    import gurobipy

    try:
        return getattr(model, name)
    except (AttributeError, gurobipy.GurobiError):
        return default


def accepts(env, *, variables=1, rows=1):
    """Whether the licence behind ``env`` takes a model of this size, found by trying."""
    import gurobipy

    with gurobipy.Model(env=env) as model:
        v = model.addMVar(variables)
        model.addMConstr(np.ones((rows, 1)), v[:1], np.full(rows, ">"), np.zeros(rows))
        try:
            model.optimize()
        except gurobipy.GurobiError as error:
            if error.errno != TOO_LARGE_FOR_LICENCE:
                raise SolverError(f"Gurobi failed: {error}") from error
            return False
    return True
