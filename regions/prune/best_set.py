"""The cheapest set of a given size, proved: by enumeration where that ends, else by Gurobi's MIQP."""

from dataclasses import dataclass
from itertools import combinations, islice
from math import comb

import numpy as np

from ..errors import InputError, SolverError
from ..solvers.gurobi import attribute, environment, run

MOST_SETS = 200_000
"""Enumerated in a second or two: all sets of up to 20 weights."""

CHUNK = 10_000  # sets looked at together


@dataclass(frozen=True, eq=False)
class BestSet:
    """The answer of `cheapest_set`.

    ``chosen`` are Booleans of shape (N,), ``cost`` is its `Removal.cost`, ``method`` "enumeration" or
    "gurobi", ``proved`` whether the search ended: after a time limit it is the best set found.
    Gurobi's proof is in floating point.
    """

    chosen: np.ndarray
    cost: float
    method: str
    proved: bool


def cheapest_set(removal, count, *, time_limit=None):
    """The set of ``count`` weights that costs least to remove (the MIQP of CBS-S, Yu et al. 2022).

    Parameters
    ----------
    removal
        A `Removal` of few weights: the problem is NP-hard.
    count
        How many weights to remove, 0 to N.
    time_limit
        Seconds that Gurobi may take; None waits.

    Raises
    ------
    InputError
        A count outside 0, ..., N.
    SolverError
        More than `MOST_SETS` sets, and Gurobi or its licence is missing or too small.

    Examples
    --------
    >>> from regions.prune.curvature import Hessian
    >>> hessian = Hessian([[1, -1, 0], [-1, 1, 0], [0, 0, 1]])
    >>> best = cheapest_set(hessian.removal(np.array([1.0, 1.0, 0.5])), 2)
    >>> best.chosen, best.cost, best.method
    (array([ True,  True, False]), 0.0, 'enumeration')
    """
    if count not in range(removal.size + 1):
        raise InputError(
            f"cannot remove {count} of {removal.size} weights; count must be a whole number from 0 to "
            f"{removal.size}"
        )
    Q = np.asarray(removal.left, dtype=np.float64) @ np.asarray(removal.right, dtype=np.float64).T
    if comb(removal.size, count) <= MOST_SETS:
        chosen, method, proved = _enumerated(Q, count), "enumeration", True
    else:
        chosen, proved = _by_gurobi(Q, count, time_limit)
        method = "gurobi"
    return BestSet(chosen, removal.cost(chosen), method, proved)


def _enumerated(Q, count):
    n, best, least = len(Q), None, np.inf
    sets = combinations(range(n), count)
    while chunk := list(islice(sets, CHUNK)):
        y = np.zeros((len(chunk), n))
        np.put_along_axis(y, np.array(chunk, dtype=np.intp).reshape(len(chunk), count), 1.0, axis=1)
        costs = np.einsum("sn,sn->s", y @ Q, y)
        if costs.min() < least:
            best, least = y[costs.argmin()].astype(bool), costs.min()
    return best


def _by_gurobi(Q, count, time_limit):
    try:
        with environment() as env:
            return _solved(Q, count, time_limit, env)
    except SolverError as error:
        raise SolverError(
            f"the cheapest {count} of {len(Q)} weights: {error}; up to {MOST_SETS} sets "
            "are compared without Gurobi: take fewer weights, or the local search regions.prune.search"
        ) from error


def _solved(Q, count, time_limit, env):
    import gurobipy
    from gurobipy import GRB

    with gurobipy.Model(env=env) as model:
        model.Params.Threads = 1
        model.Params.MIPGap = 0.0
        y = model.addMVar(len(Q), vtype=GRB.BINARY)
        model.addConstr(y.sum() == count)
        model.setObjective(y @ Q @ y)
        status = run(model, seconds=time_limit, remedy="take fewer weights")
        if not attribute(model, "SolCount", 0):
            raise SolverError(f"no set was found within {time_limit} seconds; allow more time")
        return y.X > 0.5, status == "OPTIMAL"
