"""`Faces`: exact counts without a visit to each cell."""

from dataclasses import dataclass, replace
from typing import ClassVar

from ...deadline import Deadline, now
from ...errors import Interrupted, UnsupportedError
from ...exact_search.problem import Problem as CellProblem
from ...exact_search.tasks import Task
from ...faces.problem import Problem
from ...faces.search import Tree, compile_tree
from ...network.slopes import require_relu
from ..answer import Count
from ..faces_certificate import certificate_of_tree
from ..question import Question, Run
from ..status import Status
from .early_end import EarlyEnd


@dataclass(frozen=True)
class Faces:
    """Count cells by the sets of last-layer units that can vanish together; a theorem from the first second on.

    Inside a cell of the layers before, the last layer has as many cells as such sets, ties allowed for (Zaslavsky
    1977; `regions.faces.rational`). One point, or one vector of multipliers, settles a set for a whole cube of
    earlier sign vectors. What is proved so far bounds the count from both sides at any moment. Best where the layers
    before the last are wide; `Auto` compares it with `Cells`.

    ``stats["sets_by_size"]`` is the count by the number of units in the set: first the cells of the layers before the last,
    and the sum of sizes is the number of pairs of cells in one of these that share a facet, where there are no ties.

    Bounded domains and counted="cells" only; patterns are listed by `Cells`.
    """

    name: ClassVar[str] = "faces"

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        run.refuse(self.name, "keep_patterns", "journal", "workers", "executor")
        if question.counted != "cells":
            raise UnsupportedError(
                f"engine faces counts cells, not {question.counted}; choose engine cells"
            )
        compile_tree()
        start, deadline = now(), Deadline(run.time_limit)
        CellProblem(question.network, question.domain).check_interior()
        tree = tree_of(question, keep=run.keep_proof)
        try:
            if tree is not None:
                _grow(tree, run, deadline)
        except KeyboardInterrupt:
            # a question on its way is counted neither as yes nor as no
            raise Interrupted(_answer(tree, question, now() - start)) from None
        answer = _answer(tree, question, now() - start)
        if run.keep_proof and tree is not None and tree.recorded:
            answer = replace(answer, proof=certificate_of_tree(tree))
        return answer


def tree_of(question, *, keep=False):
    """The `Tree` of a question, or None where nothing switches and there is one cell."""
    if question.network.n_units == 0 or question.domain.polyhedron().dimension == 0:
        return None
    require_relu(question.network, "engine faces")
    problem = Problem(question.network, question.domain)
    return Tree(problem, keep=keep) if problem.exponent else None


def _grow(tree, run, deadline):
    """Grow the tree to its end or to the deadline."""
    while not tree.done and not deadline.passed:
        tree.grow(deadline)
        if run.progress:
            decided = tree.yes + tree.no
            run.progress(tree.yes, decided / tree.whole)


def _answer(tree, question, seconds):
    least, most, stats = 1, 1, {}
    if tree is not None:
        least, most = tree.yes, tree.whole - tree.no
        if least < most:
            problem = CellProblem(question.network, question.domain)
            # the tree's own bound starts at two to the number of units
            root = Task.root(question.network.n_units)
            end = EarlyEnd(problem)
            most = min(most, end.at_most(0, [root]))
            # which cells a tree of faces has counted it does not know: the more of the two, not their sum
            least = max(least, len(end.patterns()), 1)
        stats = {
            "questions": tree.questions,
            "leaves_yes": tree.leaves[0],
            "leaves_no": tree.leaves[1],
            "sets_by_size": tree.by_size,
            "settled_by_programme": tree.settled_by_programme,
            "settled_exactly": tree.settled_exactly,
        }
    return Count(
        at_least=least,
        at_most=most,
        value=least,
        status=Status.CERTIFIED if least == most else Status.AT_LEAST,
        counted=question.counted,
        engine=Faces.name,
        seconds=seconds,
        stats=stats,
    )
