"""Search for points where a unit takes a sign that no known point shows: ascent inside a box.

Nothing here proves anything; what is found goes through `regions.preactivations.replay`.
"""

import numpy as np

from ..arithmetic.rounding import QUIET
from ..deadline import NEVER
from ..domain import Box
from .harvest import harvest

# Unit: widths of the box, the first step along a coordinate with an average share of the gradient.
# Steps shrink to nothing over the rounds. On deep trained networks this found within a hundred
# rounds what steps to the best corner with a line search never did: those get stuck at kinks.
STEP = 0.05

# Unit: questions that climb at once; bounds the memory of a wide network.
TOGETHER = 64

# A point that in so many rounds has not risen by this share of its height is at its top: on 40 searches in
# trained networks of two to four layers nothing was lost, and 30 % of the time saved.
PATIENCE, LEAST_RISE = 25, 0.01

# Share of the last direction that is kept.
MOMENTUM = 0.8


@np.errstate(**QUIET)
def climb(ledger, replay, questions, points, *, deadline=NEVER, starts=4, rounds=200):
    """Look for witnesses of ``questions`` (layer, unit, sign), upwards from the best of ``points``.

    Gradient ascent with momentum, projected to the box. Boxes only: other domains have no such
    simple projection. Records what it finds in ``ledger``; stops at ``deadline``.
    """
    if not isinstance(replay.domain, Box):
        return
    for layer in sorted({layer for layer, _, _ in questions}):
        asked = [q for q in questions if q[0] == layer and ledger.is_open(*q)]
        for start in range(0, len(asked), TOGETHER):
            if deadline.passed:
                return
            some = asked[start : start + TOGETHER]
            top = _ascend(replay, layer, some, points, starts, rounds, deadline)
            harvest(ledger, replay, top)


def _ascend(replay, layer, questions, points, starts, rounds, deadline):
    """The best point reached from each start of each question: shape (count, n0)."""
    network, box = replay.network, replay.domain
    units = np.array([unit for _, unit, _ in questions])
    signs = np.array([sign for _, _, sign in questions])
    rows = signs[:, None] * network.hidden[layer].weight[units]
    shifts = signs * network.hidden[layer].bias[units]
    first = _best_starts(network, layer, rows, shifts, points, starts)
    x = np.clip(points[first.ravel()], box.lower, box.upper).astype(float)
    rows, shifts = np.repeat(rows, first.shape[1], axis=0), np.repeat(shifts, first.shape[1])
    climbers = _Climbers(
        network, layer, rows, shifts, np.repeat(np.arange(len(units)), first.shape[1])
    )
    return climbers.run(x, box, rounds, deadline)


class _Climbers:
    """Points that climb at once, each along its own row; ``goal`` tells whose row it is."""

    def __init__(self, network, layer, rows, shifts, goal):
        self.layers = network.hidden[:layer]
        self.rows, self.shifts, self.goal = rows, shifts, goal

    def run(self, x, box, rounds, deadline):
        best, height = x.copy(), np.full(len(x), -np.inf)
        moving, direction = np.arange(len(x)), np.zeros_like(x)
        mark = height.copy()
        open_goals = np.ones(self.goal.max(initial=-1) + 1, dtype=bool)
        for k in range(rounds):
            value, gradient = self._value_and_gradient(x[moving], moving)
            higher = value > height[moving]
            best[moving[higher]], height[moving[higher]] = x[moving[higher]], value[higher]
            open_goals[self.goal[moving[value > 0]]] = False
            keep = open_goals[self.goal[moving]]
            if k % PATIENCE == PATIENCE - 1:
                risen = height[moving] - mark[moving]
                keep &= risen > LEAST_RISE * np.abs(height[moving])
                mark = height.copy()
            moving, gradient = moving[keep], gradient[keep]
            if not len(moving) or deadline.passed:
                break
            size = np.abs(gradient).mean(axis=1, keepdims=True)
            direction[moving] *= MOMENTUM
            direction[moving] += gradient / np.where(size > 0, size, 1.0)
            step = STEP * (1 - k / rounds) * (box.upper - box.lower)
            x[moving] = np.clip(x[moving] + step * direction[moving], box.lower, box.upper)
        return best

    def _value_and_gradient(self, x, which):
        active, h = [], x
        for weight, bias in self.layers:
            g = h @ weight.T + bias
            active.append(g > 0)
            h = np.maximum(g, 0.0)
        rows = self.rows[which]
        value = np.einsum("ij,ij->i", rows, h) + self.shifts[which]
        for mask, (weight, _) in zip(active[::-1], self.layers[::-1], strict=True):
            rows = (rows * mask) @ weight
        return value, rows


def _best_starts(network, layer, rows, shifts, points, starts):
    """For each row the places of its largest values among ``points``."""
    values = rows @ _outputs(network, layer, points).T + shifts[:, None]
    return np.argsort(-values, axis=1, kind="stable")[:, :starts]


def _outputs(network, layer, x):
    """Outputs h of the layer before hidden ``layer``."""
    h = x
    for weight, bias in network.hidden[:layer]:
        h = np.maximum(h @ weight.T + bias, 0.0)
    return h
