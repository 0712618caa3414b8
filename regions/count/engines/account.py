"""What a search has found so far, and how much is still open."""

from collections import Counter

import numpy as np

from ...deadline import Deadline
from ...exact_search.homogeneous import scaled_into
from ...exact_search.journal import Journal, heading
from ...network.patterns import PatternSet
from ..answer import Count
from ..maps_and_pieces import Maps, Pieces
from ..status import Status
from .early_end import EarlyEnd

# Unit: seconds for the maps of cells that random points show, each in rationals.
TALLY_SECONDS = 0.3


class Account:
    """What has been found so far, and how much is still open."""

    def __init__(self, run, problem, question, tally, deadline):
        self._run, self._question, self._network = run, question, question.network
        self._problem = problem
        self.early_end = EarlyEnd(problem, deadline, seed=run.seed, keep_points=run.keep_patterns)
        self._tally, self._deadline = tally, deadline
        self._tallied = True  # whether all cells found are in the tally, too
        self._journal = None
        self._problem = problem
        self._cells = self._nodes = self._programs = self._exact = 0
        self._open, self._closed = {}, 0.0
        self._settled, self._shown = Counter(), 0
        self._signs, self._points = [], []

    def begin(self, problem, **options):
        """The tasks to start with; a network without a search is answered here."""
        problem.check_interior()
        if self._network.n_units == 0 or problem.hull.dimension == 0:
            self._single(problem)
            return []
        root = problem.root
        tasks = [root]
        if self._run.journal is not None:
            first = heading(self._question, self._run, root, **options)
            self._journal = Journal(self._run.journal, first, root)
            self._add(**self._journal.found)
            tasks = self._journal.tasks
        self._open = {id(task): task for task in tasks}
        self._closed = 1.0 - sum(task.weight for task in tasks)
        return tasks

    @property
    def open_tasks(self):
        """What is still to be explored."""
        return [*self._open.values()]

    @property
    def cells(self):
        """Cells so far."""
        return self._cells

    def close(self):
        """Leave the journal to whoever comes next."""
        if self._journal:
            self._journal.close()

    def enter(self, task, found):
        self._add(found.cells, found.nodes, found.programs, found.exact)
        self._settled += found.settled
        if self._journal:
            self._journal.enter(task, found)
        del self._open[id(task)]
        self._open |= {id(left): left for left in found.left}
        self._closed += task.weight - sum(left.weight for left in found.left)
        if self._tally is not None:
            self._tallied &= self._tally.add(found.signs > 0, self._deadline)
        if self._run.keep_patterns:
            self._signs.append(found.signs > 0)
            self._points.append(found.points)
        if self._run.progress:
            regions = self._cells if self._tally is None else len(self._tally)
            self._run.progress(regions, min(self._closed, 1.0))

    def _add(self, cells, nodes, programs, exact):
        self._cells += cells
        self._nodes += nodes
        self._programs += programs
        self._exact += exact

    def answer(self, question, engine, seconds):
        """The `Count`."""
        least, most = self._bounds()
        complete = least == most
        proved = self._run.certify
        status = Status.AT_LEAST
        if complete:
            status = Status.CERTIFIED if proved else Status.COMPLETE
        patterns = witnesses = None
        if self._run.keep_patterns:
            patterns, witnesses = self._kept()
        return Count(
            at_least=least if proved else None,
            at_most=most if proved else None,
            value=least,
            status=status,
            counted=question.counted,
            engine=engine,
            seconds=seconds,
            stats={
                "nodes": self._nodes,
                "settled_by_program": self._programs,
                "settled_exactly": self._exact,
                "exact_programmes": dict(sorted(self._settled.items())),
                "open": len(self._open),
                **({"presolve": self._problem.taken_out} if self._run.presolve else {}),
                **({"cells_shown_by_points": self._shown} if self._open else {}),
                **({"cells_from_journal": self._journal.found["cells"]} if self._journal else {}),
                **({} if self._tally is None else {"cells": self._cells}),
            },
            patterns=patterns,
            witnesses=witnesses,
        )

    def _bounds(self):
        """``(at_least, at_most)`` on what the question counts."""
        if self._open:
            self._show()
        least = self._cells + self._shown
        most = self._cells
        if self._open:
            most = self.early_end.at_most(self._cells, list(self._open.values()))
        if self._tally is None:
            return least, most
        least, counted = self._tally.bounds(
            complete=self._tallied and not self._open, deadline=self._deadline
        )
        # every map and every piece has a cell
        return least, most if counted is None else counted

    def _show(self):
        """Cells in open parts that random points prove."""
        signs, points = self.early_end.cells(list(self._open.values()))
        # a domain with an interior, which was checked, has a cell
        self._shown = len(signs) or int(not self._cells)
        if self._tally is not None:
            self._tally.add(signs, Deadline(TALLY_SECONDS))
        if self._run.keep_patterns:
            self._signs.append(signs)
            self._points.append(points)

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
        if self._tally is not None:
            self._tally.add(self._signs[-1])

    def _kept(self):
        signs = np.concatenate([np.zeros((0, self._network.n_units), dtype=bool), *self._signs])
        points = np.concatenate([np.zeros((0, self._network.n0)), *self._points])
        if self._question.domain.bounded and not self._problem.domain.bounded:
            points = scaled_into(self._question.domain, points)
        order = np.lexsort(signs.T[::-1]) if signs.shape[1] else np.arange(len(signs))
        return PatternSet.of(signs[order], signs.shape[1]), points[order]


def tally_of(question):
    """What takes the cells of the search where something else than cells is counted, else None."""
    tallies = {"maps": Maps, "pieces": Pieces}
    if question.counted not in tallies:
        return None
    return tallies[question.counted](question.network, question.domain)


def _signs_at_point(problem):
    """The pattern of a domain that is a single point, in rational arithmetic; a tie is off."""
    network, signs = problem.network, np.zeros(0, dtype=np.int8)
    for layer in range(len(network.widths)):
        rows = problem.exact.rows(signs, layer + 1)
        signs = np.array([1 if row[-1] > 0 else -1 for row in rows], dtype=np.int8)
    return signs > 0
