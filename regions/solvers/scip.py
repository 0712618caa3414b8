"""SCIP: its own counting of the assignments of the binaries of a formulation."""

import math
from dataclasses import dataclass

import numpy as np

from ..deadline import NEVER, Late
from ..errors import SolverError

INTERRUPTED = "userinterrupt"

CELLS_NEEDS_NO_SOLVER = "or choose the engine cells, which needs no solver"


@dataclass(frozen=True)
class Tally:
    """How SCIP's counting ended: ``complete`` only if it says that the whole tree was counted."""

    complete: bool
    status: str
    counted: int
    nodes: int


def count_assignments(formulation, *, tolerance, deadline, seed):
    """Count the assignments of the binaries for which the model has a solution."""
    try:
        import pyscipopt
    except ImportError as error:
        raise SolverError(
            "PySCIPOpt is not installed: pip install 'relu-regions[scip]', " + CELLS_NEEDS_NO_SOLVER
        ) from error
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParamsCountsols()
    model.setParam("presolving/maxrounds", 0)  # SCIP 10.0 crashes when presolving leaves nothing
    model.setParam("numerics/feastol", tolerance)
    model.setParam("randomization/randomseedshift", seed % 2**31)
    try:
        _fill(model, formulation, pyscipopt.quicksum, deadline)
    except Late:
        return Tally(False, "timelimit", 0, 0)
    if deadline.left < math.inf:
        model.setParam("limits/time", max(deadline.left, 0.0))
    counted = _solve(model, count=len(formulation.binary) > 0)
    status = model.getStatus()
    return Tally(status in ("optimal", "infeasible"), status, counted, model.getNNodes())


def _solve(model, *, count):
    """Run SCIP and return the number of assignments; without binaries that is one or none."""
    try:
        if count:
            model.count()  # ends "infeasible": every solution counted is cut off
            return model.getNCountedSols()
        model.optimize()  # counting without binaries crashes SCIP 10.0
        return min(model.getNSols(), 1)
    except Exception as error:  # PySCIPOpt raises nothing more special
        raise SolverError(
            f"SCIP gave up: {error} A tolerance too close to epsilon does that; raise epsilon, "
            + CELLS_NEEDS_NO_SOLVER
        ) from error


def _fill(model, formulation, total, deadline=NEVER):
    """Columns and rows, one by one: PySCIPOpt takes no matrices. Returns the columns; `Late` at the ``deadline``."""
    kind = np.full(formulation.size[0], "C")
    kind[formulation.binary] = "B"
    v = [
        model.addVar(lb=_end(low), ub=_end(high), vtype=str(k))
        for low, high, k in zip(formulation.lower, formulation.upper, kind, strict=True)
    ]
    rows = formulation.rows
    for r, (sense, rhs) in enumerate(zip(formulation.senses, formulation.rhs, strict=True)):
        deadline.check()
        span = slice(rows.indptr[r], rows.indptr[r + 1])
        row = total(a * v[j] for j, a in zip(rows.indices[span], rows.data[span], strict=True))
        model.addCons({"<": row <= rhs, ">": row >= rhs, "=": row == rhs}[str(sense)])
    return v


def _end(bound):
    return float(bound) if np.isfinite(bound) else None
