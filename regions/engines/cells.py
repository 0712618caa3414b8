"""`Cells`: the exact engine. Its count is a theorem."""

import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .. import exact
from ..count import Count, Question, Run
from ..errors import InputError, UnsupportedError
from ..patterns import PatternSet
from ..status import Status
from .explore import Problem
from .search import BUDGET, search
from .tasks import Task


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Count cells by a depth-first search that proves each of its answers.

    A cell is counted when a witness point replays with an error bound; a side of a unit is left out only
    when multipliers prove it empty, again with an error bound. What floating point cannot
    settle goes to rational arithmetic, which always decides. So ``at_least == at_most``.

    Parameters
    ----------
    budget
        Cells per task: how often the search hands over, reports and looks at the clock.
    """

    name: ClassVar[str] = "cells"

    budget: int = BUDGET

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        start = time.monotonic()
        if question.counted != "cells":
            raise UnsupportedError(
                f"engine cells counts cells, not {question.counted}; choose counted=cells"
            )
        account = _Account(run, question.network)
        problem = Problem(question.network, question.domain, run.certify)
        deadline = None if run.time_limit is None else start + run.time_limit
        for task, found in search(
            problem,
            account.begin(problem),
            budget=self.budget,
            keep=run.keep_patterns,
            workers=run.workers,
            executor=run.executor,
            deadline=deadline,
        ):
            account.enter(task, found)
        return account.answer(question, self.name, time.monotonic() - start)


class _Account:
    """What has been found so far, and how much is still open."""

    def __init__(self, run, network):
        self._run, self._network = run, network
        self._cells = self._nodes = self._programs = self._exact = 0
        self._open, self._closed = 0, 0.0
        self._signs, self._points = [], []

    def begin(self, problem):
        """The tasks to start with; a network without a search is answered here."""
        if self._network.n_units == 0 or problem.hull.dimension == 0:
            self._single(problem)
            return []
        _check_interior(problem)
        self._open = 1
        return [Task.root(self._network.n_units)]

    def enter(self, task, found):
        self._cells += found.cells
        self._nodes += found.nodes
        self._programs += found.programs
        self._exact += found.exact
        self._open += len(found.left) - 1
        self._closed += task.weight - sum(left.weight for left in found.left)
        if self._run.keep_patterns:
            self._signs.append(found.signs > 0)
            self._points.append(found.points)
        if self._run.progress:
            self._run.progress(self._cells, min(self._closed, 1.0))

    def answer(self, question, engine, seconds):
        """The `Count`."""
        complete = self._open == 0
        proved = self._run.certify
        status = Status.AT_LEAST
        if complete:
            status = Status.CERTIFIED if proved else Status.COMPLETE
        patterns = witnesses = None
        if self._run.keep_patterns:
            patterns, witnesses = self._kept()
        return Count(
            at_least=self._cells if proved else None,
            at_most=self._cells if proved and complete else None,
            value=self._cells,
            status=status,
            counted=question.counted,
            engine=engine,
            seconds=seconds,
            stats={
                "nodes": self._nodes,
                "settled_by_program": self._programs,
                "settled_exactly": self._exact,
                "open": self._open,
            },
            patterns=patterns,
            witnesses=witnesses,
        )

    def _single(self, problem):
        """One region: no hidden unit, or a domain that is one point."""
        self._cells, self._closed = 1, 1.0
        if problem.hull.dimension == 0:
            rows = _signs_at_point(problem)
            self._signs.append(rows[None])
            self._points.append(problem.hull.origin[None])
        else:
            self._signs.append(np.zeros((1, 0), dtype=bool))
            self._points.append(problem.domain.sample(1, 0))

    def _kept(self):
        signs = np.concatenate([np.zeros((0, self._network.n_units), dtype=bool), *self._signs])
        points = np.concatenate([np.zeros((0, self._network.n0)), *self._points])
        order = np.lexsort(signs.T[::-1]) if signs.shape[1] else np.arange(len(signs))
        return PatternSet.of(signs[order], signs.shape[1]), points[order]


def _check_interior(problem):
    """A domain with rows of its own may be empty or flat: then there is nothing to be relative to."""
    rows = problem.exact.domain_rows if len(problem.hull.rows) else []
    if rows and exact.interior_point(rows, problem.exact.lower, problem.exact.upper) is None:
        raise InputError(
            f"the domain {problem.domain!r} has no interior point: it is empty or flat; fix coordinates "
            "in its box (lower == upper) or use an AffineSlice"
        )


def _signs_at_point(problem):
    """The pattern of a domain that is a single point, in rational arithmetic; a tie is off."""
    network, signs = problem.network, np.zeros(0, dtype=np.int8)
    for layer in range(len(network.widths)):
        rows = problem.exact.rows(signs, layer + 1)
        signs = np.array([1 if row[-1] > 0 else -1 for row in rows], dtype=np.int8)
    return signs > 0
