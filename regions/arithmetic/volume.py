"""Volumes of polytopes in rational arithmetic, for the low dimensions in which shares are proved."""

from itertools import compress

from .rationals import ZERO


def volume(rows):
    """The volume of ``{y : row(y) >= 0 for every row}``, exactly.

    ``rows`` are lists of k coefficients and a constant, all ``fmpq``, k at least 1; they must bound
    the set. An empty or flat set has volume 0, and redundant or repeated rows do no harm.

    Notes
    -----
    Lasserre 1983, *An analytical expression and an algorithm for the volume of a convex polyhedron
    in R^n*: a k-th of the sum over all facets of height times area, each area by the same formula
    on the facet's projection along one coordinate. The cost grows as the number of rows to the power k.

    Examples
    --------
    >>> from regions.arithmetic.rationals import rational
    >>> triangle = [[1, 0, 0], [0, 1, 0], [-1, -2, 2]]  # x >= 0, y >= 0, x + 2 y <= 2
    >>> volume([[rational(v) for v in row] for row in triangle])
    1
    """
    facets = _tightest(rows)
    if facets is None:
        return ZERO
    dimension = len(rows[0]) - 1
    if dimension == 1:
        return _length(facets)
    total = ZERO
    for coefficients, constant in facets.items():
        if constant == 0:  # the cone from the origin over this facet is flat
            continue
        out = next(j for j, v in enumerate(coefficients) if v != 0)
        facet = [
            _without(other, value, coefficients, constant, out)
            for other, value in facets.items()
            if other is not coefficients
        ]
        total += constant / abs(coefficients[out]) * volume(facet)
    return total / dimension


def _tightest(rows):
    """Of equal directions the least constant, as a dict from direction; None when a row is never met."""
    least = {}
    for *coefficients, constant in rows:
        first = next((abs(v) for v in coefficients if v != 0), None)
        if first is None:
            if constant < 0:
                return None
            continue
        key = tuple(v / first for v in coefficients)
        constant = constant / first
        least[key] = min(least.get(key, constant), constant)
    return least


def _length(facets):
    """Of an interval: its ends are minus the constant above and the constant below."""
    reach = sum(facets.values(), ZERO)  # one row each way: x + a >= 0 and b - x >= 0
    return max(reach, ZERO)


def _without(row, constant, plane, offset, out):
    """``row`` on the hyperplane ``plane(y) + offset = 0``, in the coordinates other than ``out``."""
    share = row[out] / plane[out]
    kept = [True] * len(row)
    kept[out] = False
    restricted = [v - share * p for v, p in zip(row, plane, strict=True)]
    return [*compress(restricted, kept), constant - share * offset]
