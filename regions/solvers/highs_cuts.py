"""HiGHS on a formulation whose solutions call for further constraints: solved again for each."""

import time

import highspy
import numpy as np
from scipy import sparse

from ..formulation import TOLERANCE
from .cuts import Parity


def search(formulation, constraints, see, *, seconds, seed):
    """As `gurobi_cuts.search`, without callbacks."""
    solver = _solver(formulation, seed)
    deadline, waiting = time.monotonic() + seconds, list(constraints)
    while True:
        for constraint in waiting:
            _add(solver, formulation.binary, constraint)
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        solver.setOptionValue("time_limit", solver.getRunTime() + min(left, 1e9))
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return True
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        v = np.array(solver.getSolution().col_value)
        waiting = see(v[formulation.inputs], np.rint(v[formulation.binary]).astype(int))


def _solver(formulation, seed):
    """The formulation as a feasibility problem of HiGHS."""
    programme, (variables, rows) = highspy.HighsLp(), formulation.size
    programme.num_col_, programme.num_row_ = variables, rows
    programme.col_cost_ = np.zeros(variables)
    programme.col_lower_, programme.col_upper_ = formulation.lower, formulation.upper
    programme.row_lower_ = np.where(formulation.senses == "<", -np.inf, formulation.rhs)
    programme.row_upper_ = np.where(formulation.senses == ">", np.inf, formulation.rhs)
    matrix = sparse.csr_array(formulation.rows)
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = matrix.indptr
    programme.a_matrix_.index_ = matrix.indices
    programme.a_matrix_.value_ = matrix.data
    kinds = np.full(variables, highspy.HighsVarType.kContinuous)
    kinds[formulation.binary] = highspy.HighsVarType.kInteger
    programme.integrality_ = list(kinds)
    solver = highspy.Highs()
    solver.silent()
    options = {
        "threads": 1,
        "random_seed": seed % 2**31,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(programme)
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
