"""Gurobi: the solution pool as a list of all assignments of the binaries of a formulation."""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ..errors import SolverError

# The licence inside the gurobipy wheel; both found by trying (`regions doctor` tries again).
RESTRICTED_SIZE = 2000
RESTRICTED_QUADRATIC = 200
TOO_LARGE_FOR_LICENCE = 10010

# The largest pool Gurobi accepts. Its own default of 10 ends "optimal" with ten solutions.
LARGEST_POOL = 2_000_000_000

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


@dataclass(frozen=True)
class PoolOutcome:
    """How one run of the pool ended: ``complete`` only if every solution was found and kept."""

    complete: bool
    status: str
    found: int
    nodes: float


class SolutionPool:
    """A formulation as a Gurobi model in systematic pool mode; a context manager."""

    def __init__(self, formulation, env, *, threads, tolerance, pool_size, seed):
        import gurobipy

        self._gurobipy, self.formulation, self.pool_size = gurobipy, formulation, pool_size
        self.model = model = gurobipy.Model(env=env)
        kind = np.full(formulation.size[0], gurobipy.GRB.CONTINUOUS)
        kind[formulation.binary] = gurobipy.GRB.BINARY
        self.v = model.addMVar(
            len(kind), lb=formulation.lower, ub=formulation.upper, vtype=kind, name="v"
        )
        if formulation.size[1]:
            model.addMConstr(formulation.rows, self.v, formulation.senses, formulation.rhs)
        model.setObjective(formulation.objective @ self.v, gurobipy.GRB.MAXIMIZE)
        model.Params.PoolSearchMode = 2
        model.Params.PoolSolutions = pool_size
        model.Params.PoolGap = gurobipy.GRB.INFINITY
        model.Params.IntFeasTol = model.Params.FeasibilityTol = tolerance
        model.Params.Threads = threads
        model.Params.Seed = seed % gurobipy.GRB.MAXINT
        model.update()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.model.dispose()

    def solve(self, prefix=(), time_limit=None, progress=None):
        """Enumerate with the first binaries fixed to ``prefix``; return a `PoolOutcome`."""
        first = self.v[self.formulation.binary[: len(prefix)]]
        first.LB = first.UB = np.array(prefix, dtype=float)
        self.model.reset()
        status = run(self.model, self._report(progress), seconds=time_limit)
        found = attribute(self.model, "SolCount", 0)
        return PoolOutcome(
            complete=status in ENDED and found < self.pool_size,
            status=status,
            found=found,
            nodes=attribute(self.model, "NodeCount", 0.0),
        )

    def solutions(self, batch):
        """Pairs of points (k, n0) and binaries (k, len(binary)) of the last run, k <= ``batch``."""
        attribute = "PoolNX" if len(self.formulation.binary) else "X"
        points, binaries = self.v[self.formulation.inputs], self.v[self.formulation.binary]
        for start in range(0, self.model.SolCount, batch):
            x, z = [], []
            for k in range(start, min(start + batch, self.model.SolCount)):
                self.model.Params.SolutionNumber = k
                x.append(getattr(points, attribute))
                z.append(getattr(binaries, attribute))
            yield np.array(x), np.array(z).reshape(len(x), len(self.formulation.binary))

    def _report(self, progress):
        codes = self._gurobipy.GRB

        def report(model, where):
            if where == codes.Callback.MIP:
                progress(model.cbGet(codes.Callback.MIP_SOLCNT))

        return report if progress else None


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
