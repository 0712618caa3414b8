"""Yes: a point that proves a set of last-layer units strongly shattered in every parent of a cube, rounding included.

At x the free earlier units T and the units U of the last layer vanish, all others have their strict signs, and the rows
of T and U, through active units only, are independent. Then near x the signs on T and U can be chosen at will: in each
of the 2^|T| parents all sign vectors on U occur, the rest unchanged. The float point t is only near such an x. With R the
float right inverse of the exact rows M and ``rho >= |I - M R|``, rounding included, ``rho < 1`` proves that M has full
row rank and that an exact zero lies within ``|R| |residual| / (1 - rho)`` of t.
"""

import numpy as np

from ...kernels.rows import EPS, OUTER, TINY
from ...kernels.store import njit
from .linear import ONE, ZERO, image

# Steps towards the exact zero: one is exact but for rounding, the second pays for the first one's.
STEPS = 2
# Rounding in the bounds themselves.
CARE = 1.0 + 1e-6


@njit(**OUTER)
def rows_of_active(a, sig, m, rows, constants, errors, sizes):
    """Pre-activations over z of the first layer, through active units only, free ones counting as off.

    ``errors`` bounds what a row may be off on the box, its linear part in the sum of absolute values as well; ``sizes``
    what its terms come to.
    """
    p, units = len(a.mixing), len(sig)
    for i in range(p):
        for d in range(p):
            rows[i, d] = 0.0
        rows[i, i] = 1.0
        constants[i], errors[i] = 0.0, 0.0
        sizes[i] = a.length[i] + abs(a.shift[i]) + a.slack[i]
    for u in range(len(a.biases)):
        row, constant, error, size = rows[p + u], a.biases[u], 0.0, 0.0
        for d in range(p):
            row[d] = 0.0
        for i in range(a.below[u, 0], a.below[u, 1]):
            w = a.weights[u, i]
            if w == 0.0 or sig[i] <= 0:
                continue
            if i < a.first:
                row[i] = w  # exact
                continue
            below = p + i - a.first
            for d in range(p):
                row[d] += w * rows[below, d]
            constant += w * constants[below]
            error += abs(w) * (errors[below] + (units + 4) * EPS * sizes[below])
        error += (units + 4) * EPS * abs(a.biases[u])
        for d in range(p):
            size += abs(row[d]) * sizes[d]
        constants[p + u], errors[p + u] = constant, error * CARE + TINY
        sizes[p + u] = (size + abs(constant)) * CARE


@njit(**OUTER)
def place(a, unit):
    """The row of an earlier unit."""
    return unit if unit < a.first else len(a.mixing) + unit - a.first


@njit(**OUTER)
def factorise(matrix, factor, s):
    """Cholesky factor of a positive definite matrix; False when it is not."""
    for i in range(s):
        for e in range(i + 1):
            total = matrix[i, e]
            for d in range(e):
                total -= factor[i, d] * factor[e, d]
            if e < i:
                factor[i, e] = total / factor[e, e]
            elif total > 1e-14 * matrix[i, i]:
                factor[i, i] = np.sqrt(total)
            else:
                return False
    return True


@njit(**OUTER)
def right_inverse(a, rows, wanted, s, product, inverse):
    """``inverse`` (s, p): R = mixing.T @ inverse.T is near a right inverse of the rows ``wanted``; False if dependent."""
    p = len(a.mixing)
    matrix, factor = np.empty((s, s)), np.empty((s, s))
    for i in range(s):
        row = rows[wanted[i]]
        for d in range(p):
            total = 0.0
            for e in range(p):
                total += row[e] * a.gram[e, d]
            product[i, d] = total
        for e in range(i + 1):
            other, total = rows[wanted[e]], 0.0
            for d in range(p):
                total += product[i, d] * other[d]
            matrix[i, e] = total
            matrix[e, i] = total
    if not factorise(matrix, factor, s):
        return False
    for d in range(p):
        for i in range(s):
            total = rows[wanted[i], d]
            for e in range(i):
                total -= factor[i, e] * inverse[e, d]
            inverse[i, d] = total / factor[i, i]
        for back in range(s):
            i = s - 1 - back
            total = inverse[i, d]
            for e in range(i + 1, s):
                total -= factor[e, i] * inverse[e, d]
            inverse[i, d] = total / factor[i, i]
    return True


@njit(**OUTER)
def defect(a, rows, errors, wanted, s, product, inverse):
    """``(rho, factor)``: how far R is from a right inverse of the exact rows, and how far it reaches, R as a sum over rows."""
    p, n = a.mixing.shape
    total, sized = np.zeros(p), np.zeros(p)
    for i in range(s):
        for d in range(p):
            total[d] += abs(inverse[i, d])
    spread = 0.0
    for d in range(p):
        spread += total[d] * a.widest[d]
        for e in range(p):
            sized[d] += a.size_gram[d, e] * total[e]
    rho = 0.0
    for i in range(s):
        row, off, loss, rounding = rows[wanted[i]], 0.0, errors[wanted[i]], 0.0
        for d in range(p):
            loss += abs(row[d]) * a.slack[d]
            rounding += abs(row[d]) * sized[d]
        for e in range(s):
            entry = 1.0 if e == i else 0.0
            for d in range(p):
                entry -= product[i, d] * inverse[e, d]
            off += abs(entry)
        rho = max(rho, off + (n + 2 * p + s + 8) * EPS * (rounding + 1.0) + loss * spread)
        if not off < 1.0:  # a NaN is above nothing
            return np.inf, spread
    return rho * CARE, spread * CARE


@njit(**OUTER)
def measure(a, t, rows, constants, errors, sizes, z, values, unsure):
    """Values of all rows at t, and what each may be off."""
    p, n = a.mixing.shape
    image(a.mixing, a.shift, t, z)  # the bound holds for any order of summation
    for u in range(len(rows)):
        total, error = constants[u], errors[u] + (p + 4) * EPS * sizes[u]
        for d in range(p):
            x = rows[u, d]
            if x != 0.0:
                total += x * z[d]
                error += abs(x) * ((n + 4) * EPS * (a.length[d] + abs(a.shift[d])) + a.slack[d])
        values[u], unsure[u] = total, error * CARE + TINY


@njit(**OUTER)
def clears(a, rows, errors, values, unsure, u, side, distance):
    """Whether row ``u`` has the sign ``side`` (0: any) at every point within ``distance`` of the measured one."""
    slope = errors[u]
    for d in range(len(a.mixing)):
        slope += abs(rows[u, d]) * (a.length[d] + a.slack[d])
    room = abs(values[u]) if side == 0 else side * values[u]
    return room > unsure[u] + slope * distance * CARE


@njit(**OUTER)
def is_still(a, sig, u):
    """Whether no active or free unit feeds later unit ``u``: a constant by structure."""
    for i in range(a.below[u, 0], a.below[u, 1]):
        if sig[i] >= 0 and a.weights[u, i] != 0.0:
            return False
    return True


@njit(**OUTER)
def lifts(a, sig, mode, t):
    """Whether a zero near ``t``, which is moved there, proves the cube: see the head of this file.

    ``mode`` is above or equal to 0 for the units U, below for the others of the last layer.
    """
    p, n = a.mixing.shape
    units, m, later = len(sig), len(mode), len(a.biases)
    count = p + later
    rows, constants = np.empty((count, p)), np.empty(count)
    errors, sizes = np.empty(count), np.empty(count)
    wanted, s = np.empty(units + m, np.int64), ZERO
    for i in range(units):
        if sig[i] == 0 and a.master[i] == i:
            wanted[s] = place(a, i)
            s += 1
    for k in range(m):
        if mode[k] >= 0:
            wanted[s] = count - m + k
            s += 1
    if s > min(p, n):
        return False
    rows_of_active(a, sig, m, rows, constants, errors, sizes)
    z, values, unsure = np.empty(p), np.empty(count), np.empty(count)
    product, inverse = np.empty((s, p)), np.empty((s, p))
    distance = 0.0
    if s > 0 and not right_inverse(a, rows, wanted, s, product, inverse):
        return False
    for turn in range(STEPS + 1):
        measure(a, t, rows, constants, errors, sizes, z, values, unsure)
        if s == 0 or turn == STEPS:
            break
        for d in range(p):
            step = 0.0
            for i in range(s):
                step += inverse[i, d] * values[wanted[i]]
            for j in range(n):
                t[j] -= step * a.mixing[d, j]
    if s > 0:
        rho, factor = defect(a, rows, errors, wanted, s, product, inverse)
        if not rho < 0.5:
            return False
        worst = 0.0
        for i in range(s):
            here = abs(values[wanted[i]]) + unsure[wanted[i]]
            if not here < 1.0:
                return False
            worst = max(worst, here)
        distance = factor * worst / (1.0 - rho) * CARE
    if not distance < 1.0:
        return False
    for j in range(n):
        if not abs(t[j]) + distance < 1.0 - 4.0 * EPS:
            return False
    for i in range(a.first, p):
        if not clears(a, rows, errors, values, unsure, i, ONE, distance):
            return False
    for i in range(units):
        # a unit that shares its master's hyperplane shares its sign; a constant has it by structure
        skip = sig[i] == 0 or a.loose[i] or a.master[i] != i
        if not skip and i >= a.first and is_still(a, sig, i - a.first):
            if (a.biases[i - a.first] > 0.0) != (sig[i] > 0):
                return False
            skip = True
        if not skip and not clears(
            a, rows, errors, values, unsure, place(a, i), np.int64(sig[i]), distance
        ):
            return False
    for k in range(m):
        still = mode[k] < 0 and is_still(a, sig, later - m + k)
        if (
            mode[k] < 0
            and not still
            and not clears(a, rows, errors, values, unsure, count - m + k, ZERO, distance)
        ):
            return False
    return True
