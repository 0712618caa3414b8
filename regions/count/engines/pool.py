"""`Pool`: Gurobi's solution pool on the mixed-integer model of the papers, every answer replayed."""

import itertools
import time
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ...errors import InputError
from ...milp.counting_model import EPSILON, formulate, unit_maps
from ...preactivations.ranges import enclosing_box
from ...solvers.gurobi import LARGEST_POOL, SolutionPool, environment
from ...solvers.highs_widest_point import widest_point
from ...solvers.tolerances import TOLERANCE
from ..answer import Count
from ..question import Question, Run
from ..status import Status
from .replayed import inside, pattern_set

# Unit: solutions read back at a time; bounds the memory for their points.
BATCH = 1024


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Count with Gurobi's solution pool: `Status.COMPLETE` at best, never a proof.

    Parameters
    ----------
    form, epsilon
        The form and the least margin of `regions.milp.counting_model.formulate`.
    threads
        Threads of one solve. Two threads were seen to gain a third; ``split`` gains more.
    split
        Fix the signs of so many units of the first layer, in all ways, and run one small pool
        each: a pool slows down as it fills. Good when n0 is at least n1, because then
        few of the 2**split signs are empty; None is one pool.
    tolerance
        Integrality and feasibility tolerance of the solver; keep it far below epsilon.
    pool_size
        How many solutions the pool may keep. A full pool makes the count a lower bound.

    Notes
    -----
    Each returned pattern must be the pattern of its point in a forward pass, else of the point
    that a linear programme finds farthest inside its cell; ``value`` counts those that pass,
    ``stats["not_replayed"]`` those that do not. See `formulate` for what a margin cannot see.
    """

    name: ClassVar[str] = "pool"

    form: str = "feasibility"
    threads: int = 1
    split: int | None = None
    epsilon: float = EPSILON
    tolerance: float = TOLERANCE
    pool_size: int = LARGEST_POOL

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        start = time.perf_counter()
        run.refuse(self.name, "journal", "workers", "executor")
        model = formulate(
            question.network,
            question.domain,
            counted=question.counted,
            form=self.form,
            epsilon=self.epsilon,
        )
        tally = Tally(question, model, keep_points=run.keep_patterns)
        outcomes = self._enumerate(model, tally, run, start)
        complete = all(outcome.complete for outcome in outcomes)
        kept = run.keep_patterns and pattern_set(tally.found, question.network.n_units)
        patterns, witnesses = kept or (None, None)
        return Count(
            at_least=None,
            at_most=None,
            value=len(tally.found),
            status=Status.COMPLETE if complete else Status.AT_LEAST,
            counted=question.counted,
            engine=self.name,
            seconds=time.perf_counter() - start,
            stats=self._stats(model, tally, outcomes),
            patterns=patterns,
            witnesses=witnesses,
        )

    def _enumerate(self, model, tally, run, start):
        """Run the pools one after the other until the time is up; return their outcomes."""
        prefixes = list(itertools.product((0, 1), repeat=self._prefix_length(model)))
        outcomes = []
        with (
            environment() as env,
            SolutionPool(
                model,
                env,
                threads=self.threads,
                tolerance=self.tolerance,
                pool_size=self.pool_size,
                seed=run.seed,
            ) as pool,
        ):
            for i, prefix in enumerate(prefixes):
                left = run.time_limit and start + run.time_limit - time.perf_counter()
                report = run.progress and _reporter(
                    run.progress, len(tally.found), i / len(prefixes)
                )
                outcomes.append(pool.solve(prefix, left, report))
                for points, binaries in pool.solutions(BATCH):
                    tally.add(points, model.patterns(binaries))
                if not outcomes[-1].complete:
                    break
        return outcomes

    def _prefix_length(self, model):
        length = self.split or 0
        if not 0 <= length <= model.first_layer:
            raise InputError(
                f"split={self.split} fixes signs of undecided units of the first layer, "
                f"of which this network has {model.first_layer} on this domain; "
                f"choose 0 to {model.first_layer}"
            )
        return length

    def _stats(self, model, tally, outcomes):
        variables, rows = model.size
        return {
            "solver": "gurobi",
            "form": self.form,
            "solver_status": outcomes[-1].status,
            "pools": len(outcomes),
            "nodes": sum(outcome.nodes for outcome in outcomes),
            "returned": sum(outcome.found for outcome in outcomes),
            "replayed": tally.replayed,
            "replayed_after_lp": tally.replayed_after_lp,
            "not_replayed": tally.not_replayed,
            "duplicates": tally.duplicates,
            "smallest_margin": tally.smallest_margin,
            "epsilon": self.epsilon,
            "tolerance": self.tolerance,
            "threads": self.threads,
            "split": self.split,
            "variables": variables,
            "rows": rows,
            "binaries": len(model.binary),
        }


@dataclass
class Tally:
    """Distinct patterns whose witness replays, and what was met on the way."""

    question: Question
    model: object
    keep_points: bool
    found: dict = field(default_factory=dict)
    replayed: int = 0
    replayed_after_lp: int = 0
    not_replayed: int = 0
    duplicates: int = 0
    smallest_margin: float | None = None

    def add(self, points, patterns):
        """Replay ``points`` (k, n0), which a solver says lie in the cells of ``patterns`` (k, N)."""
        box = enclosing_box(self.question.domain)
        points = np.clip(points, box.lower, box.upper)  # a solver leaves it by its tolerance
        agrees = self._witnessed(points, patterns)
        self.replayed += int(agrees.sum())
        for i in np.flatnonzero(~agrees):
            for witness in inner_points(self.question, patterns[i]):
                if self._witnessed(witness[None], patterns[i]):
                    points[i], agrees[i] = witness, True
                    self.replayed_after_lp += 1
                    break
        self.not_replayed += int((~agrees).sum())
        self._keep(points[agrees], patterns[agrees])

    def _keep(self, points, patterns):
        self._measure(points)
        for point, packed in zip(points, np.packbits(patterns, axis=1), strict=True):
            key = packed.tobytes()
            self.duplicates += key in self.found
            self.found[key] = point if self.keep_points else None

    def _witnessed(self, points, patterns):
        """Whether each point lies in the domain and stands for its pattern in a forward pass."""
        has = (self.question.network.pattern(points) == patterns).all(axis=1)
        return has & self.question.domain.contains(points) & inside(self.question, points)

    def _measure(self, points):
        """Smallest distance from zero of an undecided unit; an exact zero is a tie and has none."""
        if len(self.model.units) == 0:
            return
        g = np.concatenate(self.question.network.preactivations(points), axis=1)
        values = np.abs(g[:, self.model.units])
        if (values > 0).any():
            smallest = float(values[values > 0].min())
            self.smallest_margin = min(smallest, self.smallest_margin or smallest)


def inner_points(question, pattern):
    """Points (n0,) far inside the cell of ``pattern``, each by one linear programme.

    First the point farthest from all hyperplanes and from the domain's own rows, then from the
    hyperplanes alone, because the domain may be flat; where ties are inactive, at last from those
    of active units, because the pattern may live on a tie.
    """
    hull = question.domain.polyhedron()
    A, c = unit_maps(question.network, pattern)
    rows, offsets = A @ hull.directions.T, A @ hull.origin + c
    size = np.linalg.norm(rows, axis=1)
    moving = size > 0
    sign = np.where(pattern, 1.0, -1.0)[moving] / size[moving]
    rows = np.concatenate([sign[:, None] * rows[moving], -hull.rows])
    offsets = np.concatenate([sign * offsets[moving], hull.offsets])
    units, domain = np.ones(moving.sum(), dtype=bool), np.ones(len(hull.rows), dtype=bool)
    readings = [(units, domain), (units, ~domain)]
    if question.counted == "patterns":
        readings.append((pattern[moving], ~domain))
    for strict in readings:
        widest = widest_point(rows, offsets, np.concatenate(strict), hull.lower, hull.upper)
        if widest is not None:
            yield hull.origin + widest.point @ hull.directions


def _reporter(progress, found, fraction):
    return lambda solutions: progress(found + solutions, fraction)
