"""The walk over a tree of faces: every branch partitions, every leaf is proved, in floats with error bounds.

A leaf stands for pairs of signs of the earlier units and a set of last-layer units. Cells are as many as the pairs that
are *faces*: the set's common zero meets the parent, its linear parts are independent, and it is first of its circuits
(Zaslavsky 1977). So yes leaves bound the count from below, and what no leaf excludes from above.

* Yes: near the point is an exact zero x of the free earlier units and of the set, proved by a right inverse whose defect is
  below one; there all other units have strict signs. Then all pairs of the leaf are faces: signs near x can be chosen.
* No: a combination q of last-layer units is negative wherever the fixed earlier units have their signs, each free one
  replaced by a line above what it sends up; q is of units in the set.
* Rank: more units in the set than some layer lets be independent, or one that nothing feeds, or an earlier unit that
  nothing feeds and whose sign is not its bias's.
"""

from fractions import Fraction

import numpy as np

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma
from ..errors import InputError
from ..preactivations.ranges import direct_ranges
from .faces_file import NO, OPEN, PLACED, RANK, YES
from .space import SPARE, ExactRows, Rows, Space

# Unit: half-width of the box. Points are clipped this far inside before they are looked at.
EDGE = 1.0 - 1e-6
STEPS = 2


class FacesCheck:
    """Checks a `FacesCertificate` of ``network``; after `walk`, ``yes`` and ``no`` are proved numbers of pairs.

    ``whole`` is the number of all pairs, ``checks`` and ``refused`` count leaves.
    """

    def __init__(self, network, certificate):
        self.network, self._stored = network, certificate
        self.space = Space(certificate.domain)
        if self.space.one != len(self.space.lower):
            raise InputError("a certificate by faces is of a bounded domain")
        self._prepare()
        self.checks = self.refused = self.yes = self.no = 0

    @np.errstate(**QUIET)
    def _prepare(self):
        network = self.network
        ranges = direct_ranges(network, self._stored.domain, method="relaxation")
        off, on, undecided = (
            np.concatenate(some) for some in (ranges.off, ranges.on, ranges.undecided)
        )
        self._lower, self._upper = (np.concatenate(ends) for ends in (ranges.lower, ranges.upper))
        self._reach = np.maximum(np.abs(self._lower), np.abs(self._upper))
        layers = [layer for layer, some in enumerate(ranges.undecided) if some.any()]
        # layers behind the last one that switches make no cells
        self.depth = max(layers, default=0) + 1
        starts = np.cumsum((0, *network.widths)).tolist()
        self._starts, self._before = starts, starts[self.depth - 1]
        self._loose, self._off = on, off
        self._master, self._flip = self._masters(undecided)
        last = np.arange(starts[self.depth - 1], starts[self.depth])
        self.last = last[undecided[last] & (self._master[last] == last)]
        earlier = np.arange(self._before)
        self.asked = earlier[undecided[earlier] & (self._master[earlier] == earlier)]
        space = self.space
        inputs = Rows(space.inputs, np.zeros(network.n0))
        self._first = space.through(network.hidden[0], inputs, np.ones(network.n0, dtype=bool))
        self._guards = space.through(space.constraints, inputs, np.ones(network.n0, dtype=bool))
        self._free = space.lower < space.upper
        self._half = (space.upper / 2 - space.lower / 2)[self._free]
        self._slope, self._lift = self._triangles()
        if self._stored.multipliers.shape[1] != starts[self.depth] + len(self._guards.values):
            raise InputError("its multipliers do not fit the network and the domain")
        if self._stored.points.shape[1] != network.widths[0] + len(self._guards.values):
            raise InputError("its points do not fit the network")
        if self._stored.places.shape[1] != len(space.lower):
            raise InputError("its places do not fit the domain")

    def _triangles(self):
        """Lines over ``max(z, 0)`` on the ranges."""
        upper, lower = np.maximum(self._upper, 0.0), self._lower
        slope = np.where(upper > lower, upper / np.where(upper > lower, upper - lower, 1.0), 1.0)
        lift = np.maximum(-slope * lower, (1.0 - slope) * upper) * (1 + SPARE) + UNDERFLOW
        return slope, np.maximum(lift, 0.0)

    def _masters(self, undecided):
        """Who shares a hyperplane with whom, each claim checked in rationals."""
        master, flip = np.arange(len(undecided)), np.ones(len(undecided), dtype=int)
        for unit, leader, sign in self._stored.twins.tolist():
            fits = 0 <= leader < unit < len(master) and undecided[unit] and undecided[leader]
            if not fits or master[leader] != leader or not self._are_twins(unit, leader, sign):
                raise InputError(f"its units {leader} and {unit} do not share a hyperplane")
            master[unit], flip[unit] = leader, sign
        return master, flip

    def _are_twins(self, unit, leader, sign):
        layer = int(np.searchsorted(self._starts, leader, side="right")) - 1
        if not self._starts[layer] <= unit < self._starts[layer + 1]:
            return False
        # between opposite rows both may vanish on a cell and be off: no matter on the inputs, nor behind all others
        if sign not in (1, -1) or (sign < 0 and layer not in (0, self.depth - 1)):
            return False
        weight, bias = self.network.hidden[layer]
        one, other = (
            self._exact_row(layer, weight, bias, i - self._starts[layer]) for i in (unit, leader)
        )
        place = next((d for d, v in enumerate(other) if v), None)
        if place is None:
            return False
        factor = one[place] / other[place]
        return factor * sign > 0 and all(a == factor * b for a, b in zip(one, other, strict=True))

    def _exact_row(self, layer, weight, bias, i):
        if layer:
            return [Fraction(float(v)) for v in (*weight[i], bias[i])]
        exact = ExactRows(self.network, self.space)
        row = exact.layer(np.zeros(0, dtype=bool), 0)[i]
        free = self.space.lower < self.space.upper
        constant = row[-1] + sum(
            v * low for v, low, f in zip(row, exact.lower, free, strict=False) if not f
        )
        return [*(v for v, f in zip(row, free, strict=False) if f), constant]

    @property
    def whole(self):
        """Number of all pairs."""
        return 1 << (len(self.asked) + len(self.last))

    @np.errstate(**QUIET)
    def walk(self):
        """Check every leaf; an `InputError` where the letters are no tree."""
        stored, sig = self._stored, np.where(self._loose[: self._before], 1, 0)
        sig[self._off[: self._before]] = -1
        mode = np.zeros(len(self.last), dtype=int)
        stack, letters = [(sig, mode)], iter(stored.letters.tolist())
        points, multipliers, places = (
            iter(a) for a in (stored.points, stored.multipliers, stored.places)
        )
        place = {unit: k for k, unit in enumerate(self.last.tolist())}
        asked = set(self.asked.tolist())
        for letter in letters:
            if not stack:
                raise InputError("its tree has more letters than nodes")
            sig, mode = stack.pop()
            size = 1 << int((sig[self.asked] == 0).sum() + (mode == 0).sum())
            if letter in asked and sig[letter] == 0:
                stack += [(self._with_sign(sig, letter, side), mode) for side in (-1, 1)]
            elif letter in place and mode[place[letter]] == 0:
                stack += [(sig, _with_mode(mode, place[letter], side)) for side in (-1, 1)]
            elif letter == YES:
                self.yes += size * self._checked(self._lifts(sig, mode, self._start(next(points))))
            elif letter == PLACED:
                self.yes += size * self._checked(self._lifts(sig, mode, next(places).copy()))
            elif letter == NO:
                self.no += size * self._checked(self._refuted(sig, mode, next(multipliers)))
            elif letter == RANK:
                self.no += size * self._checked(self._lacks_rank(sig, mode))
            elif letter != OPEN:
                raise InputError(f"its letter {letter} is no branch of that node")
        if stack:
            raise InputError("its tree is cut short")

    def _checked(self, holds):
        self.checks += 1
        self.refused += not holds
        return bool(holds)

    def _with_sign(self, sig, unit, side):
        sig, twins = sig.copy(), np.flatnonzero(self._master[: self._before] == unit)
        sig[twins] = side * self._flip[twins]
        return sig

    def _rows(self, sig):
        """Rows of all layers up to the last through the units that are on."""
        rows, parts = self._first, [self._first]
        for layer in range(1, self.depth):
            active = sig[self._starts[layer - 1] : self._starts[layer]] > 0
            rows = self.space.through(self.network.hidden[layer], rows, active)
            parts.append(rows)
        values, errors = (np.concatenate(some) for some in zip(*parts, strict=True))
        return values, errors

    def _is_still(self, sig, unit):
        """Whether nothing that is on or free feeds a unit behind the first layer."""
        layer = int(np.searchsorted(self._starts, unit, side="right")) - 1
        if layer == 0:
            return False
        weight = self.network.hidden[layer].weight[unit - self._starts[layer]]
        return not (weight[sig[self._starts[layer - 1] : self._starts[layer]] >= 0]).any()

    def _bias(self, unit):
        layer = int(np.searchsorted(self._starts, unit, side="right")) - 1
        return self.network.hidden[layer].bias[unit - self._starts[layer]]

    def _lacks_rank(self, sig, mode):
        inside = self.last[mode > 0]
        bound = int(self._free.sum())
        for layer in range(self.depth - 1):
            here = np.arange(self._starts[layer], self._starts[layer + 1])
            bound = min(bound, len(np.unique(self._master[here[sig[here] >= 0]])))
        if len(inside) > bound or any(self._is_still(sig, unit) for unit in inside):
            return True
        fixed = self.asked[sig[self.asked] != 0]
        return any(
            self._is_still(sig, unit) and (self._bias(unit) > 0) != (sig[unit] > 0)
            for unit in fixed
        )

    def _refuted(self, sig, mode, numbers):
        """Weak duality, from the last layer down."""
        units, depth = self._starts[self.depth], self.depth
        q = numbers[self._starts[depth - 1] : units]
        named = np.zeros(len(q), dtype=bool)
        named[self.last[mode > 0] - self._starts[depth - 1]] = True
        if (q[~named] != 0).any():
            return False
        coefficients, doubt = q, np.zeros(len(q))
        constant = size = error = 0.0
        for layer in range(depth - 1, 0, -1):
            weight, bias = self.network.hidden[layer]
            part = slice(self._starts[layer - 1], self._starts[layer])
            c = coefficients @ weight
            doubt = gamma(len(coefficients) + 2) * (
                np.abs(coefficients) @ np.abs(weight)
            ) + UNDERFLOW * len(coefficients)
            constant += coefficients @ bias
            size += np.abs(coefficients) @ np.abs(bias)
            s, m = sig[part], np.where(self._loose[part], 0.0, np.maximum(numbers[part], 0.0))
            reach, slope, lift = self._reach[part], self._slope[part], self._lift[part]
            free = s == 0
            error += (doubt * reach)[s >= 0].sum()
            up = free & (c > 0)
            constant += (c * lift)[up].sum()
            size += np.abs(c * lift)[up].sum()
            # a unit that ranges prove off sends nothing up, and its sign needs no multiplier
            off = np.where(self._off[part], 0.0, -m)
            coefficients = np.select([s > 0, s < 0, up], [c + m, off, c * slope], np.maximum(c, -m))
            error += gamma(2) * (np.abs(coefficients) * reach).sum()
        guards = np.maximum(numbers[units:], 0.0)
        rows = np.concatenate([self._first.values, self._guards.values])
        weights = np.concatenate([coefficients, guards])
        total = weights @ rows
        slopes = total[:-1]
        bound = (
            np.maximum(slopes * self.space.lower, slopes * self.space.upper).sum()
            + total[-1]
            + constant
        )
        size += np.abs(weights) @ (np.abs(rows) @ self.space._reach)
        error += np.abs(weights) @ np.concatenate([self._first.error, self._guards.error])
        operations = len(weights) + rows.shape[1] + 4 * units + 8
        highest = bound + (error + gamma(operations) * size + self.space._floor * operations) * (
            1 + SPARE
        )
        return bool(np.isfinite(highest) and highest < 0)

    def _lifts(self, sig, mode, y):
        """A zero nearby, proved: see the head of this file."""
        values, errors = self._rows(sig)
        free, half = self._free, self._half
        zero = [*self.asked[sig[self.asked] == 0], *self.last[mode >= 0]]
        wanted = values[zero][:, :-1][:, free]
        scale = np.abs(wanted * half).max(axis=1, initial=0.0)
        if not (scale > 0).all():
            return False
        scaled = wanted * half / scale[:, None]
        try:
            inverse = scaled.T @ np.linalg.inv(scaled @ scaled.T)
        except np.linalg.LinAlgError:
            return False
        if len(zero) > len(half):
            return False
        for _ in range(STEPS):
            y[free] -= half * (inverse @ ((values[zero][:, :-1] @ y + values[zero][:, -1]) / scale))
        measured = values[:, :-1] @ y + values[:, -1]
        unsure = errors + gamma(values.shape[1] + 2) * self.space._size(values)
        unsure += self.space._floor * values.shape[1]
        distance = 0.0
        if zero:
            spread = np.abs(inverse).sum(axis=1).max() * (1 + SPARE)
            defect = np.abs(np.eye(len(zero)) - scaled @ inverse).sum(axis=1)
            defect += gamma(len(half) + 6) * (np.abs(scaled) @ np.abs(inverse)).sum(axis=1) + gamma(
                8
            )
            # what a row may be off, on the box, bounds its linear part over the half-widths
            defect += errors[zero] / scale * np.abs(inverse).max(axis=0).sum()
            rho = defect.max() * (1 + SPARE)
            if not rho < 0.5:
                return False
            off = ((np.abs(measured[zero]) + unsure[zero]) / scale).max()
            distance = spread * off / (1 - rho) * (1 + SPARE)
        if not distance < 1.0:
            return False
        moved = half * distance * (1 + SPARE) + UNDERFLOW
        inner = (self.space.lower[free] < y[free] - moved * 2) & (
            y[free] + moved * 2 < self.space.upper[free]
        )
        if not inner.all():
            return False
        slopes = (np.abs(values[:, :-1][:, free]) @ half + errors) * distance * (1 + SPARE)
        clear = np.abs(measured) > (unsure + slopes) * (1 + SPARE)
        guards = self._guards
        at_guards = guards.values[:, :-1] @ y + guards.values[:, -1]
        doubt = guards.error + gamma(values.shape[1] + 2) * self.space._size(guards.values)
        doubt += (np.abs(guards.values[:, :-1][:, free]) @ half + guards.error) * distance
        if not (at_guards > (doubt + self.space._floor) * (1 + SPARE)).all():
            return False
        return self._signs_hold(sig, mode, measured, clear)

    def _signs_hold(self, sig, mode, measured, clear):
        for unit in self.asked[sig[self.asked] != 0]:
            if self._is_still(sig, unit):
                if (self._bias(unit) > 0) != (sig[unit] > 0):
                    return False
            elif not (clear[unit] and measured[unit] * sig[unit] > 0):
                return False
        outside = self.last[mode < 0]
        return all(clear[unit] or self._is_still(sig, unit) for unit in outside)

    def _start(self, weights):
        space, free = self.space, self._free
        rows = np.concatenate([self._first.values, self._guards.values])
        pulled = weights @ rows[:, :-1][:, free] * self._half
        y = space.lower.copy()
        centre = space.lower[free] / 2 + space.upper[free] / 2
        y[free] = centre + self._half * np.clip(pulled, -EDGE, EDGE)
        return y


def _with_mode(mode, k, side):
    mode = mode.copy()
    mode[k] = side
    return mode
