"""The compiled kernels once more, in plain NumPy and as short as the idea allows: what tests compare with.

One twin for each idea of `regions.kernels`; the searches themselves have `tests.oracles.brute_force.brute_force`.
"""

from itertools import product

import numpy as np
from scipy.optimize import linprog, minimize


def layer_rows(layer, below, active, one):
    """Rows of a `Layer`, (n, k + 1), on the rows ``below`` of which those ``active`` pass; `kernels.rows.layer_rows`."""
    rows = (layer.weight * active) @ below
    rows[:, one] += layer.bias
    return rows


def structural_sign(weights, bias):
    """The sign that weights on nonnegative inputs, none all zero, force; 0 for none; `kernels.rows.constant_sign`."""
    if (weights <= 0).all() and bias <= 0:
        return -1
    if (weights >= 0).all() and (bias > 0 or (bias == 0 and (weights > 0).any())):
        return 1
    return 0


def dual_bound(lower, upper, target, rows, multipliers):
    """An upper bound of ``target`` where all ``rows`` are nonnegative, by weak duality; `kernels.rows.proves_empty`."""
    total = target + multipliers @ rows
    return np.maximum(total[:-1] * lower, total[:-1] * upper).sum() + total[-1]


def box_vertices(lower, upper):
    """A box as ``{facets: vertex}``, facet 2d at ``lower[d]``, 2d + 1 at ``upper[d]``; `kernels.polytopes.fill_box`."""
    ends = np.array([lower, upper])
    return {
        frozenset(2 * d + top for d, top in enumerate(tops)): ends[tops, np.arange(len(lower))]
        for tops in product((0, 1), repeat=len(lower))
    }


def clip(polytope, row, facet):
    """The part of a simple polytope where ``row`` is positive, cut by a new ``facet``; `kernels.polytopes.clip`."""
    value = {facets: row[:-1] @ point + row[-1] for facets, point in polytope.items()}
    kept = {facets: point for facets, point in polytope.items() if value[facets] > 0}
    out = dict(kept)
    for inner in kept:
        for outer in polytope.keys() - kept.keys():
            edge = inner & outer
            if len(edge) == len(row) - 2:  # neighbours share all facets but one
                share = value[inner] / (value[inner] - value[outer])
                out[edge | {facet}] = polytope[inner] + share * (polytope[outer] - polytope[inner])
    return out


def greatest(lower, upper, target, rows):
    """The maximum of ``target`` where all ``rows`` are nonnegative; `kernels.programs` and `kernels.halfspaces.ask`."""
    solved = linprog(
        -target[:-1],
        A_ub=-rows[:, :-1],
        b_ub=rows[:, -1],
        bounds=np.column_stack([lower, upper]),
    )
    return target[-1] - solved.fun


def zonotope_support(mixing, shift, lower, upper, q):
    """The maximum of ``q @ z`` over the image ``mixing @ y + shift`` of a box; `kernels.zonotope`."""
    return np.abs(mixing.T @ q) @ (upper - lower) / 2 + q @ (mixing @ (lower + upper) / 2 + shift)


def highest_on_ball(target, rows, radius):
    """The maximum of ``target`` where all ``rows`` are nonnegative and ``|z| <= radius``; `kernels.activeset`."""

    def dual(multipliers):
        total = target + multipliers @ rows
        length = np.linalg.norm(total[:-1])
        slope = rows[:, -1] + radius * rows[:, :-1] @ total[:-1] / length
        return total[-1] + radius * length, slope

    start = np.full(len(rows), 0.1)
    solved = minimize(
        dual,
        start,
        jac=True,
        bounds=[(0, None)] * len(rows),
        options={"ftol": 1e-14, "gtol": 1e-10},
    )
    return solved.fun
