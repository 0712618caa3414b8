"""Gurobi's solution pool: all assignments of a model, with the points that have them."""

from dataclasses import dataclass

import numpy as np

from .gurobi import ENDED, attribute, run

# The largest pool Gurobi accepts. Its own default of 10 ends "optimal" with ten solutions.
LARGEST_POOL = 2_000_000_000

INTERRUPTED = "INTERRUPTED"


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
        try:
            status = run(self.model, self._report(progress), seconds=time_limit)
        except KeyboardInterrupt:
            status = INTERRUPTED
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
