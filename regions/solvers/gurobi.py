"""Gurobi: the solution pool as a list of all assignments of the binaries of a formulation."""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ..errors import SolverError

# The licence inside the gurobipy wheel; both found by trying (`regions doctor` tries again).
RESTRICTED_SIZE = 2000
TOO_LARGE_FOR_LICENCE = 10010

# The largest pool Gurobi accepts. Its own default of 10 ends "optimal" with ten solutions.
LARGEST_POOL = 2_000_000_000

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
        codes = self._gurobipy.GRB
        first = self.v[self.formulation.binary[: len(prefix)]]
        first.LB = first.UB = np.array(prefix, dtype=float)
        self.model.reset()
        self.model.Params.TimeLimit = codes.INFINITY if time_limit is None else max(time_limit, 0.0)
        self._optimize(progress)
        status, found = self.model.Status, self.model.SolCount
        if status == codes.INTERRUPTED:
            raise KeyboardInterrupt
        # The objective is bounded by the columns, so "infeasible or unbounded" is infeasible.
        ended = status in (codes.OPTIMAL, codes.INFEASIBLE, codes.INF_OR_UNBD)
        return PoolOutcome(
            complete=ended and found < self.pool_size,
            status=_status_name(codes, status),
            found=found,
            nodes=self.model.NodeCount,
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

    def _optimize(self, progress):
        codes = self._gurobipy.GRB

        def report(model, where):
            if where == codes.Callback.MIP:
                progress(model.cbGet(codes.Callback.MIP_SOLCNT))

        try:
            self.model.optimize(report if progress else None)
        except self._gurobipy.GurobiError as error:
            if error.errno != TOO_LARGE_FOR_LICENCE:
                raise SolverError(f"Gurobi failed: {error}") from error
            variables, rows = self.formulation.size
            raise SolverError(
                f"the model has {variables} variables and {rows} rows, the Gurobi licence in use "
                f"allows {RESTRICTED_SIZE} of each; {WITHOUT_LIMIT}"
            ) from error


def _status_name(codes, status):
    names = {getattr(codes.Status, name): name for name in dir(codes.Status) if name.isupper()}
    return names.get(status, str(status))


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
