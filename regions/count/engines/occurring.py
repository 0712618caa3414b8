"""Patterns, ties inactive, have a search of their own: they may occur where there is no cell."""

import numpy as np

from ...deadline import Late, now
from ...errors import Interrupted
from ...exact_search.open_parts import all_cells
from ...exact_search.problem import Problem
from ...preactivations.shared import single_planes
from ..answer import Count
from ..occurring_patterns import occurring_patterns
from ..status import Status
from .early_end import EarlyEnd


def count_patterns(question, run, engine, start, deadline):
    """The `Count` of the patterns that occur; a search that ``deadline`` ends is added to by random points."""
    found, ended, seen, interrupted = 0, False, set(), False
    try:
        for pattern in occurring_patterns(question.network, question.domain, deadline=deadline):
            found += 1
            if run.progress:
                run.progress(found, 0.0)  # what share is closed is not known
            seen.add(np.packbits(pattern).tobytes())
            deadline.check()
        ended = True
    except Late:
        pass
    except KeyboardInterrupt:
        interrupted = True
    most, stats = found, {}
    if not ended:
        shown, most = _early(question, run, seen)
        found, stats = found + shown, {"patterns_shown_by_points": shown}
    answer = Count(
        at_least=found,
        at_most=most,
        value=found,
        status=Status.CERTIFIED if found == most else Status.AT_LEAST,
        counted=question.counted,
        engine=engine,
        seconds=now() - start,
        stats=stats,
    )
    if interrupted:
        raise Interrupted(answer)
    return answer


def _early(question, run, seen):
    """``(patterns that random points show and are not in seen, an upper bound on all)``.

    Notes
    -----
    Take one point of each pattern that occurs. Lower the biases of the first layer by so little that no unit that is on
    at its point goes off there; those that are off, ties included, are strictly negative then. The same layer by layer,
    each time by more than what the changes so far make of it. So the patterns are those of cells of another network of the
    same shape and slopes, and Theorem 1, or what holds for any slopes, holds for their number. (Hyperplanes that
    coincide need not do so in that network.)
    """
    problem, shown = Problem(question.network, question.domain), []
    if problem.has_interior:
        shown = EarlyEnd(problem, seed=run.seed).patterns()
    new = (
        sum(packed.tobytes() not in seen for packed in np.packbits(shown, axis=1))
        if len(shown)
        else 0
    )
    planes = single_planes(question.network.widths)
    return new, all_cells(question.network, planes, problem.hull.dimension)
