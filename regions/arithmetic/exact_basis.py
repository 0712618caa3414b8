"""A basis of a linear programme in whole numbers: its multipliers, its point, and pivots from there.

A basis names k of the k + m variables, coordinates and slacks of rows, that are at a bound. One linear solve by FLINT
gives the multipliers and one the point; signs say what they prove. A bounded dual simplex with Bland's rule goes on from
any basis.
"""

from typing import NamedTuple

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from .rationals import ONE, ZERO


class End(NamedTuple):
    """Where a programme ended: a bound on its maximum, which ``point`` attains if there is one.

    ``multipliers`` prove it: a `fmpq` >= 0 for each row, by weak duality over the box. Multiples of rows of whole numbers.
    """

    value: fmpq
    point: list | None
    multipliers: list


def multipliers_at(objective, rows, box, nonbasic):
    """``(End without a point, slopes)`` by the multipliers of a basis, or None when they have wrong signs.

    Rows are lists of k + 1 whole numbers. ``slopes`` are what is left of the objective, times a positive number.
    """
    tight, free = _split(len(box.low), nonbasic)
    total, denominator = list(objective), fmpz(1)
    spread = [ZERO] * len(rows)
    if tight:
        # the weighted sum of objective and tight rows has no slope in the free coordinates
        system = fmpz_mat(len(free), len(tight), [rows[i][d] for d in free for i in tight])
        target = fmpz_mat(len(free), 1, [-objective[d] for d in free])
        solved, denominator = _solve(system, target)
        if solved is None or any(v < 0 for v in solved):
            return None
        total = [v * denominator for v in objective]
        for i, weight in zip(tight, solved, strict=True):
            if weight:
                total = [t + weight * v for t, v in zip(total, rows[i], strict=True)]
                spread[i] = fmpq(weight, denominator)
    value = fmpq(box.highest(total), denominator * box.scale)
    return End(value, None, spread), total


def point_at(rows, box, nonbasic, at_upper, slopes):
    """The vertex of a basis as a list of ``fmpq``, or None when it leaves the set.

    Coordinates at a bound are where ``slopes`` want them, and where those are zero where ``at_upper`` says.
    """
    k = len(box.low)
    tight, free = _split(k, nonbasic)
    at = [None] * k
    for variable, upper in zip(nonbasic, at_upper, strict=True):
        if variable < k:
            slope = slopes[variable]
            at[variable] = (
                box.high[variable] if slope > 0 or (slope == 0 and upper) else box.low[variable]
            )
    denominator, solved = fmpz(1), []
    if tight:
        system = fmpz_mat(len(tight), len(free), [rows[i][d] for i in tight for d in free])
        known = [d for d in range(k) if at[d] is not None]
        target = [
            -(rows[i][-1] * box.scale + sum((rows[i][d] * at[d] for d in known), fmpz(0)))
            for i in tight
        ]
        solved, denominator = _solve(system, fmpz_mat(len(tight), 1, target))
        if solved is None:
            return None
    values = [None if v is None else v * denominator for v in at]
    for d, v in zip(free, solved, strict=True):
        values[d] = v
    denominator *= box.scale
    if not box.holds(values, denominator) or lowest(rows, values, denominator) < 0:
        return None
    return [fmpq(v, denominator) for v in values]


def lowest(rows, values, denominator):
    """The least value of the rows at the point ``values / denominator`` > 0, times the denominator; 0 without rows."""
    return min(_at(rows, values, denominator), default=fmpz(0))


def signs_at(rows, values, denominator):
    """The signs of the rows, each a `Row`, at the point ``values / denominator`` > 0."""
    at = _at([row.values for row in rows], values, denominator)
    return [(v > 0) - (v < 0) for v in at]


def pivot_from(objective, rows, box, nonbasic, at_upper, enough, deadline):
    """The `End` of a programme by pivots from any basis, or None when its set is empty.

    Rows enter when the best point so far violates them, the farthest first: a cell has many rows, and a plane
    through hundreds of inputs has thousands, of which a handful matter.

    Raises
    ------
    Late
        The ``deadline`` came.
    """
    k = len(box.low)
    known = [variable - k for variable in nonbasic if variable >= k]
    place = {k + i: k + position for position, i in enumerate(known)}
    basis = [place.get(variable, variable) for variable in nonbasic], list(at_upper)
    sizes = [max(map(abs, row)) or 1 for row in rows]
    while True:
        simplex = _DualSimplex(objective, [rows[i] for i in known], box, *basis)
        end = simplex.run(enough, deadline)
        if end is None:
            return None
        spread = [ZERO] * len(rows)
        for i, multiplier in zip(known, end.multipliers, strict=True):
            spread[i] = multiplier
        worst = None
        if end.point is not None:
            values, denominator = fmpq_mat(1, k, end.point).numer_denom() if k else (None, fmpz(1))
            at = _at(rows, values.entries() if k else [], denominator)
            violated = [
                (fmpq(v, size), i)
                for i, (v, size) in enumerate(zip(at, sizes, strict=True))
                if v < 0
            ]
            worst = min(violated)[1] if violated else None
        if worst is None:
            return End(end.value, end.point, spread)
        known.append(worst)
        basis = simplex.basis


class _DualSimplex:
    """A dense dictionary over few rows; Bland's rule, so that it ends.

    All variables have two finite bounds, a slack its greatest value on the box. So any basis is dual feasible, with each
    nonbasic variable at the bound that the objective wants, and every step lowers the bound on the maximum.
    """

    def __init__(self, objective, rows, box, nonbasic, at_upper):
        self.k, self.m = len(box.low), len(rows)
        self.low = [*box.lower, *([ZERO] * self.m)]
        self.high = [*box.upper, *(fmpq(box.highest(row), box.scale) for row in rows)]
        self.nonbasic = list(nonbasic)
        chosen = set(nonbasic)
        self.basic = [v for v in range(self.k + self.m) if v not in chosen]
        self.table, self.top = _dictionary([*rows, objective], self.k, self.nonbasic, self.basic)
        self.value_of = [
            self.high[v] if t > 0 or (t == 0 and upper) else self.low[v]
            for v, t, upper in zip(self.nonbasic, self.top, at_upper, strict=False)
        ]

    @property
    def basis(self):
        """``(nonbasic variables, whether they are at their upper bounds)``."""
        at_upper = [
            value == self.high[v] for v, value in zip(self.nonbasic, self.value_of, strict=True)
        ]
        return self.nonbasic, at_upper

    def run(self, enough, deadline):
        """The `End`, or None when the set is empty."""
        if any(high < low for low, high in zip(self.low, self.high, strict=True)):
            return None
        while True:
            deadline.check()
            bound = self._value(self.top)
            if enough is not None and bound <= enough:
                return End(enough, None, self._multipliers())
            values = [self._value(row) for row in self.table]
            leaving = self._violated(values)
            if leaving is None:
                return End(bound, self._point(values), self._multipliers())
            r, rising = leaving
            j = self._entering(self.table[r], rising)
            if j is None:
                return None
            target = (self.low if rising else self.high)[self.basic[r]]
            _pivot(self.table, self.top, r, j)
            self.basic[r], self.nonbasic[j] = self.nonbasic[j], self.basic[r]
            self.value_of[j] = target

    def _value(self, row):
        return row[-1] + sum(
            (t * v for t, v in zip(row, self.value_of, strict=False) if t and v), ZERO
        )

    def _multipliers(self):
        """What the objective row says of the rows: minus the coefficients of slacks at zero, no more than that."""
        out = [ZERO] * self.m
        for coefficient, variable in zip(self.top, self.nonbasic, strict=False):
            if variable >= self.k and coefficient < 0:
                out[variable - self.k] = -coefficient
        return out

    def _violated(self, values):
        """``(row, whether it must rise)`` of the violated basic variable of least index, or None."""
        worst = None
        for r, (variable, value) in enumerate(zip(self.basic, values, strict=True)):
            rising = value < self.low[variable]
            if (rising or value > self.high[variable]) and (
                worst is None or variable < self.basic[worst[0]]
            ):
                worst = r, rising
        return worst

    def _entering(self, row, rising):
        """Dual ratio test; ties go to the variable of least index (Bland)."""
        best = None
        for j, variable in enumerate(self.nonbasic):
            t = row[j]
            if t == 0:
                continue
            at_low = self.value_of[j] == self.low[variable]
            if (t > 0) != (rising == at_low):
                continue
            key = (abs(self.top[j] / t), variable)
            if best is None or key < best[0]:
                best = key, j
        return None if best is None else best[1]

    def _point(self, values):
        point = [ZERO] * self.k
        for variables, at in ((self.basic, values), (self.nonbasic, self.value_of)):
            for variable, value in zip(variables, at, strict=True):
                if variable < self.k:
                    point[variable] = value
        return point


def _dictionary(rows, k, nonbasic, basic):
    """``(basic variables, last row)`` as functions of the nonbasic variables; the last row has no slack."""
    tight, free = _split(k, nonbasic)
    fixed = [d for d in range(k) if d not in set(free)]
    columns = {v: j for j, v in enumerate([*(k + i for i in tight), *fixed])}
    # each coordinate as a function of the slacks of the tight rows and of the fixed coordinates
    coordinates = fmpq_mat(k, len(columns) + 1)
    for d in fixed:
        coordinates[d, columns[d]] = ONE
    if tight:
        inverse = fmpz_mat(len(tight), len(free), [rows[i][d] for i in tight for d in free]).inv()
        rest = fmpq_mat(len(tight), len(columns) + 1)
        for a, i in enumerate(tight):
            rest[a, a] = ONE
            for d in fixed:
                rest[a, columns[d]] = -fmpq(rows[i][d])
            rest[a, len(columns)] = -fmpq(rows[i][-1])
        product = inverse * rest
        for a, d in enumerate(free):
            for j in range(len(columns) + 1):
                coordinates[d, j] = product[a, j]
    wanted = [rows[v - k] for v in basic if v >= k] + [rows[-1]]
    slopes = fmpq_mat(fmpz_mat(len(wanted), k, [v for row in wanted for v in row[:-1]]))
    product = (slopes * coordinates).tolist()
    for row, source in zip(product, wanted, strict=True):
        row[-1] += source[-1]
    coordinates = coordinates.tolist()
    order = [columns[v] for v in nonbasic] + [len(columns)]
    table = [coordinates[v] for v in basic if v < k] + product
    table = [[row[j] for j in order] for row in table]
    return table[:-1], table[-1]


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


def _split(k, nonbasic):
    """``(rows that are tight, coordinates that are free)`` of a basis."""
    chosen = set(nonbasic)
    return [v - k for v in nonbasic if v >= k], [d for d in range(k) if d not in chosen]


def _solve(system, target):
    """``(numerators, denominator > 0)`` of the solution, or ``(None, None)`` for a singular matrix."""
    try:
        solved, denominator = system.solve(target).numer_denom()
    except ZeroDivisionError:
        return None, None
    return solved.entries(), denominator


def _at(rows, values, denominator):
    """The rows at the point ``values / denominator``, times the denominator."""
    if not rows:
        return []
    k = len(rows[0]) - 1
    stacked = fmpz_mat(len(rows), k + 1, [v for row in rows for v in row])
    return (stacked * fmpz_mat(k + 1, 1, [*values, denominator])).entries()
