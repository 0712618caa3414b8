"""Networks without biases on a box around the origin: their cells are those of the whole space, cut off.

Every pre-activation is homogeneous of degree one: a sign vector that occurs at x occurs at all positive multiples of x, and
each cell of the space has a part in each neighbourhood of the origin. All cells meet there: on the box every question is a
tie, in the simplices of the whole space (`charts`) hardly any.
"""

from dataclasses import replace

import numpy as np

from ..domain import Box, WholeSpace

# Unit: log2. A box that reaches less far might lose digits of points that are scaled into it.
LEAST_REACH = -500


def problem_in_space(problem):
    """The `Problem` of the whole space with the same cells as this one, or None where there is none to be preferred."""
    network, domain = problem.network, problem.domain
    if not network.n_units or not isinstance(domain, Box) or _biased(network):
        return None
    if not min(domain.upper.min(), -domain.lower.max()) > 2.0**LEAST_REACH:
        return None
    whole = replace(problem, domain=WholeSpace(network.n0))
    return whole if whole.charts else None


def scaled_into(box, points):
    """Multiples of ``points`` (count, n0) by powers of two, as large as they were or smaller, inside the box."""
    reach = np.minimum(box.upper, -box.lower)
    with np.errstate(over="ignore"):
        over = np.maximum(np.abs(points) / reach, 1.0).max(axis=1, initial=1.0)
    # one power more than needed, so that none is on the boundary
    exponents = np.where(over > 1.0, np.frexp(over)[1] + 1, 0)
    return np.ldexp(points, -exponents[:, None])


def _biased(network):
    return any(layer.bias.any() for layer in network.hidden)
