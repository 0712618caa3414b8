"""No: multipliers that prove that a set of last-layer units is not shattered anywhere in a cube, rounding included.

With q on units of the last layer, not all zero, ``q . g <= 0`` on a parent means that the signs of q do not occur there
together: no set that holds the support of q is shattered in the parent, so none is a face of it. With q = 0 the
multipliers contradict each other, and there is no parent. The bound is a back-substitution: from the last layer down,
what a unit sends up is replaced by a multiple of its pre-activation, which is above it on every parent of the cube.
"""

from ...kernels.rows import EPS, OUTER, TINY
from ...kernels.store import njit
from .linear import pull


@njit(**OUTER)
def back(a, u, factor, coefficients, sizes):
    """Send ``factor`` times later unit ``u`` down to the units below it; its constant is returned."""
    for i in range(a.below[u, 0], a.below[u, 1]):
        product = factor * a.weights[u, i]
        coefficients[i] += product
        sizes[i] += abs(product)
    return factor * a.biases[u]


@njit(**OUTER)
def refutes(a, sig, m, multipliers, coefficients, sizes, v):
    """Whether ``multipliers``, in the places of a question, prove the cube ``sig`` empty of what q names."""
    p, units, later = len(a.mixing), len(sig), len(a.biases)
    bound, size, error = 0.0, 0.0, 0.0
    for i in range(units):
        coefficients[i], sizes[i] = 0.0, 0.0
    for k in range(m):
        q = multipliers[4 * units + k]
        if q != 0.0:
            constant = back(a, later - m + k, q, coefficients, sizes)
            bound += constant
            size += abs(constant)
    for from_end in range(units):
        i = units - 1 - from_end
        c = coefficients[i]
        if sig[i] >= 0:  # what the sum of at most this many products may be off
            error += (units + m + 4) * EPS * sizes[i] * a.reach[i]
        if sig[i] > 0:
            if not a.loose[i]:
                c += max(multipliers[i], 0.0)
            error += EPS * abs(c) * a.reach[i]
        elif sig[i] < 0:
            c = -max(multipliers[i], 0.0)
        elif c > 0.0:
            bound += c * a.lift[i]
            size += c * abs(a.lift[i])
            c *= a.slope[i]
            error += EPS * abs(c) * a.reach[i]
        else:
            c = max(c, -max(multipliers[units + i], 0.0))
        coefficients[i] = c
        if i >= a.first and c != 0.0:
            constant = back(a, i - a.first, c, coefficients, sizes)
            bound += constant
            size += abs(constant)
    for i in range(a.first, p):  # the domain's rows come after the first layer's
        coefficients[i] = max(multipliers[4 * units + m + i - a.first], 0.0)
    pull(a.mixing, coefficients[:p], v)  # the bound holds for any order of summation
    for i in range(p):
        c = coefficients[i]
        bound += c * a.shift[i]
        size += abs(c) * (a.length[i] + abs(a.shift[i]))
        error += abs(c) * a.slack[i]
    for j in range(len(v)):
        bound += abs(v[j])
    error += (len(v) + p + 2 * units + m + 8) * EPS * size
    # finite numbers only: an overflow proves nothing
    return bound > -1e300 and bound + error * (1.0 + 1e-9) + TINY * (1.0 + size) < 0.0
