"""The highest point of an ellipsoid cut by half-spaces: an active-set method on the dual.

It sees nothing but inner products. With g the square matrix of those of the rows, the objective first, c their values
in the middle of the ellipsoid and R^2 its squared radius, the dual to minimise over multipliers m >= 0 is
``c . (1, m) + R sqrt((1, m) . g (1, m))``. Rows enter one by one, the most violated first; with the active ones as equations
the minimum is known in closed form, and on the way there those leave whose multipliers would turn negative.
"""

import numpy as np

from .programs import BLOCK, SLOPPY
from .rows import INNER, OUTER
from .store import njit

# Rows that may enter in one run.
ENTRIES = 100
# A violation below this share of a row's length, and a pivot below this share of a row's square, are rounding.
VIOLATION, SMALLEST_PIVOT = 1e-9, 1e-10
# An objective with no more than this share of its square outside the span of the active rows is in it: the highest
# face is then flat, and of its points the one nearest to the middle is wanted.
FLAT = 1e-12
# Where between the hyperplane and the wall beyond it the point of a yes lies.
BEYOND = 0.3


@njit(**BLOCK)
def active_set(
    gram, norm, cross, at_middle, at_witness, length, rank, radius, active, multipliers, factor, onto, through,
    slack,
):  # fmt: skip
    """Whether the objective becomes positive on the ellipsoid cut by the path's half-spaces.

    Returns ``(number of active rows or -1, share, along)``. The highest point found is middle + share * (axis -
    onto . rows) - through . rows. For along > 0 that share of the way to it from the witness is inside and beyond the
    hyperplane; for along = 0 the objective is negative at it and ``multipliers`` say so; -1 is a failure.

    Parameters
    ----------
    gram, norm
        (m, m) and (m,): inner products and lengths of the path's rows, of which there are ``length``.
    cross, at_middle, at_witness
        (m + 1,): inner products with the objective, values in the middle and at the witness; the objective's own last.
    rank, radius
        Dimension, and squared radius.
    active, multipliers, onto, through, factor, slack
        Scratch: (rank + 2,) four times, (rank + 4, rank + 2) and (m,).
    """
    size, square = 0, cross[length]
    if not square > 0.0:
        return -1, 0.0, 0.0
    share = np.sqrt(radius / square)
    for _ in range(ENTRIES):
        value = fill_slacks(
            gram, cross, at_middle, length, share, active, size, onto, through, slack
        )
        entering, reach = most_violated(
            slack, norm, at_witness, length, VIOLATION * np.sqrt(radius)
        )
        if value > 0.0:
            crossing = at_witness[length] / (at_witness[length] - value)
            if reach > crossing:
                return size, share, crossing + BEYOND * (reach - crossing)
        if entering < 0:
            return (-1 if value > 0.0 else size), share, 0.0
        if size == rank + 1:
            return -1, 0.0, 0.0
        active[size] = entering
        multipliers[size] = 0.0
        size, share = take_in(
            gram, cross, at_middle, square, rank, radius, active, multipliers, size + 1, factor, onto, through
        )  # fmt: skip
        if size < 0:
            return -1, 0.0, 0.0
    return -1, 0.0, 0.0


@njit(**INNER)
def fill_slacks(gram, cross, at_middle, length, share, active, size, onto, through, slack):
    """Values of the path's rows at the present point, in ``slack``; returns the objective's."""
    for c in range(length):
        slack[c] = at_middle[c] + share * cross[c]
    value = at_middle[length] + share * cross[length]
    for j in range(size):
        weight, row = share * onto[j] + through[j], gram[active[j]]
        value -= weight * cross[active[j]]
        for c in range(length):
            slack[c] -= weight * row[c]
    return value


@njit(**INNER)
def most_violated(slack, norm, at_witness, length, least):
    """``(row or -1, share of the way from the witness that is inside)``."""
    worst, which, reach = -least, -1, 1.0
    for c in range(length):
        if slack[c] < 0.0:
            if at_witness[c] < reach * (at_witness[c] - slack[c]):
                reach = at_witness[c] / (at_witness[c] - slack[c])
            if slack[c] < worst * norm[c]:
                worst, which = slack[c] / norm[c], c
    return which, reach


@njit(**OUTER)
def take_in(
    gram, cross, at_middle, square, rank, radius, active, multipliers, size, factor, onto, through
):
    """Minimise the dual over the active rows, the last of them new: ``(number that stay or -1, share)``."""
    entering, changed, share = active[size - 1], size - 1, 0.0
    while True:
        step, leaving = np.inf, -1
        regular = factorise(gram, cross, at_middle, active, changed, size, factor)
        if regular < size - 1:
            return -1, 0.0
        if regular == size - 1:
            # the entering row depends on the others: exchange it for one of them
            for j in range(regular):
                onto[j] = factor[regular, j]
            back_substitute(factor, regular, onto)
            onto[regular] = -1.0
            for j in range(regular):
                if multipliers[j] < step * onto[j]:
                    step, leaving = multipliers[j] / onto[j], j
            for j in range(size):
                multipliers[j] -= step * onto[j]
        else:
            rest, distance = square, 0.0
            for j in range(size):
                onto[j], through[j] = factor[rank + 2, j], factor[rank + 3, j]
                rest -= onto[j] * onto[j]
                distance += through[j] * through[j]
            back_substitute(factor, size, onto)
            back_substitute(factor, size, through)
            if distance < radius:
                flat = size == rank or rest < FLAT * square
                tilt = np.sqrt((FLAT * square if flat else rest) / (radius - distance))
                share = 0.0 if flat else 1.0 / tilt
                step = 1.0
                for j in range(size):
                    down = multipliers[j] + onto[j] + tilt * through[j]
                    if multipliers[j] < step * down:
                        step, leaving = multipliers[j] / down, j
                for j in range(size):
                    multipliers[j] -= step * (multipliers[j] + onto[j] + tilt * through[j])
                if leaving < 0:
                    return size, share
            else:
                # the equations miss the ellipsoid: far enough along, a multiplier runs out
                for j in range(size):
                    if multipliers[j] < step * through[j]:
                        step, leaving = multipliers[j] / through[j], j
                for j in range(size):
                    multipliers[j] -= step * through[j]
        if leaving < 0 or active[leaving] == entering:
            return -1, 0.0
        size -= 1
        for j in range(leaving, size):
            active[j] = active[j + 1]
            multipliers[j] = multipliers[j + 1]
        changed = leaving


@njit(**BLOCK)
def factorise(gram, cross, at_middle, active, first, size, factor):
    """Rows from ``first`` on of the Cholesky factor of ``gram[active, active]``, with inverted diagonal.

    The last two rows of ``factor`` take in the objective's inner products and the values in the middle, solved
    half-way. Returns the number of independent rows.
    """
    onto, through = factor[len(factor) - 2], factor[len(factor) - 1]
    for i in range(first, size):
        source, row = gram[active[i]], factor[i]
        for e in range(i):
            total = source[active[e]]
            for d in range(e):
                total -= row[d] * factor[e, d]
            row[e] = total * factor[e, e]
        square, half_onto, half_through = source[active[i]], cross[active[i]], at_middle[active[i]]
        least = SMALLEST_PIVOT * square
        for d in range(i):
            square -= row[d] * row[d]
            half_onto -= row[d] * onto[d]
            half_through -= row[d] * through[d]
        if not square > least:
            return i
        inverse = 1.0 / np.sqrt(square)
        row[i] = inverse
        onto[i] = half_onto * inverse
        through[i] = half_through * inverse
    return size


@njit(**SLOPPY)
def back_substitute(factor, size, vector):
    """Solve in place with the transposed factor."""
    for i in range(size - 1, -1, -1):
        vector[i] *= factor[i, i]
        row, known = factor[i], vector[i]
        for d in range(i):
            vector[d] -= row[d] * known
