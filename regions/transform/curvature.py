"""The bends of a piecewise affine function on an interval or in the plane, from its pieces, exactly."""

from itertools import permutations

from ..arithmetic.rationals import evaluate
from ..arithmetic.rows import bounds, difference, opposite
from .bends import Bends


def kinks(found):
    """The `Bends` on an interval: where the slope jumps, and by how much; and the ends of a piece."""
    bends = Bends(len(found.pieces[0].outputs))
    right_of = {side: piece for piece in found.pieces for side in piece.sides if side[0] > 0}
    for piece in found.pieces:
        for side in piece.sides:
            if side[0] < 0 and opposite(side) in right_of:
                _jump(bends, right_of[opposite(side)], piece, opposite(side))
    return bends, _ends(found)


def _jump(bends, right, left, side):
    for output, (after, before) in enumerate(zip(right.outputs, left.outputs, strict=True)):
        if after != before:
            bends.bend(side, output, after[0] - before[0])


def _ends(found):
    """Both ends of the first piece, as points."""
    rows = [*found.pieces[0].sides, *found.problem.domain_rows]
    low, high = [found.problem.lower[0]], [found.problem.upper[0]]
    for slope, constant in rows:
        (low if slope > 0 else high).append(-constant / slope)
    return [[max(low)], [min(high)]]


def curvature(found):
    """The `Bends` in the plane; and three corners of a piece.

    Every vertex inside the domain gets the homogeneous function with the kinks met there, extended to
    rays. An edge between two such vertices is then there once, and once more as its whole line, which is
    taken back; an edge with one of them is there as a ray that leaves the domain; one with none is put in.
    """
    bends = Bends(len(found.pieces[0].outputs))
    polygons = [_polygon(piece, found.problem) for piece in found.pieces]
    inner = bounds(found.problem.lower, found.problem.upper) + list(found.problem.domain_rows)
    rays = {}
    for start, end, jumps in _edges(found.pieces, polygons):
        inside = [p for p in (start, end) if all(evaluate(row, p) > 0 for row in inner)]
        for output, jump in enumerate(jumps):
            if jump:
                bends.bend(_left_of(start, end), output, (1 - len(inside)) * jump)
                for vertex in inside:
                    other = end if vertex is start else start
                    direction = (other[0] - vertex[0], other[1] - vertex[1])
                    rays.setdefault((vertex, output), []).append((direction, jump))
    for (vertex, output), there in rays.items():
        _germ(bends, vertex, output, there)
    return bends, polygons[0][:3]


def _polygon(piece, problem):
    """Corners of a piece counterclockwise, as tuples."""
    (x0, y0), (x1, y1) = problem.lower, problem.upper
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    for row in [*piece.sides, *problem.domain_rows]:
        corners = list(_cut(corners, row))
    return corners


def _cut(corners, row):
    """The corners of the part where ``row`` is not negative."""
    values = [evaluate(row, corner) for corner in corners]
    for i, (corner, value) in enumerate(zip(corners, values, strict=True)):
        before, last = corners[i - 1], values[i - 1]
        if last * value < 0:
            share = last / (last - value)
            yield tuple(b + share * (c - b) for b, c in zip(before, corner, strict=True))
        if value >= 0:
            yield corner


def _edges(pieces, polygons):
    """Triples (start, end, jumps) of the edges that two pieces share; the cells of a network meet in whole
    edges (they are a polyhedral complex). ``jumps`` are in units of the row `_left_of`."""
    left = {}
    for piece, corners in zip(pieces, polygons, strict=True):
        for i, corner in enumerate(corners):
            left[corners[i - 1], corner] = piece
    for (start, end), piece in left.items():
        other = left.get((end, start))
        if other is not None and start < end:
            row = _left_of(start, end)
            out = 0 if row[0] else 1
            gained = map(difference, piece.outputs, other.outputs)
            yield start, end, [step[out] / row[out] for step in gained]


def _left_of(start, end):
    """The row that is zero on the line through two points and positive to the left of it."""
    return _turned((end[0] - start[0], end[1] - start[1]), start)


def _turned(direction, vertex):
    x, y = direction
    return (-y, x, y * vertex[0] - x * vertex[1])


def _germ(bends, vertex, output, rays):
    """Add the homogeneous function around ``vertex`` whose gradient jumps across ``rays``.

    Rays are pairs of a direction and the jump in units of its row `_turned`, counterclockwise. Two rays p
    and q serve as a basis: each other ray and what it takes of p and q to close the circle make
    a function of their own, and what all take of p and q adds up to the jumps there.
    """
    rays = _without_lines(bends, vertex, output, rays)
    if not rays:
        return
    p, q = _basis(rays)
    turn = _cross(p[0], q[0])
    for ray in rays:
        if ray is not p and ray is not q:
            direction, jump = ray
            of_p = -jump * _cross(direction, q[0]) / turn
            of_q = -jump * _cross(p[0], direction) / turn
            _three_rays(bends, vertex, output, [ray, (p[0], of_p), (q[0], of_q)])


def _without_lines(bends, vertex, output, rays):
    """The rays that are left when of each two opposite ones the first is made a whole line."""
    left = []
    for direction, jump in rays:
        place = next((i for i, (other, _) in enumerate(left) if not _cross(other, direction)), None)
        if place is None:
            left.append((direction, jump))
            continue
        other, before = left.pop(place)
        bends.bend(_turned(other, vertex), output, before)
        out = 0 if direction[0] else 1
        rest = jump + before * other[out] / direction[out]
        if rest:
            left.append((direction, rest))
    return left


def _basis(rays):
    """The two rays nearest to a right angle, so that the shares of the others are small."""

    def sine(pair):
        a, b = pair[0][0], pair[1][0]
        return _cross(a, b) ** 2 / ((a[0] ** 2 + a[1] ** 2) * (b[0] ** 2 + b[1] ** 2))

    return max(((a, b) for i, a in enumerate(rays) for b in rays[i + 1 :]), key=sine)


def _three_rays(bends, vertex, output, rays):
    """A function that is zero between the last ray and the first, and bends at the one between.

    With the jumps a, b, c and the rows of the rays counterclockwise, it rises by ``a row_a`` after the
    first ray, and ``a`` and ``c`` have one sign s: ``s max(0, |a| row_a + s b max(0, row_b))``.
    """
    (first, a), (second, b), _ = next(
        three
        for three in permutations(rays)
        if _cross(three[0][0], three[1][0]) > 0 and _cross(three[1][0], three[2][0]) > 0
    )
    sign = 1 if a > 0 else -1
    base = [abs(a) * v for v in _turned(first, vertex)]
    bends.corner(output, sign, base, _turned(second, vertex), sign * b)


def _cross(a, b):
    return a[0] * b[1] - a[1] * b[0]
