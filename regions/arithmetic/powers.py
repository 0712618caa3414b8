"""Powers of two: the exponents of numbers, and numbers times them."""

import numpy as np

# The exponent of a zero: far below that of any product of doubles.
NOTHING = -(2**40)
SMALLEST = 5e-324


def times_power(values, exponents):
    """``values * 2.0**exponents``, rounded; what is not zero does not become zero."""
    with np.errstate(over="ignore", under="ignore"):
        out = np.ldexp(values, np.clip(exponents, -5000, 5000))
    return np.where((out == 0) & (values != 0), np.copysign(SMALLEST, values), out)


def equals(scaled, original, exponents):
    """Whether ``original`` is ``scaled`` times these powers, to the last bit."""
    return np.array_equal(times_power(scaled, exponents), original)


def exponents_of(values):
    """The least e with ``|value| <= 2**e``; `NOTHING` for zero."""
    mantissa, exponent = np.frexp(np.abs(values))
    exponent = exponent.astype(np.int64) - (mantissa == 0.5)
    return np.where(mantissa == 0, NOTHING, exponent)


def row_exponents(weight, bias, below):
    """The same for the rows of ``|weight| @ 2**below + |bias|``."""
    entries = np.column_stack([weight, bias])
    below = np.append(below, 0)
    top = (exponents_of(entries) + below).max(axis=1, initial=NOTHING)
    live = top > NOTHING / 2
    shares = np.where(live[:, None], below - top[:, None], NOTHING)
    total = np.ldexp(np.abs(entries), np.clip(shares, -5000, 5000)).sum(axis=1)
    return np.where(live, top + exponents_of(total), NOTHING)


def usable(exponents):
    """With something in the place of `NOTHING`: what is always zero may be scaled by anything."""
    zero = exponents <= NOTHING / 2
    return np.where(zero, exponents[~zero].max(initial=0), exponents)
