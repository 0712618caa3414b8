"""HiGHS on a formulation whose solutions call for further constraints: solved again for each."""

import highspy
import numpy as np

from ..deadline import Deadline
from .highs_quiet import QuietHighs, Said
from .parities import Parity
from .tolerances import TOLERANCE


def search(formulation, constraints, see, *, seconds, seed):
    """As `gurobi_cuts.search`, without callbacks."""
    deadline, waiting = Deadline(seconds), list(constraints)
    solver = _solver(formulation, seed)
    while True:
        for constraint in waiting:
            _add(solver, formulation.binary, constraint)
        left = deadline.left
        if left <= 0:
            return False
        said = solver.say(seconds=left)
        if said is not Said.OPTIMAL:
            return said is Said.INFEASIBLE
        v = np.array(solver.getSolution().col_value)
        waiting = see(v[formulation.inputs], np.rint(v[formulation.binary]).astype(int))


def _solver(formulation, seed):
    """The formulation as a feasibility problem of HiGHS."""
    solver = QuietHighs(
        seed=seed, mip_feasibility_tolerance=TOLERANCE, primal_feasibility_tolerance=TOLERANCE
    )
    ends = (
        np.where(formulation.senses == "<", -np.inf, formulation.rhs),
        np.where(formulation.senses == ">", np.inf, formulation.rhs),
    )
    columns = formulation.lower, formulation.upper
    solver.take(formulation.rows, *ends, *columns, whole=formulation.binary)
    return solver


def _add(solver, binary, constraint):
    if isinstance(constraint, Parity):
        columns, bit, highest = constraint.compact()
        half = solver.getNumCol()
        solver.addCol(0.0, 0.0, highest, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        solver.changeColIntegrality(half, highspy.HighsVarType.kInteger)
        where = np.append(binary[list(columns)], half).astype(np.int32)
        solver.addRow(bit, bit, len(where), where, np.append(np.ones(len(columns)), -2.0))
        return
    for columns, coefficients, rhs in constraint.rows():
        where = binary[columns].astype(np.int32)
        solver.addRow(-np.inf, rhs, len(where), where, coefficients)
