"""`Scip`: SCIP's own counting on the same model, an independent second count without a size limit."""

from dataclasses import dataclass
from typing import ClassVar

from ...deadline import Deadline, now
from ...errors import Interrupted, UnsupportedError
from ...milp.counting_model import EPSILON, formulate
from ...solvers.scip import INTERRUPTED, count_assignments
from ...solvers.tolerances import TOLERANCE
from ..answer import Count
from ..question import Question, Run
from ..status import Status


@dataclass(frozen=True, kw_only=True)
class Scip:
    """Count with SCIP: `Status.COMPLETE` at best, never a proof.

    Its Python interface gives the number of assignments and not the patterns, so nothing is
    replayed and no pattern can be kept. It shares the margin ``epsilon`` with `Pool`, hence also its blind
    spots: the two agreeing speaks against errors in either program, not for the margin.

    Parameters
    ----------
    epsilon
        The least margin of `regions.milp.counting_model.formulate`.
    tolerance
        Feasibility tolerance of the solver; keep it far below epsilon.
    """

    name: ClassVar[str] = "scip"

    epsilon: float = EPSILON
    tolerance: float = TOLERANCE

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        start, deadline = now(), Deadline(run.time_limit)
        run.refuse(self.name, "journal", "workers", "executor")
        if run.keep_patterns:
            raise UnsupportedError(
                "engine scip counts patterns without listing them; keep patterns with engine pool or cells"
            )
        question, _ = question.in_ordinary_numbers()
        model = formulate(
            question.network, question.domain, counted=question.counted, epsilon=self.epsilon
        )
        tally = count_assignments(model, tolerance=self.tolerance, deadline=deadline, seed=run.seed)
        variables, rows = model.size
        answer = Count(
            at_least=None,
            at_most=None,
            value=tally.counted,
            status=Status.COMPLETE if tally.complete else Status.AT_LEAST,
            counted=question.counted,
            engine=self.name,
            seconds=now() - start,
            stats={
                "solver": "scip",
                "solver_status": tally.status,
                "nodes": tally.nodes,
                "epsilon": self.epsilon,
                "tolerance": self.tolerance,
                "variables": variables,
                "rows": rows,
                "binaries": len(model.binary),
            },
        )
        if tally.status == INTERRUPTED:
            raise Interrupted(answer)
        return answer
