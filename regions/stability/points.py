"""The points whose signs are looked at first: random ones, then what the caller gives as data."""

import numpy as np

from ..deadline import NEVER, Late
from ..domain import Box
from ..errors import InputError
from ..preactivations.replay import BATCH

# Later batches are larger: the first few hundred points show most of the signs that there are.
FIRST_BATCH = 512


class Points:
    """Points of the domain in batches, as a `Replay` takes them.

    ``random`` is one batch, of shape (samples, n0). Whether data lie in the domain is asked when their
    turn comes: on 60,000 images that question alone took twenty times as long as all else, and after
    a few thousand no sign is open.

    ``stats`` is told how many random points there are, and how many of the data that were looked at
    lie outside.
    """

    def __init__(self, replay, data, samples, seed, stats, deadline=NEVER):
        self._replay, self._stats = replay, stats
        self.random = _random_points(replay.domain, samples, seed, stats, deadline)
        self._data = np.zeros((0, self.random.shape[1]))
        if data is not None:
            self._data = _checked(data, self.random.shape[1])
            stats["data_outside"] = 0
        self._kept = []  # batches of data that have been asked for, without outsiders

    def __iter__(self):
        yield from self.at_random()
        yield from self.data()

    def at_random(self):
        """The random points in batches."""
        return _batches(self.random, BATCH)

    def first(self, count):
        """Up to ``count`` random points, then up to ``count`` of the data."""
        data, missing = [], count
        for batch in self.data():
            data.append(batch[:missing])
            missing -= len(data[-1])
            if not missing:
                break
        return np.concatenate([self.random[:count], *data])

    def data(self):
        """Batches of the data that lie in the domain."""
        for i, batch in enumerate(_batches(self._data)):
            if i == len(self._kept):
                inside = self._replay.domain.contains(self._replay.inputs(batch))
                self._stats["data_outside"] += int((~inside).sum())
                self._kept.append(batch if inside.all() else batch[inside])
            yield self._kept[i]


def _batches(points, size=FIRST_BATCH):
    start = 0
    while start < len(points):
        yield points[start : start + size]
        start, size = start + size, min(2 * size, BATCH)


def _random_points(domain, samples, seed, stats, deadline):
    """Random points, fewer where the time is up or rejection fails because the domain fills little of its box."""
    rng, batches = np.random.default_rng(seed), [np.zeros((0, domain.n0))]
    try:
        for start in range(0, samples, BATCH):
            batches.append(domain.sample(min(BATCH, samples - start), rng, deadline=deadline))
            deadline.check()
    except Late:
        pass
    except InputError as error:
        if isinstance(domain, Box):
            raise
        stats["no_random_points"] = str(error)
    points = np.concatenate(batches)
    stats["random_points"] = len(points)
    return domain.points_near(points)


def _checked(data, dimension):
    data = np.asarray(data)
    if data.ndim != 2 or data.shape[1] != dimension:
        raise InputError(
            f"data must have shape (m, {dimension}), one point of the domain per row; got {data.shape}"
        )
    return data
