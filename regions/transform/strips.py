"""`two_layer_approximation`: two hidden layers that equal the network outside thin strips.

One block for each piece of the network computes the piece's map, minus K times the distance from the
piece; a ReLU then leaves the map inside, nothing far outside, and something wrong in a strip between.
"""

import math
from itertools import pairwise

import numpy as np

from ..arithmetic.rationals import ZERO, rational
from ..arithmetic.rows import (
    bounds,
    difference,
    doubles,
    exactly,
    greatest,
    largest,
    opposite,
    rounded_up,
    scaled,
    shifted,
)
from ..arithmetic.volume import volume
from ..deadline import now
from ..entry import read_positive, read_question
from ..errors import InputError, UnsupportedError
from ..network import Layer, Network
from ..network.slopes import require_relu
from ..preactivations.ranges import direct_ranges
from ..typing import DomainLike, NetworkLike, Progress
from .pieces import LOW, all_pieces, domain_of_pieces, feasible_pieces
from .transformation import Transformation

PATTERNS = {
    "feasible": "a block for each cell",
    "merged": "cells of one map are joined first, where their union is convex",
    "all": "a block for each of the 2^N patterns, no search for those that occur",
}
# Unit: share of the outputs' range. Outputs are lifted by so much more than needed, which the rounding of
# a block's map, a few units in the last place, must not use up.
LIFT = 2.0**-30
# Unit: the largest value that may arise in the network: products with it must not overflow a double.
LARGEST = 1e300


def two_layer_approximation(
    network: NetworkLike,
    domain: DomainLike,
    *,
    K: float = 1e6,
    patterns: str = "feasible",
    progress: Progress = False,
) -> Transformation:
    """A network with two hidden layers that equals ``network`` on ``domain`` but for thin strips.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Box` or `Polytope` of dimension n0. Outside it nothing is promised.
    K
        The penalty, in units of output for each unit of distance from a piece (to within a factor of
        two). Strips are as wide as the range of the outputs over K; inside them the network may be wrong
        by about that range, whatever K.
    patterns
        A key of `PATTERNS`.
    progress
        As in `regions.count.count_regions`, for the search for cells.

    Returns
    -------
    Transformation
        With ``proved_share`` where the domain has at most 3 dimensions.

    Raises
    ------
    InputError
        A ``K`` that is not positive, too small to switch off any block, or too large for a double.
    UnsupportedError
        The whole space or a slice; ``"all"`` with more than 12 units; ``"merged"`` above 3 dimensions.

    Notes
    -----
    First layer: a copy ``x - lower`` of each input that the box does not fix, and for each side of a piece a
    unit that is the distance outside; sides that pieces share are there once. Second layer: for each
    piece and output ``max(0, map + lift - K * sum of distances)``. Output: their sum, less the lift.

    Guarantee: let C be a piece, I the set C drawn in by the rounding of its sides and O the set C
    widened until K times a single distance exceeds the block's largest value. The blocks of other pieces
    vanish outside their O, and each point of the domain lies in some C. So the sum of vol(O) - vol(I) is
    more than the volume of points at which the networks differ by more than ``max_difference``, the
    rounding of the maps. All of it is computed in rational arithmetic from the stored weights.

    References
    ----------
    Kumar, Serra, Ramalingam 2019, *Equivalent and approximate transformations of deep neural networks*
    (the statement; this construction and its proof are derived here).

    Examples
    --------
    >>> from regions.domain import Box
    >>> network = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], None), ([[1.0]], None))  # |x|
    >>> two_layer_approximation(network, Box.cube(1, -1, 1), K=1e3)
    Transformation(1-2-1-1 -> 1-3-2-1, equal on at least 99.7999% of the domain up to ...)
    """
    start = now()
    network, domain = read_question(network, domain)
    require_relu(network, "two_layer_approximation")
    hull = domain_of_pieces(network, domain)
    K = read_positive("K", K)
    found = _pieces(network, domain, patterns, hull.dimension, progress)
    sides = _Sides(found)
    blocks = _Blocks(found, *_lift(network, domain))
    _check_penalty(K, found, sides, blocks)
    share = None
    if hull.dimension <= LOW:
        share = _proved_share(K, found, sides, blocks)
    return Transformation(
        original=network,
        domain=domain,
        network=_assembled(K, network.n0, hull, found, sides, blocks),
        pieces=len(found.pieces),
        proved_share=share,
        max_difference=blocks.max_difference,
        seconds=now() - start,
    )


def needed_units(network, patterns=None):
    """How many units `two_layer_approximation` needs in each layer before any is shared by accident.

    Parameters
    ----------
    network
        A `Network`.
    patterns
        A `PatternSet` of the cells; None for all 2^N patterns.

    Returns
    -------
    tuple of two int
        The first layer: a copy of each input, and both sides of each unit for each sign prefix of the
        layers before it that is taken. The second: a unit for each pattern and output. Exact integers;
        sides that bound nothing are counted, though ``"feasible"`` leaves them out in low dimension.

    Examples
    --------
    >>> from regions.network.patterns import PatternSet
    >>> network = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], None), ([[1.0]], None))
    >>> needed_units(network), needed_units(network, PatternSet.of([[0, 1, 1], [1, 0, 1]]))
    ((13, 8), (7, 2))
    """
    starts = np.cumsum((0, *network.widths))
    layers = [(int(a), int(b)) for a, b in pairwise(starts)]
    if patterns is None:
        sides = sum(2 * (stop - start) * 2**start for start, stop in layers)
        return network.n0 + sides, network.n_out * 2**network.n_units
    matrix = patterns.matrix()
    sides = sum(
        len(np.unique(np.column_stack([matrix[:, :start], matrix[:, unit]]), axis=0))
        for start, stop in layers
        for unit in range(start, stop)
    )
    return network.n0 + sides, network.n_out * len(patterns)


def _pieces(network, domain, patterns, dimension, progress):
    if patterns not in PATTERNS:
        raise InputError(f"patterns={patterns!r} is unknown; choose one of {', '.join(PATTERNS)}")
    if patterns == "all":
        return all_pieces(network, domain)
    if patterns == "merged" and dimension > LOW:
        raise UnsupportedError(
            f"pieces are merged in up to {LOW} dimensions, the domain has {dimension}; use "
            "patterns='feasible'"
        )
    return feasible_pieces(network, domain, merged=patterns == "merged", progress=progress)


def _lift(network, domain):
    """What added to each output makes it positive on the domain, and by how much at least."""
    ranges = direct_ranges(network.with_output_relu(), domain, method="relaxation")
    lower, upper = ranges.lower[-1], ranges.upper[-1]
    lift = LIFT * np.maximum(1.0, np.maximum(np.abs(lower), np.abs(upper))) - lower
    return lift, min(rational(a) + rational(b) for a, b in zip(lift, lower, strict=True))


class _Sides:
    """The sides of all pieces, each once, scaled to a length between 1/2 and 1 and rounded."""

    def __init__(self, found):
        self.place = {}
        for piece in found.pieces:
            for side in piece.sides:
                self.place.setdefault(side, len(self.place))
        wanted = [scaled(side) for side in self.place]
        self.stored = doubles(wanted, found.dimension + 1)
        self.rows = exactly(self.stored)
        self.error = [
            largest(difference(*pair), found.problem.lower, found.problem.upper)
            for pair in zip(self.rows, wanted, strict=True)
        ]

    def of(self, piece):
        """Places of the sides of ``piece``."""
        return [self.place[side] for side in piece.sides]


class _Blocks:
    """The maps of all pieces, lifted to be positive on them, as functions of ``x - lower``, rounded."""

    def __init__(self, found, lift, room):
        lower, upper = found.problem.lower, found.problem.upper
        size = [high - low for low, high in zip(lower, upper, strict=True)]
        corner = [ZERO] * found.dimension
        self.lift, self.stored, self.top, worst = lift, [], [], ZERO
        for piece in found.pieces:
            wanted = [
                [*row[:-1], row[-1] + rational(up)]
                for row, up in zip(
                    (shifted(row, lower) for row in piece.outputs), lift, strict=True
                )
            ]
            self.stored.append(doubles(wanted, found.dimension + 1))
            rows = exactly(self.stored[-1])
            self.top.append(max(greatest(row, corner, size) for row in rows))
            worst = max(
                worst,
                *(
                    largest(difference(*pair), corner, size)
                    for pair in zip(rows, wanted, strict=True)
                ),
            )
        if worst > room:
            raise InputError(
                "the maps of the pieces are so steep that rounding them costs more than a part in 10^9 of "
                "the outputs; rescale the network or shrink the domain"
            )
        self.max_difference = rounded_up(worst)


def _assembled(K, n0, hull, found, sides, blocks):
    """The network itself."""
    k, n_out = found.dimension, len(blocks.lift)
    first = np.zeros((k + len(sides.place), n0))
    first[:, hull.free] = np.concatenate([np.eye(k), -sides.stored[:, :-1]])
    bias = np.concatenate([-hull.lower, -sides.stored[:, -1]])
    second = np.zeros((len(found.pieces) * n_out, len(first)))
    for t, (piece, stored) in enumerate(zip(found.pieces, blocks.stored, strict=True)):
        rows = slice(t * n_out, (t + 1) * n_out)
        second[rows, :k] = stored[:, :-1]
        second[rows, [k + i for i in sides.of(piece)]] = -K
    constants = np.concatenate([stored[:, -1] for stored in blocks.stored])
    last = np.tile(np.eye(n_out), len(found.pieces))
    return Network((Layer(first, bias), Layer(second, constants), Layer(last, -blocks.lift)))


def _check_penalty(K, found, sides, blocks):
    """Raise when K switches no block off anywhere on the domain, or overflows."""
    lower, upper = found.problem.lower, found.problem.upper
    far = [max(greatest(opposite(row), lower, upper), ZERO) for row in sides.rows]
    reach = [sum((far[i] for i in sides.of(piece)), ZERO) for piece in found.pieces]
    least = [top / r for top, r in zip(blocks.top, reach, strict=True) if r > 0]
    if least and rational(K) <= min(least):
        raise InputError(
            f"K = {K:g} is too small: the penalty switches no block off anywhere on the domain; give "
            f"more than {float(min(least)):.3g}, and a thousand times that for thin strips"
        )
    if rational(K) * max(reach) > rational(LARGEST):
        raise InputError(
            f"K = {K:g} is too large: the penalty overflows a double on this domain; give at most "
            f"{LARGEST / float(max(reach)):.3g}"
        )


def _proved_share(K, found, sides, blocks):
    """One less the volume of the strips as a share of the domain, rounded down."""
    problem, strips = found.problem, ZERO
    domain = [*problem.domain_rows, *bounds(problem.lower, problem.upper)]
    for piece, top in zip(found.pieces, blocks.top, strict=True):
        outer, inner = list(domain), list(domain)
        for i in sides.of(piece):
            *coefficients, constant = sides.rows[i]
            outer.append([*coefficients, constant + max(top / rational(K), sides.error[i])])
            inner.append([*coefficients, constant - sides.error[i]])
        strips += volume(outer) - volume(inner)
    lost = rounded_up(strips / volume(domain))
    return max(0.0, math.nextafter(1.0 - lost, 0.0)) if lost else 1.0
