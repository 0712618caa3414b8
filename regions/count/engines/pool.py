"""`Pool`: Gurobi's solution pool on the mixed-integer model of the papers, every answer replayed."""

import itertools
from dataclasses import dataclass
from typing import ClassVar

from ...deadline import Deadline, now
from ...errors import InputError, Interrupted
from ...milp.counting_model import EPSILON, formulate
from ...solvers.gurobi import environment
from ...solvers.gurobi_pool import INTERRUPTED, LARGEST_POOL, SolutionPool
from ...solvers.tolerances import TOLERANCE
from ..answer import Count
from ..question import Question, Run
from ..status import Status
from .replayed import Tally, pattern_set

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
        start, deadline = now(), Deadline(run.time_limit)
        run.refuse(self.name, "journal", "workers", "executor")
        question, back = question.in_ordinary_numbers()
        model = formulate(
            question.network,
            question.domain,
            counted=question.counted,
            form=self.form,
            epsilon=self.epsilon,
        )
        tally = Tally(question, model, keep_points=run.keep_patterns, deadline=deadline)
        outcomes = self._enumerate(model, tally, run, deadline)
        complete = all(outcome.complete for outcome in outcomes)
        kept = run.keep_patterns and pattern_set(tally.found, question.network.n_units)
        patterns, witnesses = kept or (None, None)
        answer = Count(
            at_least=None,
            at_most=None,
            value=len(tally.found),
            status=Status.COMPLETE if complete else Status.AT_LEAST,
            counted=question.counted,
            engine=self.name,
            seconds=now() - start,
            stats=self._stats(model, tally, outcomes),
            patterns=patterns,
            witnesses=None if witnesses is None else back(witnesses),
        )
        if outcomes[-1].status == INTERRUPTED:
            raise Interrupted(answer)
        return answer

    def _enumerate(self, model, tally, run, deadline):
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
                report = run.progress and _reporter(
                    run.progress, len(tally.found), i / len(prefixes)
                )
                outcomes.append(pool.solve(prefix, deadline.time_limit, report))
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


def _reporter(progress, found, fraction):
    return lambda solutions: progress(found + solutions, fraction)
