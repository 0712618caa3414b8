"""One cell in rational arithmetic: which of its sides bound it, and doubles strictly inside it."""

from functools import cached_property, lru_cache

import numpy as np

from ..arithmetic.linear_programme import interior_point, maximum
from ..arithmetic.rationals import ZERO, evaluate, nearest, rational
from ..domain import Polytope, WholeSpace
from ..preactivations.rational_rows import ExactProblem
from ..preactivations.replay import Replay

# Sizes within which a double strictly inside an unbounded cell is looked for, smallest first: 2 to these powers.
SIZES = (0, 10, 20, 30, 40, 60, 100, 300, 1000)
# Entries of a rational programme; above it a side costs seconds.
AFFORDABLE = 4000


class ExactCell:
    """The cell of ``pattern`` of a network on a domain."""

    def __init__(self, network, domain, pattern):
        self.network, self.domain, self.pattern = network, domain, pattern

    @cached_property
    def rows(self):
        """Pre-activations on the cell, with the signs that make them nonnegative there."""
        signs = np.where(self.pattern, 1, -1)
        rows = _problem(self.network, self.domain).rows(signs, len(self.network.widths))
        return [
            row if on else [-v for v in row] for row, on in zip(rows, self.pattern, strict=True)
        ]

    @cached_property
    def sides(self):
        """All sides in the order of `Region.halfspaces`, nonnegative inside."""
        return [*self.rows, *_outer(self.domain)]

    @property
    def is_small(self):
        """Whether programmes over the sides take moments."""
        count = self.network.n_units + 2 * self.domain.n0 + len(self.domain.cuts()[1])
        return count * (len(self.domain.exact_hull().lower) + 1) <= AFFORDABLE

    def is_redundant(self, side, others):
        """Whether the sides ``others`` imply ``side``."""
        hull = self.domain.exact_hull()
        reach = max(map(abs, (*hull.lower, *hull.upper)))
        if self.domain.bounded:  # bounds of the box are sides themselves
            lower, upper = [-4 * reach - 4] * len(hull.lower), [4 * reach + 4] * len(hull.upper)
        else:
            lower, upper = hull.lower, hull.upper
        goal = [-v for v in self.sides[side]]
        best = maximum(goal, [self.sides[i] for i in others], lower, upper, enough=ZERO)
        return best is None or best[0] <= 0

    def contains(self, x):
        """Whether the double ``x`` (n0,) is strictly inside: each unit has its sign there, and the domain holds it."""
        if not (np.isfinite(x).all() and self._in_domain(x)):
            return False
        return self._by_floats(x) or self._exactly(x)

    def inner_point(self):
        """A double strictly inside the cell, or None when those that were looked at are not."""
        for point in self._candidates():
            x = np.array([nearest(v) for v in point])
            if self.contains(x):
                return x
        return None

    def _candidates(self):
        if self.domain.bounded:
            hull = self.domain.exact_hull()
            rows = [row for row in (*self.rows, *hull.rows) if any(row)]  # zero everywhere: off
            y = interior_point(rows, hull.lower, hull.upper)
            if y is not None:
                yield [evaluate(row, y) for row in hull.inputs]
            return
        # a cone is seen best from its apex: the smaller the numbers, the finer the doubles
        n = self.domain.n0
        for size in SIZES:
            reach = rational(2.0**size)
            # t = 1; a distance of 1 is as much as is asked for, so it must mean something at this size
            rows = [[v / reach for v in row[:-1]] for row in self.rows if any(row)]
            point = interior_point(rows, [-reach] * n, [reach] * n)
            if point is not None:
                yield point

    def _in_domain(self, x):
        if isinstance(self.domain, Polytope):
            A, b = self.domain.A[self.domain.telling], self.domain.b[self.domain.telling]
            at = [rational(v) for v in x]
            rows = [[*(-rational(v) for v in a), rational(c)] for a, c in zip(A, b, strict=True)]
            return self.domain.box.contains(x) and all(evaluate(row, at) > 0 for row in rows)
        return bool(self.domain.contains(x))

    def _by_floats(self, x):
        signs = np.concatenate([np.zeros((1, 0)), *self._replay.signs(x[None])], axis=1)[0]
        return bool((signs == np.where(self.pattern, 1, -1)).all())

    def _exactly(self, x):
        start = 0
        for g in self._replay.exact_preactivations(x):
            for unit, value in enumerate(g, start=start):
                if (value > 0) != self.pattern[unit]:
                    return False
                if value == 0 and any(
                    self.rows[unit]
                ):  # on the border; but what is zero everywhere is off
                    return False
            start += len(g)
        return True

    @property
    def _replay(self):
        return Replay(self.network, WholeSpace(self.network.n0))


@lru_cache(maxsize=2)
def _problem(network, domain):
    return ExactProblem(network, domain)


def _outer(domain):
    """The sides of a domain in the order of `Region.halfspaces`."""
    if not domain.bounded:
        return []
    inputs, rows = domain.exact_hull().inputs, []
    for a, b in zip(*domain.sides(), strict=True):
        total = [*([ZERO] * (len(inputs[0]) - 1)), rational(b)]
        for v, x in zip(a, inputs, strict=True):
            if v:
                total = [t - rational(v) * c for t, c in zip(total, x, strict=True)]
        rows.append(total)
    return rows
