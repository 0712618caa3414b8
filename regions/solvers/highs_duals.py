"""HiGHS: multipliers that bound several objectives over one polytope."""

import numpy as np

from .highs_quiet import QuietHighs, Said


class Duals:
    """The polytope ``rows @ y + offsets >= 0``, ``lower <= y <= upper``, ready for one objective after another.

    Rows (m, k) are scaled to size 1 here; ``lower`` and ``upper`` (k,) are finite.
    """

    def __init__(self, rows, offsets, lower, upper):
        self._size = _size(rows, offsets, lower, upper)
        self._bounds = lower, upper
        self._solver = QuietHighs(presolve="off")  # costs more than these small programmes
        ends = -offsets / self._size, np.full(len(rows), np.inf)
        self._solver.take(rows / self._size[:, None], *ends, lower, upper)

    def of(self, slopes, constant):
        """Multipliers (m,) such that ``slopes @ y + constant + multipliers @ rows`` is low on the box, or None.

        In floating point: whoever needs a proof checks them.
        """
        size = _size(slopes[None], np.array([constant]), *self._bounds)[0]
        self._solver.costs(-slopes / size)
        if self._solver.say() is not Said.OPTIMAL:
            return None
        return np.abs(self._solver.getSolution().row_dual) * size / self._size


def _size(rows, offsets, lower, upper):
    """What the terms of each row add up to at most on the box; 1 where that is nothing."""
    size = np.abs(rows) @ np.maximum(np.abs(lower), np.abs(upper)) + np.abs(offsets)
    return np.where(size > 0, size, 1.0)
