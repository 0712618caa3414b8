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
    with np.errstate(all="ignore"):  # where numbers are out of range the guess is no good
        return _float_basis(objective, rows, lower, upper)


def _float_basis(objective, rows, lower, upper):
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
    at = (table[m, :-1] > 0).astype(float)
    up = 1.0 - 2.0 * at  # where a move off the bound goes
    values, highest = table[:m, :-1] @ at + table[:m, -1], height[basic]
    for _ in range(20 + 3 * (k + m) if m else 0):
        over = np.maximum(-values, values - highest)
        r = over.argmax()
        if not over[r] > VIOLATION:
            break
        rising, row = values[r] < 0, table[r, :-1]
        move = row * up if rising else row * -up  # positive where a move off the bound helps
        size = np.abs(row)
        usable = (move > SMALLEST_PIVOT * size.max()).nonzero()[0]
        if not len(usable):
            return None
        ratio = np.abs(table[m, usable]) / move[usable]
        j = usable[(size[usable] * (ratio <= ratio.min() + TIE)).argmax()]
        _pivot(table, r, j)
        basic[r], nonbasic[j] = nonbasic[j], basic[r]
        at[j] = 0.0 if rising else highest[r]
        up[j] = 1.0 if rising else -1.0
        highest[r] = height[basic[r]]
        values = table[:m, :-1] @ at + table[:m, -1]
    y = np.zeros(k + m)
    y[nonbasic], y[basic] = at, values
    return nonbasic, up < 0, np.clip(lower + y[:k] * width, lower, upper)


def _pivot(table, r, j):
    """Exchange basic variable ``r`` with the nonbasic one in column ``j``."""
    row = table[r] / -table[r, j]
    row[j] = 1.0 / table[r, j]
    column = table[:, j].copy()
    table[:, j] = 0.0
    table += column[:, None] * row
    table[r] = row
