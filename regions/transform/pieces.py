"""The pieces that a transformation is built from: convex sets with the affine map on each, exactly.

Coordinates are those of the domain's own polyhedron: the inputs that its box does not fix.
"""

from dataclasses import dataclass, field
from itertools import product

from ..arithmetic.linear_programme import maximum
from ..arithmetic.rationals import ZERO
from ..arithmetic.rows import canonical, opposite
from ..count import count_regions
from ..count.engines.cells import Cells
from ..errors import UnsupportedError
from ..preactivations.rational_rows import ExactProblem

# Dimensions up to which sides are made irredundant and volumes are exact: the cost grows as a power.
LOW = 3
# 2^12 patterns are as many as are worth writing down when most of them do not occur.
MOST_UNITS = 12


@dataclass(frozen=True, eq=False)
class Piece:
    """``{y : row(y) >= 0 for all sides}`` inside the domain, and the outputs there as rows.

    Each row is a tuple; sides are scaled by `canonical`, so that equal half-spaces of two pieces are equal.
    """

    sides: tuple
    outputs: tuple


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces of a network on a domain, with what was used to find them."""

    pieces: tuple[Piece, ...]
    problem: ExactProblem
    dimension: int
    witnesses: object = field(default=None)


def domain_of_pieces(network, domain):
    """Raise unless pieces can be described on ``domain``; return its polyhedron."""
    domain.check(network)
    if domain.has_coordinates or not domain.bounded:
        raise UnsupportedError(
            f"a transformation needs a Box or a Polytope, whose coordinates are inputs; got {domain!r}"
        )
    hull = domain.polyhedron()
    if hull.dimension == 0:
        raise UnsupportedError(
            f"{domain!r} is a single point: there is nothing to transform; widen the box"
        )
    return hull


def feasible_pieces(network, domain, *, merged=False, progress=False):
    """One piece for each cell; ``merged`` joins those with one map whose union is convex.

    In dimensions up to `LOW` sides that bound nothing are left out, by rational linear programmes.
    """
    hull = domain_of_pieces(network, domain)
    count = count_regions(network, domain, engine=Cells(), keep_patterns=True, progress=progress)
    problem = ExactProblem(network.with_output_relu(), domain)
    pieces = [_piece(problem, network, pattern) for pattern in count.patterns]
    if hull.dimension <= LOW:
        pieces = [Piece(_irredundant(p.sides, problem), p.outputs) for p in pieces]
        if merged:
            pieces = _merged(pieces, problem)
    return Pieces(tuple(pieces), problem, hull.dimension, count.witnesses)


def all_pieces(network, domain):
    """One piece for each of the 2^N patterns, most of them empty; those contradicted by a constant go.

    Raises
    ------
    UnsupportedError
        More than `MOST_UNITS` hidden units.
    """
    hull = domain_of_pieces(network, domain)
    if network.n_units > MOST_UNITS:
        raise UnsupportedError(
            f"2^{network.n_units} patterns are too many to write down (the limit is 2^{MOST_UNITS}); "
            "use the feasible ones, or count with needed_units"
        )
    problem = ExactProblem(network.with_output_relu(), domain)
    patterns = product((False, True), repeat=network.n_units)
    pieces = (_piece(problem, network, pattern) for pattern in patterns)
    return Pieces(tuple(p for p in pieces if p is not None), problem, hull.dimension)


def _piece(problem, network, pattern):
    """The piece of a pattern, or None when a unit whose row is constant contradicts it."""
    rows = problem.rows(pattern, len(network.widths) + 1)
    sides = {}
    for row, on in zip(rows, pattern, strict=False):
        if any(v != 0 for v in row[:-1]):
            sides[canonical(row if on else [-v for v in row])] = None
        elif (row[-1] > 0) != on:
            return None
    return Piece(tuple(sides), tuple(map(tuple, rows[network.n_units :])))


def _irredundant(sides, problem):
    """The sides without those that follow from the others and the domain."""
    kept = list(sides)
    for side in sides:
        others = [other for other in kept if other is not side]
        if _implied(side, others, problem):
            kept = others
    return tuple(kept)


def _implied(side, sides, problem):
    """Whether ``side`` is nowhere negative on the part of the domain inside ``sides``."""
    rows = [*problem.domain_rows, *map(list, sides)]
    worst = maximum(opposite(side), rows, problem.lower, problem.upper, enough=ZERO)
    return worst is None or worst[0] <= 0


def _merged(pieces, problem):
    """Join two pieces of one map as long as there are two whose union is convex."""
    groups = {}
    for piece in pieces:
        groups.setdefault(piece.outputs, []).append(piece.sides)
    merged = []
    for outputs, sets in groups.items():
        while pair := _convex_pair(sets, problem):
            first, second, union = pair
            sets = [s for s in sets if s is not first and s is not second] + [union]
        merged += [Piece(sides, outputs) for sides in sets]
    return merged


def _convex_pair(sets, problem):
    for i, first in enumerate(sets):
        for second in sets[i + 1 :]:
            union = _convex_union(first, second, problem)
            if union is not None:
                return first, second, union
    return None


def _convex_union(first, second, problem):
    """The sides of the union of two sets that share a facet's hyperplane, or None if it is not convex.

    The envelope has the sides of each that the other keeps to (Bemporad, Fukuda, Torrisi 2001,
    *Convexity recognition of the union of polyhedra*). It is the union when, cut with the shared
    hyperplane, it leaves no more than one set on either side.
    """
    shared = next((side for side in first if opposite(side) in second), None)
    if shared is None:
        return None
    envelope = [s for s in first if s != shared and _implied(s, second, problem)]
    envelope += [
        s
        for s in second
        if s != opposite(shared) and s not in envelope and _implied(s, first, problem)
    ]
    for half, part in ((shared, first), (opposite(shared), second)):
        if not all(s == half or _implied(s, [*envelope, half], problem) for s in part):
            return None
    return _irredundant(tuple(envelope), problem)
