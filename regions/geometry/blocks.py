"""Layers on the many columns of a line with less work than a product for each column.

Bends: between two columns where the layer before is affine, its outputs are affine but for the units that switch there.
Blocks, for the last layer, whose values nobody needs: units that keep their sign on a block are told by its two ends.
Outputs h of the layers before move little from one kink to the next: on a block of neighbouring columns they stay
within a small distance of the chord between its ends. A unit whose values at both ends have one sign and are larger
than that distance times the norm of its weights has it on the whole block. Only the others are computed column by column.
"""

from typing import NamedTuple

import numpy as np

from ..arithmetic.rounding import QUIET, gamma
from .columns import Columns, Dense, lengths

# Unit: columns. Longer blocks have fewer ends and more units that may switch.
BLOCK = 16


# Unit: inputs of a layer. gamma is twice what a sum of so many products needs, and the rest covers an interpolation.
FEWEST = 32


class Pairs(NamedTuple):
    """Units in gaps between two columns: the gap, the unit, its values at both columns."""

    gap: np.ndarray
    unit: np.ndarray
    before: np.ndarray
    behind: np.ndarray


def worth_blocks(layer, count):
    """Whether ``count`` columns go through ``layer`` faster in blocks."""
    return len(layer.maps) == 1 and isinstance(layer.maps[0], Dense) and count >= 4 * BLOCK


@np.errstate(**QUIET)
def open_pairs(layer, points, error):
    """``(Pairs, spread)``: all gaps and units but those that are proved to keep their sign there.

    ``points`` (m, n) are known up to ``error`` (m,) in the 2-norm at their own place, and between two of them h is affine.
    ``spread`` is that of `Columns`.
    """
    (dense,) = layer.maps
    count = -(-(len(points) - 1) // BLOCK)
    rows = np.minimum(np.arange(count * BLOCK + 1), len(points) - 1)
    ends = rows[::BLOCK]
    size = lengths(points)
    spread = (error + dense.gamma * size) * (1 + gamma(8))
    at_ends = dense(points[ends])
    off = _distances(points, size, rows, ends, count) + error[rows[:-1]].reshape(count, BLOCK)
    off = np.maximum(off.max(axis=1), error[ends[1:]])
    smallest = np.where(
        (at_ends[1:] > 0) == (at_ends[:-1] > 0),
        np.minimum(np.abs(at_ends[1:]), np.abs(at_ends[:-1])),
        0.0,
    )
    # the distance is from a chord between exact products: what these are rounded by is in the spread of the ends
    bound = layer.bounds(off + np.maximum(spread[ends[1:]], spread[ends[:-1]]))
    block, unit = np.nonzero(~(smallest > bound))
    firsts = np.searchsorted(block, np.arange(count + 1))
    values = np.empty((len(unit), BLOCK + 1))
    for b in range(count):
        here = slice(firsts[b], firsts[b + 1])
        some = rows[b * BLOCK : (b + 1) * BLOCK + 1]
        values[here] = dense.weight[unit[here]] @ points[some[0] : some[-1] + 1][some - some[0]].T
    values += dense.bias[unit, None]
    gap = rows[block[:, None] * BLOCK + np.arange(BLOCK)]
    real = gap < len(points) - 1
    pairs = Pairs(gap, np.broadcast_to(unit[:, None], gap.shape), values[:, :-1], values[:, 1:])
    return Pairs(*(column[real] for column in pairs)), spread


def _distances(points, size, rows, ends, count):
    """Upper bounds (count, BLOCK) on the distance of each column of a block from the chord of its ends.

    By products: their cancellation costs half of the digits, and less than a part in 1e5 of the size of a column.
    """
    padded = points if len(rows) == len(points) else points[rows]
    inside = padded[:-1].reshape(count, BLOCK, -1)
    first, last = padded[:-1:BLOCK], padded[BLOCK::BLOCK]
    with_ends = np.matmul(inside, np.stack([first, last], axis=2))
    squares = np.einsum("ij,ij->i", padded, padded)
    first_square, last_square = squares[:-1:BLOCK, None], squares[BLOCK::BLOCK, None]
    both = np.einsum("ij,ij->i", first, last)[:, None]
    # any place on the chord will do: the nearest one, as far as floating point knows it
    length = first_square - 2 * both + last_square
    along = (with_ends[:, :, 1] - with_ends[:, :, 0] + first_square - both) / np.where(
        length > 0, length, 1.0
    )
    along = np.clip(along, 0.0, 1.0)
    back = 1 - along
    distance = squares[:-1].reshape(count, BLOCK) + back**2 * first_square + along**2 * last_square
    distance += 2 * along * back * both
    distance -= 2 * (back * with_ends[:, :, 0] + along * with_ends[:, :, 1])
    size = size[rows]
    scale = size[:-1].reshape(count, BLOCK) + size[:-1:BLOCK, None] + size[BLOCK::BLOCK, None]
    return np.sqrt(np.maximum(distance, 0) + gamma(points.shape[1] + 16) * scale**2) * (
        1 + gamma(8)
    )


def worth_bends(layer, count):
    """Whether ``count`` columns go through ``layer`` faster by `bends`."""
    return worth_blocks(layer, count) and layer.maps[0].weight.shape[1] >= FEWEST


@np.errstate(**QUIET)
def bends(layer, points, error, ends):
    """`Columns` of ``points`` (m, n), all in one gap between two columns whose pre-activations are ``ends`` (2, n).

    Inputs that are off at both ends are 0 at all points, those that are on at both are affine in the gap: their part
    comes from the two ends, at the place of each point. The place is the same for all of them, and rounding it is part of
    ``error``.
    """
    (dense,) = layer.maps
    first, last = np.maximum(ends, 0.0)
    bent, on = (ends[0] > 0) != (ends[1] > 0), (ends > 0).all(axis=0)
    move = np.where(on, last - first, 0.0)
    along = np.clip(
        (points @ move - first @ move) / max(move @ move, np.finfo(float).tiny), 0.0, 1.0
    )[:, None]
    start, stop = dense(np.stack([first, last]))
    rest = points[:, bent] - ((1 - along) * first[bent] + along * last[bent])
    values = (1 - along) * start + along * stop + rest @ dense.transposed[bent]
    # how far the affine part is from the points themselves, and what the interpolation rounds
    straight = points[:, on] - ((1 - along) * first[on] + along * last[on])
    size = lengths(np.stack([first, last])).sum() + lengths(rest)
    error = error + lengths(straight) + gamma(8) * size
    more = 1 + gamma(16)
    spread = (error + dense.gamma * size) * more
    return Columns(
        values, spread, (dense.norm * error + dense.gamma * dense.size * size + dense.floor) * more
    )
