"""Affine rows on a domain, in floats with a bound on their rounding and in rationals: what a proof is checked with.

Shared with nothing of the engine. A domain is a box of coordinates y with `Space.inputs` as affine
functions of them and `Space.constraints`, a layer on the inputs that is nonnegative inside. The whole
space is homogenised: y = (x, t) in [-1, 1]^n x [0, 1], and each of its cells is the cone over it.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from flint import fmpq, fmpq_mat

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma
from ..domain import AffineSlice, Polytope, WholeSpace
from ..errors import InputError
from ..network import Layer
from ..network.slopes import factors

# Share by which an error bound is raised: pays for the rounding of the bound itself, which is a few
# thousand operations of relative error 1e-16 at most.
SPARE = 1e-9


class Rows(NamedTuple):
    """``values`` (m, k + 1), coefficients and constant, and how far each row may be off on the box, ``error`` (m,)."""

    values: np.ndarray
    error: np.ndarray

    def take(self, which):
        """The rows ``which``."""
        return Rows(self.values[which], self.error[which])

    def signed(self, signs):
        """Each row times its sign."""
        return Rows(self.values * np.asarray(signs)[:, None], self.error)

    def and_also(self, other):
        """These rows, then the ``other`` ones."""
        return Rows(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))


class Space:
    """The coordinates of a domain: ``lower`` and ``upper`` (k,), ``inputs`` (n0, k + 1), ``constraints`` a `Layer`.

    ``one`` is the index of the entry of a row that stands for the constant 1. All entries are exact.
    """

    @np.errstate(**QUIET)
    def __init__(self, domain):
        n = domain.n0
        box = getattr(domain, "box", domain)
        self.constraints = Layer(np.zeros((0, n)), np.zeros(0))
        if isinstance(domain, WholeSpace):
            self.lower, self.upper = np.append(-np.ones(n), 0.0), np.ones(n + 1)
            self.inputs = np.eye(n, n + 2)
            self.constraints = Layer(
                np.zeros((1, n)), np.ones(1)
            )  # t itself, positive inside a cone
        elif isinstance(domain, AffineSlice):
            self.upper = np.full(len(domain.directions), _reach(domain))
            self.lower = -self.upper
            self.inputs = np.column_stack([domain.directions.T, domain.origin])
            # coordinates that stay where they are were checked when the slice was made
            moving = np.eye(n)[(domain.directions != 0).any(axis=0)]
            self.constraints = Layer(
                np.concatenate([-moving, moving]),
                np.concatenate([moving @ box.upper, -moving @ box.lower]),
            )
        else:
            self.lower, self.upper, self.inputs = box.lower, box.upper, np.eye(n, n + 1)
            if isinstance(domain, Polytope):
                self.constraints = Layer(-domain.A[domain.telling], domain.b[domain.telling])
        self.one = n if isinstance(domain, WholeSpace) else len(self.lower)
        self._reach = np.append(np.maximum(np.abs(self.lower), np.abs(self.upper)), 1.0)
        self._floor = UNDERFLOW * len(self._reach) * self._reach.sum()

    @np.errstate(**QUIET)
    def passed(self, rows, factors):
        """``(rows, places)``: what units pass on of their ``rows``, each times its factor, and where that is not 0."""
        places = np.flatnonzero(factors)
        if (factors[places] == 1).all():
            return rows, places
        values = rows.values * factors[:, None]
        error = np.abs(factors) * rows.error + gamma(1) * self._size(values) + self._floor
        return Rows(values, error * (1 + SPARE)), places

    @np.errstate(**QUIET)
    def through(self, layer, below, active):
        """Rows of ``layer`` on the ``active`` ones of the rows ``below``; the others are zero."""
        weight, below = layer.weight[:, active], below.take(active)
        values = weight @ below.values
        values[:, self.one] += layer.bias
        rounding = gamma(weight.shape[1] + 2)
        size = np.abs(weight)
        # the floor comes before the weights as well: a share of something tiny may vanish, and its weight be huge
        error = size @ (below.error + rounding * self._size(below.values) + UNDERFLOW)
        error += rounding * np.abs(layer.bias) + self._floor * (weight.shape[1] + 1)
        return Rows(values, error * (1 + SPARE))

    def refuted(self, rows, path, multipliers):
        """Booleans (K,): proved that each of ``rows`` is negative wherever all rows of ``path`` are nonnegative.

        Weak duality: ``multipliers`` (K, m) add up rows to functions that are negative on all of the box. Only numbers
        prove: slopes that overflow to -inf have a bound of -inf, and bound nothing.
        """
        total = rows.values + multipliers @ path.values
        slopes = total[:, :-1]
        bound = np.maximum(slopes * self.lower, slopes * self.upper).sum(axis=1) + total[:, -1]
        size = self._size(rows.values) + multipliers @ self._size(path.values)
        operations = len(path.values) + total.shape[1] + 3
        error = rows.error + multipliers @ path.error + gamma(operations) * size
        error += self._floor * operations * (1 + multipliers.sum(axis=1))
        highest = bound + error * (1 + SPARE)
        return (multipliers >= 0).all(axis=1) & np.isfinite(highest) & (highest < 0)

    def inside(self, path, y):
        """Whether all rows of ``path`` are proved positive at the point ``y`` (k,) of the box."""
        if not ((self.lower <= y) & (y <= self.upper)).all():
            return False
        values = path.values[:, :-1] @ y + path.values[:, -1]
        operations = path.values.shape[1] + 1
        error = path.error + gamma(operations) * self._size(path.values) + self._floor * operations
        return bool((np.isfinite(values) & (values > error * (1 + SPARE))).all())

    def _size(self, values):
        """What the terms of each row add up to at most."""
        return np.abs(values) @ self._reach


class ExactRows:
    """The same rows with no rounding at all, as lists of ``fmpq``."""

    def __init__(self, network, space):
        self._layers, self._leaks, self._space = network.hidden, network.leaks, space
        self._starts = np.cumsum((0, *network.widths))
        self._last = {}
        self.lower, self.upper = _exact(space.lower), _exact(space.upper)

    @cached_property
    def inputs(self):
        """The inputs as rows: what the first layer acts on."""
        return [_exact(row) for row in self._space.inputs]

    @cached_property
    def constraints(self):
        """The rows of the domain, nonnegative inside."""
        return self._through(self._space.constraints, self.inputs, np.ones(len(self.inputs)))

    def layer(self, pattern, layer):
        """Rows of the hidden layer of index ``layer`` under ``pattern``; the inputs for -1."""
        if layer < 0:
            return self.inputs
        key = pattern[: self._starts[layer]].tobytes()
        if self._last.get(layer, (None,))[0] != key:
            below = self.layer(pattern, layer - 1)
            passed = np.ones(len(below))
            if layer:
                before = pattern[self._starts[layer - 1] : self._starts[layer]]
                passed = factors(before, self._leaks[layer - 1])
            self._last[layer] = key, self._through(self._layers[layer], below, passed)
        return self._last[layer][1]

    def unit(self, pattern, unit):
        """The row of one unit, of index 0 to N - 1."""
        layer = int(np.searchsorted(self._starts, unit, side="right")) - 1
        return self.layer(pattern, layer)[unit - self._starts[layer]]

    def highest(self, row):
        """The maximum of a row over the box."""
        ends = zip(row, self.lower, self.upper, strict=False)
        return row[-1] + sum((max(v * low, v * high) for v, low, high in ends if v), fmpq(0))

    def vanishes(self, row):
        """Whether a row is zero on all of the box."""
        return self.highest(row) == 0 == self.highest([-v for v in row])

    def _through(self, layer, below, passed):
        """Rows of ``layer`` on the rows ``below`` times what is ``passed`` on of each."""
        columns = len(self._space.lower) + 1
        active = np.flatnonzero(passed)
        weights = [v for row in layer.weight[:, active] for v in _exact(row)]
        chosen = [
            v if passed[j] == 1 else v * fmpq(*float(passed[j]).as_integer_ratio())
            for j in active
            for v in below[j]
        ]
        product = fmpq_mat(len(layer.bias), len(active), weights) * fmpq_mat(
            len(active), columns, chosen
        )
        rows = [[product[i, d] for d in range(columns)] for i in range(len(layer.bias))]
        for row, bias in zip(rows, _exact(layer.bias), strict=True):
            row[self._space.one] += bias
        return rows


def _exact(values):
    return [fmpq(*float(v).as_integer_ratio()) for v in values]


def _reach(domain):
    """A bound on every coordinate of a slice, in rationals and then rounded up.

    With P any left inverse of the directions D up to an error E = P D - I: y = P (x - origin) - E y.
    """
    k, n = domain.directions.shape
    # any P will do: that of the directions over a power of two, so that no square in it overflows
    exponent = int(np.frexp(np.abs(domain.directions).max())[1])
    scale = fmpq(2) ** -exponent
    near = np.linalg.pinv(np.ldexp(domain.directions, -exponent))
    inverse = fmpq_mat(k, n, _exact(near.T.ravel())) * scale
    directions = fmpq_mat(n, k, _exact(domain.directions.T.ravel()))
    box = domain.box
    ends = zip(_exact(box.lower), _exact(domain.origin), _exact(box.upper), strict=True)
    far = [max(abs(high - o), abs(o - low)) for low, o, high in ends]
    product = inverse * directions
    error = max(sum(abs(product[i, j] - (i == j)) for j in range(k)) for i in range(k))
    if error >= 1:
        raise InputError("the directions of the slice are nearly dependent; orthogonalise them")
    reach = max(sum(abs(inverse[i, j]) * far[j] for j in range(n)) for i in range(k)) / (1 - error)
    try:
        return float(int(reach.p) / int(reach.q)) * (1 + SPARE) + UNDERFLOW
    except OverflowError:
        raise InputError(
            "coordinates of the slice exceed 1.8e308 inside its box; scale its directions up"
        ) from None
