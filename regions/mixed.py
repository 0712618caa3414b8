"""The first hidden layers as rows of a mixed-integer programme, and bounds of it that are theorems.

Each unit whose sign is open has its pre-activation split, ``W h + b = h' - hbar``, with a binary z
that says which part may be positive, as in `regions.formulation`; here no margin cuts anything off,
so that the rows hold at every point of the domain. Relaxing z gives the triangle relaxation.

Soundness does not rest on the solver: `Mixed.bound` takes any multipliers and computes what they prove
with outward rounding (Neumaier and Shcherbina 2004, *Safe bounds in linear and mixed-integer linear
programming*).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from .domain import AffineSlice, Polytope
from .exact import slice_reach
from .ranges import enclosing_box
from .rounding import UNDERFLOW, gamma


@dataclass(frozen=True, eq=False)
class Mixed:
    """``row_lower <= rows @ v <= row_upper``, ``lower <= v <= upper``, all columns bounded.

    ``units`` lists the (layer, unit) of each binary, ``z``, ``h`` and ``hbar`` its columns, ``caps``
    the row that ties ``hbar`` to z.
    ``outputs`` maps each layer to the columns of its outputs, -1 where the output is always 0;
    ``point`` are the columns of the input, or of the coordinates of a slice.
    """

    rows: sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    units: tuple[tuple[int, int], ...]
    z: np.ndarray
    h: np.ndarray
    hbar: np.ndarray
    caps: np.ndarray
    outputs: tuple[np.ndarray, ...]
    point: np.ndarray

    def objective(self, weight, layer):
        """Coefficients of ``weight @ h`` over the columns, h the outputs before hidden ``layer``."""
        columns = self.outputs[layer]
        known = columns >= 0
        objective = np.zeros(len(self.lower))
        objective[columns[known]] = weight[known]
        return objective

    def bounds(self, lower, upper):
        """Column bounds where the pre-activations lie in ``lower[layer], upper[layer]``.

        These are ranges of a part of the domain, at least as tight as those of the model.
        """
        column_lower, column_upper = self.lower.copy(), self.upper.copy()
        low = np.array([lower[layer][unit] for layer, unit in self.units])
        high = np.array([upper[layer][unit] for layer, unit in self.units])
        column_lower[self.h], column_upper[self.h] = np.maximum(low, 0.0), np.maximum(high, 0.0)
        column_lower[self.hbar] = np.maximum(-high, 0.0)
        column_upper[self.hbar] = np.maximum(-low, 0.0)
        column_lower[self.z] = (low >= 0) & (high > 0)  # any z will do where the unit is just 0
        column_upper[self.z] = high > 0
        return column_lower, column_upper

    def bound(self, objective, constant, multipliers, lower, upper):
        """A proved upper bound of ``objective @ v + constant`` over ``lower <= v <= upper``.

        Any ``multipliers`` (one per row) will do: with d = objective - rows.T @ multipliers the
        value is d @ v + multipliers @ (rows @ v), and each part is bounded on its own.
        """
        y = np.where(multipliers > 0, np.isfinite(self.row_upper), np.isfinite(self.row_lower))
        y = np.where(y, multipliers, 0.0)
        ends = np.where(y > 0, self.row_upper, self.row_lower)
        ends = np.where(y == 0, 0.0, ends)
        d = objective - self.rows.T @ y
        terms = np.maximum(d * lower, d * upper)
        reach = np.maximum(np.abs(lower), np.abs(upper))
        size = np.abs(objective) + self._absolute.T @ np.abs(y)
        operations = len(y) + len(lower) + 4
        total = size @ reach + np.abs(y * ends).sum() + abs(constant)
        error = gamma(operations) * total * (1 + gamma(operations)) + self._underflow(y, reach)
        return np.nextafter(terms.sum() + y @ ends + constant + 2 * error, np.inf)

    def _underflow(self, y, reach):
        return UNDERFLOW * (len(y) + 2) * (1 + np.abs(y).sum() + reach.sum())

    @cached_property
    def _absolute(self):
        return abs(self.rows)


def scaled_row(network, layer, unit, sign):
    """``sign * (weight, bias)`` of a unit and its scale, a power of two, the largest weight near 1.

    Nothing is rounded and no sign changes. Solvers have absolute tolerances: training with an L1
    term leaves units whose weights are all below them, and their programmes would end at once.

    >>> from regions.network import Network
    >>> network = Network.of(([[2.0**-30, 0.0]], [-(2.0**-29)]), ([[1.0]], None))
    >>> scaled_row(network, 0, 0, -1)
    (array([-0.5, -0. ]), 1.0, 1.862645149230957e-09)
    """
    weight, bias = (sign * array[unit] for array in network.hidden[layer])
    exponent = np.frexp(np.abs(weight).max())[1]
    return np.ldexp(weight, -exponent), float(np.ldexp(bias, -exponent)), float(2.0**exponent)


def mixed(network, domain, ranges, stop):
    """The `Mixed` rows of the hidden layers before index ``stop`` of ``network`` on ``domain``.

    ``ranges`` are certified `Ranges`; their ends are the constants of the rows. A unit that is never
    positive has no column, one that is never negative a single one.
    """
    return _Builder(network, domain, ranges).build(stop)


class _Builder:
    """A model under construction: blocks of columns and rows."""

    def __init__(self, network, domain, ranges):
        self.network, self.ranges = network, ranges
        self.lower, self.upper = np.zeros(0), np.zeros(0)
        self.blocks, self.row_lower, self.row_upper = [], [], []
        self.units, self.z, self.h, self.hbar, self.caps = [], [], [], [], []
        self.outputs = [self._inputs(domain)]

    def build(self, stop):
        for layer in range(stop):
            self._layer(layer)
        ends = [np.concatenate([np.zeros(0), *e]) for e in (self.row_lower, self.row_upper)]
        parts = zip(*self.blocks, strict=True) if self.blocks else ((np.zeros(0, int),),) * 3
        row, column, value = map(np.concatenate, parts)
        shape = len(ends[0]), len(self.lower)
        columns = (
            np.concatenate([np.zeros(0, int), *c]).astype(int)
            for c in (self.z, self.h, self.hbar, self.caps)
        )
        return Mixed(
            sparse.csr_array((value, (row, column)), shape=shape),
            *ends,
            self.lower,
            self.upper,
            tuple(self.units),
            *columns,
            tuple(self.outputs),
            self.point,
        )

    def _columns(self, lower, upper):
        start = len(self.lower)
        self.lower = np.append(self.lower, lower)
        self.upper = np.append(self.upper, upper)
        return np.arange(start, len(self.lower))

    def _rows(self, lower, upper, *blocks):
        """Append rows, return their indices; a one-dimensional coefficient is a diagonal."""
        start = sum(map(len, self.row_lower))
        for columns, coefficients in blocks:
            if np.ndim(coefficients) < 2:
                i = np.arange(len(lower))
                where, value = np.asarray(columns), np.broadcast_to(coefficients, len(lower))
            else:
                i, j = np.nonzero(coefficients)
                where, value = np.asarray(columns)[j], coefficients[i, j]
            self.blocks.append((start + i, where, value))
        self.row_lower.append(np.asarray(lower, dtype=float))
        self.row_upper.append(np.broadcast_to(upper, len(lower)).astype(float))
        return start + np.arange(len(lower))

    def _inputs(self, domain):
        box = enclosing_box(domain)
        x = self.point = self._columns(box.lower, box.upper)
        if isinstance(domain, Polytope) and len(domain.b):
            self._rows(np.full(len(domain.b), -np.inf), domain.b, (x, domain.A))
        if isinstance(domain, AffineSlice):
            reach = slice_reach(domain)
            y = self.point = self._columns(-reach, reach)
            self._rows(domain.origin, domain.origin, (x, 1.0), (y, -domain.directions.T))
        return x

    def _layer(self, layer):
        weight, bias = self.network.hidden[layer]
        low, high = self.ranges.lower[layer], self.ranges.upper[layer]
        live = np.flatnonzero(high > 0)
        split = np.flatnonzero((high > 0) & (low < 0))
        h = np.full(len(bias), -1)
        h[live] = self._columns(np.maximum(low[live], 0.0), high[live])
        hbar = self._columns(np.zeros(len(split)), -low[split])
        z = self._columns(np.zeros(len(split)), np.ones(len(split)))
        spread = np.zeros((len(live), len(split)))
        spread[np.searchsorted(live, split), np.arange(len(split))] = 1.0
        known = self.outputs[-1] >= 0
        before = self.outputs[-1][known], weight[live][:, known]
        # W h_before + b = h - hbar
        self._rows(-bias[live], -bias[live], before, (h[live], -1.0), (hbar, spread))
        none = np.full(len(split), -np.inf)
        self._rows(none, 0.0, (h[split], 1.0), (z, -high[split]))
        self.caps.append(self._rows(none, -low[split], (hbar, 1.0), (z, -low[split])))
        self.outputs.append(h)
        self.units += [(layer, int(unit)) for unit in split]
        self.z.append(z)
        self.h.append(h[split])
        self.hbar.append(hbar)
