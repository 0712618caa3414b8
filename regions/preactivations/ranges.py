"""Ranges of the pre-activations over a domain (the word "bounds" is taken by region counts)."""

from dataclasses import dataclass

import numpy as np

from .interval import interval
from .relaxation import substitute
from .scaling import ends_back, ordinary


@dataclass(frozen=True, eq=False)
class Ranges:
    """``lower[l] <= g <= upper[l]`` for the pre-activations g of each hidden layer on a domain.

    ``lower`` and ``upper`` are tuples with one array of shape (n_l,) per hidden layer. A tie is
    inactive, so a unit is ``off`` already when its upper end is 0, but ``on`` only when its lower
    end is positive.
    """

    lower: tuple[np.ndarray, ...]
    upper: tuple[np.ndarray, ...]

    @property
    def on(self):
        """Booleans per layer: active on the whole domain."""
        return tuple(lower > 0 for lower in self.lower)

    @property
    def off(self):
        """Booleans per layer: inactive on the whole domain."""
        return tuple(upper <= 0 for upper in self.upper)

    @property
    def undecided(self):
        """Booleans per layer: neither ``on`` nor ``off`` by these ranges."""
        return tuple(~(on | off) for on, off in zip(self.on, self.off, strict=True))

    def unscaled(self, scaling):
        """What ranges of a network scaled by a `Scaling` say of the original one, rounded outward."""
        ends = zip(self.lower, self.upper, scaling.units, strict=False)
        return Ranges(*map(tuple, zip(*(ends_back(*pair) for pair in ends), strict=True)))


DIRECT_METHODS = {"interval": (interval,), "relaxation": (interval, substitute)}


def direct_ranges(network, domain, *, method="interval"):
    """`Ranges` layer by layer, without a programme: `regions.unit_ranges` says what a ``method`` does.

    Raises
    ------
    UnsupportedError
        An unbounded domain.

    Examples
    --------
    >>> from regions import Box, Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, 1.0]), ([[1.0] * 3], None))
    >>> direct_ranges(network, Box.cube(1, 0, 1)).upper
    (array([1., 0., 3.]),)
    """
    box = domain.enclosing_box()
    if found := ordinary(network, domain):
        *scaled, scaling = found
        return direct_ranges(*scaled, method=method).unscaled(scaling)
    lower, upper = [], []
    for layer in range(len(network.hidden)):
        ends = [way(network, box, lower, upper, layer) for way in DIRECT_METHODS[method]]
        lows, highs = zip(*ends, strict=True)
        lower.append(np.maximum.reduce(lows))
        upper.append(np.minimum.reduce(highs))
    return Ranges(tuple(lower), tuple(upper))
