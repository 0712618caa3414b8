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

from ..arithmetic.powers import equals, exponents_of, row_exponents, times_power, usable
from ..network import Layer, Network

# Unit: exponents. Between 2**-32 and 2**32 the absolute tolerances of solvers make sense.
ORDINARY = 32


@dataclass(frozen=True, eq=False)
class Scaling:
    """Exponents by which a network on a domain is scaled.

    ``inputs`` (n0,), ``units`` one array per hidden layer, ``coordinates`` (k,) those of
    ``domain.polyhedron()``; the thing itself is 2 to that power times the scaled one.
    """

    inputs: np.ndarray
    units: tuple[np.ndarray, ...]
    coordinates: np.ndarray

    @classmethod
    def of(cls, network, domain):
        """The scaling of ``network`` on ``domain``."""
        inputs, coordinates = domain.exponents()
        units, below = [], inputs
        for layer, leak in zip(network.hidden, network.leaks, strict=True):
            below = row_exponents(*layer, below)
            if leak is not None:  # what an off unit passes on may be larger than its pre-activation
                below = below + np.maximum(exponents_of(leak), 0)
            units.append(below)
        return cls(usable(inputs), tuple(map(usable, units)), coordinates)

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
        return domain.scaled(self.inputs, self.coordinates)


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
        kept = equals(layer.weight, original.weight, here[:, None] - below)
        if not (kept and equals(layer.bias, original.bias, here)):
            return None
        below = here
    kept = domain.is_kept(scaled, scaling.inputs, scaling.coordinates)
    return (Network(tuple(layers), slopes=network.slopes), scaled, scaling) if kept else None


def ends_back(lower, upper, exponents):
    """Scaled ranges ``[lower, upper]`` as they are without scaling, rounded outward."""
    return -_upper_back(-lower, exponents), _upper_back(upper, exponents)


def _upper_back(upper, exponents):
    with np.errstate(over="ignore", under="ignore"):
        back = np.ldexp(upper, exponents)
        lost = np.ldexp(back, -exponents) != upper
    back = np.where(lost & np.isfinite(upper), np.nextafter(back, np.inf), back)
    return np.where((back == -np.inf) & np.isfinite(upper), np.finfo(float).min, back)
