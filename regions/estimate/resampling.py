"""Keeping a few of many weighted nodes so that every weighted sum stays right on average."""

import numpy as np


def inclusion_probabilities(scores, count):
    """Probabilities in (0, 1], proportional to ``scores`` where below 1, that sum to ``count``.

    ``scores`` (m,) are positive, m > ``count``: what is expected of each member. A member whose share
    would exceed 1 is kept for certain, and the others share the rest.

    >>> inclusion_probabilities([6.0, 1.0, 2.0, 1.0], 2)
    array([1.  , 0.25, 0.5 , 0.25])
    """
    scores = np.asarray(scores, dtype=float)
    probabilities, certain = np.ones(len(scores)), np.zeros(len(scores), dtype=bool)
    while True:
        rest = ~certain
        probabilities[rest] = scores[rest] * (count - certain.sum()) / scores[rest].sum()
        over = rest & (probabilities >= 1.0)
        probabilities[over] = 1.0
        if not over.any() or (certain | over).all():
            return probabilities
        certain |= over


def systematic_sample(probabilities, rng):
    """Booleans (m,): a sample that holds member i with probability ``probabilities[i]``.

    One random number for all (Madow 1949): the members are laid end to end on a line and a comb of
    unit steps is thrown on it, so that of every stretch of neighbours the expected number is taken, give or
    take one. Neighbours should be alike.

    >>> systematic_sample([0.5, 0.5, 1.0, 0.25, 0.75], np.random.default_rng(0)).astype(int)
    array([0, 1, 1, 0, 1])
    """
    ends = np.concatenate([[0.0], np.cumsum(probabilities)]) - rng.random()
    return np.diff(np.floor(ends)) > 0
