"""`certificate_of`: multipliers and points that prove a list of patterns complete, found by any means.

Nothing here is trusted. Each fact is first tried without multipliers, then with those of a linear programme (the
engine's kernel, HiGHS), then with exact ones; each attempt is judged by the same functions that verify the file.
"""

import numpy as np

from ..arithmetic import linear_programme
from ..arithmetic.rationals import nearest
from ..errors import RegionsError
from ..kernels.halfspaces import ask, make_scratch
from ..kernels.zonotope import NO
from ..solvers.highs_duals import Duals
from .file import FORMAT, WITH_SLOPES, Certificate
from .walk import Walk

# Bits of the numbers in a file, fewest first: short ones compress well, and most proofs do not need more.
PRECISIONS = (3, 8, 24, 53)
# Multipliers below this share of the largest, in units of what they weigh, are noise of the solver.
NOISE = 1e-12
# In more coordinates than this the engine's dual simplex is slower than a solver.
KERNEL_DIMENSIONS = 30


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
        self._places, self._multipliers = [], []  # of each fact
        self._exact_points, self._exact_multipliers = {}, {}

    def certificate(self, network, domain, patterns):
        """What was found."""
        counts = np.array([len(where) for where in self._places], dtype=np.int64)
        return Certificate(
            digest=network.digest,
            domain=domain,
            patterns=patterns,
            points=self._points,
            counts=_narrow(counts),
            places=_narrow(np.concatenate([np.zeros(0, dtype=np.int64), *self._places])),
            multipliers=np.concatenate([np.zeros(0), *self._multipliers]),
            exact_points=self._exact_points,
            exact_multipliers=self._exact_multipliers,
            format=FORMAT if network.slopes is None else WITH_SLOPES,
        )

    def multipliers(self, node, units, targets):
        found = np.zeros((len(units), len(node.path.values)))
        open_ = np.flatnonzero(~self.space.refuted(targets, node.path, found))
        if len(open_) and len(node.path.values):
            open_ = self._by_programme(node, targets, found, open_)
        rational = {int(i): self._exactly(node, units[i]) for i in open_}
        for i, values in rational.items():
            used = [place for place, v in enumerate(values) if v]
            # a float stands in each place, so that the places are in the file
            found[i] = 0.0
            found[i, used] = [max(nearest(values[place]), 1e-300) for place in used]
            self._exact_multipliers[len(self._places) + i] = [values[place] for place in used]
        for row in found:
            where = np.flatnonzero(row)
            self._places.append(where)
            self._multipliers.append(row[where])
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
        self._points[node.start] = [nearest(v) for v in point]
        self._exact_points[node.start] = point
        return point

    def _by_programme(self, node, targets, found, open_):
        """Fill ``found`` for those of ``open_`` that multipliers in floats prove; return the rest."""
        methods = [self._by_kernel] if len(self.space.lower) <= KERNEL_DIMENSIONS else []
        for method in (*methods, self._by_solver):
            raw = method(node, targets.take(open_))
            weight = raw * np.abs(node.path.values).max(axis=1)
            raw[weight <= NOISE * weight.max(axis=1, keepdims=True)] = 0.0
            for bits in PRECISIONS:
                tried = _rounded(raw, bits)
                proved = self.space.refuted(targets.take(open_), node.path, tried)
                found[open_[proved]] = tried[proved]
                open_, raw = open_[~proved], raw[~proved]
                if not len(open_):
                    return open_
        return open_

    def _by_kernel(self, node, targets):
        """Multipliers by the engine's own dual simplex: a few microseconds each, in few dimensions."""
        m, k = len(node.path.values), len(self.space.lower)
        rows = _kernel_rows(self.space, node.path.and_also(targets))
        signs, path = np.ones(len(rows)), np.arange(m)
        scratch = make_scratch(k, len(rows))
        witness, z = np.ascontiguousarray(self._start[node.start]), np.empty(k)
        out = np.zeros((len(targets.values), m))
        for i in range(len(out)):
            answer, _ = ask(
                self.space.lower, self.space.upper, rows, signs, path, path, m, m + i, 1.0, witness, z, scratch
            )  # fmt: skip
            if answer == NO:
                used = scratch.active >= 0
                out[i, scratch.active[used]] = np.maximum(scratch.multipliers[used], 0.0)
        return out

    def _by_solver(self, node, targets):
        """Multipliers by HiGHS; zeros where it does not say."""
        path = node.path.values
        duals = Duals(path[:, :-1], path[:, -1], self.space.lower, self.space.upper)
        found = (duals.of(row[:-1], row[-1]) for row in targets.values)
        return np.array([np.zeros(len(path)) if row is None else row for row in found])

    def _exactly(self, node, unit):
        """Rational multipliers of a fact."""
        rows, lower, upper = self._without_fixed(self.exact_path(node))
        (target,), *_ = self._without_fixed([self.exact_target(node, unit)])
        values = linear_programme.refuting_multipliers(target, rows, lower, upper)
        if values is None:
            raise NoProof(
                f"hidden unit {unit} takes both signs where the patterns have one: the list of patterns is "
                "not complete; count with engine cells"
            )
        return values

    def _exact_point(self, node):
        rows, lower, upper = self._without_fixed(self.exact_path(node))
        inner = linear_programme.interior_point(rows, lower, upper)
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
    if not domain.bounded:
        # a power of two as the scale: no rounding
        scale = np.ldexp(1.0, np.frexp(np.abs(x).max(axis=1, initial=1.0))[1])
        return np.column_stack([x, np.ones(len(x))]) / scale[:, None]
    return domain.points_near(x)


def _kernel_rows(space, rows):
    """Rows as `regions.kernels.rows` has them."""
    reach = np.append(np.maximum(np.abs(space.lower), np.abs(space.upper)), 1.0)
    return np.column_stack([rows.values, rows.error, np.abs(rows.values) @ reach])


def _rounded(values, bits):
    """Floats with at most ``bits`` bits."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits)


def _narrow(integers):
    return integers.astype(np.min_scalar_type(integers.max(initial=0)))
