"""Points far inside a cell, by linear programmes: where the point of a mixed-integer solver does not replay."""

import numpy as np

from ..deadline import NEVER
from ..preactivations.unit_maps import unit_maps
from ..solvers.highs_widest_point import widest_point


def inner_points(question, pattern, deadline=NEVER):
    """Points (n0,) far inside the cell of ``pattern``, each by one linear programme.

    First the point farthest from all hyperplanes and from the domain's own rows, then from the
    hyperplanes alone, because the domain may be flat; where ties are inactive, at last from those
    of active units, because the pattern may live on a tie. Raises `Late`.
    """
    hull = question.domain.polyhedron()
    A, c = unit_maps(question.network, pattern)
    rows, offsets = A @ hull.directions.T, A @ hull.origin + c
    size = np.linalg.norm(rows, axis=1)
    moving = size > 0
    sign = np.where(pattern, 1.0, -1.0)[moving] / size[moving]
    rows = np.concatenate([sign[:, None] * rows[moving], -hull.rows])
    offsets = np.concatenate([sign * offsets[moving], hull.offsets])
    units, domain = np.ones(moving.sum(), dtype=bool), np.ones(len(hull.rows), dtype=bool)
    readings = [(units, domain), (units, ~domain)]
    if question.counted == "patterns":
        readings.append((pattern[moving], ~domain))
    ends = hull.lower, hull.upper
    for strict in readings:
        deadline.check()
        left = deadline.time_limit
        widest = widest_point(rows, offsets, np.concatenate(strict), *ends, seconds=left)
        if widest is not None:
            yield hull.origin + widest.point @ hull.directions
