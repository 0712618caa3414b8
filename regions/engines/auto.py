"""`Auto`: the engine for a question, and why."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import ClassVar

from ..count import Count, Question, Run
from ..formulation import formulate
from ..solvers.gurobi import RESTRICTED_SIZE
from .pool import Pool
from .scip import Scip


@dataclass(frozen=True)
class Auto:
    """Count with the engine that suits the question; ``stats["chosen_because"]`` says why."""

    name: ClassVar[str] = "auto"

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        engine, reason = choose(question)
        answer = engine.count(question, run)
        return replace(answer, stats={**answer.stats, "chosen_because": reason})


def choose(question):
    """The engine and a line of reason."""
    if find_spec("regions.engines.cells"):
        from .cells import Cells

        return Cells(), "the exact engine takes every domain and proves its count"
    model = formulate(question.network, question.domain, counted=question.counted)
    if max(model.size) <= RESTRICTED_SIZE:
        return Pool(), f"the model, {model.size}, fits the licence inside the gurobipy wheel"
    return Scip(), f"the model, {model.size}, is larger than the licence inside the gurobipy wheel"
