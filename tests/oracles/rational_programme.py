"""A linear programme in rational arithmetic: slow, short, and never wrong about a tie."""

from fractions import Fraction


def greatest_margin(rows, offsets, strict):
    """The largest t in [0, 1] with ``row @ y + offset >= t`` (``strict`` rows) or ``>= 0`` (others).

    ``rows`` are sequences of `Fraction` of one length k, ``y`` runs over all rational vectors.
    Returns None when not even t = 0 has a solution. Method: the criss-cross method with the
    least-index rule (Terlaky 1985), which needs no feasible start and cannot cycle.

    >>> one = Fraction(1)
    >>> greatest_margin([[one], [-one]], [0, one], [True, True])  # 0 < y < 1
    Fraction(1, 2)
    >>> print(greatest_margin([[one], [-one]], [0, -one], [False, False]))  # y >= 0 and y <= -1
    None
    """
    # y = p - q * (1, ..., 1) with p, q >= 0; the columns are p, q and t, all nonnegative.
    k = len(rows[0]) if rows else 0
    table = [
        [Fraction(offset), *row, -sum(row), Fraction(-1 if inside else 0)]
        for row, offset, inside in zip(rows, offsets, strict, strict=True)
    ]
    table.append([Fraction(1), *[Fraction(0)] * (k + 1), Fraction(-1)])  # t <= 1
    goal = [*[Fraction(0)] * (k + 2), Fraction(1)]
    return _criss_cross(table, goal)


def _criss_cross(table, goal):
    """Maximise the last column's variable over ``slack = table @ (1, v) >= 0``, ``v >= 0``."""
    n = len(goal) - 1
    outside, inside = list(range(n)), list(range(n, n + len(table)))  # names of columns and rows
    while True:
        bad_rows = [(inside[i], i, None) for i, row in enumerate(table) if row[0] < 0]
        bad_columns = [(outside[j], None, j) for j in range(n) if goal[j + 1] > 0]
        if not bad_rows and not bad_columns:
            return goal[0]
        _, i, j = min(bad_rows + bad_columns, key=lambda bad: bad[0])
        if i is None:
            leaving = [(inside[r], r) for r, row in enumerate(table) if row[j + 1] < 0]
            i = min(leaving)[1]  # never empty: the goal is at most 1
        else:
            entering = [(outside[c], c) for c in range(n) if table[i][c + 1] > 0]
            if not entering:
                return None
            j = min(entering)[1]
        _pivot(table, goal, i, j + 1)
        inside[i], outside[j] = outside[j], inside[i]


def _pivot(table, goal, i, j):
    """Exchange row ``i`` and column ``j`` (position in the row) of the dictionary."""
    row, p = table[i], table[i][j]
    solved = [-a / p for a in row]
    solved[j] = 1 / p
    for other in [*table[:i], *table[i + 1 :], goal]:
        factor = other[j]
        if factor:
            other[j] = Fraction(0)
            other[:] = [a + factor * s for a, s in zip(other, solved, strict=True)]
    table[i] = solved
