"""A basis of a linear programme by floating point: a guess, to be verified in rationals.

A bounded dual simplex on a dense dictionary in NumPy. Every variable has two finite bounds, the slack of a row from zero
to its greatest value on the box, so that any basis is a start: whatever comes out can be gone on from.
"""

import numpy as np

# Unit: size of a row over the box. A violation below it is rounding.
VIOLATION = 1e-11
# A smaller pivot than this share of its row's largest would spoil the dictionary.
SMALLEST_PIVOT = 1e-9
# Ratios of the dual test that differ by less are a tie: the larger pivot is taken.
TIE = 1e-12


def float_basis(objective, rows, lower, upper):
    """``(nonbasic variables, which of them are at their upper bound, point)`` that look optimal.

    Maximises ``objective`` (k + 1,) over ``{lower <= y <= upper, rows (m, k + 1) >= 0}``. Variables are the k coordinates,
    then the m slacks; ``nonbasic`` (k,) names those that are at a bound. None where the set looks empty.
    """
    k, m = len(lower), len(rows)
    width = upper - lower
    table = np.vstack([rows, objective]).astype(float)
    # coordinates from 0 to 1, rows of size 1 on them
    table[:, -1] += table[:, :-1] @ lower
    table[:, :-1] *= width
    size = np.abs(table).sum(axis=1, keepdims=True)
    table /= np.where(size > 0, size, 1.0)
    height = np.append(np.ones(k), np.maximum(table[:m, :-1], 0).sum(axis=1) + table[:m, -1])
    nonbasic, basic = np.arange(k), np.arange(k, k + m)
    at_upper = table[m, :-1] > 0
    for _ in range(20 + 3 * (k + m)):
        at = np.where(at_upper, height[nonbasic], 0.0)
        values = table[:m, :-1] @ at + table[:m, -1]
        over = np.maximum(-values, values - height[basic])
        r = int(np.argmax(over)) if m else 0
        if not m or not over[r] > VIOLATION:
            break
        rising, row = values[r] < 0, table[r, :-1]
        usable = np.where(
            rising == at_upper, -row, row
        )  # positive where a move off the bound helps
        usable = usable > SMALLEST_PIVOT * np.abs(row).max(initial=0.0)
        if not usable.any():
            return None
        ratio = np.full(k, np.inf)
        ratio[usable] = np.abs(table[m, :-1][usable] / row[usable])
        j = int(np.argmax(np.where(ratio <= ratio.min() + TIE, np.abs(row), 0.0)))
        _pivot(table, r, j)
        basic[r], nonbasic[j] = nonbasic[j], basic[r]
        at_upper[j] = not rising
    y = np.zeros(k + m)
    at = np.where(at_upper, height[nonbasic], 0.0)
    y[nonbasic] = at
    y[basic] = table[:m, :-1] @ at + table[:m, -1]
    return nonbasic, at_upper, np.clip(lower + y[:k] * width, lower, upper)


def _pivot(table, r, j):
    """Exchange basic variable ``r`` with the nonbasic one in column ``j``."""
    row = table[r] / -table[r, j]
    row[j] = 1.0 / table[r, j]
    column = table[:, j].copy()
    table[:, j] = 0.0
    table += np.outer(column, row)
    table[r] = row
