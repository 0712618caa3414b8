"""The first hidden layers as rows of a mixed-integer programme, and bounds of it that are theorems.

Each unit whose sign is open is split as `regions.milp.rows` says; no margin cuts anything off, so that
the rows hold at every point of the domain. Relaxing z gives the triangle relaxation.

Soundness does not rest on the solver: `Mixed.bound` takes any multipliers and computes what they prove
with outward rounding (Neumaier and Shcherbina 2004, *Safe bounds in linear and mixed-integer linear
programming*).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma, upper_end
from ..network.slopes import require_relu
from .rows import Rows

# Share of a row that `Mixed.thin` may leave out.
SMALL = 0.01


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

    @np.errstate(**QUIET)
    def thin(self):
        """The same without the coefficients that make out at most `SMALL` of what a row can add up to.

        Its points need not be points of the network: it is there to find multipliers for `bound`.
        """
        rows = self.rows.tocsr()
        count = np.diff(rows.indptr)
        row = np.repeat(np.arange(len(count)), count)
        reach = np.maximum(np.abs(self.lower), np.abs(self.upper))
        size = np.abs(rows.data) * reach[rows.indices]
        total = np.bincount(row, size, len(count))
        kept = size > (SMALL * total / np.maximum(count, 1))[row]
        place = row[kept], rows.indices[kept]
        return replace(self, rows=sparse.csr_array((rows.data[kept], place), shape=rows.shape))

    @np.errstate(**QUIET)
    def bound(self, objective, constant, multipliers, lower, upper):
        """A proved upper bound of ``objective @ v + constant`` over ``lower <= v <= upper``.

        Any ``multipliers`` (one per row) will do: with d = objective - rows.T @ multipliers the
        value is d @ v + multipliers @ (rows @ v), and each part is bounded on its own. Multipliers that overflow
        prove nothing: inf.
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
        highest = terms.sum() + y @ ends + constant + 2 * error
        return float(upper_end(np.nextafter(upper_end(highest), np.inf)))

    def _underflow(self, y, reach):
        return UNDERFLOW * (len(y) + 2) * (1 + np.abs(y).sum() + reach.sum())

    @cached_property
    def _absolute(self):
        return abs(self.rows)


@np.errstate(**QUIET)
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
    require_relu(network, "a mixed-integer model")
    rows, units, layers = Rows(), [], []
    x, point = rows.inputs(domain)
    outputs = [x]
    for k in range(stop):
        low, high = ranges.lower[k], ranges.upper[k]
        split = (low < 0) & (high > 0)
        layers.append(rows.layer(network.hidden[k], low, high, split, outputs[-1]))
        outputs.append(layers[-1].h)
        units += [(k, int(unit)) for unit in np.flatnonzero(split)]
    split_h = [outputs[k + 1][unit] for k, unit in units]
    return Mixed(
        rows=rows.matrix(),
        row_lower=rows.row_lower,
        row_upper=rows.row_upper,
        lower=rows.lower,
        upper=rows.upper,
        units=tuple(units),
        z=_joined(layer.z for layer in layers),
        h=np.array(split_h, dtype=int),
        hbar=_joined(layer.hbar for layer in layers),
        caps=_joined(layer.caps for layer in layers),
        outputs=tuple(outputs),
        point=point,
    )


def _joined(columns):
    return np.concatenate([np.zeros(0, dtype=int), *columns])
