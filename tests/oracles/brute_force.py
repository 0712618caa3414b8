"""Brute force: the regions of a small network with nothing trusted, the oracle of the tests.

Unit by unit, every sign prefix that occurs is extended by both signs. Whether one occurs is first
guessed by a linear programme in floating point; the guess counts only when its point or its
multipliers check out in `fractions`, and `solvers.rational` decides what neither settles.
"""

from fractions import Fraction

import numpy as np

from regions.domain import Box, Polytope
from regions.errors import UnsupportedError
from regions.network.patterns import PatternSet
from regions.solvers.highs_widest_point import widest_point
from tests.oracles.rational_programme import greatest_margin


def brute_force(network, domain, counted="cells"):
    """The `PatternSet` of ``network`` on ``domain``, exact for the stored numbers.

    Parameters
    ----------
    network, domain
        A small `Network`: every prefix costs rational arithmetic. Any `Domain`.
    counted
        ``"cells"`` or ``"patterns"``, as in `regions.count.COUNTED`.

    Examples
    --------
    >>> from regions.network import Network
    >>> touching = Network.of(([[1.0]], [0.0]), ([[1.0]], None))  # g = x
    >>> [len(brute_force(touching, Box.cube(1, 0, 1), c)) for c in ("cells", "patterns")]
    [1, 2]
    """
    if counted not in ("cells", "patterns"):
        raise UnsupportedError(
            f"brute force lists activation patterns, not {counted!r}; choose cells or patterns"
        )
    domain.check(network)
    inputs, cell = _coordinates(domain)
    slopes = network.slopes or [np.zeros(n) for n in network.widths]
    layers = [(*layer, _exact(s)) for layer, s in zip(network.hidden, slopes, strict=True)]
    found = list(_extend((), layers, inputs, cell, counted)) if cell.occurs() else []
    return PatternSet.of(np.array(found, dtype=bool).reshape(len(found), network.n_units))


class _Cell:
    """A polyhedron of affine rows ``(coefficients..., constant)``: strict ones > 0, weak ones >= 0.

    ``box`` has exact bounds of each coordinate that the weak rows imply, or is None.
    """

    def __init__(self, strict, weak, box):
        self.strict, self.weak, self.box = strict, weak, box

    def cut(self, row, *, strict):
        """This cell and one row more."""
        if strict:
            return _Cell([*self.strict, row], self.weak, self.box)
        return _Cell(self.strict, [*self.weak, row], self.box)

    def occurs(self):
        """Whether some point satisfies all rows."""
        rows = [*self.strict, *self.weak]
        if not rows or len(rows[0]) == 1:  # the whole space, or a single point
            return self._holds_at([])
        table = np.array([[float(v) for v in row] for row in rows])
        size = np.linalg.norm(table[:, :-1], axis=1)
        size[size == 0] = 1.0
        guess = _guess(table / size[:, None])
        if guess is not None and self._holds_at(_exact(guess.point)):
            return True
        if guess is not None and self._refuted_by(_exact(guess.multipliers / size), rows):
            return False
        return self._occurs_exactly(rows)

    def _occurs_exactly(self, rows):
        strict = [True] * len(self.strict) + [False] * len(self.weak)
        margin = greatest_margin([r[:-1] for r in rows], [r[-1] for r in rows], strict)
        return margin is not None and (margin > 0 or not self.strict)

    def _holds_at(self, y):
        return all(_value(r, y) > 0 for r in self.strict) and all(
            _value(r, y) >= 0 for r in self.weak
        )

    def _refuted_by(self, multipliers, rows):
        """Whether the rows, so weighted, add up to one that is negative on the whole box."""
        if self.box is None:
            return False
        used = [(m, row) for m, row in zip(multipliers, rows, strict=True) if m > 0]
        *slopes, constant = (sum(m * row[j] for m, row in used) for j in range(len(rows[0])))
        ends = zip(slopes, self.box, strict=True)
        return constant + sum(max(s * low, s * high) for s, (low, high) in ends) < 0


def _guess(table):
    """The float point that satisfies all rows by the widest margin, with multipliers, or None."""
    free = np.full(table.shape[1] - 1, np.inf)
    every = np.ones(len(table), dtype=bool)
    return widest_point(table[:, :-1], table[:, -1], every, -free, free)


def _extend(signs, layers, inputs, cell, counted):
    """All patterns that begin with ``signs`` (whole layers) and occur in ``cell``."""
    if not layers:
        yield signs
        return
    (weight, bias, slopes), *deeper = layers
    rows = [_affine(w, b, inputs) for w, b in zip(weight, bias, strict=True)]
    for layer_signs, smaller in _split(rows, cell, counted):
        outputs = [
            r if on else [slope * v for v in r]
            for r, on, slope in zip(rows, layer_signs, slopes, strict=True)
        ]
        yield from _extend((*signs, *layer_signs), deeper, outputs, smaller, counted)


def _split(rows, cell, counted):
    """The sign vectors of ``rows`` that occur in ``cell``, each with its part of it."""
    parts = [((), cell)]
    for row in rows:
        parts = [
            ((*signs, on), smaller)
            for signs, part in parts
            for on, smaller in _sides(row, part, counted)
        ]
    return parts


def _sides(row, cell, counted):
    """The signs that ``row`` takes in ``cell``: where it vanishes identically it is off, uncut."""
    against = [-v for v in row]
    if counted == "patterns":
        sides = (True, cell.cut(row, strict=True)), (False, cell.cut(against, strict=False))
        return [side for side in sides if side[1].occurs()]
    sides = (True, cell.cut(row, strict=True)), (False, cell.cut(against, strict=True))
    return [side for side in sides if side[1].occurs()] or [(False, cell)]


def _coordinates(domain):
    """The inputs as exact rows in coordinates y of the domain, and the domain as a `_Cell`."""
    hull = domain.polyhedron()
    columns = np.concatenate([hull.directions, hull.origin[None]])
    inputs = [_exact(column) for column in columns.T]
    box = domain if isinstance(domain, Box) else getattr(domain, "box", None)
    if box is None:
        return inputs, _Cell([], [], None)
    # From the stored bounds and rows, not from those of the polyhedron: they may be rounded.
    weak = []
    for x, low, high in zip(inputs, _exact(box.lower), _exact(box.upper), strict=True):
        weak += [[*x[:-1], x[-1] - low], [*(-v for v in x[:-1]), high - x[-1]]]
    if isinstance(domain, Polytope):
        weak += [_affine(-a, b, inputs) for a, b in zip(domain.A, domain.b, strict=True)]
    bounds = (
        zip(_exact(hull.lower), _exact(hull.upper), strict=True) if hull.free is not None else None
    )
    return inputs, _Cell(
        [], [row for row in weak if any(row[:-1]) or row[-1] < 0], bounds and [*bounds]
    )


def _affine(weights, bias, rows):
    """``weights @ rows + bias`` for affine rows."""
    total = [Fraction(0)] * len(rows[0])
    for weight, row in zip(_exact(weights), rows, strict=True):
        if weight:
            total = [t + weight * v for t, v in zip(total, row, strict=True)]
    total[-1] += Fraction(float(bias))
    return total


def _value(row, y):
    return sum((a * v for a, v in zip(row, y, strict=False)), row[-1])


def _exact(values):
    return [Fraction(float(v)) for v in values]
