"""The rows that the mixed-integer models share: the domain, and each unit split by its sign.

For an undecided unit ``W h + b = h' - hbar`` with a binary z that says which part may be positive
(Serra et al. 2018, section 5). `regions.milp.counting_model` adds margins and counts patterns;
`regions.milp.bounding_model` adds none and proves bounds.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse


class Split(NamedTuple):
    """Columns of one hidden layer: ``h`` of each unit, -1 where it is always 0; ``hbar`` and ``z`` of
    each split unit; ``caps`` the rows that tie ``hbar`` to z."""

    h: np.ndarray
    hbar: np.ndarray
    z: np.ndarray
    caps: np.ndarray


class Rows:
    """A mixed-integer programme under construction: blocks of columns and rows."""

    def __init__(self):
        self._lower, self._upper = [np.zeros(0)], [np.zeros(0)]
        self._row_lower, self._row_upper = [np.zeros(0)], [np.zeros(0)]
        self._blocks = [(np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0))]

    @property
    def lower(self):
        """Lower bounds of the columns."""
        return np.concatenate(self._lower)

    @property
    def upper(self):
        """Upper bounds of the columns."""
        return np.concatenate(self._upper)

    @property
    def row_lower(self):
        """Lower ends of the rows."""
        return np.concatenate(self._row_lower)

    @property
    def row_upper(self):
        """Upper ends of the rows."""
        return np.concatenate(self._row_upper)

    def matrix(self):
        """The coefficients, sparse."""
        row, column, value = map(np.concatenate, zip(*self._blocks, strict=True))
        shape = len(self.row_lower), len(self.lower)
        return sparse.csr_array((value, (row, column)), shape=shape)

    def columns(self, lower, upper):
        """Append columns; return their indices."""
        start = sum(map(len, self._lower))
        self._lower.append(np.asarray(lower, dtype=float))
        self._upper.append(np.asarray(upper, dtype=float))
        return np.arange(start, start + len(self._lower[-1]))

    def add(self, lower, upper, *blocks):
        """Append rows ``lower <= sum of coefficients @ v[columns] <= upper``; return their indices.

        Each block is ``(columns, coefficients)``. Coefficients of one dimension stand for a diagonal;
        one column is then shared by all rows. Ends may be scalars, but not both.
        """
        lower, upper = np.broadcast_arrays(lower, upper)
        start, count = sum(map(len, self._row_lower)), len(lower)
        rows = np.arange(start, start + count)
        for columns, coefficients in blocks:
            if np.ndim(coefficients) < 2:
                where, values = rows, np.broadcast_to(coefficients, count)
                columns = np.broadcast_to(columns, count)
            else:
                i, j = np.nonzero(coefficients)
                where, columns, values = rows[i], columns[j], coefficients[i, j]
            self._blocks.append((where, columns, values))
        self._row_lower.append(lower.astype(float))
        self._row_upper.append(upper.astype(float))
        return rows

    def inputs(self, domain):
        """Append the inputs and the rows of ``domain``; return ``(x, point)``.

        ``x`` are the columns of the inputs; ``point`` the same, or the coordinates of a slice.
        """
        box = domain.enclosing_box()
        x = point = self.columns(box.lower, box.upper)
        A, b = domain.cuts()
        if len(b):
            self.add(-np.inf, b, (x, A))
        if domain.has_coordinates:
            reach = domain.reach()
            point = self.columns(-reach, reach)
            self.add(domain.origin, domain.origin, (x, 1.0), (point, -domain.directions.T))
        return x, point

    def layer(self, layer, low, high, split, before):
        """Append a hidden layer whose pre-activations lie in ``[low, high]``; return its `Split`.

        ``split`` (Booleans) are the units that get a binary; the others are always 0 where ``high`` is
        not positive, else linear. ``before`` are the columns of the layer's inputs, -1 for zeros.
        """
        weight, bias = layer
        live, split = np.flatnonzero(high > 0), np.flatnonzero(split)
        h = np.full(len(bias), -1)
        h[live] = self.columns(np.maximum(low[live], 0.0), high[live])
        hbar = self.columns(np.zeros(len(split)), -low[split])
        z = self.columns(np.zeros(len(split)), np.ones(len(split)))
        spread = np.zeros((len(live), len(split)))
        spread[np.searchsorted(live, split), np.arange(len(split))] = 1.0
        known = before >= 0
        incoming = before[known], weight[live][:, known]
        self.add(-bias[live], -bias[live], incoming, (h[live], -1.0), (hbar, spread))
        self.add(-np.inf, np.zeros(len(split)), (h[split], 1.0), (z, -high[split]))
        caps = self.add(-np.inf, -low[split], (hbar, 1.0), (z, -low[split]))
        return Split(h, hbar, z, caps)
