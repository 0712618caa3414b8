"""What floating point leaves open, decided in rational arithmetic: is a set of units a face of one parent?

With ties the cells of a parent still are as many as certain sets S, one for each pair (Zaslavsky 1977, Rota's broken
circuits): (i) the flat where S vanishes meets the open parent, (ii) the linear parts of S are independent, (iii) no
other unit that vanishes on all of the flat comes before every unit of S that it depends on. Sets that leaves prove are
of this kind, and sets that they refute are not, so the sum is the count and nothing is enumerated.
"""

from flint import fmpq, fmpq_mat

from ..arithmetic.linear_programme import maximum
from ..arithmetic.rationals import ONE, ZERO, evaluate, rational
from ..deadline import NEVER
from ..preactivations.rational_rows import ExactProblem

# A share of the box about its centre: points that a linear programme finds there are not on its boundary.
INNER = fmpq(2**20 - 1, 2**20)


class Judge:
    """Decides open nodes of the tree over a `regions.faces.problem.Problem`."""

    def __init__(self, problem):
        self._problem = problem
        self._exact = ExactProblem(problem.network, problem.domain)
        self._before = sum(problem.network.widths[: len(problem.kept) - 1])
        self._parents = {}

    def faces(self, sig, mode, point, deadline=NEVER):
        """How many sets of an open node are faces; those with mode 1 are in, -1 out, 0 free. ``point`` is near one, in y.

        Raises `regions.deadline.Late` when ``deadline`` comes.
        """
        key = sig.tobytes()
        if key not in self._parents:
            self._parents = {key: self._parent(sig)}  # nodes of one parent come together
        parent = self._parents[key]
        if parent is None:
            return 0
        inside = [k for k, side in enumerate(mode) if side > 0]
        free = [k for k, side in enumerate(mode) if side == 0]
        return self._below(parent, inside, free, [rational(v) for v in point], deadline)

    def _below(self, parent, inside, free, near, deadline):
        cell, last = parent
        flat = [last[k] for k in inside]
        if not _independent(flat):
            return 0
        point = self._meet(cell, flat, near, deadline)
        if point is None:
            return 0
        if not free:
            return int(_first_of_its_circuits(last, inside, point))
        more = sorted([*inside, free[0]])
        with_it = self._below(parent, more, free[1:], point, deadline)
        return with_it + self._below(parent, inside, free[1:], point, deadline)

    def _parent(self, sig):
        """``(rows positive inside, rows of the last layer)``, or None when there is none by structure."""
        problem, a = self._problem, self._problem.arrays
        signs = problem.signs(sig)
        rows = self._exact.rows(signs, len(problem.kept))
        starts = _starts(problem.network.widths)
        units = [
            start + k for start, kept in zip(starts, problem.kept[:-1], strict=False) for k in kept
        ]
        cell = list(self._exact.domain_rows)
        for place, unit in enumerate(units):
            row = rows[unit]
            if a.loose[place]:
                continue
            if any(v != 0 for v in row[:-1]):
                cell.append(row if sig[place] > 0 else [-v for v in row])
            elif (row[-1] > 0) != (sig[place] > 0):
                return None
        return cell, [rows[self._before + k] for k in problem.kept[-1]]

    def _meet(self, cell, flat, near, deadline):
        """A point of the open parent on the flat, or None."""
        point = _projected(near, flat)
        if self._is_inside(cell, point):
            return point
        lower, upper = self._exact.lower, self._exact.upper
        centre = [(low + high) / 2 for low, high in zip(lower, upper, strict=True)]
        ends = [
            [c + INNER * (v - c) for c, v in zip(centre, side, strict=True)]
            for side in (lower, upper)
        ]
        point = _strict_point(cell, flat, *ends, deadline)
        if point is not None or _strict_point(cell, flat, lower, upper, deadline) is None:
            return point
        sides = [_bound_row(d, v, len(lower)) for d, v in enumerate(zip(lower, upper, strict=True))]
        sides = [*cell, *(row for pair in sides for row in pair)]
        return _strict_point(sides, flat, lower, upper, deadline)

    def _is_inside(self, cell, point):
        box = zip(self._exact.lower, point, self._exact.upper, strict=True)
        return all(low < v < high for low, v, high in box) and all(
            evaluate(row, point) > 0 for row in cell
        )


def _starts(widths):
    starts = [0]
    for n in widths:
        starts.append(starts[-1] + n)
    return starts


def _independent(rows):
    """Whether the linear parts are independent."""
    return not rows or fmpq_mat([row[:-1] for row in rows]).rref()[1] == len(rows)


def _coefficients(rows, target):
    """``c`` with ``target = sum of c_i rows_i`` in the linear parts, if there is one; rows are independent."""
    linear = fmpq_mat([row[:-1] for row in rows])
    wanted = fmpq_mat(len(target) - 1, 1, target[:-1])
    return (linear * linear.transpose()).solve(linear * wanted).entries()


def _first_of_its_circuits(last, inside, point):
    """Condition (iii) for independent units ``inside`` that vanish at ``point`` of the parent."""
    for k, row in enumerate(last):
        if k in inside or evaluate(row, point) != 0 or all(v == 0 for v in row[:-1]):
            continue
        if not inside:
            continue
        weights = _coefficients([last[i] for i in inside], row)
        sums = [
            sum((w * last[i][d] for w, i in zip(weights, inside, strict=True)), ZERO)
            for d in range(len(row))
        ]
        if sums == row and k < min(i for w, i in zip(weights, inside, strict=True) if w != 0):
            return False
    return True


def _projected(point, flat):
    """The nearest point on the flat of independent rows."""
    if not flat:
        return point
    linear = fmpq_mat([row[:-1] for row in flat])
    values = fmpq_mat(len(flat), 1, [evaluate(row, point) for row in flat])
    move = (linear.transpose() * (linear * linear.transpose()).solve(values)).entries()
    return [v - m for v, m in zip(point, move, strict=True)]


def _strict_point(cell, flat, lower, upper, deadline):
    """A point of the box on the flat where all rows of the cell are positive, or None."""
    # one more variable s in [0, 1], maximised subject to row >= s
    rows = [[*row[:-1], -ONE, row[-1]] for row in cell]
    for row in flat:
        rows.append([*row[:-1], ZERO, row[-1]])
        rows.append([*(-v for v in row[:-1]), ZERO, -row[-1]])
    objective = [ZERO] * len(lower) + [ONE, ZERO]
    best = maximum(objective, rows, [*lower, ZERO], [*upper, ONE], enough=ZERO, deadline=deadline)
    return None if best is None or best[1] is None else best[1][:-1]


def _bound_row(d, ends, k):
    """Both bounds of coordinate d as rows that are positive inside."""
    low, high = ([ONE if e == d else ZERO for e in range(k)] for _ in range(2))
    return [*low, -ends[0]], [*(-v for v in high), ends[1]]
