"""Proofs that a sign never occurs: linear programmes, then cases by the signs of earlier units.

Every case is closed by a bound that `Mixed.bound` computes with outward rounding, or by a linear
programme in rational arithmetic once all signs before the unit are chosen; so a proof trusts no
solver. On the way the points of the programmes are replayed: one of them may be a witness.
"""

import time

import numpy as np

from .domain import AffineSlice
from .exact import ZERO, ExactProblem, evaluate, exact_hull, maximum
from .mixed import mixed
from .search import climb
from .solvers.simplex import Simplex
from .witness import harvest

# Unit: entries of the rational programme of one case; above it a case costs minutes, not moments.
RATIONAL_SIZE = 4000

# Unit: relative to the largest value that the objective could take. The simplex method may stop
# when its bound is this much below zero: enough for the proof to survive its own rounding.
SAFETY = 1e-10


class Prover:
    """Answers questions (layer, unit, sign) of ``ledger``; ``deadline`` is a `time.perf_counter` value.

    The model of a layer is built once, from the ranges known when its first question comes, so ask
    layer by layer.
    """

    def __init__(self, ledger, replay, deadline=np.inf):
        self.ledger, self.replay, self.deadline = ledger, replay, deadline
        self.network, self.domain = replay.network, replay.domain
        self.programmes = 0
        self._models, self._exact = {}, None

    def prove(self, layer, unit, sign, *, nodes):
        """Settle one question within ``nodes`` linear programmes; return whether it is settled."""
        model, simplex = self._model(layer)
        weight, bias = self.network.hidden[layer]
        objective, constant = model.objective(sign * weight[unit], layer), sign * bias[unit]
        cases, rational = [{}], False
        for count in range(nodes):
            signs = cases.pop()
            if time.perf_counter() >= self.deadline:
                return False
            closed, relaxed = self._close(model, simplex, objective, constant, signs)
            if not closed and not self._look(relaxed, model, layer, unit, sign):
                branch = _branch(model, relaxed, signs)
                if branch is not None:
                    cases += branch
                elif self._settle_exactly(model, layer, unit, sign, signs):
                    rational = closed = True
                else:
                    return not self.ledger.is_open(layer, unit, sign)
            if not self.ledger.is_open(layer, unit, sign):
                return True
            if not cases:
                kind = "rational" if rational else "branching" if count else "lp"
                self.ledger.never(layer, unit, sign, kind)
                return True
        return False

    def _model(self, layer):
        if layer not in self._models:
            model = mixed(self.network, self.domain, self.ledger.ranges, layer)
            self._models[layer] = model, Simplex(model)
        return self._models[layer]

    def _close(self, model, simplex, objective, constant, signs):
        """Whether the case is proved to be empty or not above zero; and the solve itself."""
        lower, upper = model.bounds(signs)
        size = np.abs(objective) @ np.maximum(np.abs(lower), np.abs(upper)) + abs(constant)
        seconds = None if np.isinf(self.deadline) else self.deadline - time.perf_counter()
        enough = -constant - SAFETY * size
        relaxed = simplex.maximise(objective, lower, upper, enough=enough, seconds=seconds)
        self.programmes += 1
        if relaxed.multipliers is None:
            return False, relaxed
        if relaxed.feasible:
            bound = model.bound(objective, constant, relaxed.multipliers, lower, upper)
            return bound <= 0, relaxed
        none = np.zeros_like(objective)
        return model.bound(none, 0.0, relaxed.multipliers, lower, upper) < 0, relaxed

    def _look(self, relaxed, model, layer, unit, sign):
        """Replay the point of a programme, and climb from it; whether that answers the question."""
        if relaxed.point is None:
            return False
        point = relaxed.point[model.point]
        if not isinstance(self.domain, AffineSlice):
            box = getattr(self.domain, "box", self.domain)
            point = np.clip(point, box.lower, box.upper)
        harvest(self.ledger, self.replay, point[None])
        climb(self.ledger, self.replay, [(layer, unit, sign)], point[None], rounds=20)
        return not self.ledger.is_open(layer, unit, sign)

    def _settle_exactly(self, model, layer, unit, sign, signs):
        """The case with all signs chosen, in rational arithmetic; whether it is closed."""
        hull = self._exact_hull()
        if (len(signs) + len(hull.rows)) * len(hull.one) > RATIONAL_SIZE:
            return False
        before = np.concatenate([np.where(low >= 0, 1, -1) for low in self.ledger.lower])
        starts = np.concatenate([[0], np.cumsum(self.network.widths)])
        chosen = {starts[k] + i: s for (k, i), s in zip(model.units, _in_order(signs), strict=True)}
        for place, s in chosen.items():
            before[place] = s
        rows = self._exact_problem().rows(before, layer + 1)
        goal = [sign * v for v in rows[starts[layer] + unit]]
        cell = hull.rows + [[s * v for v in rows[place]] for place, s in chosen.items()]
        best = maximum(goal, cell, hull.lower, hull.upper, enough=ZERO)
        if best is None or best[0] <= 0:
            return True
        y = best[1]
        slice_ = isinstance(self.domain, AffineSlice)
        point = y if slice_ else [evaluate(row, y) for row in hull.inputs]
        witness = [float(v.p) / float(v.q) for v in point]
        self.ledger.occurs(layer, unit, sign, witness, "rational")
        return False

    def _exact_hull(self):
        return exact_hull(self.domain)

    def _exact_problem(self):
        if self._exact is None:
            self._exact = ExactProblem(self.network, self.domain)
        return self._exact


def _in_order(signs):
    return [signs[j] for j in sorted(signs)]


def _branch(model, relaxed, signs):
    """Two cases more, by the unit that loosens the relaxation most; None when all signs are chosen."""
    free = np.array([j for j in range(len(model.z)) if j not in signs], dtype=int)
    if not len(free):
        return None
    j, first = free[0], 1
    if relaxed.point is not None:
        h, hbar = relaxed.point[model.h[free]], relaxed.point[model.hbar[free]]
        gap = np.minimum(h, hbar)  # 0 where the relaxed unit is a ReLU
        # what the line above the ReLU lifts the bound by: its multiplier times its height at 0
        lift = np.abs(relaxed.multipliers[model.caps[free]]) * model.upper[model.hbar[free]]
        best = int(np.lexsort((gap, np.where(gap > 0, lift, 0.0)))[-1])
        j, first = free[best], 1 if h[best] >= hbar[best] else -1
    # the case that the relaxed point is in comes last, so that it is looked at first
    return [{**signs, int(j): -first}, {**signs, int(j): first}]
