"""Cells that random points show: what can be proved of a search that ends before it has found much.

A point whose signs are proved by a replay with error bounds lies inside a cell, and different signs are different
cells. Cells in the parts of a search that are closed were counted there; those in its open parts come on top.
"""

from functools import cached_property

import numpy as np

from ..deadline import now
from ..domain import Box
from ..preactivations.replay import Replay

# Unit: seconds for one batch of points: whoever asks for a batch waits no longer.
BATCH_SECONDS = 0.03
FIRST_BATCH, LAST_BATCH = 64, 8192
# Unit: cells, and bytes of their points where these are kept. More takes memory for what a search does better.
MOST_CELLS, MOST_BYTES = 2**18, 2**28
# Unit: signs compared at once.
BLOCK = 2**24
# A walk from one corner of a polytope to another takes more steps than these, but it starts inside.
STEPS = 4


class RandomCells:
    """Cells of a `regions.exact_search.problem.Problem`, shown by random points.

    Parameters
    ----------
    problem
        Its domain must have an interior in its affine hull.
    seed
        Of the points.
    keep_points
        Whether a point of each cell is kept, for `inside`.
    """

    def __init__(self, problem, *, seed=0, keep_points=False):
        self._problem, self._replay = problem, Replay(problem.network, problem.domain)
        self._rng, self._size = np.random.default_rng(seed), FIRST_BATCH
        self._keep = keep_points
        most = MOST_BYTES // (8 * problem.domain.n0) if keep_points else MOST_CELLS
        self._room = min(most, MOST_CELLS)
        self.tried = self._in_vain = 0  # points: all, and since the last new cell
        self._seen, self._patterns, self._points = set(), [], []
        self.worthwhile = problem.network.n_units > 0

    def __len__(self):
        return len(self._seen)

    def grow(self):
        """Look at one batch of points more; whether another one is worthwhile."""
        if not self.worthwhile:
            return False
        began, before, size = now(), len(self), self._size
        self._take(self._draw(size))
        self.tried += size
        if now() - began < BATCH_SECONDS / 2:
            self._size = min(2 * size, LAST_BATCH)
        self._in_vain = 0 if len(self) > before else self._in_vain + size
        self.worthwhile = len(self) < self._room and self._in_vain < LAST_BATCH
        return self.worthwhile

    def inside(self, tasks):
        """``(patterns, points)`` of the cells that lie in one of ``tasks``, parts without a cell in common.

        Booleans of shape (m, N) and inputs of shape (m, n0), of none where points are not kept.
        """
        network = self._problem.network
        if not self._seen or not tasks:
            return np.zeros((0, network.n_units), dtype=bool), np.zeros((0, network.n0))
        patterns = np.concatenate(self._patterns)
        known = np.array([task.signs for task in tasks], dtype=np.float32)
        agreed = (known != 0).sum(axis=1)
        step = max(1, BLOCK // max(known.size, patterns.shape[1]))
        where = [
            (_signs(patterns[i : i + step]) @ known.T == agreed).any(axis=1)
            for i in range(0, len(patterns), step)
        ]
        chosen = np.concatenate(where)
        points = np.concatenate(self._points)[chosen] if self._keep else np.zeros((0, network.n0))
        return patterns[chosen], points

    @cached_property
    def _draw(self):
        return _sampler(self._problem, self._rng)

    def _take(self, points):
        signs = self._replay.signs(points)
        on = np.concatenate([part > 0 for part in signs], axis=1)
        proved = np.concatenate([part != 0 for part in signs], axis=1)
        proved |= np.concatenate(_zero_on_their_cell(self._problem.network, signs), axis=1)
        on, points = on[proved.all(axis=1)], points[proved.all(axis=1)]
        new = []
        for row, packed in enumerate(np.packbits(on, axis=1)):
            key = packed.tobytes()
            if key not in self._seen:
                self._seen.add(key)
                new.append(row)
        self._patterns.append(on[new])
        if self._keep:
            self._points.append(self._replay.inputs(points[new]))


def _signs(patterns):
    return np.where(patterns, np.float32(1), np.float32(-1))


def _zero_on_their_cell(network, signs):
    """Booleans per layer: the unit has bias 0, and every unit before it that it listens to passes nothing on."""
    zero, passing = [], np.ones((len(signs[0]), network.n0))
    for (weight, bias), found, leak in zip(network.hidden, signs, network.leaks, strict=True):
        zero.append(np.zeros(found.shape, dtype=bool))
        plain = bias == 0  # most networks have no such unit, and then this costs nothing
        zero[-1][:, plain] = passing @ (weight[plain] != 0).T == 0
        # what is not proved off may be on
        through = found >= 0 if leak is None else (found >= 0) | (leak != 0)
        passing = (through & ~zero[-1]).astype(float)
    return zero


def _sampler(problem, rng):
    """A function of a number of points that draws them, as `Replay` takes them."""
    domain = problem.domain
    if isinstance(domain, Box):
        return lambda count: _in_box(domain, count, rng)
    if not domain.bounded:
        return lambda count: domain.sample(count, rng)
    return _Walkers(problem, rng)


def _in_box(box, count, rng):
    """Half of the points uniform, half of a brightness and a contrast of their own, as images are.

    In many dimensions all uniform points look alike: their sums are nearly the same.
    """
    share = rng.random((count, box.n0))
    half = count // 2
    level, contrast = rng.random((2, half, 1))
    share[:half] = np.clip(level + contrast * (2 * share[:half] - 1), 0.0, 1.0)
    # no difference of the ends, which may be larger than any float
    return np.clip((1 - share) * box.lower + share * box.upper, box.lower, box.upper)


class _Walkers:
    """Points of a polytope or slice that move along random lines (hit and run, Smith 1984), all from one point inside."""

    def __init__(self, problem, rng):
        self._problem, self._rng = problem, rng
        hull = problem.hull
        identity = np.eye(hull.dimension)
        self._rows = np.concatenate([hull.rows, identity, -identity])
        self._offsets = np.concatenate([hull.offsets, hull.upper, -hull.lower])
        start = problem.points(problem.root_point[None])
        self._at = (start - hull.origin) @ np.linalg.pinv(hull.directions)

    def __call__(self, count):
        hull, at = self._problem.hull, np.resize(self._at, (count, self._at.shape[1]))
        for _ in range(STEPS):
            way = self._rng.normal(size=at.shape)
            slack = np.maximum(self._offsets - at @ self._rows.T, 0.0)
            speed = way @ self._rows.T
            with np.errstate(divide="ignore", invalid="ignore"):
                times = slack / speed
            far = np.where(speed > 0, times, np.inf).min(axis=1, keepdims=True)
            near = np.where(speed < 0, times, -np.inf).max(axis=1, keepdims=True)
            span = np.isfinite(far) & np.isfinite(near)
            share = self._rng.random((count, 1))
            at = at + np.where(span, near + share * (far - near), 0.0) * way
        self._at = at
        if self._problem.domain.has_coordinates:
            return at
        return hull.origin + at @ hull.directions
