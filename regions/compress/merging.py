"""Merging of always-active units: to the next layer they are one affine map, of some rank.

Let Q be the units of hidden layer l that are never inactive. The next layer sees them through
``C h + const`` with ``C = W_next[:, Q] @ W[Q]``, h the inputs of layer l. The published rule (Serra,
Kumar, Ramalingam 2020; Serra, Yu, Kumar, Ramalingam 2021) keeps rank(W[Q]) of them. The two-sided rule
keeps rank(C): with ``C = U V`` it puts units ``V h + c`` in their place, shifted so far that they are
never inactive, with outgoing weights U. If the whole layer is Q, it can be folded into the next.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq_mat

from ..arithmetic.dyadic import Dyadic
from ..arithmetic.rank import nearest, rank, row_basis, seconds_for_basis
from ..domain import Box
from ..network import Layer, Network
from ..preactivations.ranges import direct_ranges
from .draft import Draft, product_up
from .fate import Fate

# Unit: share of the size of its range by which a new unit stays clear of zero, so that rounding
# elsewhere or evaluation in float32 does not switch it off.
CLEARANCE = 2.0**-10


def merge_active(draft, k, *, two_sided):
    """Replace the always-active units of hidden layer ``k`` by as few as the rule allows.

    A layer of nothing else is folded into the next one when that leaves no more weights.
    """
    active = draft.on(k)
    if not active.any():
        return False
    block = _Block(draft, k, active)
    fewest = min(block.row_rank, block.product_rank) if two_sided else block.row_rank
    outputs, inputs = block.product.shape
    if active.all() and outputs * inputs <= fewest * (outputs + inputs):
        return _fold(draft, k, block)
    if fewest == len(block.bias):
        return False
    if two_sided and (fewest < block.row_rank or block.passes_inputs) and _factor(draft, k, block):
        return True
    return block.row_rank < len(block.bias) and _merge_rows(draft, k, block)


@dataclass(frozen=True, eq=False)
class _Block:
    """The always-active units of a layer, exactly: ``rows`` @ h + ``bias``, then ``outgoing``."""

    draft: Draft
    k: int
    active: np.ndarray

    @property
    def layer(self):
        weight, bias = self.draft.layers[self.k]
        return Layer(weight[self.active], bias[self.active])

    @property
    def bias(self):
        return self.layer.bias

    @cached_property
    def rows(self):
        return Dyadic.of(self.layer.weight)

    @cached_property
    def outgoing(self):
        return Dyadic.of(self.draft.layers[self.k + 1].weight[:, self.active])

    @cached_property
    def product(self):
        """C."""
        return self.outgoing @ self.rows

    @property
    def passes_inputs(self):
        """Whether C has full column rank: units that pass the inputs on are then as few as any."""
        return int((self.product_floats != 0).any(axis=0).sum()) == self.product_rank

    @cached_property
    def product_floats(self):
        """C, each entry rounded once; an entry that underflows is not told from 0."""
        return self.product.nearest()

    @cached_property
    def constant(self):
        """The next bias with what the biases of the block add to it."""
        return Dyadic.of(self.draft.layers[self.k + 1].bias) + self.outgoing @ Dyadic.of(self.bias)

    @cached_property
    def row_rank(self):
        return rank(self.rows)

    @cached_property
    def product_rank(self):
        return rank(self.product)

    def next_bias(self, layer, outgoing):
        """The next bias when ``layer`` and ``outgoing`` stand for the block, and the error made.

        The error bounds, per unit of the next layer, how far its pre-activation moves.
        """
        if not np.isfinite(outgoing).all() or not np.isfinite(layer.weight).all():
            return self.draft.layers[self.k + 1].bias, np.full(len(outgoing), np.inf)
        rest = self.constant - Dyadic.of(outgoing) @ Dyadic.of(layer.bias)
        bias, error = (column[:, 0] for column in rest.rounded())
        residual = self.product - Dyadic.of(outgoing) @ Dyadic.of(layer.weight)
        moved = product_up(residual.magnitude(), self.draft.reach(self.k))
        return bias, _sum_up(moved, error)


def _fold(draft, k, block):
    """Put the product of both layers in their place (papers: a layer without unstable units)."""
    weight, weight_error = block.product.rounded()
    bias, bias_error = (column[:, 0] for column in block.constant.rounded())
    error = _sum_up(product_up(weight_error, draft.reach(k)), bias_error)
    if not draft.finite(k + 1, error):
        return False
    draft.record.set(draft.units[k], Fate.FOLDED, on=True)
    draft.move(k + 1, error)
    draft.fold(k, Layer(weight, bias))
    return True


def _merge_rows(draft, k, block):
    """Keep units with independent rows; the others are combinations of them."""
    if not draft.has_time(seconds_for_basis(block.rows, block.row_rank)):
        return False
    basis = row_basis(block.rows)
    combined = nearest(_fractions(block.outgoing) * basis.coefficients)
    outgoing = np.ldexp(combined, block.outgoing.exponent)
    kept = np.flatnonzero(block.active)[basis.rows]
    layer = Layer(*(part[basis.rows] for part in block.layer))
    bias, error = block.next_bias(layer, outgoing)
    if not draft.finite(k + 1, error):
        return False
    weight = draft.layers[k + 1].weight.copy()
    weight[:, kept] = outgoing
    draft.layers[k + 1] = Layer(weight, bias)
    draft.move(k + 1, error)
    gone = block.active.copy()
    gone[kept] = False
    draft.record.set(draft.units[k][gone], Fate.MERGED, on=True)
    draft.select(k, ~gone)
    return True


def _factor(draft, k, block):
    """Put units ``V h + c`` in the place of the block, for ``C = U V`` of the least inner size."""
    interval = draft.interval(k)
    if not all(np.isfinite(part).all() for part in (*interval, block.product_floats)):
        return False
    if not _quick_factors(block) and not draft.has_time(
        seconds_for_basis(block.product, block.product_rank)
    ):
        return False
    outgoing, weight = _factors(block)
    bias, ranges = _always_active(weight, interval)
    layer = Layer(weight, bias)
    next_bias, error = block.next_bias(layer, outgoing)
    if not draft.finite(k + 1, error):
        return False
    draft.record.set(draft.units[k][block.active], Fate.MERGED, on=True)
    draft.layers[k + 1] = Layer(draft.layers[k + 1].weight, next_bias)
    draft.move(k + 1, error)
    draft.exchange(k, block.active, layer, ranges, outgoing)
    return True


def _quick_factors(block):
    """Whether `_factors` needs no basis."""
    rows = np.flatnonzero((block.product_floats != 0).any(axis=1))
    return block.passes_inputs or len(rows) == block.product_rank


def _factors(block):
    """``(U, V)``, each rounded once; one of them selects rows or columns wherever that is enough."""
    rows, columns = (np.flatnonzero((block.product_floats != 0).any(axis=axis)) for axis in (1, 0))
    outputs, inputs = block.product.shape
    if block.passes_inputs:  # nothing to round in V
        return block.product_floats[:, columns], np.eye(inputs)[columns]
    if len(rows) == block.product_rank:  # what the next layer sees: nothing to round in U
        return np.eye(outputs)[:, rows], block.product_floats[rows]
    basis = row_basis(block.product)
    return nearest(basis.coefficients), block.product_floats[basis.rows]


def _always_active(weight, interval):
    """Biases that keep ``weight @ h + bias`` positive for h in ``interval``, and the ranges then."""
    if not len(weight):  # the next layer sees a constant
        return np.zeros(0), (np.zeros(0), np.zeros(0))
    bare = Network.of((weight, None), (np.ones((1, len(weight))), None))
    ranges = direct_ranges(bare, Box(*interval))
    low, high = ranges.lower[0], ranges.upper[0]
    clear = CLEARANCE * np.maximum(high - low, np.abs(low))
    bias = np.where(low >= 0, 0.0, clear - low)
    lower, upper = np.nextafter(low + bias, -np.inf), np.nextafter(high + bias, np.inf)
    return bias, (np.where(low >= 0, low, lower), np.where(low >= 0, high, upper))


def _fractions(matrix):
    """The integers of a `Dyadic` as a rational matrix."""
    return fmpq_mat(matrix.integers)


def _sum_up(a, b):
    """``a + b`` rounded up; exact where one of them is 0."""
    total = a + b
    return np.where((a == 0) | (b == 0), total, np.nextafter(total, np.inf))
