"""One task, explored: the compiled kernel first, rational arithmetic for what it hands back."""

import math
import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..domain import Box, Domain, WholeSpace
from ..exact import ExactProblem
from ..kernels import halfspaces, vertices
from ..kernels.vertices import UNDECIDED, UNFINISHED
from ..network import Network
from .prepare import arrays, image_arrays
from .program import settle_by_program
from .tasks import Task, interior_float, settle_exactly

# Up to this many coordinates a cell is kept as a vertex list; above, vertices are too many.
VERTEX_DIMENSIONS = 5
# How long a compiled call may take before the next one gets a smaller budget, where the clock matters: it cannot
# look at the clock itself. The first call may find one cell, each next one twice as many.
CALL_SECONDS = 0.2
# Room for the vertices of one cell; a cell with more is split in rational arithmetic. Not a power of
# two, so that the coordinates of one vertex do not compete for one line of the cache.
MAX_VERTICES = 488


@dataclass(frozen=True)
class Found:
    """What exploring a task gave: cells, and the smaller tasks that are left.

    ``signs`` (cells, N) and ``points`` (cells, n0) hold the cells themselves when they were asked for.
    """

    cells: int
    left: list
    nodes: int = 0
    programs: int = 0
    exact: int = 0
    signs: np.ndarray | None = None
    points: np.ndarray | None = None


@dataclass(frozen=True)
class Problem:
    """A network on a domain, prepared once; pickles as the values it is made of."""

    network: Network
    domain: Domain
    proofs: bool = True

    def __getstate__(self):
        return {name: getattr(self, name) for name in ("network", "domain", "proofs")}

    @cached_property
    def by_vertices(self):
        """Whether cells are kept as vertex lists."""
        return self.hull.dimension + (not self.domain.bounded) <= VERTEX_DIMENSIONS

    @cached_property
    def arrays(self):
        """The flat arrays of the kernels."""
        wide = self.hull.dimension > self.network.widths[0] and isinstance(self.domain, Box)
        make = image_arrays if wide and not self.by_vertices else arrays
        return make(self.network, self.domain)

    @cached_property
    def root_point(self):
        """An interior point of the domain, a generic one: symmetric networks have ties in the middle."""
        a = self.arrays
        if len(self.hull.rows) or not self.domain.bounded:
            return interior_float(self.exact, Task.root(self.network.n_units))
        lower, upper = (a.input_lower, a.input_upper) if len(a.shift) else (a.lower, a.upper)
        share = np.random.default_rng(0).uniform(0.3, 0.7, len(lower))
        return lower + share * (upper - lower)

    @cached_property
    def exact(self):
        """The same in rational arithmetic."""
        return ExactProblem(self.network, self.domain)

    @cached_property
    def hull(self):
        """The coordinates y of the domain."""
        return self.domain.polyhedron()

    def points(self, y):
        """Inputs of shape (count, n0) for coordinates ``y`` of shape (count, k)."""
        if isinstance(self.domain, WholeSpace):
            return y[:, :-1] / y[:, -1:]
        return self.hull.origin + y @ self.hull.directions


def explore(problem, task, budget, *, keep=False, seconds=math.inf):
    """Explore ``task`` until it is done, about ``budget`` cells were found or ``seconds`` are over."""
    a, n_units = problem.arrays, problem.network.n_units
    stack = [task]
    cells = nodes = programs = exact = 0
    signs, points = (
        [np.zeros((0, n_units), dtype=np.int8)],
        [np.zeros((0, problem.hull.dimension + (not problem.domain.bounded)))],
    )
    now, timed = time.monotonic(), seconds < math.inf
    deadline, call = now + seconds, 1 if timed else budget
    while stack and cells < budget and now < deadline:
        task, began = stack.pop(), now
        if task.reason == UNFINISHED:
            found, smaller, visited, leaves = _run_kernel(
                problem, task, min(budget - cells, call), keep
            )
            cells, nodes = cells + found, nodes + visited
            signs.append(leaves[0])
            points.append(leaves[1])
            now = time.monotonic()
            if timed:
                call = call * 2 if now - began < CALL_SECONDS / 2 else max(call // 2, 1)
        elif (smaller := _by_program(a, task)) is not None:
            programs += 1
        else:
            exact += 1
            leaf, smaller = settle_exactly(problem.exact, task, a.starts)
            if leaf is not None:
                cells += 1
                signs.append(task.signs[None])
                points.append(np.array([[float(v) for v in leaf]]))
            now = time.monotonic()
        stack.extend(smaller)
    if not keep:
        return Found(cells, stack, nodes, programs, exact)
    return Found(
        cells,
        stack,
        nodes,
        programs,
        exact,
        np.concatenate(signs),
        problem.points(np.concatenate(points)),
    )


def _run_kernel(problem, task, budget, keep):
    """``(cells, open tasks, nodes, (signs, points) of the cells)`` of one compiled call."""
    a, n_units = problem.arrays, problem.network.n_units
    room = 4 * n_units + 64  # more than two tasks for each level of the search
    out = (
        np.empty(room, dtype=np.int64),
        np.empty((room, n_units), dtype=np.int8),
        np.empty((room, n_units), dtype=np.bool_),
        np.empty(room, dtype=np.int64),
        np.empty(room, dtype=np.int64),
    )
    capacity = budget if keep else 0
    k = len(problem.root_point) if not problem.by_vertices else len(a.reach)
    leaves = np.empty((capacity, n_units), dtype=np.int8), np.empty((capacity, k))
    points = None
    start = (a, task.layer, task.signs, task.split)
    if problem.by_vertices:
        cells, n_open, nodes = vertices.explore(
            *start, budget, MAX_VERTICES, problem.proofs, out, *leaves
        )
    else:
        points = np.empty((room, k))
        cells, n_open, nodes = halfspaces.explore(
            *start, _point(problem, task), budget, out, points, *leaves
        )
    # shares of the prefix space by depth: a split halves what it splits
    depth = np.count_nonzero(out[2][:n_open], axis=1) - np.count_nonzero(task.split)
    open_tasks = [
        Task(
            int(out[0][i]),
            out[1][i].copy(),
            out[2][i].copy(),
            int(out[3][i]),
            int(out[4][i]),
            task.weight * 0.5 ** float(depth[i]),
            None if points is None else points[i].copy(),
        )
        for i in range(n_open)
    ]
    return cells, open_tasks, nodes, tuple(part[:cells] for part in leaves)


def _by_program(a, task):
    """What a linear programme makes of an undecided question about a wide input, or None."""
    wide = len(a.shift) > 0
    return settle_by_program(a, task) if wide and task.reason == UNDECIDED else None


def _point(problem, task):
    if task.point is not None:
        return task.point
    if not task.split.any():
        return problem.root_point
    return interior_float(problem.exact, task)
