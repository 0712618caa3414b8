"""Which signs occur, by brute force in rational arithmetic: the truth for tests of stability."""

from fractions import Fraction

import numpy as np

from tests.oracles.brute_force import brute_force


def true_signs(network, box):
    """Per hidden layer Booleans (on, off, unstable) of each unit on ``box``.

    A pre-activation that is positive, or negative, anywhere is so on an open set, hence on a cell of
    full dimension; on such a cell an inactive unit is negative somewhere unless its row vanishes.
    """
    cells = brute_force(network, box).matrix()
    vanishes = np.array([_vanishing(network, box, cell) for cell in cells])
    positive, negative = cells.any(axis=0), (~cells & ~vanishes).any(axis=0)
    split = np.cumsum(network.widths)[:-1]
    truth = positive & ~negative, ~positive, positive & negative
    return list(zip(*(np.split(mask, split) for mask in truth), strict=True))


def _vanishing(network, box, pattern):
    """Which pre-activations are identically zero where ``pattern`` is active, exactly."""
    free = (box.lower < box.upper).tolist()
    rows = [[Fraction(int(i == j)) for j in range(box.n0 + 1)] for i in range(box.n0)]
    for i in np.flatnonzero(~np.array(free)):
        rows[i] = [Fraction(0)] * box.n0 + [Fraction(box.lower[i])]
    out, start = [], 0
    for weight, bias in network.hidden:
        g = [_combined(row, b, rows, box.n0) for row, b in zip(weight, bias, strict=True)]
        out += [not any(row) for row in g]
        on = pattern[start : start + len(g)]
        rows = [r if s else [Fraction(0)] * len(r) for r, s in zip(g, on, strict=True)]
        start += len(g)
    return out


def _combined(weights, bias, rows, n0):
    total = [Fraction(0)] * n0 + [Fraction(bias)]
    for w, row in zip(weights.tolist(), rows, strict=True):
        total = [t + Fraction(w) * v for t, v in zip(total, row, strict=True)]
    return total
