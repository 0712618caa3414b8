"""Before the search: which units never switch on the domain, by certified ranges alone.

Ranges are theorems, so these signs are: the search neither asks for them nor splits on them, and `folding` takes
the units out of what the kernels see. Finding them gives up early where there is little to find: where the first layer
switches nearly everywhere, so do the others.
"""

from dataclasses import dataclass

import numpy as np

from ..arithmetic.powers import times_power
from ..deadline import now
from ..network import ConvolutionalNetwork
from ..preactivations.interval import interval
from ..preactivations.ranges import direct_ranges

# Share of the units of the first layer that must have one sign before the other layers are looked at, and of all
# units before the search is given the signs.
WORTHWHILE = 0.125
# Unit: multiply-adds that back-substitution may take, a second or so; intervals take next to nothing.
MOST_WORK = 2e9


@dataclass(frozen=True, eq=False)
class Presolve:
    """What was settled before a search over a network.

    ``signs`` (N,), int8: +1 and -1 for units that are on and off on all of the domain, 0 for those that may switch.
    ``highest`` (N,) bounds the outputs of all units. ``seconds`` is what it took.
    """

    signs: np.ndarray
    highest: np.ndarray
    seconds: float

    def __getstate__(self):
        # one problem has one pickle, whenever it was prepared
        return {"signs": self.signs, "highest": self.highest, "seconds": 0.0}


def presolve(network, domain):
    """A `Presolve` of ``network`` on ``domain``, or None where too few units have one sign.

    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.5, 0.0, -1.0]), ([[1.0] * 3], None))
    >>> presolve(network, Box.cube(1, 0, 1)).signs
    array([ 1, -1,  0], dtype=int8)
    """
    began = now()
    if not domain.bounded or not network.n_units or isinstance(network, ConvolutionalNetwork):
        return None
    if network.slopes is not None:  # a unit that is off passes something on
        return None
    low, high = interval(network, domain.enclosing_box(), (), (), 0)
    if np.mean((low > 0) | (high <= 0)) < WORTHWHILE:
        return None
    method = "relaxation" if _work(network) <= MOST_WORK else "interval"
    ranges = direct_ranges(network, domain, method=method)
    lower, upper = np.concatenate(ranges.lower), np.concatenate(ranges.upper)
    signs = np.where(upper <= 0, -1, np.where(lower > 0, 1, 0)).astype(np.int8)
    if np.mean(signs != 0) < WORTHWHILE or not np.isfinite(upper).all():
        return None
    return Presolve(signs, np.maximum(upper, 0.0), now() - began)


def scaled_heights(highest, scaling):
    """Bounds on the outputs of the units in the units of a `Scaling`, one array a layer."""
    starts = np.cumsum([0, *map(len, scaling.units)])
    return [
        np.nextafter(times_power(highest[start : start + len(units)], -units), np.inf)
        for start, units in zip(starts, scaling.units, strict=False)
    ]


def _work(network):
    """Multiply-adds of back-substitution: each layer through all those before it, both ends."""
    sizes = [layer.weight.size for layer in network.hidden]
    return 2 * sum(n * sum(sizes[: index + 1]) for index, n in enumerate(network.widths))
