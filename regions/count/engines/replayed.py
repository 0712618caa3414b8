"""Patterns found one by one, with a point of each: what engines that search collect."""

import numpy as np

from ...milp.counting_model import unit_maps
from ...network.patterns import PatternSet


def pattern_set(found, n_units):
    """The keys of ``found`` as a `PatternSet`, and its values (points) in the same order.

    ``found`` maps the packed bytes of a pattern of ``n_units`` to its point.

    >>> patterns, points = pattern_set({b"\\x80": [0.5], b"\\x40": [-0.5]}, 2)
    >>> patterns.matrix().astype(int).tolist(), points.tolist()
    ([[0, 1], [1, 0]], [[-0.5], [0.5]])
    """
    order = sorted(found)  # byte order is pattern order
    packed = np.array([list(key) for key in order], dtype=np.uint8)
    patterns = PatternSet(packed.reshape(len(order), -(-n_units // 8)), n_units)
    return patterns, np.array([found[key] for key in order])


def inside(question, points):
    """Whether each point (k, n0) stands for its pattern, in floating point: Booleans of shape (k,).

    For ``counted="patterns"`` every point does. For cells none of its units may be exactly zero,
    but for those that are zero on the whole cell.
    """
    network, accepted = question.network, np.ones(len(points), dtype=bool)
    if question.counted == "patterns" or not network.n_units:
        return accepted
    g = np.concatenate(network.preactivations(points), axis=1)
    for i in np.flatnonzero((g == 0).any(axis=1)):
        A, _ = unit_maps(network, g[i] > 0)
        accepted[i] = not (A[g[i] == 0] @ question.domain.polyhedron().directions.T).any()
    return accepted
