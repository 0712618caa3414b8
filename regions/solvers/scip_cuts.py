"""SCIP on a formulation whose solutions call for further constraints: solved again for each."""

import numpy as np

from ..deadline import Deadline
from ..errors import SolverError
from .parities import Parity
from .scip import CELLS_NEEDS_NO_SOLVER, _fill
from .tolerances import TOLERANCE


def search(formulation, constraints, see, *, seconds, seed):
    """As `gurobi_cuts.search`, without callbacks."""
    try:
        import pyscipopt
    except ImportError as error:
        raise SolverError(
            "PySCIPOpt is not installed: pip install 'relu-regions[scip]', " + CELLS_NEEDS_NO_SOLVER
        ) from error
    model = pyscipopt.Model()
    model.hideOutput()
    model.setParam("presolving/maxrounds", 0)  # as in `scip`
    model.setParam("numerics/feastol", TOLERANCE)
    model.setParam("randomization/randomseedshift", seed % 2**31)
    deadline, waiting = Deadline(seconds), list(constraints)
    v = _fill(model, formulation, pyscipopt.quicksum, deadline)
    z = [v[j] for j in formulation.binary]
    while True:
        for constraint in waiting:
            _add(model, z, constraint, pyscipopt.quicksum)
        left = deadline.left
        if left <= 0:
            return False
        model.setParam("limits/time", min(left, 1e9))
        model.optimize()
        if model.getStatus() == "userinterrupt":
            raise KeyboardInterrupt
        if model.getStatus() != "optimal":
            return model.getStatus() == "infeasible"
        values = np.array([model.getVal(one) for one in v])
        model.freeTransform()
        waiting = see(values[formulation.inputs], np.rint(values[formulation.binary]).astype(int))


def _add(model, z, constraint, total):
    if isinstance(constraint, Parity):
        columns, bit, highest = constraint.compact()
        half = model.addVar(lb=0, ub=highest, vtype="I")
        model.addCons(total(z[j] for j in columns) - 2 * half == bit)
        return
    for columns, coefficients, rhs in constraint.rows():
        model.addCons(total(c * z[j] for j, c in zip(columns, coefficients, strict=True)) <= rhs)
