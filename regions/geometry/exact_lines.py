"""Kinks on parts of lines in whole numbers: what error bounds leave open is decided here, always.

A point of a line is a column of integers with a positive weight, in which its parameter is one more entry: the value is
the entry over the weight. Layers act on such columns without a fraction, and where a unit changes its sign between two
columns its kink is a sum of the two with positive whole factors.
"""

from typing import NamedTuple

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from ..arithmetic.dyadic import Dyadic
from ..deadline import NEVER, Late
from .columns import Dense, Identity

# Unit: parts of lines that go through the layers together: each layer is turned into integers once.
TOGETHER = 16


class Part(NamedTuple):
    """``start + t (move + rest)`` for rational t from ``lower`` to ``upper``; the three are arrays of doubles."""

    start: np.ndarray
    move: np.ndarray
    rest: np.ndarray
    lower: fmpq
    upper: fmpq


class Kink(NamedTuple):
    """At ``t`` the unit goes on or off; units of a layer are counted from 0, as layers are here."""

    t: fmpq
    layer: int
    unit: int
    turns_on: bool


class ExactLines:
    """Exact kinks of the `Layer`s of `regions.geometry.columns`."""

    def __init__(self, layers):
        self.layers, self._whole = layers, {}

    def kinks(self, parts, deadline=NEVER):
        """For each part the list of its `Kink`s strictly between its ends, in their order; None if time ran out."""
        found = []
        for first in range(0, len(parts), TOGETHER):
            some = parts[first : first + TOGETHER]
            try:
                found += self._together(some, deadline)
            except Late:
                found += [None] * len(some)
        return found

    def _together(self, parts, deadline):
        columns = [_column(part, t) for part in parts for t in (part.lower, part.upper)]
        points = np.array([c[0] for c in columns], dtype=object)
        carried = np.array([c[1:] for c in columns], dtype=object)  # weight and parameter
        owner = np.repeat(np.arange(len(parts)), 2)
        found = [[] for _ in parts]
        for depth, layer in enumerate(self.layers):
            for m in layer.maps:
                deadline.check()
                points, carried = self._apply(m, points, carried)
            points, carried, owner = _split(points, carried, owner)
            for at, unit, turns_on in _switches(points, owner):
                t = fmpq(carried[at, 1], carried[at, 0])
                found[owner[at]].append(Kink(t, depth, unit, turns_on))
            points, carried = _passed(layer.slopes, points, carried)
        return [sorted(kinks) for kinks in found]

    def _apply(self, m, points, carried):
        """The map on columns of integers; their weights take up its denominators."""
        if isinstance(m, Identity):
            return points, carried
        if id(m) not in self._whole:
            self._whole[id(m)] = _integers(m)
        weight, bias, power, denominator = self._whole[id(m)]
        if isinstance(m, Dense):
            product = fmpz_mat(*points.shape, points.ravel().tolist()) * weight
            product = np.array(product.entries(), dtype=object).reshape(len(points), -1)
        else:
            product = m.windows(points, weight)
        values = product * fmpz(1 << power[0]) + carried[:, :1] * bias
        return values, carried * (fmpz(1 << power[1]) * denominator)


def _passed(slopes, points, carried):
    """What the units pass on, in columns of integers."""
    if slopes is None:
        return np.where(points > 0, points, fmpz(0)), carried
    whole = Dyadic.of(slopes)
    up, down = (fmpz(1 << max(e, 0)) for e in (whole.exponent, -whole.exponent))
    factors = np.array(whole.integers.entries(), dtype=object) * up
    return np.where(points > 0, points * down, points * factors), carried * down


def _integers(m):
    """``(weight, bias, powers, denominator)``: the map is (weight 2^p0 h + bias w) / (2^p1 denominator w)."""
    if not isinstance(m, Dense) and m.area:
        ones = np.full(m.step.weight.shape, fmpz(1), dtype=object)
        return ones, np.full(len(m.bias), fmpz(0), dtype=object), (0, 0), m.area
    weight = m.transposed if isinstance(m, Dense) else m.step.weight
    whole = Dyadic.of(weight.reshape(len(weight), -1))
    bias = Dyadic.of(m.bias)
    least = min(whole.exponent, bias.exponent, 0)
    entries = np.array(bias.integers.entries(), dtype=object) * fmpz(1 << bias.exponent - least)
    integers = whole.integers
    if not isinstance(m, Dense):
        integers = np.array(integers.entries(), dtype=object).reshape(weight.shape)
    return integers, entries, (whole.exponent - least, -least), 1


def _column(part, t):
    """The point of ``part`` at ``t``: integers, their weight, the parameter."""
    whole = Dyadic.of(np.stack([part.start, part.move, part.rest]))
    start, move, rest = np.array(whole.integers.entries(), dtype=object).reshape(3, -1)
    up, down = fmpz(1 << max(whole.exponent, 0)), fmpz(1 << max(-whole.exponent, 0))
    p, q = t.p, t.q
    return (start * q + (move + rest) * p) * up, q * down, p * down


def _split(points, carried, owner):
    """The columns with those put in where a unit has its zero between two neighbours."""
    sign = (points > 0).astype(np.int8) - (points < 0).astype(np.int8)
    inside = (sign[1:] * sign[:-1] < 0) & (owner[1:] == owner[:-1])[:, None]
    order, rows = [], np.concatenate([points, carried], axis=1)
    for k in range(len(rows)):
        order.append((rows[k], owner[k]))
        if k + 1 < len(rows):
            new = {}
            for j in np.flatnonzero(inside[k]):
                a, b = abs(rows[k, j]), abs(rows[k + 1, j])
                t = fmpq(
                    b * rows[k, -1] + a * rows[k + 1, -1], b * rows[k, -2] + a * rows[k + 1, -2]
                )
                new.setdefault(t, (a, b))
            order += [
                (_reduced(rows[k] * new[t][1] + rows[k + 1] * new[t][0]), owner[k])
                for t in sorted(new)
            ]
    rows = np.array([row for row, _ in order], dtype=object)
    return rows[:, :-2], rows[:, -2:], np.array([number for _, number in order])


def _reduced(row):
    """The column with what its entries have in common divided out."""
    common = fmpz(0)
    for v in row:
        common = common.gcd(v)
        if common == 1:
            return row
    return row // common


def _switches(points, owner):
    """``(column, unit, turns on)`` wherever a unit is on on one side of a column and not on the other."""
    on = (points[1:] > 0) | (points[:-1] > 0)
    within = (owner[2:] == owner[:-2])[:, None]
    column, unit = np.nonzero((on[1:] != on[:-1]) & within)
    return [(k + 1, int(j), bool(on[k + 1, j])) for k, j in zip(column, unit, strict=True)]
