"""From independent unbiased estimates to statements with a confidence. Logarithms are natural ones."""

import math
from fractions import Fraction
from numbers import Real

import numpy as np
from scipy.special import stdtrit  # scipy.stats has the same, and takes a second to import

from ..errors import InputError


def check_confidence(confidence):
    """The confidence, if it is one."""
    if not isinstance(confidence, Real) or not 0 < confidence < 1:
        raise InputError(
            f"confidence must lie strictly between 0 and 1, as 0.95 does; got {confidence}"
        )
    return confidence


def student(confidence, count):
    """Half the width of an interval for a mean of ``count`` normal draws, over its standard error."""
    return float(stdtrit(count - 1, (1 + confidence) / 2))


def lognormal_interval(logs, confidence, paths=math.inf):
    """An approximate interval ``(low, high)`` for the logarithm of the mean behind estimates.

    ``logs`` (R,) are logarithms of R independent unbiased estimates. Each is a product of many growth
    factors of a population, hence close to lognormal (Bérard, Del Moral, Doucet 2014). This is Cox's interval for a
    lognormal mean (Land 1972; with Student's t as Olsson 2005 advises). An approximation: its
    coverage is measured in ``benchmarks/estimate.py``, not proved.

    ``paths`` is how many random paths stand behind all the estimates together. What less than one path in so many
    meets may be missing from them all, and could be the whole share of a path: that much is added to the
    standard error. Else paths that all agree, as in a tree that is nearly complete, would have no interval.

    >>> low, high = lognormal_interval(np.log([90.0, 100.0, 105.0, 110.0]), 0.95)
    >>> round(math.exp(low), 1), round(math.exp(high), 1)
    (88.4, 116.2)
    """
    count, variance = len(logs), np.var(logs, ddof=1)
    middle = np.mean(logs) + variance / 2
    unseen = 1 / paths
    spread = math.sqrt(variance / count + variance**2 / (2 * (count - 1)) + unseen**2)
    half = student(confidence, count) * spread
    return float(middle - half), float(middle + half)


def anytime_lower(rounds, confidence):
    """A lower bound of the logarithm of the mean that fails with probability at most 1 - confidence.

    ``rounds`` are arrays of logarithms of estimates, in the order in which they were drawn. A theorem, however they
    are distributed: for nonnegative X_1, X_2, ..., each of mean T given those before, the product of the X_i / T
    from any start on is a martingale of mean 1. A mixture of those that start with round j = 1, 2, ...
    with weights 2^-j is one too, so that with the stated confidence it never reaches 1 / alpha, alpha = 1 - confidence
    (Ville 1939). Hence T is at least (alpha 2^-j)^(1/k) times the geometric mean of any k estimates in a row
    from the start of a round j, whatever rule decides when to stop.

    >>> math.exp(anytime_lower([np.log([100.0] * 16)], 0.95))
    79.4...
    """
    best = -math.inf
    for j in range(len(rounds)):
        logs = np.concatenate(rounds[j:])
        k = np.arange(1, len(logs) + 1)
        price = math.log1p(-confidence) - (j + 1) * math.log(2)
        best = max(best, float(((np.cumsum(logs) + price) / k).max(initial=-math.inf)))
    return best


def successes_needed(rounds, confidence):
    """The least x with P(Bin(rounds, 1/2) >= x) <= 1 - confidence; None when even all are too few.

    >>> [successes_needed(t, 0.95) for t in (4, 5, 20, 100)]
    [None, 5, 15, 59]
    """
    tail, most = 0, (1 - Fraction(confidence)) * 2**rounds
    x = rounds + 1
    while (tail := tail + math.comb(rounds, x - 1)) <= most:
        x -= 1
    return x if x <= rounds else None


def successes_needed_by_chernoff(rounds, confidence):
    """The same by Chernoff's bound, as MIPBound was published: never fewer.

    >>> [successes_needed_by_chernoff(t, 0.95) for t in (10, 20, 100)]
    [None, 19, 69]
    """
    for x in range(rounds // 2 + 1, rounds + 1):
        excess = 2 * x / rounds - 1
        if rounds / 2 * (excess - (1 + excess) * math.log1p(excess)) <= math.log1p(-confidence):
            return x
    return None
