"""The mixed-integer model of activation patterns, written once, as plain arrays.

Serra et al. 2018, section 5: each hidden unit is split by its sign (`regions.milp.rows`), and margins make
the signs strict. Solvers (`regions.solvers`) take the arrays; nothing here knows any of them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..errors import InputError, UnsupportedError
from ..network import Layer, Network
from ..network.slopes import require_relu
from ..preactivations.ranges import direct_ranges
from .rows import Rows

# Unit: pre-activation of a unit whose weight row has norm between 1/2 and 1 (see `balanced`), so
# about twice a distance in the input of its layer. A thousand times the solvers' tolerance:
# at the tolerance their points lie on boundaries and are no witnesses; 1e-4 was seen to lose cells.
EPSILON = 1e-6

# Factor of the rows that say epsilon. Gurobi 13 was seen to put into its pool assignments that break
# rows by up to 1e-6, its default tolerance, whatever FeasibilityTol says: at factor 1 that is all of
# epsilon, and up to two thirds of the points came with a pattern that was not theirs.
STRICT_ROW_SCALE = 1000.0

READINGS = {
    "cells": "active units at least epsilon above zero, inactive ones at least epsilon below",
    "patterns": "active units at least epsilon above zero, inactive ones at or below zero",
}
FORMS = {
    "feasibility": "no objective: epsilon is a row of each unit",
    "max_f": "the papers' form: maximise f, the least margin, from epsilon upwards",
}


@dataclass(frozen=True, eq=False)
class Formulation:
    """Maximise ``objective @ v`` subject to ``rows @ v (senses) rhs``, ``lower <= v <= upper``.

    ``senses`` holds "<", "=" or ">" per row. ``inputs`` is the slice of v that is the point x,
    ``binary`` the columns of the z, ``units`` the place of each of them in an activation pattern of
    length N, ``fixed`` the pattern (N,) with the units that the ranges settle as on.
    ``first_layer`` is the number of z that belong to the first layer; they come first.
    """

    rows: sparse.csr_array
    senses: np.ndarray
    rhs: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    objective: np.ndarray
    inputs: slice
    binary: np.ndarray
    units: np.ndarray
    fixed: np.ndarray
    first_layer: int
    epsilon: float

    @property
    def size(self):
        """(variables, rows)."""
        return self.rows.shape[::-1]

    def patterns(self, z):
        """Activation patterns (count, N) for values of the binaries of shape (count, len(binary))."""
        patterns = np.tile(self.fixed, (len(z), 1))
        patterns[:, self.units] = np.asarray(z) > 0.5
        return patterns


def formulate(network, domain, *, counted="cells", form="feasibility", epsilon=EPSILON):
    """The model whose assignments of z are the activation patterns of ``network`` on ``domain``.

    Parameters
    ----------
    network, domain
        A `Network`, and a `Domain` that lies in a box.
    counted
        A key of `READINGS`: which strictness. The papers' own reading is ``"patterns"``.
    form
        A key of `FORMS`: with or without the papers' objective.
    epsilon
        The least margin of a strict sign, in the unit of `EPSILON`.

    Returns
    -------
    Formulation
        Three columns per undecided unit, one per unit that is always on, none for one always off.

    Raises
    ------
    UnsupportedError
        An unbounded domain, or something counted that a mixed-integer model cannot tell apart.

    Notes
    -----
    Units are first rescaled by powers of two (`balanced`), so epsilon means the same for all. A unit
    with zero bias whose inputs are all off is identically zero there, hence off: it is asked for a
    margin only when one of those inputs is on. A unit that cancels to zero in another way loses
    its cell here, and cells thinner than epsilon are lost; the exact engine loses neither.

    Examples
    --------
    >>> from regions.domain import Box
    >>> network = Network.of(([[1.0], [1.0]], [-0.5, 3.0]), ([[1.0, 1.0]], None))
    >>> model = formulate(network, Box.cube(1, 0, 1))
    >>> model.size, model.fixed, model.units
    ((5, 6), array([False,  True]), array([0]))
    """
    if counted not in READINGS:
        raise UnsupportedError(
            f"a mixed-integer model tells activation patterns apart, not {counted!r}; "
            f"choose counted={' or '.join(READINGS)}, or the exact engine (engine cells)"
        )
    if form not in FORMS:
        raise InputError(f"form={form!r} is no form of the model; choose one of {', '.join(FORMS)}")
    if not epsilon >= 0:
        raise InputError(f"epsilon must be a margin of at least 0; got {epsilon}")
    domain.check(network)
    require_relu(network, "a mixed-integer model (engines pool and scip)")
    return _Model(balanced(network), domain, counted, form, epsilon).formulation()


def balanced(network):
    """The same function and patterns, every hidden weight row scaled to a norm in [1/2, 1).

    The scales are powers of two and the next layer takes them back, so that (short of underflow)
    nothing is rounded. A zero row stays as it is.

    >>> network = Network.of(([[8.0, 0.0]], [-4.0]), ([[1.0]], None))
    >>> balanced(network).layers[0].bias, balanced(network).layers[1].weight
    (array([-0.25]), array([[16.]]))
    """
    layers, before = [], np.zeros(network.n0, dtype=int)
    for weight, bias in network.hidden:
        weight = np.ldexp(weight, before)
        exponent = np.frexp(np.linalg.norm(weight, axis=1))[1]
        layers.append(Layer(np.ldexp(weight, -exponent[:, None]), np.ldexp(bias, -exponent)))
        before = exponent
    weight, bias = network.layers[-1]
    return Network((*layers, Layer(np.ldexp(weight, before), bias)))


class _Model:
    """A formulation under construction, layer by layer."""

    def __init__(self, network, domain, counted, form, epsilon):
        self.network, self.counted, self.form, self.epsilon = network, counted, form, epsilon
        self.ranges, self.rows = direct_ranges(network, domain), Rows()
        # columns of the layer before: outputs, and the binaries of its split units
        (self.h, _), self.z_of = self.rows.inputs(domain), {}
        self.f = self._margin() if form == "max_f" else None
        self.z = [self._layer(k) for k in range(len(network.hidden))]

    def _at_most(self, upper, *blocks):
        self.rows.add(-np.inf, upper, *blocks)

    def _strict(self, lower, *blocks):
        """Rows ``sum of coefficients @ v[columns] >= lower``, times `STRICT_ROW_SCALE`."""
        scaled = [(columns, STRICT_ROW_SCALE * np.asarray(c)) for columns, c in blocks]
        self.rows.add(STRICT_ROW_SCALE * lower, np.inf, *scaled)

    def _margin(self):
        """The papers' f: the least margin of all signs, one column."""
        ends = [np.ones(1), *self.ranges.lower, *self.ranges.upper]
        return self.rows.columns([self.epsilon], [np.abs(np.concatenate(ends)).max()])

    def _layer(self, k):
        """Columns and rows of hidden layer ``k``; returns the columns of z."""
        low, high, undecided = (
            e[k] for e in (self.ranges.lower, self.ranges.upper, self.ranges.undecided)
        )
        split = np.flatnonzero(undecided)
        h, hbar, z, _ = self.rows.layer(self.network.hidden[k], low, high, undecided, self.h)
        self._strictly_active(h[split], z, high[split])
        if self.counted == "cells":
            plain = self._needs_margin(k, split)
            self._strictly_inactive(hbar[plain], z[plain], -low[split][plain])
            self._inactive_when_fed(k, split[~plain], hbar[~plain], z[~plain])
        self.h, self.z_of = h, dict(zip(split, z, strict=True))
        return z

    def _strictly_active(self, h, z, high):
        if self.form == "feasibility":
            self._strict(np.zeros(len(z)), (h, 1.0), (z, -self.epsilon))
        else:
            reach = self._reach(high)
            self._at_most(reach, (self.f, 1.0), (h, -1.0), (z, reach))

    def _strictly_inactive(self, hbar, z, depth):
        if self.form == "feasibility":
            self._strict(np.full(len(z), self.epsilon), (hbar, 1.0), (z, self.epsilon))
        else:
            self._at_most(np.zeros(len(z)), (self.f, 1.0), (hbar, -1.0), (z, -self._reach(depth)))

    def _needs_margin(self, k, split):
        """Whether an inactive unit is off by a margin whatever its inputs: Booleans over ``split``."""
        weight, bias = self.network.hidden[k]
        if k == 0:
            return np.ones(len(split), dtype=bool)
        fed_always = ((weight[split] != 0) & self.ranges.on[k - 1]).any(axis=1)
        return (bias[split] != 0) | fed_always

    def _inactive_when_fed(self, k, units, hbar, z):
        """For units that vanish when all their inputs are off: a margin if any input is on."""
        weight, low = self.network.hidden[k].weight, self.ranges.lower[k]
        for unit, part, own in zip(units, hbar, z, strict=True):
            fed = [column for j, column in self.z_of.items() if weight[unit, j] != 0]
            one, none = np.ones(len(fed)), np.zeros(len(fed))
            if self.form == "feasibility":
                rows = (part, one), (own, self.epsilon), (np.array(fed), -self.epsilon)
                self._strict(none, *rows)
            else:
                reach = self._reach(-low[unit])
                rows = (self.f, one), (part, -one), (own, -reach), (np.array(fed), reach)
                self._at_most(reach * one, *rows)

    def _reach(self, constant):
        """The big-M of a row of f; 1 replaces one so small that it would press f below epsilon."""
        return np.where(constant < self.epsilon, 1.0, constant)

    def formulation(self):
        """Gather the blocks."""
        rows, ends = self.rows, (self.rows.row_lower, self.rows.row_upper)
        equal, below = ends[0] == ends[1], np.isinf(ends[0])
        objective = np.zeros(len(rows.lower))
        if self.f is not None:
            objective[self.f] = 1.0
        return Formulation(
            rows=rows.matrix(),
            senses=np.where(equal, "=", np.where(below, "<", ">")),
            rhs=np.where(below, ends[1], ends[0]),
            lower=rows.lower,
            upper=rows.upper,
            objective=objective,
            inputs=slice(0, self.network.n0),
            binary=np.concatenate([np.zeros(0, dtype=int), *self.z]),
            units=np.flatnonzero(np.concatenate([np.zeros(0, bool), *self.ranges.undecided])),
            fixed=np.concatenate([np.zeros(0, dtype=bool), *self.ranges.on]),
            first_layer=len(self.z[0]) if self.z else 0,
            epsilon=self.epsilon,
        )
