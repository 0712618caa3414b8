"""HiGHS: multipliers that bound several objectives over one polytope."""

import highspy
import numpy as np


class Duals:
    """The polytope ``rows @ y + offsets >= 0``, ``lower <= y <= upper``, ready for one objective after another.

    Rows (m, k) are scaled to size 1 here; ``lower`` and ``upper`` (k,) are finite.
    """

    def __init__(self, rows, offsets, lower, upper):
        m, k = rows.shape
        self._columns = np.arange(k, dtype=np.int32)
        self._size = _size(rows, offsets, lower, upper)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = k, m
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(k), lower, upper
        lp.row_lower_, lp.row_upper_ = -offsets / self._size, np.full(m, np.inf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.arange(0, m * k + 1, k) if k else np.zeros(m + 1)
        lp.a_matrix_.index_ = np.tile(np.arange(k), m)
        lp.a_matrix_.value_ = (rows / self._size[:, None]).ravel()
        self._bounds = lower, upper
        self._solver = highspy.Highs()
        self._solver.silent()
        self._solver.setOptionValue("presolve", "off")  # costs more than these small programmes
        self._solver.setOptionValue("threads", 1)
        self._solver.passModel(lp)

    def of(self, slopes, constant):
        """Multipliers (m,) such that ``slopes @ y + constant + multipliers @ rows`` is low on the box, or None.

        In floating point: whoever needs a proof checks them.
        """
        size = _size(slopes[None], np.array([constant]), *self._bounds)[0]
        self._solver.changeColsCost(len(self._columns), self._columns, slopes / size)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.abs(self._solver.getSolution().row_dual) * size / self._size


def _size(rows, offsets, lower, upper):
    """What the terms of each row add up to at most on the box; 1 where that is nothing."""
    size = np.abs(rows) @ np.maximum(np.abs(lower), np.abs(upper)) + np.abs(offsets)
    return np.where(size > 0, size, 1.0)
