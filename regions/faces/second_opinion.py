"""A linear programme about one parent, where the tree's own question had no answer; its word is proved as ever."""

import numpy as np

from ..solvers.highs_quiet import QuietHighs, Said
from .kernels.lift import lifts, rows_of_active
from .kernels.refutation import refutes

# Unit: length of the box's half-width. Points are kept from the box, far at first: a proof needs room.
EDGES = (1.0 - 1e-6, 1.0 - 1e-8)


class SecondOpinion:
    """HiGHS on the open nodes of the tree over the `Arrays` ``a``: nodes with no earlier unit free."""

    def __init__(self, a, m):
        self._a, self._m = a, m
        count, p = len(a.mixing) + len(a.biases), len(a.mixing)
        self._rows, self._constants = np.empty((count, p)), np.empty(count)
        self._errors, self._sizes = np.empty(count), np.empty(count)

    def of(self, sig, mode):
        """``(True, t)`` when all sets of the node are proved faces at t, ``(False, multipliers)`` when none is, in the
        places of a question, else ``(None, t)`` with t near one if there is one.
        """
        a, m = self._a, self._m
        rows_of_active(a, sig, m, self._rows, self._constants, self._errors, self._sizes)
        over_cube = self._rows @ a.mixing
        constants = self._rows @ a.shift + self._constants
        p, units = len(a.mixing), len(sig)
        places = np.array([i if i < a.first else p + i - a.first for i in range(units)], dtype=int)
        asked = np.flatnonzero(~a.loose)
        guards = np.arange(a.first, p)
        strict = np.concatenate([places[asked], guards])
        sides = np.concatenate([sig[asked].astype(float), np.ones(len(guards))])
        flat = len(over_cube) - m + np.flatnonzero(mode >= 0)
        inside = over_cube[strict] * sides[:, None], constants[strict] * sides
        on = over_cube[flat], constants[flat]
        multipliers = self._violation(sig, mode, asked, inside, on)
        if multipliers is not None and self._refuted(sig, multipliers):
            return False, multipliers
        t = None
        for edge in EDGES:
            found = self._deepest(inside, on, edge)
            t = t if found is None else found
            if found is not None and lifts(a, sig, mode, found.copy()):
                return True, t
        return None, np.zeros(a.mixing.shape[1]) if t is None else t

    def _refuted(self, sig, multipliers):
        a = self._a
        scratch = (np.zeros(max(len(sig), len(a.mixing))) for _ in range(2))
        return refutes(a, sig, self._m, multipliers, *scratch, np.zeros(a.mixing.shape[1]))

    def _violation(self, sig, mode, asked, inside, on):
        """Multipliers of the least violation of the parent's and the flat's rows, or None."""
        a, m, units = self._a, self._m, len(sig)
        n = a.mixing.shape[1]
        rows = np.concatenate([inside[0], on[0], -on[0]])
        ends = -np.concatenate([inside[1], on[1], -on[1]])
        if not len(rows):
            return None
        solver = QuietHighs()
        columns = np.column_stack([rows, np.ones(len(rows))])
        costs = np.concatenate([np.zeros(n), [1.0]])
        limits = np.concatenate([np.ones(n), [np.inf]])
        solver.take(
            columns,
            ends,
            np.full(len(rows), np.inf),
            np.append(-limits[:-1], 0.0),
            limits,
            costs=costs,
        )
        if solver.say() is not Said.OPTIMAL:
            return None
        duals = np.abs(np.array(solver.getSolution().row_dual))
        multipliers = np.zeros(4 * units + m + len(a.mixing) - a.first)
        multipliers[asked] = duals[: len(asked)]
        multipliers[4 * units + m :] = duals[len(asked) : len(inside[0])]
        up, down = duals[len(inside[0]) :].reshape(2, -1)
        multipliers[4 * units + np.flatnonzero(mode >= 0)] = up - down
        return multipliers

    def _deepest(self, inside, on, edge):
        """The point of the parent's part of the flat that is farthest inside, or None."""
        n = self._a.mixing.shape[1]
        solver = QuietHighs()
        rows = np.concatenate([
            np.column_stack([inside[0], -np.ones(len(inside[0]))]),
            np.column_stack([on[0], np.zeros(len(on[0]))]),
        ])  # fmt: skip
        lower = -np.concatenate([inside[1], on[1]])
        upper = np.concatenate([np.full(len(inside[0]), np.inf), -on[1]])
        ends = np.append(np.full(n, edge), 1.0)
        solver.take(
            rows, lower, upper, np.append(-ends[:-1], 0.0), ends, costs=np.append(np.zeros(n), -1.0)
        )
        if solver.say() is not Said.OPTIMAL:
            return None
        return np.array(solver.getSolution().col_value)[:n]
