"""Proved upper bounds by linear programmes over the rows of one `regions.milp.bounding_model.Mixed`."""

import numpy as np

from ..solvers.highs_lp import Simplex

# Unit: share of the coefficients. With fewer left out a programme is hardly faster.
WORTHWHILE = 0.25


class LpRelaxation:
    """Linear programmes over the rows of ``model``, each solved from the last basis.

    Training with an L1 term leaves most weights near 1e-8. A programme without such coefficients is
    up to eight times faster, and its multipliers prove nearly the same of the rows as they are. Only where
    that difference decides is the whole programme solved. ``solved`` counts programmes, ``undecided`` those
    about which the solver has no word.
    """

    def __init__(self, model):
        self.model, self.solved = model, 0
        thin = model.thin()
        few = thin.rows.nnz <= (1 - WORTHWHILE) * model.rows.nnz
        self._thin, self._whole = Simplex(thin) if few else None, None
        self._loss = 0.0  # the most that leaving coefficients out has cost so far

    @property
    def undecided(self):
        return sum(simplex.undecided for simplex in (self._thin, self._whole) if simplex)

    def maximise(self, objective, constant, lower, upper, *, enough=None, clock=None):
        """``(bound, relaxed)``: a proved bound of ``objective @ v + constant`` in these columns, and the solve.

        The bound is -inf where the rows contradict each other, inf where nothing is proved. A solve
        may stop when ``objective @ v`` is proved to be at most ``enough``. ``clock`` gives the seconds left.
        """
        question = objective, constant, lower, upper
        if self._thin is not None:
            wish = None if enough is None else enough - self._loss
            bound, relaxed = self._solve(self._thin, question, wish, clock)
            if bound <= 0 or self._settles(relaxed, bound, question):
                return bound, relaxed
        if self._whole is None:
            self._whole = Simplex(self.model)
        return self._solve(self._whole, question, enough, clock)

    def _settles(self, relaxed, bound, question):
        """Whether the whole programme would hardly say more: a point above zero, and signs left to choose."""
        objective, constant, lower, upper = question
        if relaxed.point is None:
            return False
        value = objective @ relaxed.point + constant
        self._loss = max(self._loss, bound - value)
        z = self.model.z
        return value > 0 and (lower[z] < upper[z]).any()

    def _solve(self, simplex, question, enough, clock):
        objective, constant, lower, upper = question
        seconds = clock() if clock else None
        relaxed = simplex.maximise(objective, lower, upper, enough=enough, seconds=seconds)
        self.solved += 1
        if relaxed.multipliers is None:
            return np.inf, relaxed
        if relaxed.feasible:
            return self.model.bound(objective, constant, relaxed.multipliers, lower, upper), relaxed
        none = np.zeros_like(objective)
        empty = self.model.bound(none, 0.0, relaxed.multipliers, lower, upper) < 0
        return -np.inf if empty else np.inf, relaxed
