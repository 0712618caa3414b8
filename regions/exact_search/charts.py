"""The whole space as simplices: bounded coordinates in which no two hyperplanes are forced to meet.

Homogenised, a cell of R^n is a cone in (x, t), t > 0, and all cones share their apex, so every question about them is a tie.
Take r units of the first layer with independent weights, r being the rank of all of them. Every sign vector s of theirs
occurs, and in the cells of one of them z_j = s_j g_j > 0 and t are coordinates of the cone: it is the positive orthant, cut
by z_1 + ... + z_r + t = 1 into a simplex. With z_r left out the simplex lies in a box, rows are affine functions of
(z_1, ..., z_{r-1}, t), and the search is that on any box. A network without biases does not need t.
"""

import numpy as np
from flint import fmpq, fmpq_mat, fmpz

from ..kernels.rows import EPS, TINY
from ..preactivations.scaling import times_power

# Rows this many times as large as the units they are made of, as powers of two, would cost all precision.
LARGEST = 40.0
# The simplex in the box from 1 - REACH to REACH: its sides are then rows that cut the box, and no ties with it.
REACH = 1.25
# Unit: simplices whose arrays are kept.
MOST_KEPT = 256


class Charts:
    """The simplices of a network's first layer: `basis` (r,), the units whose signs name one."""

    def __init__(self, network, scaling, basis, columns, mixing, constants):
        self.basis, self._columns = basis, columns
        self._network, self._scaling, self._filled = network, scaling, {}
        self._mixing, self._constants = (
            mixing,
            constants,
        )  # of all units, scaled: floats (n1, r) and (n1,)
        weight, bias = network.hidden[0]
        self._inverse = np.linalg.pinv(weight[basis])
        self._bias = bias
        self.flat = not any(layer.bias.any() for layer in network.hidden)
        self.dimension = len(basis) - self.flat

    @classmethod
    def of(cls, network, scaling):
        """The charts of a network, or None where it has none that are good in floating point."""
        weight, bias = network.hidden[0]
        exact = fmpq_mat(*weight.shape, [_exact(v) for v in weight.ravel()])
        basis = _independent(weight, exact)
        if not len(basis):
            return None
        columns = _independent(weight[basis].T, _rows_of(exact, basis).transpose())
        square = _columns_of(_rows_of(exact, basis), columns)
        # every row as a combination of the basis
        mixing = square.transpose().solve(_columns_of(exact, columns).transpose()).transpose()
        shift = fmpq_mat(len(basis), 1, [_exact(bias[i]) for i in basis])
        rest = (mixing * shift).entries()
        constants = [_exact(b) - v for b, v in zip(bias, rest, strict=True)]
        units = scaling.units[0].tolist()
        scaled = [
            _float(mixing[i, j], units[b] - units[i])
            for i in range(len(bias))
            for j, b in enumerate(basis)
        ]
        scaled = np.array(scaled).reshape(len(bias), len(basis))
        constants = np.array([_float(v, -e) for v, e in zip(constants, units, strict=True)])
        if not max(np.abs(scaled).max(), np.abs(constants).max()) <= 2.0**LARGEST:
            return None
        charts = cls(network, scaling, basis, columns, scaled, constants)
        return charts if charts.dimension else None

    def missing(self, signs):
        """The first unit of the basis without a sign, or None."""
        return next((int(unit) for unit in self.basis if signs[unit] == 0), None)

    def fill(self, arrays, signs):
        """``arrays`` of the network, with rows and bounds in the coordinates of the simplex of ``signs``."""
        key = signs[self.basis].tobytes()
        if key not in self._filled:
            if len(self._filled) >= MOST_KEPT:
                self._filled.clear()
            self._filled[key] = self._fill(arrays, signs)
        return self._filled[key]

    def _fill(self, arrays, signs):
        r, k, own = len(self.basis), self.dimension, signs[self.basis].astype(float)
        turned = self._mixing * own
        last = turned[:, -1]
        parts = turned[:, :-1] if self.flat else np.column_stack([turned[:, :-1], self._constants])
        rows = np.zeros((len(last) + (not self.flat), k + 3))
        first = rows[-len(last) :]
        first[:, :k] = parts - last[:, None]
        first[:, k] = last
        # entries of the mixing were rounded once, and so were the differences
        first[:, k + 1] = EPS * 1.01 * REACH * (np.abs(parts).sum(axis=1) + (k + 1) * np.abs(last))
        # units of the basis are coordinates, the last of them what is left of 1: no rounding
        first[self.basis, : k + 2] = 0.0
        for j, unit in enumerate(self.basis):
            if j < r - 1:
                first[unit, j] = own[j]
            else:
                first[unit, : k + 1] = np.append(-np.ones(k), 1.0) * own[j]
        if not self.flat:
            rows[0, k - 1] = 1.0  # t > 0
        rows[:, k + 1] += TINY
        norm = REACH * np.abs(rows[:, : k + 1]).sum(axis=1)
        rows[:, k + 2] = norm * (1.0 + (k + 4) * EPS) + TINY
        later = np.zeros((arrays.starts[-1] - len(last), k + 3))
        return arrays._replace(
            rows=np.concatenate([rows, later]),
            first_unit=int(not self.flat),
            one=k if self.flat else k - 1,
            lower=np.full(k, 1.0 - REACH),
            upper=np.full(k, REACH),
            reach=np.full(k, REACH),
        )

    def centre(self):
        """A generic interior point of every simplex."""
        shares = np.random.default_rng(0).uniform(1, 2, len(self.basis) + (not self.flat))
        shares /= shares.sum()
        return shares[:-1] if self.flat else np.append(shares[: len(self.basis) - 1], shares[-1])

    def homogeneous(self, u, signs):
        """Points (x, 1), up to scale, of shape (count, n0 + 1) for ``u`` (count, k) of the simplices of ``signs``."""
        r = len(self.basis)
        t = np.ones(len(u)) if self.flat else u[:, -1]
        z = np.column_stack([u[:, : r - 1], 1.0 - u.sum(axis=1)])
        exponents = self._scaling.units[0][self.basis]
        g = times_power(z * signs[:, self.basis], exponents)
        with np.errstate(over="ignore"):
            x = (g / t[:, None] - self._bias[self.basis]) @ self._inverse.T
        return np.column_stack([x, np.ones(len(x))])

    def coordinates(self, point, signs):
        """Floats (k,) for a rational point (x, t) of the cone of ``signs``."""
        weight, bias = self._network.hidden[0]
        *x, t = point
        units = self._scaling.units[0].tolist()
        z = []
        for unit in self.basis:
            g = sum((_exact(w) * v for w, v in zip(weight[unit], x, strict=True) if w), fmpq(0))
            g = (g + _exact(bias[unit]) * t) * int(signs[unit])
            z.append(g * fmpq(2) ** -units[unit])
        total = sum(z, fmpq(0)) + (fmpq(0) if self.flat else t)
        kept = z[:-1] if self.flat else [*z[:-1], t]
        return np.array([_float(v / total, 0) for v in kept])


def _independent(weight, exact):
    """Places of as many independent rows as there are, those first that floats like best; lists of int."""
    from scipy.linalg import qr

    rank = exact.rank()
    if not rank:
        return []
    size = np.abs(weight).max(axis=1, keepdims=True)
    order = qr((weight / np.where(size > 0, size, 1.0)).T, mode="r", pivoting=True)[1]
    chosen = sorted(int(i) for i in order[:rank])
    if _rows_of(exact, chosen).rank() < rank:
        # the pivots of the transposed matrix are independent rows
        reduced = exact.transpose().rref()[0].tolist()
        chosen = [next(j for j, v in enumerate(row) if v) for row in reduced[:rank]]
    return chosen


def _rows_of(matrix, which):
    columns = matrix.ncols()
    return fmpq_mat(len(which), columns, [matrix[i, d] for i in which for d in range(columns)])


def _columns_of(matrix, which):
    rows = matrix.nrows()
    return fmpq_mat(rows, len(which), [matrix[i, d] for i in range(rows) for d in which])


def _exact(value):
    return fmpq(*float(value).as_integer_ratio())


def _float(value, exponent):
    """The double nearest to a rational times 2 ** exponent; infinite where there is none."""
    value *= fmpq(fmpz(2)) ** exponent
    try:
        return int(value.p) / int(value.q)
    except OverflowError:
        return np.inf
