"""Signs that points prove, entered in the ledger."""

import numpy as np

from ..preactivations.replay import BATCH


def harvest(ledger, replay, points):
    """Record in ``ledger`` every sign that the best of ``points`` proves.

    One float pass finds, for each open question, the point with the largest pre-activation of its
    sign; only those few are replayed with error bounds.
    """
    open_questions = ledger.open()
    if not open_questions or not len(points):
        return
    best, where = _extremes(ledger.widths, replay, points)
    wanted = {where[s][k][i] for k, i, s in open_questions if best[s][k][i] > 0}
    if not wanted:
        return
    rows = np.array(sorted(wanted))
    signs = replay.signs(np.asarray(points[rows], dtype=float))
    place = {row: j for j, row in enumerate(rows)}
    for k, i, s in open_questions:
        row = place.get(where[s][k][i])
        if row is not None and signs[k][row, i] == s:
            ledger.occurs(k, i, s, points[rows[row]])


def _extremes(widths, replay, points):
    """Per sign and layer the largest ``sign * g`` of each unit, and the point that has it."""
    best = {s: [np.full(n, -np.inf) for n in widths] for s in (1, -1)}
    where = {s: [np.zeros(n, dtype=int) for n in widths] for s in (1, -1)}
    for start in range(0, len(points), BATCH):
        x = replay.inputs(np.asarray(points[start : start + BATCH], dtype=float))
        for k, g in enumerate(replay.network.preactivations(x)):
            for s in (1, -1):
                row = (s * g).argmax(axis=0)
                value = s * g[row, np.arange(widths[k])]
                better = value > best[s][k]
                best[s][k][better] = value[better]
                where[s][k][better] = start + row[better]
    return best, where
