"""`Auto`: the engine for a question, and why."""

from dataclasses import dataclass, replace
from typing import ClassVar

from ..answer import Count
from ..question import Question, Run
from .cells import Cells


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
    return Cells(), "the exact engine takes every domain and proves its count"
