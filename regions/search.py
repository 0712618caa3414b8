"""Search for points where a unit takes a sign that no known point shows: ascent inside a box.

Nothing here proves anything; what is found goes through `regions.witness`.
"""

import numpy as np

from .domain import Box
from .witness import harvest

# Step lengths along the way to the best corner, as shares of it; a full step lands on the corner.
STEPS = np.array([1.0, 0.5, 0.25, 0.125, 0.0625, 0.03, 0.01, 0.003])


def climb(ledger, replay, questions, points, *, starts=4, rounds=30):
    """Look for witnesses of ``questions`` (layer, unit, sign), upwards from the best of ``points``.

    On a cell the pre-activation is affine, so its best corner of the box is known; the step goes
    as far towards it as pays (Frank and Wolfe 1956, with a line search over `STEPS`). Boxes only:
    other domains have no best corner at hand. Records what it finds in ``ledger``.
    """
    box = replay.domain
    if not isinstance(box, Box):
        return
    for layer in sorted({layer for layer, _, _ in questions}):
        asked = [q for q in questions if q[0] == layer and ledger.is_open(*q)]
        if asked:
            found = _ascend(replay.network, box, layer, asked, np.asarray(points), starts, rounds)
            harvest(ledger, replay, found)


def _ascend(network, box, layer, questions, points, starts, rounds):
    """The best point reached for each question and start: shape (len(questions) * starts, n0)."""
    units = np.array([unit for _, unit, _ in questions])
    signs = np.array([sign for _, _, sign in questions])
    rows = signs[:, None] * network.hidden[layer].weight[units]
    shifts = signs * network.hidden[layer].bias[units]
    first = _best_starts(network, layer, rows, shifts, points, starts)
    x = np.clip(points[first.ravel()], box.lower, box.upper)
    rows, shifts = np.repeat(rows, first.shape[1], axis=0), np.repeat(shifts, first.shape[1])
    value, moving = _values(network, layer, rows, shifts, x), np.ones(len(x), dtype=bool)
    for _ in range(rounds):
        moving &= value <= 0
        if not moving.any():
            break
        here = np.flatnonzero(moving)
        gradient = _gradients(network, layer, rows[here], x[here])
        corner = np.where(gradient > 0, box.upper, np.where(gradient < 0, box.lower, x[here]))
        best = np.zeros(len(here), dtype=bool)
        start = x[here]
        for step in STEPS:
            trial = np.clip(start + step * (corner - start), box.lower, box.upper)
            reached = _values(network, layer, rows[here], shifts[here], trial)
            better = reached > value[here]
            best |= better
            x[here[better]], value[here[better]] = trial[better], reached[better]
        moving[here[~best]] = False
    return x


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


def _values(network, layer, rows, shifts, x):
    """Each row at its own point."""
    return np.einsum("ij,ij->i", rows, _outputs(network, layer, x)) + shifts


def _gradients(network, layer, rows, x):
    """The gradient of each row at its own point, shape (m, n0)."""
    active, h = [], x
    for weight, bias in network.hidden[:layer]:
        g = h @ weight.T + bias
        active.append(g > 0)
        h = np.maximum(g, 0.0)
    for mask, (weight, _) in zip(active[::-1], network.hidden[:layer][::-1], strict=True):
        rows = (rows * mask) @ weight
    return rows
