"""Rules that remove single units, or a unit that another one makes superfluous.

A rule takes a `Draft` and a hidden layer k, and returns whether it changed anything. Rules that only
drop rows and columns change no number at all. The others compute the new weights in exact
arithmetic, round them once, and account for what that rounding does.
"""

from fractions import Fraction

import numpy as np

from ..arithmetic.dyadic import Dyadic, quotient
from ..arithmetic.proportional import proportional
from ..network import Layer
from .draft import product_up
from .fate import Fate


def remove_inactive(draft, k):
    """Drop units that are inactive on the whole domain. Exact."""
    off = draft.off(k)
    draft.record.set(draft.units[k][off], Fate.INACTIVE, on=False)
    return _drop(draft, k, off)


def remove_silent(draft, k):
    """Drop units whose outgoing weights are all zero. Exact."""
    silent = ~(draft.layers[k + 1].weight != 0).any(axis=0)
    draft.record.set(draft.units[k][silent], Fate.SILENT)
    return _drop(draft, k, silent)


def remove_constant(draft, k):
    """Drop units of zero weights and positive bias: their output goes into the next bias."""
    weight, bias = draft.layers[k]
    outgoing, next_bias = draft.layers[k + 1]
    constant = ~(weight != 0).any(axis=1) & (bias > 0)
    if not constant.any():
        return False
    exact = Dyadic.of(next_bias) + Dyadic.of(outgoing[:, constant]) @ Dyadic.of(bias[constant])
    rounded, error = (column[:, 0] for column in exact.rounded())
    if not draft.finite(k + 1, error):
        return False
    draft.record.set(draft.units[k][constant], Fate.CONSTANT, on=True)
    draft.layers[k + 1] = Layer(outgoing, rounded)
    draft.move(k + 1, error)
    return _drop(draft, k, constant)


def join_proportional(draft, k):
    """Merge units whose weights and bias are a positive multiple of another unit's.

    max(0, a g) = a max(0, g) for a > 0, so the outgoing weights add up. Nothing is rounded when
    those sums are doubles.
    """
    pairs = proportional(*draft.layers[k], draft.units[k] >= 0)
    if not pairs:
        return False
    outgoing, next_bias = draft.layers[k + 1]
    sums = {
        leader: [Fraction(v) for v in outgoing[:, leader].tolist()]
        for leader in set(_leaders(pairs))
    }
    for unit, leader, factor in pairs:
        column = [factor * Fraction(v) for v in outgoing[:, unit].tolist()]
        sums[leader] = [a + b for a, b in zip(sums[leader], column, strict=True)]
    joined, error = _rounded_columns(outgoing, sums, draft.reach(k + 1))
    if not draft.finite(k + 1, error):
        return False
    for unit, leader, _ in pairs:
        draft.record.follow(draft.units[k][unit], draft.units[k][leader])
    draft.layers[k + 1] = Layer(joined, next_bias)
    draft.move(k + 1, error)
    return _drop(draft, k, np.isin(np.arange(len(draft.units[k])), [unit for unit, *_ in pairs]))


def _drop(draft, k, gone):
    if gone.any():
        draft.select(k, ~gone)
    return bool(gone.any())


def _leaders(pairs):
    return [leader for _, leader, _ in pairs]


def _rounded_columns(outgoing, sums, reach):
    """``outgoing`` with the exact columns ``sums`` rounded, and how far its products then are off."""
    joined, residual = outgoing.copy(), np.zeros_like(outgoing)
    for leader, column in sums.items():
        joined[:, leader] = [quotient(v.numerator, v.denominator) for v in column]
        residual[:, leader] = [
            _distance(v, near) for v, near in zip(column, joined[:, leader].tolist(), strict=True)
        ]
    return joined, product_up(residual, reach)


def _distance(exact, near):
    """|exact - near| rounded up."""
    if np.isinf(near):
        return np.inf
    distance = abs(exact - Fraction(near))
    return np.nextafter(float(distance), np.inf) if distance else 0.0
