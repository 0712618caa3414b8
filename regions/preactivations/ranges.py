"""Ranges of the pre-activations over a domain (the word "bounds" is taken by region counts)."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma, upper_end
from ..entry import read_choice, read_question
from .relaxation import substitute
from .scaling import ends_back, ordinary

RANGE_METHODS = ("interval", "relaxation", "lp", "milp")

LARGEST = float(np.finfo(float).max)

# Unit: linear programmes that method "milp" spends on one sign before it leaves it open.
NODES = 1000


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


def unit_ranges(network, domain, *, method="interval"):
    """Ranges of all hidden pre-activations of ``network`` on ``domain``.

    Parameters
    ----------
    network, domain
        A `Network` and a bounded `Domain`; a polytope or slice is enclosed in its box.
    method
        ``"interval"``: layer by layer, each unit on its own; exact up to rounding for the first
        layer on a box, wider and wider below. ``"relaxation"``: also `substitution`, each layer
        with the ranges of all layers before it. ``"lp"``: then a linear programme for each end of
        a unit whose sign is open. ``"milp"``: then branch and bound until the sign is settled. Each
        tightens the last; the programmes stop at a unit as soon as its sign is known.

    Returns
    -------
    Ranges
        True for the stored weights in exact arithmetic: interval ends are rounded outward by the
        a-priori error of a dot product (Higham 2002, *Accuracy and Stability of Numerical
        Algorithms*, section 3.1: any order of summation, with or without fused multiply-add), and
        an end whose sign that error would hide is computed again in rational arithmetic.

    Raises
    ------
    UnsupportedError
        An unbounded domain.
    InputError
        An unknown method, or a domain of another dimension.

    Examples
    --------
    >>> from regions.network import Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, 1.0]), ([[1.0] * 3], None))
    >>> ranges = unit_ranges(network, Box.cube(1, 0, 1))
    >>> ranges.on, ranges.off
    ((array([False, False,  True]),), (array([False,  True, False]),))
    """
    read_choice("method", method, RANGE_METHODS)
    network, domain = read_question(network, domain)
    box = domain.enclosing_box()
    if found := ordinary(network, domain):
        *scaled, scaling = found
        ranges = unit_ranges(*scaled, method=method)
        ends = zip(ranges.lower, ranges.upper, scaling.units, strict=False)
        return Ranges(*map(tuple, zip(*(ends_back(*pair) for pair in ends), strict=True)))
    if method in ("lp", "milp"):
        return _by_programmes(network, domain, box, nodes=NODES if method == "milp" else 0)
    lower, upper = [], []
    for layer in range(len(network.hidden)):
        ends = interval(network, box, lower, upper, layer)
        if method == "relaxation":
            ends = _intersection(ends, substitute(network, box, lower, upper, layer))
        lower.append(ends[0])
        upper.append(ends[1])
    return Ranges(tuple(lower), tuple(upper))


def interval(network, box, lower, upper, layer):
    """Certified ends ``(lower, upper)`` of the pre-activations of hidden layer ``layer``.

    ``lower`` and ``upper`` are certified ranges of the layers before it (sequences of arrays).
    """
    low, high = (box.lower, box.upper) if layer == 0 else _outputs(lower, upper, layer - 1)
    weight, bias = network.hidden[layer]
    return -_greatest(-weight, -bias, low, high), _greatest(weight, bias, low, high)


def _by_programmes(network, domain, box, nodes):
    """Relaxation, then programmes for the units whose sign it leaves open."""
    from ..stability.ledger import Ledger
    from ..stability.prover import Prover  # builds on this module
    from .replay import Replay

    ledger = Ledger(network.widths)
    prover = Prover(ledger, Replay(network, domain))
    for layer in range(len(network.hidden)):
        for kind, ends in (("interval", interval), ("relaxation", substitute)):
            ledger.tighten(layer, *ends(network, box, ledger.lower, ledger.upper, layer), kind)
        for unit in np.flatnonzero(ledger.ranges.undecided[layer]):
            _tighten(ledger, prover, layer, int(unit), nodes)
    return ledger.ranges


def _tighten(ledger, prover, layer, unit, nodes):
    """Both ends of one unit, unless the first already tells its sign."""
    for sign in (1, -1):
        end = prover.bound(layer, unit, sign)
        lower, upper = (a[layer].copy() for a in (ledger.lower, ledger.upper))
        if sign > 0:
            upper[unit] = min(upper[unit], end)
        else:
            lower[unit] = max(lower[unit], -end)
        ledger.tighten(layer, lower, upper, "lp")
        if nodes and ledger.is_open(layer, unit, sign):
            prover.prove(layer, unit, sign, nodes=nodes)
        if upper[unit] <= 0 or lower[unit] > 0:
            return


def _intersection(ends, others):
    return np.maximum(ends[0], others[0]), np.minimum(ends[1], others[1])


def _outputs(lower, upper, layer):
    return np.maximum(lower[layer], 0.0), np.maximum(upper[layer], 0.0)


@np.errstate(**QUIET)
def _greatest(weight, bias, low, high):
    """Upper ends of ``weight @ h + bias`` for h in [low, high], never below the exact maximum."""
    positive, negative = np.maximum(weight, 0.0), np.minimum(weight, 0.0)
    best = positive @ high + negative @ low + bias
    size = positive @ np.abs(high) - negative @ np.abs(low) + np.abs(bias)
    operations = weight.shape[1] + 2
    error = gamma(operations) * size + operations * UNDERFLOW
    greatest = upper_end(np.nextafter(upper_end(best + error), np.inf))
    for i in np.flatnonzero((np.abs(best) <= 2 * error) & np.isfinite(error)):
        greatest[i] = _exact_greatest(weight[i], bias[i], low, high)
    return greatest


def _exact_greatest(row, bias, low, high):
    """The same for one unit in rational arithmetic, rounded up: an exact zero stays zero."""
    corner = np.where(row > 0, high, low)
    stored = (row != 0) & (corner != 0)  # few in a convolution
    pairs = zip(row[stored].tolist(), corner[stored].tolist(), strict=True)
    terms = (Fraction(w) * Fraction(h) for w, h in pairs)
    exact = sum(terms, Fraction(float(bias)))
    if abs(exact) > LARGEST:
        return np.inf if exact > 0 else -LARGEST
    rounded = float(exact)
    return rounded if Fraction(rounded) >= exact else np.nextafter(rounded, np.inf)
