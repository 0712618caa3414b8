"""What rounding may cost: the a-priori error of a sum of products."""

from typing import Any

import numpy as np

# Unit: relative error of one operation, at most half a spacing of doubles (IEEE 754, to nearest).
UNIT_ROUNDOFF = float(np.finfo(float).eps) / 2

# Unit: absolute error of one product that underflows.
UNDERFLOW = float(np.finfo(float).tiny)


# Arithmetic on bounds may overflow or meet inf - inf and 0 * inf: what comes out is no number and proves nothing.
QUIET: dict[str, Any] = {"over": "ignore", "invalid": "ignore"}


def upper_end(values):
    """An upper bound as it is used: inf where it is not a number, be it NaN or an overflow to either side.

    >>> upper_end(np.array([1.0, np.nan, -np.inf]))
    array([ 1., inf, inf])
    """
    return np.where(np.isfinite(values), values, np.inf)


def gamma(operations):
    """Relative error of a sum of ``operations`` products, doubled to cover its own evaluation.

    Whatever the order of summation, with or without fused multiply-add (Higham 2002, *Accuracy and
    Stability of Numerical Algorithms*, section 3.1).

    >>> 2.2e-16 < gamma(1) < 2.3e-16
    True
    """
    return 2 * operations * UNIT_ROUNDOFF / (1 - operations * UNIT_ROUNDOFF)
