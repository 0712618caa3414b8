"""Linear programmes in rational arithmetic: the judge of whatever floating point cannot settle.

`maximum` solves one with no rounding at all, `sides` asks two of them: always right. A `judge.Judge` does the work.
"""

from flint import fmpq

from ..deadline import NEVER
from .integers import Row, WholeBox
from .judge import Judge
from .rationals import ZERO, evaluate


def maximum(objective, rows, lower, upper, *, enough=None, deadline=NEVER):
    """Maximise ``objective`` over ``{lower <= y <= upper, row(y) >= 0 for all rows}``, exactly.

    Returns ``(value, point)``, or None when the set is empty. With ``enough`` the search may stop
    as soon as the maximum is known to be at most that value; it then returns ``(enough, None)``. Raises
    `regions.deadline.Late` when ``deadline`` comes.
    """
    goal = Row.of(objective)
    wanted = None if enough is None else enough * fmpq(goal.scale)
    end = Judge(deadline).maximum(goal, [*map(Row.of, rows)], WholeBox(lower, upper), enough=wanted)
    return None if end is None else (end.value / goal.scale, end.point)


def refuting_multipliers(objective, rows, lower, upper):
    """Multipliers m >= 0, one per row, that prove ``objective <= 0`` on the set of `maximum`; None when it is not.

    Weak duality: ``objective + m @ rows`` is at most zero on all of the box. None also when the set is empty.

    >>> from regions.arithmetic.rationals import ONE, ZERO
    >>> row = [ONE, ZERO - ONE]  # y - 1
    >>> refuting_multipliers([-ONE, ONE / 2], [row], [ZERO], [ONE * 2])  # 1/2 - y where y >= 1
    [1]
    """
    goal, whole = Row.of(objective), [*map(Row.of, rows)]
    end = Judge().maximum(goal, whole, WholeBox(lower, upper), enough=ZERO)
    if end is None or end.value > 0:
        return None
    return [m * row.scale / goal.scale for m, row in zip(end.multipliers, whole, strict=True)]


def interior_point(rows, lower, upper, *, deadline=NEVER):
    """A point of the box where every row is strictly positive, or None when there is none.

    Such a point makes the set full-dimensional: it has a neighbourhood on which the rows stay
    positive, and that meets the interior of the box. Raises `regions.deadline.Late` as `maximum` does.
    """
    return Judge(deadline).interior_point([*map(Row.of, rows)], WholeBox(lower, upper))


def sides(row, cell, lower, upper, witness):
    """On which sides of ``row`` the full-dimensional ``cell`` has points: a subset of (1, -1).

    ``witness`` is a point where every row of the cell is positive. An identically zero row is off: (-1,).
    """
    at_witness = evaluate(row, witness)
    if all(v == 0 for v in row[:-1]):
        return (1,) if at_witness > 0 else (-1,)
    # the witness may lie on the box, so a zero there proves neither side
    proved = (at_witness > 0) - (at_witness < 0)
    return tuple(
        side for side in (1, -1) if side == proved or _occurs(side, row, cell, lower, upper)
    )


def _occurs(side, row, cell, lower, upper):
    """Whether ``side * row`` is positive somewhere on a full-dimensional cell."""
    return maximum([side * v for v in row], cell, lower, upper, enough=ZERO)[1] is not None
