"""Activation patterns that occur, on sets however thin: a search of its own, in rationals."""

from itertools import pairwise

import numpy as np

from ..arithmetic.linear_programme import maximum
from ..arithmetic.rationals import ONE, ZERO, evaluate
from ..deadline import NEVER
from ..errors import InputError
from ..preactivations.rational_rows import ExactProblem


def occurring_patterns(network, domain, *, deadline=NEVER):
    """Yield every pattern that occurs on ``domain`` once, a boolean array of shape (N,); ties are off.

    Depth first with one rational linear programme for each unit of each pattern: slow, exact, and
    constant in memory. A pattern may occur on a single point.

    Raises
    ------
    InputError
        An empty domain, when the first pattern is asked for.
    Late
        ``deadline`` came, which is looked at inside the linear programmes too.

    Examples
    --------
    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> touching = Network.of(([[1.0]], [0.0]), ([[1.0]], None))  # g = x
    >>> sorted(p.tolist() for p in occurring_patterns(touching, Box.cube(1, 0, 1)))
    [[False], [True]]
    """
    problem = ExactProblem(network, domain)
    # t > 0 in the homogenised whole space; the bounds of every other domain belong to it
    bounds = [], problem.domain_rows
    part = _Part(problem, *(bounds if domain.bounded else bounds[::-1]), deadline)
    if part.point is None:
        raise InputError(f"the domain {domain!r} is empty; loosen its rows or its box")
    starts = np.cumsum((0, *network.widths))
    yield from _patterns_below(problem, part, (), list(pairwise(starts)))


def _patterns_below(problem, part, signs, layers):
    """All patterns that begin with ``signs`` (whole layers) and occur in ``part``."""
    if not layers:
        yield np.array(signs, dtype=bool)
        return
    (start, stop), *deeper = layers
    rows = problem.rows(signs, len(problem.widths) - len(deeper))[start:stop]
    stack = [((), part)]
    while stack:
        new, smaller = stack.pop()
        if len(new) == len(rows):
            yield from _patterns_below(problem, smaller, (*signs, *new), deeper)
            continue
        row = rows[len(new)]
        for on, side in ((False, smaller.off(row)), (True, smaller.on(row))):
            if side is not None:
                stack.append(((*new, on), side))


class _Part:
    """A part of the domain: ``strict`` rows > 0, ``weak`` rows >= 0, and a rational point of it."""

    def __init__(self, problem, strict, weak, deadline, point=None):
        self.problem, self.strict, self.weak = problem, strict, weak
        self.deadline = deadline
        self.point = self._some_point() if point is None else point

    def on(self, row):
        """The part where ``row`` is positive, or None."""
        at_point = evaluate(row, self.point)
        point = self.point if at_point > 0 else self._point_above(row, at_point)
        if point is None:
            return None
        return _Part(self.problem, [*self.strict, row], self.weak, self.deadline, point)

    def off(self, row):
        """The part where ``row`` is at most zero, or None."""
        known = self.point if evaluate(row, self.point) <= 0 else None
        weak = [*self.weak, [-v for v in row]]
        part = _Part(self.problem, self.strict, weak, self.deadline, known)
        return None if part.point is None else part

    def _point_above(self, row, at_point):
        # the part is dense in its closure, so what the closure reaches the part reaches too
        closure = [*self.strict, *self.weak]
        lower, upper = self.problem.lower, self.problem.upper
        top, far = maximum(row, closure, lower, upper, enough=ZERO, deadline=self.deadline)
        if far is None:
            return None
        # short of the far point, where strict rows may be zero: there the row is top / 2
        share = (top / 2 - at_point) / (top - at_point)
        return [p + share * (q - p) for p, q in zip(self.point, far, strict=True)]

    def _some_point(self):
        # one more variable s in [0, 1], maximised subject to row(y) >= s for the strict rows
        rows = [[*row[:-1], -ONE, row[-1]] for row in self.strict]
        rows += [[*row[:-1], ZERO, row[-1]] for row in self.weak]
        objective = [ZERO] * len(self.problem.lower) + [ONE, ZERO]
        lower, upper = [*self.problem.lower, ZERO], [*self.problem.upper, ONE]
        best = maximum(objective, rows, lower, upper, enough=ZERO, deadline=self.deadline)
        return None if best is None or best[1] is None else best[1][:-1]
