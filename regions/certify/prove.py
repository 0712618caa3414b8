"""`certificate_of`: multipliers and points that prove a list of patterns complete, found by solvers.

Nothing here is trusted. Each fact is first tried without multipliers, then with those of a linear programme,
then with exact ones; each attempt is judged by the same functions that verify the file.
"""

import numpy as np

from .. import exact
from ..domain import AffineSlice, WholeSpace
from ..errors import RegionsError
from ..solvers.highs_duals import Duals
from .file import Certificate
from .walk import Walk

# Bits of the numbers in a file, fewest first: short ones compress well, and most proofs do not need more.
PRECISIONS = (3, 8, 24, 53)
# Multipliers below this share of the largest, in units of what they weigh, are noise of the solver.
NOISE = 1e-12


class NoProof(RegionsError):
    """The patterns are not all cells, or not cells: there is nothing to certify."""


def certificate_of(network, domain, patterns, witnesses, *, progress=None):
    """The `Certificate` that ``patterns`` are the cells of ``network`` on ``domain``, all of them.

    ``witnesses`` (cells, n0) has a point near or inside each cell, in the order of the `PatternSet`.
    ``progress(cells, fraction)`` is called at every cell. Slower than counting: a linear programme for each
    fact that the box alone does not prove.

    Raises
    ------
    NoProof
        A pattern is missing or has no interior point.
    """
    proof = _Proof(network, domain, patterns, witnesses, progress)
    proof.walk()
    return proof.certificate(network, domain, patterns)


class _Proof(Walk):
    """A walk that finds its own multipliers and points, and keeps them."""

    def __init__(self, network, domain, patterns, witnesses, progress):
        super().__init__(network, domain, patterns)
        self._start = _coordinates(domain, self.space, np.asarray(witnesses, dtype=float))
        self._free = np.flatnonzero(self.space.lower < self.space.upper)
        self._progress = progress
        self._points = np.empty((len(patterns), len(self.space.lower)))
        self._multipliers, self._exact_points, self._exact_multipliers = [], {}, {}

    def certificate(self, network, domain, patterns):
        """What was found."""
        places = [np.flatnonzero(row) for row in self._multipliers]
        values = [row[where] for row, where in zip(self._multipliers, places, strict=True)]
        counts = np.array([len(where) for where in places], dtype=np.int64)
        return Certificate(
            digest=network.digest,
            domain=domain,
            patterns=patterns,
            points=self._points,
            counts=_narrow(counts),
            places=_narrow(np.concatenate([np.zeros(0, dtype=np.int64), *places])),
            multipliers=np.concatenate([np.zeros(0), *values]),
            exact_points=self._exact_points,
            exact_multipliers=self._exact_multipliers,
        )

    def multipliers(self, node, units, targets):
        found = np.zeros((len(units), len(node.path.values)))
        open_ = np.flatnonzero(~self.space.refuted(targets, node.path, found))
        if len(open_) and len(node.path.values):
            open_ = self._by_programme(node.path, targets, found, open_)
        rational = {int(i): self._exactly(node, units[i]) for i in open_}
        for i, values in rational.items():
            used = [place for place, v in enumerate(values) if v]
            # a float stands in each place, so that the places are in the file
            found[i] = 0.0
            found[i, used] = [max(_float(values[place]), 1e-300) for place in used]
            self._exact_multipliers[len(self._multipliers) + i] = [values[p] for p in used]
        self._multipliers.extend(found)
        return found, rational

    def point(self, node):
        path, start = node.path, self._start[node.start]
        if self._progress:
            self._progress(node.stop, node.stop / len(self.patterns))
        for bits in PRECISIONS:
            y = np.clip(_rounded(start, bits), self.space.lower, self.space.upper)
            self._points[node.start] = y
            if self.space.inside(path, y):
                return y
        point = self._exact_point(node)
        self._points[node.start] = [_float(v) for v in point]
        self._exact_points[node.start] = point
        return point

    def _by_programme(self, path, targets, found, open_):
        """Fill ``found`` for those of ``open_`` that multipliers in floats prove; return the rest."""
        duals = Duals(path.values[:, :-1], path.values[:, -1], self.space.lower, self.space.upper)
        left = []
        weight = np.abs(path.values).max(axis=1)
        for i in open_:
            raw = duals.of(targets.values[i, :-1], targets.values[i, -1])
            if raw is None:
                left.append(i)
                continue
            raw[raw * weight <= NOISE * (raw * weight).max()] = 0.0
            for bits in PRECISIONS:
                found[i] = _rounded(raw, bits)
                if self.space.refuted(targets.take([i]), path, found[i : i + 1])[0]:
                    break
            else:
                left.append(i)
        return left

    def _exactly(self, node, unit):
        """Rational multipliers of a fact."""
        rows, lower, upper = self._without_fixed(self.exact_path(node))
        (target,), *_ = self._without_fixed([self.exact_target(node, unit)])
        values = exact.refuting_multipliers(target, rows, lower, upper)
        if values is None:
            raise NoProof(
                f"hidden unit {unit} takes both signs where the patterns have one: the list of patterns is "
                "not complete; count with engine cells"
            )
        return values

    def _exact_point(self, node):
        rows, lower, upper = self._without_fixed(self.exact_path(node))
        inner = exact.interior_point(rows, lower, upper)
        if inner is None:
            raise NoProof(f"pattern {node.start} of the list has no cell; count with engine cells")
        point = list(self.exact.lower)
        for d, v in zip(self._free, inner, strict=True):
            point[d] = v
        return point

    def _without_fixed(self, rows):
        """``(rows, lower, upper)`` in the coordinates that are free."""
        lower, upper = self.exact.lower, self.exact.upper
        fixed = [d for d in range(len(lower)) if d not in set(self._free)]
        out = [
            [*(row[d] for d in self._free), row[-1] + sum(row[d] * lower[d] for d in fixed)]
            for row in rows
        ]
        return out, [lower[d] for d in self._free], [upper[d] for d in self._free]


def _coordinates(domain, space, x):
    """Points in coordinates of the space for inputs ``x`` (cells, n0)."""
    if isinstance(domain, WholeSpace):
        # a power of two as the scale: no rounding
        scale = np.ldexp(1.0, np.frexp(np.abs(x).max(axis=1, initial=1.0))[1])
        return np.column_stack([x, np.ones(len(x))]) / scale[:, None]
    if isinstance(domain, AffineSlice):
        return (x - domain.origin) @ np.linalg.pinv(domain.directions)
    return x


def _rounded(values, bits):
    """Floats with at most ``bits`` bits."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits)


def _narrow(integers):
    return integers.astype(np.min_scalar_type(integers.max(initial=0)))


def _float(fraction):
    return int(fraction.p) / int(fraction.q)
