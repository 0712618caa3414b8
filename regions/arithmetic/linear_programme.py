"""Linear programmes in rational arithmetic: the judge of whatever floating point cannot settle.

`maximum` solves one with no rounding at all, `sides` asks two of them: slow, always right.
"""

from dataclasses import dataclass

from ..errors import InputError
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
    end = _by_violated_rows(objective, rows, lower, upper, enough)
    return None if end is None else end[:2]


def refuting_multipliers(objective, rows, lower, upper):
    """Multipliers m >= 0, one per row, that prove ``objective <= 0`` on the set of `maximum`; None when it is not.

    Weak duality: ``objective + m @ rows`` is at most zero on all of the box. None also when the set is empty.

    >>> row = [ONE, ZERO - ONE]  # y - 1
    >>> refuting_multipliers([-ONE, ONE / 2], [row], [ZERO], [ONE * 2])  # 1/2 - y where y >= 1
    [1]
    """
    end = _by_violated_rows(objective, rows, lower, upper, ZERO)
    return end[2] if end is not None and end[0] <= 0 else None


def _by_violated_rows(objective, rows, lower, upper, enough):
    """``(value, point, multipliers of the rows)`` of `maximum`, or None when the set is empty.

    Rows enter when the best point so far violates them, the farthest first: a cell has many rows, and a plane
    through hundreds of inputs has thousands, of which a handful matter.
    """
    known = []
    while True:
        end = _dual_simplex(objective, [rows[i] for i in known], lower, upper, enough)
        if end is None:
            return None
        value, point, multipliers = end
        worst = None if point is None else _farthest(rows, point)
        if worst is None:
            spread = [ZERO] * len(rows)
            for i, multiplier in zip(known, multipliers, strict=True):
                spread[i] = multiplier
            return value, point, spread
        known.append(worst)


def _farthest(rows, point):
    """The index of the row that ``point`` violates by the largest share of its size, or None."""
    worst, which = ZERO, None
    for i, row in enumerate(rows):
        value = evaluate(row, point)
        if value < 0:
            share = value / max(map(abs, row))  # no float: it may overflow
            if which is None or share < worst:
                worst, which = share, i
    return which


def _dual_simplex(objective, rows, lower, upper, enough):
    """``(value, point, multipliers of the rows)`` of `maximum`, or None when the set is empty.

    A bounded dual simplex on a dense dictionary with Bland's rule, so that it ends: the bounds are
    finite, hence the box optimum is a dual feasible start, and every step lowers the dual bound.
    """
    k, m = len(lower), len(rows)
    low = [*lower, *([ZERO] * m)]
    high = [*upper, *([None] * m)]
    nonbasic, basic = list(range(k)), list(range(k, k + m))
    table = [list(row) for row in rows]  # basic_i = table[i][-1] + sum_j table[i][j] * nonbasic_j
    top = list(objective)
    value_of = [high[j] if top[j] > 0 else low[j] for j in range(k)]
    while True:
        bound = top[-1] + sum((t * v for t, v in zip(top, value_of, strict=False) if t and v), ZERO)
        if enough is not None and bound <= enough:
            return enough, None, _multipliers(top, nonbasic, k, m)
        values = [
            row[-1] + sum((t * v for t, v in zip(row, value_of, strict=False) if t and v), ZERO)
            for row in table
        ]
        leaving = _violated(basic, values, low, high)
        if leaving is None:
            point = _point(k, basic, values, nonbasic, value_of)
            return bound, point, _multipliers(top, nonbasic, k, m)
        r, rising = leaving
        j = _entering(table[r], top, nonbasic, value_of, low, rising)
        if j is None:
            return None
        target = low[basic[r]] if rising else high[basic[r]]
        _pivot(table, top, r, j)
        basic[r], nonbasic[j] = nonbasic[j], basic[r]
        value_of[j] = target


def _multipliers(top, nonbasic, k, m):
    """What the objective row says of the rows: minus the coefficients of their slacks."""
    out = [ZERO] * m
    for coefficient, variable in zip(top, nonbasic, strict=False):
        if variable >= k:
            out[variable - k] = -coefficient
    return out


def _violated(basic, values, low, high):
    """``(row, whether it must rise)`` of the violated basic variable of least index, or None."""
    worst = None
    for r, (variable, value) in enumerate(zip(basic, values, strict=True)):
        rising = value < low[variable]
        if (rising or (high[variable] is not None and value > high[variable])) and (
            worst is None or variable < basic[worst[0]]
        ):
            worst = r, rising
    return worst


def _entering(row, top, nonbasic, value_of, low, rising):
    """Dual ratio test; ties go to the variable of least index (Bland)."""
    best = None
    for j, variable in enumerate(nonbasic):
        t = row[j]
        if t == 0:
            continue
        at_low = value_of[j] == low[variable]
        if (t > 0) != (rising == at_low):
            continue
        key = (abs(top[j] / t), variable)
        if best is None or key < best[0]:
            best = key, j
    return None if best is None else best[1]


def _pivot(table, top, r, j):
    """Exchange basic ``r`` with nonbasic ``j``."""
    row = table[r]
    inverse = ONE / row[j]
    row[:] = [-v * inverse if v else v for v in row]
    row[j] = inverse
    for other in (*table, top):
        factor = other[j]
        if other is row or not factor:
            continue
        other[j] = ZERO
        for d, v in enumerate(row):
            if v:
                other[d] += factor * v


def _point(k, basic, values, nonbasic, value_of):
    point = [ZERO] * k
    for variable, value in (
        *zip(basic, values, strict=True),
        *zip(nonbasic, value_of, strict=True),
    ):
        if variable < k:
            point[variable] = value
    return point


def interior_point(rows, lower, upper):
    """A point of the box where every row is strictly positive, or None when there is none.

    Such a point makes the set full-dimensional: it has a neighbourhood on which the rows stay
    positive, and that meets the interior of the box.
    """
    # one more variable s in [0, 1], maximised subject to row(y) >= s
    wide = [[*row[:-1], -ONE, row[-1]] for row in rows]
    objective = [ZERO] * len(lower) + [ONE, ZERO]
    best = maximum(objective, wide, [*lower, ZERO], [*upper, ONE], enough=ZERO)
    return None if best is None or best[1] is None else best[1][:-1]


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
