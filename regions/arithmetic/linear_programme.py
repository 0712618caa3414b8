"""Linear programmes in rational arithmetic: the judge of whatever floating point cannot settle.

`maximum` solves one with no rounding at all, `sides` asks two of them: always right. A `judge.Judge` does the work.
"""

from dataclasses import dataclass

from flint import fmpq

from ..errors import InputError
from .integers import Row, WholeBox
from .judge import Judge
from .rationals import ONE, ZERO, evaluate, rational


@dataclass(frozen=True)
class ExactHull:
    """A domain's polyhedron with rational entries: see `regions.domain.Polyhedron`."""

    inputs: list  # n0 rows: x as affine functions of y
    one: list  # the row of the constant 1
    rows: list  # nonnegative inside
    lower: list
    upper: list


def exact_hull(domain):
    """The polyhedron of a domain without any rounding.

    An unbounded domain is homogenised: its coordinates are (x, t) in [-1, 1]^n x [0, 1], and every
    cell of the whole space is the cone over it, cut by that box.
    """
    from ..domain import AffineSlice, Box, Polytope, WholeSpace

    if isinstance(domain, WholeSpace):
        n = domain.n0
        unit = [[ONE if d == i else ZERO for d in range(n + 2)] for i in range(n + 1)]
        # t > 0 is a row as well, so that an interior point can be scaled back to t = 1
        return ExactHull(unit[:n], unit[n], [unit[n]], [-ONE] * n + [ZERO], [ONE] * (n + 1))
    if isinstance(domain, AffineSlice):
        directions = [[rational(v) for v in row] for row in domain.directions]
        inputs = [
            [direction[j] for direction in directions] + [rational(domain.origin[j])]
            for j in range(domain.n0)
        ]
        rows = []
        for j, x in enumerate(inputs):
            if any(v != 0 for v in x[:-1]):
                rows.append([*(-v for v in x[:-1]), rational(domain.box.upper[j]) - x[-1]])
                rows.append([*x[:-1], x[-1] - rational(domain.box.lower[j])])
        reach = [rational(v) for v in slice_reach(domain)]
        one = [ZERO] * len(directions) + [ONE]
        return ExactHull(inputs, one, rows, [-r for r in reach], reach)
    box = domain.box if isinstance(domain, Polytope) else domain
    if not isinstance(box, Box):
        raise InputError(f"{type(domain).__name__} is not a domain that the exact engine knows")
    free = [j for j in range(box.n0) if box.lower[j] < box.upper[j]]
    place = {j: d for d, j in enumerate(free)}
    one = [ZERO] * len(free) + [ONE]

    def row(coefficients, constant):
        out = [ZERO] * len(free) + [constant]
        for j, v in coefficients:
            if j in place:
                out[place[j]] += v
            else:
                out[-1] += v * rational(box.lower[j])
        return out

    inputs = [row([(j, ONE)], ZERO) for j in range(box.n0)]
    rows = []
    if isinstance(domain, Polytope):
        for a, b in zip(domain.A[domain.telling], domain.b[domain.telling], strict=True):
            rows.append(row([(j, -rational(v)) for j, v in enumerate(a) if v], rational(b)))
    lower = [rational(box.lower[j]) for j in free]
    upper = [rational(box.upper[j]) for j in free]
    return ExactHull(inputs, one, rows, lower, upper)


def maximum(objective, rows, lower, upper, *, enough=None):
    """Maximise ``objective`` over ``{lower <= y <= upper, row(y) >= 0 for all rows}``, exactly.

    Returns ``(value, point)``, or None when the set is empty. With ``enough`` the search may stop
    as soon as the maximum is known to be at most that value; it then returns ``(enough, None)``.
    """
    goal = Row.of(objective)
    wanted = None if enough is None else enough * fmpq(goal.scale)
    end = Judge().maximum(goal, [*map(Row.of, rows)], WholeBox(lower, upper), enough=wanted)
    return None if end is None else (end.value / goal.scale, end.point)


def refuting_multipliers(objective, rows, lower, upper):
    """Multipliers m >= 0, one per row, that prove ``objective <= 0`` on the set of `maximum`; None when it is not.

    Weak duality: ``objective + m @ rows`` is at most zero on all of the box. None also when the set is empty.

    >>> row = [ONE, ZERO - ONE]  # y - 1
    >>> refuting_multipliers([-ONE, ONE / 2], [row], [ZERO], [ONE * 2])  # 1/2 - y where y >= 1
    [1]
    """
    goal, whole = Row.of(objective), [*map(Row.of, rows)]
    end = Judge().maximum(goal, whole, WholeBox(lower, upper), enough=ZERO)
    if end is None or end.value > 0:
        return None
    return [m * row.scale / goal.scale for m, row in zip(end.multipliers, whole, strict=True)]


def interior_point(rows, lower, upper):
    """A point of the box where every row is strictly positive, or None when there is none.

    Such a point makes the set full-dimensional: it has a neighbourhood on which the rows stay
    positive, and that meets the interior of the box.
    """
    return Judge().interior_point([*map(Row.of, rows)], WholeBox(lower, upper))


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


def slice_reach(domain):
    """Bounds r with ``|y| <= r`` on a slice, as floats.

    With P an approximate left inverse of the directions, ``y = P (x - origin) - E y`` where
    ``E = P D - I`` is tiny; the allowance of one part in a million pays for E and for rounding. Inputs are
    scaled by powers of two first, so that neither they nor their differences overflow.
    """
    import numpy as np

    box = domain.box
    sizes = np.maximum(np.maximum(np.abs(box.lower), np.abs(box.upper)), np.abs(domain.origin))
    exponents = np.frexp(sizes)[1] + 1
    lower, upper, origin, directions = (
        np.ldexp(values, -exponents)
        for values in (box.lower, box.upper, domain.origin, domain.directions)
    )
    # a direction that overflows here leaves the box at once; one that is lost here hardly moves in it
    if not np.isfinite(directions).all():
        raise InputError(
            "a direction of the slice is more than 1e300 times as long as its box; scale the directions down"
        )
    inverse = np.linalg.pinv(directions).T
    error = np.abs(inverse @ directions.T - np.eye(len(directions))).sum(axis=1).max()
    if not error <= 1e-8:
        raise InputError(
            f"the directions of the slice are nearly dependent (left inverse off by {error:.1e}); "
            "orthogonalise them"
        )
    far = np.maximum(np.abs(upper - origin), np.abs(lower - origin))
    reach = (np.abs(inverse) @ far).max() * np.ones(len(directions)) * (1 + 1e-6) + 1e-290
    if not np.isfinite(reach).all():
        raise InputError(
            "coordinates of the slice exceed 1.8e308 inside its box; scale the directions up"
        )
    return reach
