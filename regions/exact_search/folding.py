"""The network of the units that switch: what kernels are given where the signs of the others are known.

Units that are off are left out. Those that are on are affine, so all that the next layer sees of them is one affine
function for each of its rows: where these functions are fewer than the units, they take the units' place, as units of their
own, made positive by a shift. Layer by layer from the last one that switches, what is left has no more coordinates than
units that switch. Products of weights are rounded; what that does to a row goes into its error, so the kernels' proofs are
about the original network, and what they leave open is settled there, in rationals.

Tasks, signs and patterns keep the shape of the original network: only on the way into a kernel and out of it are they
translated.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..kernels.rows import EPS, TINY, Arrays

# Exponent of the least shift: far below anything that matters in numbers that are scaled to 1, far above `TINY`.
LEAST_EXPONENT = -200
# Pays for the rounding of bounds: sums of some thousand terms that are not negative.
ROUNDED_UP = 1.0 + 1e-9


@dataclass(frozen=True, eq=False)
class Folding:
    """Which units the kernels see: ``units`` (n,) of the original network, -1 for affine functions of others.

    ``arrays`` is what they are given, ``known`` (N,) has the signs of the original units that never switch. The first
    ``n_coordinates`` rows of the first layer can be coordinates of a search over its image.
    """

    arrays: Arrays
    units: np.ndarray
    known: np.ndarray
    n_coordinates: int

    @property
    def n_units(self):
        """How many units the kernels see."""
        return len(self.units)

    def inward(self, task):
        """A task of the original network as the kernels take it."""
        own = self.units >= 0
        signs, split = np.ones(len(own), dtype=np.int8), np.zeros(len(own), dtype=np.bool_)
        signs[own], split[own] = task.signs[self.units[own]], task.split[self.units[own]]
        layer = min(task.layer, len(self.arrays.widths) - 1)
        unit = int(np.flatnonzero(self.units == task.unit)[0]) if task.unit >= 0 else -1
        return replace(task, layer=layer, signs=signs, split=split, unit=unit)

    def outward(self, task):
        """A task that a kernel handed back as one of the original network."""
        unit = int(self.units[task.unit]) if task.unit >= 0 else -1
        (signs,), split = self.patterns(task.signs[None]), np.zeros(len(self.known), dtype=np.bool_)
        own = self.units >= 0
        split[self.units[own]] = task.split[own]
        return replace(task, signs=signs, split=split, unit=unit)

    def patterns(self, signs):
        """Signs (m, n) of the kernels as those (m, N) of the original network."""
        own = self.units >= 0
        out = np.tile(self.known, (len(signs), 1))
        out[:, self.units[own]] = signs[:, own]
        return out

    def sides(self, on):
        """Sides (R, N) of the original units as those (R, n) of the kernels' own."""
        out = np.ones((len(on), self.n_units), dtype=np.bool_)
        own = self.units >= 0
        out[:, own] = on[:, self.units[own]]
        return out


class _Level(NamedTuple):
    """Rows of one layer as the kernels see them: affine functions of all outputs before it, off by ``error`` at most.

    ``units`` has their numbers in the layer, -1 for those that are no unit.
    """

    units: np.ndarray
    weight: np.ndarray
    bias: np.ndarray
    error: np.ndarray


class _Functions(NamedTuple):
    """Affine functions of the units ``on`` of a layer, one for each of the ``rows`` after it that listen to them.

    Function i is ``(mixing[i] @ g[on] + constants[i] + shifts[i]) * 2 ** -exponents[i]``, between 0 and 1.
    """

    rows: np.ndarray
    on: np.ndarray
    mixing: np.ndarray
    constants: np.ndarray
    shifts: np.ndarray
    exponents: np.ndarray

    @classmethod
    def of(cls, level, rows, on, highest):
        """Those that ``level`` sees of units whose outputs are at most ``highest``."""
        mixing, constants = level.weight[np.ix_(rows, on)], level.bias[rows]
        bound = (np.abs(mixing) @ highest + np.abs(constants)) * ROUNDED_UP
        # a shift of at least the bound, at most twice as large
        exponents = np.maximum(np.frexp(bound)[1], LEAST_EXPONENT)
        return cls(rows, on, mixing, constants, np.ldexp(1.0, exponents), exponents + 1)

    def error(self, size, inherited):
        """How far a row may be off where units of this ``size`` are off by ``inherited``, and products are rounded."""
        weight = np.abs(self.mixing)
        rounding = EPS * (len(self.on) + 8)
        terms = weight @ size + np.abs(self.constants) + self.shifts
        error = (weight @ inherited + rounding * terms) * ROUNDED_UP + TINY
        return np.ldexp(error, -self.exponents) + TINY

    def scaled(self, values):
        """Rows of values (m, ...) times the powers of two."""
        return np.ldexp(values, -self.exponents.reshape(-1, *[1] * (values.ndim - 1)))


def fold(arrays, layers, known, highest, ties):
    """The `Folding` of a network with the signs ``known`` (N,), some of them 0; None where numbers overflow.

    Parameters
    ----------
    arrays
        `Arrays` of all units, in coordinates of the domain.
    layers
        The scaled hidden layers that ``arrays`` is made of.
    known, highest
        As in `presolve.Presolve`, ``highest`` one array a layer, scaled.
    ties
        As in `structure.ties`.
    """
    signs = [known[a:b] for a, b in pairwise(arrays.starts)]
    last = max(index for index, part in enumerate(signs) if not part.all())
    level, carried, above = _exact(layers[last], np.flatnonzero(signs[last] == 0)), False, []
    units = [level.units]
    for index in range(last, 0, -1):
        kept, functions = _seen(level, signs[index - 1], highest[index - 1])
        above.append(_matrix(level, kept, functions, carried))
        carried = carried or bool(level.error.any())
        if index > 1:
            level = _below(layers[index - 1], highest[index - 2], kept, functions)
        n_functions = 0 if functions is None else len(functions.rows)
        units.append(np.append(kept, np.full(n_functions + carried, -1)))
    if last == 0:
        kept, functions = level.units, None
    first = _first_rows(arrays, kept, functions, carried)
    layers_seen = above[::-1]
    if not all(
        np.isfinite(part).all() for part in (first, *(p for pair in layers_seen for p in pair))
    ):
        return None
    if not all(map(len, units)):
        return None
    numbers = np.concatenate(
        [
            np.where(part < 0, -1, part + start)
            for part, start in zip(units[::-1], arrays.starts, strict=False)
        ]
    )
    flat = _arrays(arrays, first, layers_seen)
    flat = flat._replace(ties=_ties(ties, numbers, known))
    return Folding(flat, numbers, known, len(first) - carried)


def _exact(layer, units):
    return _Level(units, layer.weight[units], layer.bias[units], np.zeros(len(units)))


def _seen(level, signs, highest):
    """``(units, functions or None)`` of the layer before ``level`` that its rows listen to; units that switch are seen."""
    on = np.flatnonzero((signs > 0) & (level.weight != 0).any(axis=0))
    rows = np.flatnonzero((level.weight[:, on] != 0).any(axis=1))
    switching = np.flatnonzero(signs == 0)
    if len(on) <= len(rows):
        return np.sort(np.concatenate([switching, on])), None
    return switching, _Functions.of(level, rows, on, highest[on])


def _matrix(level, kept, functions, carried):
    """``(weight, bias)`` of a level as a function of what is seen of the layer before it.

    Where its rows are off, or those of layers after it, a unit with the row 0 that is off by 1 carries the error.
    """
    weight, bias = level.weight[:, kept], level.bias.copy()
    if functions is not None:
        columns = np.zeros((len(bias), len(functions.rows)))
        columns[functions.rows, np.arange(len(functions.rows))] = np.ldexp(1.0, functions.exponents)
        bias[functions.rows] = -functions.shifts
        weight = np.column_stack([weight, columns])
    if carried or level.error.any():
        weight = np.column_stack([weight, level.error])
    if carried:
        weight = np.concatenate([weight, np.zeros((1, weight.shape[1]))])
        weight[-1, -1], bias = 1.0, np.append(bias, 0.0)
    return weight, bias


def _below(layer, highest, kept, functions):
    """The `_Level` of what is seen of a ``layer`` after the first one; ``highest`` bounds the outputs before it."""
    level = _exact(layer, kept)
    if functions is None:
        return level
    on, f = functions.on, functions
    weight, bias = f.mixing @ layer.weight[on], f.mixing @ layer.bias[on] + f.constants + f.shifts
    size = np.abs(layer.weight[on]) @ highest + np.abs(layer.bias[on])
    parts = (
        (level.units, np.full(len(bias), -1)),
        (level.weight, f.scaled(weight)),
        (level.bias, f.scaled(bias)),
        (level.error, f.error(size, np.zeros(len(on)))),
    )
    return _Level(*map(np.concatenate, parts))


def _first_rows(arrays, kept, functions, carried):
    """Rows (m, k + 3) of what is seen of the first layer, in coordinates of the domain."""
    k = len(arrays.reach)
    rows = arrays.rows[arrays.first_unit : arrays.first_unit + arrays.widths[0]]
    parts = [rows[kept]]
    if functions is not None:
        f, seen = functions, rows[functions.on]
        new = np.zeros((len(f.rows), k + 3))
        new[:, : k + 1] = f.mixing @ seen[:, : k + 1]
        new[:, arrays.one] += f.constants + f.shifts
        new = f.scaled(new)
        new[:, k + 1] = f.error(seen[:, k + 2], seen[:, k + 1])
        size = np.abs(new[:, :k]) @ arrays.reach + np.abs(new[:, k])
        new[:, k + 2] = size * (1.0 + (k + 4) * EPS) + TINY
        parts.append(new)
    if carried:
        parts.append(np.array([[*np.zeros(k + 1), 1.0, TINY]]))
    return np.concatenate(parts)


def _arrays(arrays, first, layers):
    """``arrays`` with these first rows, and (weight, bias) of the layers after them."""
    widths = np.array([len(first), *(len(bias) for _, bias in layers)], dtype=np.int64)
    later = [np.ascontiguousarray(weight.T).ravel() for weight, _ in layers]
    sizes = [0, 0, *map(len, later)]
    domain = arrays.rows[: arrays.first_unit]
    empty = np.zeros((widths[1:].sum(), first.shape[1]))
    return arrays._replace(
        rows=np.concatenate([domain, first, empty]),
        widths=widths,
        starts=np.concatenate([[0], np.cumsum(widths)]),
        weights=np.concatenate([np.zeros(0), *later]),
        offsets=np.cumsum(sizes[: len(widths)]),
        slopes=np.zeros(widths.sum()),
        # biases of the first layer are in its rows
        biases=np.concatenate([np.zeros(len(first)), *(bias for _, bias in layers)]),
    )


def _ties(ties, units, known):
    """What `structure.ties` says of the units that are seen, in their numbers."""
    always, places = len(known) + 1, {unit: place for place, unit in enumerate(units.tolist())}
    out = np.zeros(len(units), dtype=np.int64)
    for place in np.flatnonzero(units >= 0):
        tie = int(ties[units[place]])
        sign, other = np.sign(tie), abs(tie) - 1
        if abs(tie) == always:
            out[place] = sign * (len(units) + 1)
        elif tie and other in places:
            out[place] = sign * (places[other] + 1)
        elif tie and (
            sign > 0 or known[other] > 0
        ):  # the opposite of a unit that is off may be zero
            out[place] = sign * known[other] * (len(units) + 1)
    return out
