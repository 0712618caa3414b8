"""`Judge`: rational linear programmes, guessed in floating point and verified in whole numbers."""

import math
from collections import Counter

import numpy as np
from flint import fmpq, fmpz

from ..deadline import NEVER
from .exact_basis import ONE, ZERO, lowest, multipliers_at, pivot_from, point_at
from .float_basis import float_basis
from .integers import WholeBox, whole_numbers


class Judge:
    """Solves rational linear programmes until ``deadline``, and counts what settled them.

    Floating point guesses; what it guessed is verified in whole numbers. ``tally`` counts programmes settled by a rounded
    point that is strictly inside (``by_point``), by the multipliers or the vertex of the guessed basis
    (``by_basis``), by pivots from there (``by_pivots``), and by pivots from the box (``from_scratch``).

    Methods raise `regions.deadline.Late` when the clock runs out.
    """

    def __init__(self, deadline=NEVER):
        self.deadline = deadline
        self.tally = Counter()

    def maximum(self, objective, rows, box, *, enough=None):
        """The `exact_basis.End` of maximising a `Row` over ``rows`` >= 0 in a `WholeBox`; None when that is empty.

        Value and multipliers are those of the rows' whole numbers.
        """
        self.deadline.check()
        guess = float_basis(objective.floats, _float_matrix(rows, len(box.low)), *box.floats)
        return self._from_guess(objective.values, [row.values for row in rows], box, enough, guess)

    def interior_point(self, rows, box):
        """A point of the box, a list of ``fmpq``, where every `Row` is strictly positive; None when there is none."""
        if any(not any(row.values[:-1]) and row.values[-1] <= 0 for row in rows):
            return None
        self.deadline.check()
        k = len(box.low)
        if not rows or not k:
            return list(box.lower)
        # one more variable s in [-1, 1], maximised subject to row(y) >= s * (the size of the row)
        size = [row.power_above(box) for row in rows]
        floats = _float_matrix(rows, k)
        share = np.array([_quotient(n, row.largest) for n, row in zip(size, rows, strict=True)])
        lower, upper = box.floats
        wide = np.column_stack([floats[:, :k], -share, floats[:, k]])
        objective = np.zeros(k + 2)
        objective[k] = 1.0
        guess = None
        if np.isfinite(share).all():  # else the box is too wide for floating point to guess at all
            guess = float_basis(objective, wide, np.append(lower, -1.0), np.append(upper, 1.0))
        if guess is not None:
            y = guess[2][:k]
            if np.isfinite(y).all():
                values, power = whole_numbers(y)
                denominator = fmpz(1) << power
                whole = [row.values for row in rows]
                if box.holds(values, denominator) and lowest(whole, values, denominator) > 0:
                    self.tally["by_point"] += 1
                    return [fmpq(fmpz(v), denominator) for v in values]
        whole = [[*row.values[:-1], -n, row.values[-1]] for n, row in zip(size, rows, strict=True)]
        objective = [fmpz(0)] * k + [fmpz(1), fmpz(0)]
        tall = WholeBox([*box.lower, -ONE], [*box.upper, ONE])
        end = self._from_guess(objective, whole, tall, ZERO, guess)
        return None if end is None or end.point is None else end.point[:-1]

    def _from_guess(self, objective, rows, box, enough, guess):
        if guess is not None:
            nonbasic, at_upper = guess[0].tolist(), guess[1].tolist()
            proof = multipliers_at(objective, rows, box, nonbasic)
            if proof is not None:
                end, slopes = proof
                if enough is not None and end.value <= enough:
                    self.tally["by_basis"] += 1
                    return end._replace(value=enough)
                point = point_at(rows, box, nonbasic, at_upper, slopes)
                if point is not None:
                    self.tally["by_basis"] += 1
                    return end._replace(point=point)
            try:
                end = pivot_from(objective, rows, box, nonbasic, at_upper, enough, self.deadline)
            except ZeroDivisionError:  # rows that depend on each other are no basis
                pass
            else:
                self.tally["by_pivots"] += 1
                return end
        self.tally["from_scratch"] += 1
        k = len(box.low)
        return pivot_from(objective, rows, box, list(range(k)), [False] * k, enough, self.deadline)


def _float_matrix(rows, k):
    return np.array([row.floats for row in rows]).reshape(len(rows), k + 1)


def _quotient(numerator, denominator):
    """A quotient of positive whole numbers as a float, inf beyond the largest."""
    try:
        return int(numerator) / int(denominator)
    except OverflowError:
        return math.inf
