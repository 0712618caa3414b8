"""Interval arithmetic through one layer, rounded outward."""

from fractions import Fraction

import numpy as np

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma, upper_end
from ..network.slopes import outputs

LARGEST = float(np.finfo(float).max)


def interval(network, box, lower, upper, layer):
    """Certified ends ``(lower, upper)`` of the pre-activations of hidden layer ``layer``.

    ``lower`` and ``upper`` are certified ranges of the layers before it (sequences of arrays).
    """
    low, high = (box.lower, box.upper)
    if layer > 0:
        low, high = output_ranges(lower[layer - 1], upper[layer - 1], network.leaks[layer - 1])
    weight, bias = network.hidden[layer]
    return -_greatest(-weight, -bias, low, high), _greatest(weight, bias, low, high)


@np.errstate(**QUIET)
def output_ranges(lower, upper, slopes):
    """Certified ends of what units with these ranges pass on; ``slopes`` (n,), or None for ReLUs."""
    if slopes is None:
        return np.maximum(lower, 0.0), np.maximum(upper, 0.0)
    # max(g, s g) is convex: largest at an end, least at an end or at 0
    ends = [outputs(end, slopes) for end in (lower, upper)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    exact = (lower >= 0) | np.isin(slopes, (0.0, -1.0))  # no product was rounded
    low = np.where(exact, low, np.nextafter(low, -np.inf))
    high = np.where(exact | ((slopes >= 0) & (upper > 0)), high, np.nextafter(high, np.inf))
    # a slope of 0 times an infinite end is no number
    low = np.where((lower < 0) & (upper > 0) & (slopes <= 0), 0.0, low)
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


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
