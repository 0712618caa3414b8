"""A network on a domain in units of powers of two, in which nothing exceeds 1: neither overflow nor underflow matters.

Multiplying a hidden unit, an input or a coordinate of the domain by a power of two changes no sign, no cell and no
rounding. `Scaling` picks them so that every input, pre-activation and row of the domain is at most 1 in size on all of
the domain: numbers near the ends of the double range and ordinary ones are then the same problem.
A weight that underflows on the way becomes the smallest number of its sign: it is off by less than
the floor that pays for underflow in every error bound of the kernels, and its sign is still right.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..domain import AffineSlice, Box, Polytope, WholeSpace
from ..network import Layer, Network

# The exponent of a zero: far below that of any product of doubles.
NOTHING = -(2**40)
SMALLEST = 5e-324
# Unit: exponents. Between 2**-32 and 2**32 the absolute tolerances of solvers make sense.
ORDINARY = 32


@dataclass(frozen=True, eq=False)
class Scaling:
    """Exponents by which a network on a domain is scaled.

    ``inputs`` (n0,), ``units`` one array per hidden layer, ``coordinates`` (k,) those of
    ``domain.polyhedron()``; the thing itself is 2 to that power times the scaled one. ``reach`` (k,) bounds the scaled
    coordinates of a slice, None elsewhere.
    """

    inputs: np.ndarray
    units: tuple[np.ndarray, ...]
    coordinates: np.ndarray
    reach: np.ndarray | None = None

    @classmethod
    def of(cls, network, domain):
        """The scaling of ``network`` on ``domain``."""
        inputs, coordinates, reach = _of_domain(domain)
        units, below = [], inputs
        for layer in network.hidden:
            below = _row_exponents(*layer, below)
            units.append(below)
        if reach is None and not isinstance(domain, WholeSpace):
            coordinates = _usable(inputs)[coordinates]
        return cls(_usable(inputs), tuple(map(_usable, units)), coordinates, reach)

    def layers(self, layers):
        """The scaled ``layers``, as many of the hidden ones from the first on."""
        below, out = self.inputs, []
        for (weight, bias), here in zip(layers, self.units, strict=False):
            scaled = times_power(weight, below - here[:, None])
            # only what comes from a unit that is always zero can exceed 1, and then it may be any number
            out.append(Layer(np.clip(scaled, -1.0, 1.0), times_power(bias, -here)))
            below = here
        return out

    def domain(self, domain):
        """The scaled ``domain``."""
        if isinstance(domain, WholeSpace):
            return domain
        box = domain.enclosing_box()
        ends = [times_power(end, -self.inputs) for end in (box.lower, box.upper)]
        scaled = _unchecked(Box, lower=ends[0], upper=ends[1])
        if isinstance(domain, Polytope):
            A, b, rows = _rows(domain, self.inputs)
            A = times_power(A, self.inputs - rows[:, None])
            return _unchecked(Polytope, A=A, b=times_power(b, -rows), box=scaled)
        if isinstance(domain, AffineSlice):
            shift = self.coordinates[:, None] - self.inputs
            directions = times_power(domain.directions, shift)
            origin = times_power(domain.origin, -self.inputs)
            return _unchecked(AffineSlice, origin=origin, directions=directions, box=scaled)
        return scaled


def times_power(values, exponents):
    """``values * 2.0**exponents``, rounded; what is not zero does not become zero."""
    with np.errstate(over="ignore", under="ignore"):
        out = np.ldexp(values, np.clip(exponents, -5000, 5000))
    return np.where((out == 0) & (values != 0), np.copysign(SMALLEST, values), out)


def _of_domain(domain):
    """Exponents of the inputs, and of the coordinates (of a box: which inputs they are), and the reach of a slice."""
    if isinstance(domain, WholeSpace):
        return np.zeros(domain.n0, dtype=np.int64), np.zeros(domain.n0, dtype=np.int64), None
    box = domain.enclosing_box()
    inputs = np.maximum(_exponents(box.lower), _exponents(box.upper))
    if not isinstance(domain, AffineSlice):
        return inputs, np.flatnonzero(box.lower < box.upper), None
    reach = domain.reach()
    coordinates = _exponents(reach)
    moved = _row_exponents(domain.directions.T, domain.origin, coordinates)
    return np.maximum(inputs, moved), coordinates, times_power(reach, -coordinates)


def _exponents(values):
    """The least e with ``|value| <= 2**e``; `NOTHING` for zero."""
    mantissa, exponent = np.frexp(np.abs(values))
    exponent = exponent.astype(np.int64) - (mantissa == 0.5)
    return np.where(mantissa == 0, NOTHING, exponent)


def _row_exponents(weight, bias, below):
    """The same for the rows of ``|weight| @ 2**below + |bias|``."""
    entries = np.column_stack([weight, bias])
    below = np.append(below, 0)
    top = (_exponents(entries) + below).max(axis=1, initial=NOTHING)
    live = top > NOTHING / 2
    shares = np.where(live[:, None], below - top[:, None], NOTHING)
    total = np.ldexp(np.abs(entries), np.clip(shares, -5000, 5000)).sum(axis=1)
    return np.where(live, top + _exponents(total), NOTHING)


def _usable(exponents):
    """With something in the place of `NOTHING`: what is always zero may be scaled by anything."""
    zero = exponents <= NOTHING / 2
    return np.where(zero, exponents[~zero].max(initial=0), exponents)


def _unchecked(kind, **values):
    """A value that holds what was checked before it was scaled, a tolerance for the rank included."""
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


@lru_cache(maxsize=2)
def ordinary(network, domain):
    """``(network, domain, scaling)`` in ordinary numbers, or None where they are so already, or cannot be.

    Same cells, signs and pieces, for every number is multiplied by a power of two and none is rounded; the outputs are
    scaled too. None where one would be rounded, on convolutions and without a box.
    """
    if type(network) is not Network or not domain.bounded:
        return None
    scaling = Scaling.of(network.with_output_relu(), domain)
    scaling = replace(scaling, coordinates=np.zeros_like(scaling.coordinates))
    used = np.concatenate([scaling.inputs, *scaling.units])
    if np.abs(used).max() <= ORDINARY:
        return None
    layers, scaled = scaling.layers(network.layers), scaling.domain(domain)
    below = scaling.inputs
    for layer, original, here in zip(layers, network.layers, scaling.units, strict=True):
        kept = _equal(layer.weight, original.weight, here[:, None] - below)
        if not (kept and _equal(layer.bias, original.bias, here)):
            return None
        below = here
    return (Network(tuple(layers)), scaled, scaling) if _kept(domain, scaled, scaling) else None


def _rows(domain, inputs):
    """Rows of a polytope with their exponents; one that is a constant on the box, and holds, is 0 <= 1."""
    A = np.where(domain.telling[:, None], domain.A, 0.0)
    b = np.where(domain.telling, domain.b, 1.0)
    return A, b, _usable(_row_exponents(A, b, inputs))


def _kept(domain, scaled, scaling):
    """Whether no number of a domain was rounded when it was scaled."""
    inputs, box, small = (
        scaling.inputs,
        domain.enclosing_box(),
        scaled.enclosing_box(),
    )
    pairs = [(small.lower, box.lower, inputs), (small.upper, box.upper, inputs)]
    if isinstance(domain, AffineSlice):
        pairs += [(scaled.origin, domain.origin, inputs)]
        pairs += [(scaled.directions, domain.directions, inputs)]
    if isinstance(domain, Polytope):
        A, b, rows = _rows(domain, inputs)
        pairs += [(scaled.A, A, rows[:, None] - inputs), (scaled.b, b, rows)]
    return all(_equal(*pair) for pair in pairs)


def _equal(scaled, original, exponents):
    return np.array_equal(times_power(scaled, exponents), original)


def ends_back(lower, upper, exponents):
    """Scaled ranges ``[lower, upper]`` as they are without scaling, rounded outward."""
    return -_upper_back(-lower, exponents), _upper_back(upper, exponents)


def _upper_back(upper, exponents):
    with np.errstate(over="ignore", under="ignore"):
        back = np.ldexp(upper, exponents)
        lost = np.ldexp(back, -exponents) != upper
    back = np.where(lost & np.isfinite(upper), np.nextafter(back, np.inf), back)
    return np.where((back == -np.inf) & np.isfinite(upper), np.finfo(float).min, back)
