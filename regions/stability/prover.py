"""Proofs that a sign never occurs: linear programmes, then cases by the signs of earlier units.

Every case is closed by a bound that `Mixed.bound` computes with outward rounding, or by a linear
programme in rational arithmetic once all signs before the unit are chosen; so a proof trusts no
solver. On the way the points of the programmes are replayed: one of them may be a witness.
"""

from typing import NamedTuple

import numpy as np

from ..arithmetic.linear_programme import maximum
from ..arithmetic.rationals import ZERO, evaluate, nearest
from ..arithmetic.rounding import QUIET
from ..deadline import NEVER
from ..milp.bounding_model import mixed, scaled_row
from ..preactivations.rational_rows import ExactProblem
from ..preactivations.relaxation import greatest
from .ascent import climb
from .harvest import harvest
from .lp_bounds import LpRelaxation

# Kinds of proof, from the least to the most that they needed.
STRENGTH = ("lp", "branching", "rational")

# Unit: entries of the rational programme of one case; above it a case costs minutes, not moments.
RATIONAL_SIZE = 4000

# Unit: relative to the largest value that the objective could take. The simplex method may stop
# when its bound is this much below zero: enough for the proof to survive its own rounding.
SAFETY = 1e-10


class Part(NamedTuple):
    """The part of the domain where ``signs`` hold, a dict {(layer, unit): 1 or -1}.

    ``lower`` and ``upper`` are certified ranges there, tuples of arrays.
    """

    signs: dict
    lower: tuple
    upper: tuple


class Prover:
    """Answers questions (layer, unit, sign) of ``ledger``; ``deadline`` is when to stop.

    The model of a layer is built once, from the ranges known when its first question comes, so ask
    layer by layer.
    """

    def __init__(self, ledger, replay, deadline=NEVER):
        self.ledger, self.replay, self.deadline = ledger, replay, deadline
        self.network, self.domain = replay.network, replay.domain
        self.box = self.domain.enclosing_box()
        self.programmes = self.undecided = 0
        self._models, self._exact = {}, None

    def prove(self, layer, unit, sign, *, nodes):
        """Settle one question within ``nodes`` linear programmes; return whether it is settled."""
        if self.deadline.passed:
            return False
        lower, upper, model = self._model(layer)
        parts, kinds = [Part({}, lower, upper)], {"lp"}
        for k in range(nodes):
            if self.deadline.passed:
                return False
            part = parts.pop()
            closed, relaxed = self._close(layer, unit, sign, part)
            if not closed:
                # climbing costs more than a programme: at nodes 0, 1, 2, 4, 8, ...
                climbing = k & (k - 1) == 0
                if self._look(relaxed, model, layer, unit, sign, climbing):
                    return True
                branch = _branch(model, relaxed, part)
                if branch is not None:
                    kinds.add("branching")
                    parts += [p for p in (self._restrict(part, *b, layer) for b in branch) if p]
                elif self._settle_exactly(layer, unit, sign, part):
                    kinds.add("rational")
                else:
                    return not self.ledger.is_open(layer, unit, sign)
            if not parts:
                self.ledger.never(layer, unit, sign, max(kinds, key=STRENGTH.index))
                return True
        return False

    def bound(self, layer, unit, sign):
        """A certified upper bound of ``sign * g`` on the whole domain, by one linear programme."""
        lower, upper, model = self._model(layer)
        row, constant, scale = scaled_row(self.network, layer, unit, sign)
        objective, columns = model.objective(row, layer), model.bounds(lower, upper)
        return _times(scale, self._maximise(layer, objective, constant, columns)[0])

    def _maximise(self, layer, objective, constant, columns, **options):
        relaxation = self._models[layer][-1]
        clock = None if np.isinf(self.deadline.left) else lambda: self.deadline.left
        before, without_word = relaxation.solved, relaxation.undecided
        found = relaxation.maximise(objective, constant, *columns, clock=clock, **options)
        self.programmes += relaxation.solved - before
        self.undecided += relaxation.undecided - without_word
        return found

    def forget(self, layer):
        """The next question of ``layer`` builds its model from the ranges known by then."""
        self._models.pop(layer, None)

    def _model(self, layer):
        """``(lower, upper, model)``: ranges when the first question of ``layer`` came, and rows."""
        if layer not in self._models:
            ranges = self.ledger.ranges
            model = mixed(self.network, self.domain, ranges, layer)
            self._models[layer] = ranges.lower, ranges.upper, model, LpRelaxation(model)
        return self._models[layer][:3]

    def _restrict(self, part, place, sign, stop):
        """The sub-part with one sign more, or None when its ranges prove it empty."""
        layer, unit = place
        lower, upper = [a.copy() for a in part.lower], [a.copy() for a in part.upper]
        end = lower if sign > 0 else upper
        end[layer][unit] = 0.0
        for k in range(layer + 1, stop):
            unstable = np.flatnonzero((lower[k] < 0) & (upper[k] > 0))
            weight, bias = (array[unstable] for array in self.network.hidden[k])
            for s, ends, tighter in ((1, upper, np.minimum), (-1, lower, np.maximum)):
                bound = greatest(self.network, self.box, lower, upper, k, s * weight, s * bias)
                ends[k][unstable] = tighter(ends[k][unstable], s * bound)
            if (lower[k] > upper[k]).any():
                return None
        return Part({**part.signs, place: sign}, tuple(lower), tuple(upper))

    @np.errstate(**QUIET)
    def _close(self, layer, unit, sign, part):
        """Whether the part is proved to be empty or not above zero; and the solve, if there was one."""
        row, constant, _ = scaled_row(self.network, layer, unit, sign)
        ranges, alone = (part.lower, part.upper), (row[None], np.array([constant]))
        if (greatest(self.network, self.box, *ranges, layer, *alone) <= 0).all():
            return True, None
        model = self._models[layer][2]
        objective = model.objective(row, layer)
        columns = lower, upper = model.bounds(*ranges)
        size = np.abs(objective) @ np.maximum(np.abs(lower), np.abs(upper)) + abs(constant)
        enough = -constant - SAFETY * size
        bound, relaxed = self._maximise(layer, objective, constant, columns, enough=enough)
        return bound <= 0, relaxed

    def _look(self, relaxed, model, layer, unit, sign, climbing):
        """Replay the point of a programme, and perhaps climb from it; whether that answers the question."""
        if relaxed.point is None:
            return False
        point = self.domain.into_box(relaxed.point[model.point][None])
        harvest(self.ledger, self.replay, point)
        if climbing:
            question = (layer, unit, sign)
            climb(self.ledger, self.replay, [question], point, deadline=self.deadline, rounds=20)
        return not self.ledger.is_open(layer, unit, sign)

    def _settle_exactly(self, layer, unit, sign, part):
        """The part with all signs known, in rational arithmetic; whether it is closed."""
        hull = self.domain.exact_hull()
        if (len(part.signs) + len(hull.rows)) * len(hull.one) > RATIONAL_SIZE:
            return False
        before = np.concatenate([np.where(low >= 0, 1, -1) for low in part.lower])
        starts = np.cumsum((0, *self.network.widths))
        chosen = {starts[k] + i: s for (k, i), s in part.signs.items()}
        rows = self._exact_problem().rows(before, layer + 1)
        goal = [sign * v for v in rows[starts[layer] + unit]]
        cell = hull.rows + [[s * v for v in rows[place]] for place, s in chosen.items()]
        best = maximum(goal, cell, hull.lower, hull.upper, enough=ZERO)
        if best is None or best[0] <= 0:
            return True
        y = best[1]
        point = y if self.domain.has_coordinates else [evaluate(row, y) for row in hull.inputs]
        witness = [nearest(v) for v in point]
        self.ledger.occurs(layer, unit, sign, witness, "rational")
        return False

    def _exact_problem(self):
        if self._exact is None:
            self._exact = ExactProblem(self.network, self.domain)
        return self._exact


def _times(scale, bound):
    """``scale * bound`` as an upper bound: an overflow bounds nothing, and what is positive stays so."""
    product = scale * bound
    if np.isfinite(bound) and not np.isfinite(product):
        return np.inf
    return np.nextafter(0.0, 1.0) if product == 0 and bound > 0 else product


def _branch(model, relaxed, part):
    """A unit of open sign and its two signs, as pairs (place, sign); None when no sign is open.

    The unit is the one whose relaxation lifts the bound most. The sign of the relaxed point comes
    last, so that this part is looked at first.
    """
    lower, upper = part.lower, part.upper
    free = [j for j, (k, i) in enumerate(model.units) if lower[k][i] < 0 < upper[k][i]]
    if not free:
        return None
    j, first = free[0], 1
    if relaxed.point is not None:
        h, hbar = relaxed.point[model.h[free]], relaxed.point[model.hbar[free]]
        gap = np.minimum(h, hbar)  # 0 where the relaxed unit is a ReLU
        # what the line above the ReLU lifts the bound by: its multiplier times its height at 0
        lift = np.abs(relaxed.multipliers[model.caps[free]]) * model.upper[model.hbar[free]]
        best = int(np.lexsort((gap, np.where(gap > 0, lift, 0.0)))[-1])
        j, first = free[best], 1 if h[best] >= hbar[best] else -1
    return [(model.units[j], -first), (model.units[j], first)]
