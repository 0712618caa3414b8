"""`Auto`: the engine for a question, and why."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

from ...deadline import Deadline, now
from ...errors import Interrupted, UnsupportedError
from ...exact_search.problem import VERTEX_DIMENSIONS
from ...faces.descent import SECONDS, expected_size
from ...faces.search import MOST_BYTES, compile_tree, room
from ..answer import Count
from ..question import Question, Run
from .cells import Cells
from .faces import Faces, tree_of

# Descents may be off by a third: faces begin only where they are expected to end in this share of the other's time.
CLEARLY = 0.7
# Unit: room that a tree of faces has. So many times more is not made good by units that turn out to be stable, and to
# know which these are takes seconds.
HOPELESS = 4
# Unit: seconds that are left to a count when the comparison took all its time.
SHORTEST = 0.01
# Share of the time left that random descents may take.
MOST_SHARE = 0.05
TAKES_ALL = "the exact engine takes every domain and proves its count"


@dataclass(frozen=True)
class Auto:
    """Count with the engine that suits the question; ``stats["chosen_because"]`` says why.

    `Cells`, unless it is not done after half a second and random descents say that `Faces` would be earlier.
    """

    name: ClassVar[str] = "auto"

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        rival = _Rival(question, run)
        try:
            answer = Cells().count(question, run, rival=rival if rival.may_be_asked else None)
        except Interrupted as stopped:
            raise Interrupted(_because(stopped.answer, rival.reason)) from None
        return _because(answer, rival.reason)


def _because(answer, reason):
    return replace(answer, stats={**answer.stats, "chosen_because": reason})


class _Rival:
    """Counting by faces as an alternative to an enumeration that is under way; ``reason`` says what came of it."""

    def __init__(self, question, run):
        self._question, self._run, self.reason = question, run, TAKES_ALL
        self._deadline = Deadline(run.time_limit)

    @property
    def may_be_asked(self):
        """Whether faces can count this at all; in few dimensions a cell costs less than any question."""
        question, run = self._question, self._run
        plain = not run.keep_patterns and run.certify and run.journal is None
        alone = run.workers == 1 and run.executor is None
        hull = question.domain.polyhedron()
        wide = question.domain.bounded and hull.dimension > VERTEX_DIMENSIONS
        *earlier, last = question.network.widths or (0,)
        return (
            plain
            and alone
            and wide
            and question.counted == "cells"
            and question.network.n_units > 0
            and room(sum(earlier), last) <= HOPELESS * MOST_BYTES
        )

    def __call__(self, cells, seconds, cpu):
        """A `Count` by faces where it is expected to need less time than the rest of the enumeration, else None."""

        try:
            tree = tree_of(self._question)
        except UnsupportedError as error:
            self.reason = f"{TAKES_ALL}; {error}"
            return None
        if tree is None or not cells:
            return None
        compile_tree()  # no part of the answer's time
        began = now()
        free = math.inf if self._run.time_limit is None else self._run.time_limit - seconds
        size = expected_size(
            tree.problem, seed=self._run.seed, seconds=min(SECONDS, MOST_SHARE * free)
        )
        if size is None:
            self.reason = (
                f"{TAKES_ALL}; not one random descent by faces ended in {now() - began:.2g} s"
            )
            return None
        left = max(size.cells - cells, 0.0) * cpu / cells
        faces = size.questions * size.seconds_a_question
        self.reason = (
            f"{size.descents} random descents expect {size.cells:.2g} cells at {1e6 * cpu / cells:.0f} us "
            f"and {size.questions:.2g} questions of faces at {1e6 * size.seconds_a_question:.0f} us"
        )
        if faces >= CLEARLY * left:
            return None
        run, spent = self._run, seconds + now() - began
        if run.time_limit is not None:
            run = replace(run, time_limit=max(run.time_limit - spent, SHORTEST))
        answer = Faces().count(self._question, run)
        return replace(answer, seconds=answer.seconds + spent)
