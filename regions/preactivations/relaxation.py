"""Ranges by linear relaxation and back-substitution (CROWN, DeepPoly), true in exact arithmetic.

A row ``a @ h + c`` over the outputs of a hidden layer is bounded by a row over the outputs of the
layer before: each unstable unit is replaced by a line above or below its ReLU, whichever the sign
of its coefficient asks for. Zhang et al. 2018 (CROWN), Singh et al. 2019 (DeepPoly).

Rounding: the float row of each step is taken as it is, and what it may differ from the exact one,
times how large the outputs can be, goes into the constant. So any float row is a proof.
"""

import numpy as np

from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma, upper_end
from .interval import output_ranges


def substitute(network, box, lower, upper, layer):
    """Certified ends ``(lower, upper)`` of the pre-activations of hidden layer ``layer``.

    ``lower`` and ``upper`` are certified ranges of the layers before it (sequences of arrays). The
    row is also bounded half-way, at every layer it passes, and the best of these bounds is taken.
    """
    weight, bias = network.hidden[layer]
    ends = [
        greatest(network, box, lower, upper, layer, sign * weight, sign * bias) for sign in (1, -1)
    ]
    return -ends[1], ends[0]


@np.errstate(**QUIET)
def greatest(network, box, lower, upper, layer, A, c):
    """Certified upper bounds of ``A @ h + c``, h the outputs before hidden layer ``layer``; inf where none is found.

    ``A`` has shape (m, n) and ``c`` shape (m,). The ranges may be those of a part of the domain
    where some signs are chosen; the bounds then hold there.
    """
    error = np.zeros(len(c))
    best = np.full(len(c), np.inf)
    for k in range(layer - 1, -1, -1):
        low, high = output_ranges(lower[k], upper[k], network.leaks[k])
        best = np.minimum(best, _concrete(A, c, error, low, high))
        A, c, error = _through_units(A, c, error, lower[k], upper[k], network.leaks[k])
        size = (box.lower, box.upper)
        if k > 0:
            size = lower[k - 1], upper[k - 1]
            if (
                network.leaks[k - 1] is not None
            ):  # the output of a ReLU is no larger than what goes in
                size = output_ranges(*size, network.leaks[k - 1])
        A, c, error = _through_affine(A, c, error, network.hidden[k], np.maximum(*map(abs, size)))
    return np.minimum(best, _concrete(A, c, error, box.lower, box.upper))


def _concrete(A, c, error, low, high):
    """The greatest value of each row over ``low <= h <= high``, rounded up."""
    value = np.maximum(A, 0.0) @ high + np.minimum(A, 0.0) @ low + c
    size = np.abs(A) @ np.maximum(np.abs(low), np.abs(high)) + np.abs(c)
    total = value + (error + gamma(A.shape[1] + 3) * size + _underflow(A)) * (1 + 1e-12)
    return upper_end(np.nextafter(upper_end(total), np.inf))


def _through_units(A, c, error, lower, upper, slopes):
    """From outputs h to pre-activations g: lines above for A > 0, below for A < 0; ``slopes`` None for ReLUs."""
    unstable = (lower < 0) & (upper > 0)
    off = np.zeros(len(lower)) if slopes is None else slopes
    slope, offset = np.where(lower >= 0, 1.0, off), np.zeros(len(lower))
    low, high, least = lower[unstable], upper[unstable], off[unstable]
    chord = np.where(least == 0, high, high - least * low) / (high - low)
    s = slope[unstable] = np.clip(chord, least, 1.0)
    # s g + t lies above max(g, off g), which is convex, iff it does at both ends; t is rounded up
    t = np.maximum((least - s) * low, (1.0 - s) * high)
    offset[unstable] = np.nextafter(t * (1 + 4 * gamma(1)), np.inf)
    below = np.where(unstable & (upper > -lower), 1.0, slope)
    below[unstable & (upper <= -lower)] = off[unstable & (upper <= -lower)]
    positive, negative = np.maximum(A, 0.0), np.minimum(A, 0.0)
    after = positive * slope + negative * below
    reach = np.where(unstable, np.maximum(-lower, upper), 0.0)
    size = positive @ (offset + reach)
    if (
        slopes is not None
    ):  # products with slopes are rounded, and may be larger than what they come from
        most = np.maximum(np.abs(lower), np.abs(upper)) * np.maximum(1.0, np.abs(off))
        size = positive @ (offset + most) - negative @ most
    floor = _underflow(A) * (1 + np.maximum(np.abs(lower), np.abs(upper)).sum())
    error = error + gamma(A.shape[1] + 3) * (size + np.abs(c)) + floor
    return after, positive @ offset + c, error * (1 + 1e-12)


def _through_affine(A, c, error, layer, reach):
    """From pre-activations ``W h + b`` to h with ``|h| <= reach``."""
    # a floor here as well, before A: what is lost in a product may meet a large coefficient
    terms = np.abs(layer.weight) @ reach + np.abs(layer.bias) + _underflow(layer.weight)
    size = np.abs(A) @ terms + np.abs(c)
    error = error + gamma(A.shape[1] + 3) * size + _underflow(A) * (1 + reach.sum())
    return A @ layer.weight, A @ layer.bias + c, error * (1 + 1e-12)


def _underflow(A):
    """What underflow may cost the products of one row."""
    return (A.shape[1] + 3) * UNDERFLOW
