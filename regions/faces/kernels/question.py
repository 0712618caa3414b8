"""One question: can the units U of the last layer vanish together somewhere in a cube of earlier sign vectors?

A cube fixes some earlier units and leaves the set T free. Each free unit is relaxed to its triangle, max(z, 0) <= y <=
slope z + lift, and the nearest point to the centre is looked for, with a price on ``|z|`` and ``y`` of the free units, so
that it lies where they all vanish if it can. That is done on the dual, one multiplier a row, by Newton steps: the
quadratic model is maximised over the bounds of the multipliers exactly, then a line search on the true dual.

Multipliers of a question have places: N of the fixed units' signs, or of the free ones' prices; N of ``y >= z``; N of ``y
<= slope z + lift``; N of ``y >= 0``; m of the last layer; those of the domain's rows.
"""

import numpy as np

from ...kernels.store import njit
from .linear import FAST, ONE, ZERO, climb, curvature, image, pull

# What a question ends with.
MEETS, MISSES, UNKNOWN = ONE, -ONE, ZERO

FIXED, PRICED, BOUND, EQUAL = (np.int64(kind) for kind in range(4))
# Unit: length of the box's half-width. Points keep this far from the box, so that they lie in the open one.
EDGE = 1.0 - 1e-6
# Unit: a scaled pre-activation, about one. What a zero may be off.
RESIDUAL = 1e-8
# The share of the full Gram matrix in the first Newton matrix; what each further step leaves of it, and the least.
DAMPING, RELAXATION, LEAST_DAMPING = 0.002, 0.1, 1e-7
# A direction along which the dual grew by more than this share of its slope may be a proof that nothing is there.
STRAIGHT = 0.6
# Added to the Newton matrix, relative and absolute, so that it has a factor.
RIDGE, FLOOR = 1e-9, 1e-14
INFINITE = 1e300


@njit(**FAST)
def fill_units(a, sig, use, m, room):
    """Rows of the later units over (z of the first layer, y of the free units); returns the number of coordinates."""
    p, units = a.mixing.shape[0], len(sig)
    width = p
    for i in range(units):
        if sig[i] == 0:
            room.place[i] = width
            width += 1
    later = len(a.biases)
    for u in range(later):
        if u >= later - m and not use[u - later + m]:
            continue
        row, constant = room.units[u], a.biases[u]
        for d in range(width):
            row[d] = 0.0
        for i in range(a.below[u, 0], a.below[u, 1]):
            w = a.weights[u, i]
            if w == 0.0 or sig[i] < 0:
                continue
            if sig[i] == 0:
                row[room.place[i]] += w
            elif i < a.first:
                row[i] += w
            else:
                other = room.units[i - a.first]
                constant += w * room.constants[i - a.first]
                for d in range(width):
                    row[d] += w * other[d]
        room.constants[u] = constant
    return width


@njit(**FAST)
def put(a, unit, factor, room, r, width):
    """Write ``factor`` times the pre-activation of ``unit`` into row ``r``; its constant is returned."""
    row = room.rows[r]
    if unit < a.first:
        for d in range(width):
            row[d] = 0.0
        row[unit] = factor
        return 0.0
    other = room.units[unit - a.first]
    for d in range(width):
        row[d] = factor * other[d]
    return factor * room.constants[unit - a.first]


@njit(**FAST)
def limit(room, r, kind, slot, hard, soft, lower, upper, multipliers):
    """Say what row ``r`` is; its start is the multiplier in its place."""
    room.kind[r], room.slot[r] = kind, slot
    room.hard[r], room.soft[r] = hard, soft
    room.lower[r], room.upper[r] = lower, upper
    room.start[r] = min(max(multipliers[slot], lower), upper)


@njit(**FAST)
def fill_rows(a, sig, use, m, multipliers, price, margin, room):
    """The rows of a question; returns ``(rows, coordinates)``. ``soft`` is ``hard`` less the margin."""
    units, later = len(sig), len(a.biases)
    width = fill_units(a, sig, use, m, room)
    r = ZERO
    for i in range(len(a.mixing) - a.first):
        put(a, ZERO, 0.0, room, r, width)
        room.rows[r, a.first + i] = 1.0
        limit(room, r, FIXED, 4 * units + m + i, 0.0, -margin, 0.0, INFINITE, multipliers)
        r += 1
    for i in range(units):
        if sig[i] == 0:
            constant = put(a, i, 1.0, room, r, width)
            limit(room, r, PRICED, i, constant, constant, -price, price, multipliers)
            r += 1
            constant = put(a, i, -1.0, room, r, width)
            room.rows[r, room.place[i]] += 1.0
            limit(room, r, BOUND, units + i, constant, constant, 0.0, INFINITE, multipliers)
            r += 1
            constant = put(a, i, a.slope[i], room, r, width) + a.lift[i]
            room.rows[r, room.place[i]] -= 1.0
            limit(room, r, BOUND, 2 * units + i, constant, constant, 0.0, INFINITE, multipliers)
            r += 1
            put(a, ZERO, 0.0, room, r, width)
            room.rows[r, room.place[i]] = 1.0
            limit(room, r, BOUND, 3 * units + i, 0.0, 0.0, 0.0, INFINITE, multipliers)
            r += 1
        elif not a.loose[i]:
            constant = put(a, i, 1.0 * sig[i], room, r, width)
            still = True
            for d in range(width):
                still &= room.rows[r, d] == 0.0
            if not still:  # a constant has its sign or the cube is refuted before
                limit(room, r, FIXED, i, constant, constant - margin, 0.0, INFINITE, multipliers)
                r += 1
    for k in range(m):
        if use[k]:
            constant = put(a, a.first + later - m + k, 1.0, room, r, width)
            limit(
                room, r, EQUAL, 4 * units + k, constant, constant, -INFINITE, INFINITE, multipliers
            )
            r += 1
    return r, width


@njit(**FAST)
def value(a, sig, r, width, price, room):
    """The dual at the multipliers ``room.start``: t, z and y are left in the room."""
    p = len(a.mixing)
    for d in range(width):
        room.pulled[d] = 0.0
    total = 0.0
    for i in range(r):
        x = room.start[i]
        if x != 0.0:
            row = room.rows[i]
            for d in range(width):
                room.pulled[d] += x * row[d]
            total -= x * room.soft[i]
    pull(a.mixing, room.pulled[:p], room.v)
    for j in range(len(room.v)):
        x = min(max(room.v[j], -EDGE), EDGE)
        room.t[j] = x
        total += 0.5 * x * x - x * room.v[j]
    image(a.mixing, a.shift, room.t, room.z)
    for i in range(p):
        total -= room.pulled[i] * a.shift[i]
    for i in range(len(sig)):
        if sig[i] == 0:
            x = room.pulled[room.place[i]] - price
            room.y[i] = x
            room.z[room.place[i]] = x
            total -= 0.5 * x * x
    return total


@njit(**FAST)
def residual(r, width, margin, room):
    """Fill in the gradient of the dual; the largest error of a row is returned."""
    worst = 0.0
    for i in range(r):
        row, error = room.rows[i], room.soft[i]
        for d in range(width):
            error += row[d] * room.z[d]
        room.slope[i] = -error
        kind = room.kind[i]
        if kind == FIXED:
            worst = max(worst, 0.0 if error > -0.5 * margin else -error)
        elif kind == EQUAL:
            worst = max(worst, abs(error))
        elif kind == BOUND:
            worst = max(worst, -error)
        elif error > 0.0 and room.start[i] > room.lower[i] * (1.0 - 1e-9):
            worst = max(worst, error)
        elif error < 0.0 and room.start[i] < room.upper[i] * (1.0 - 1e-9):
            worst = max(worst, -error)
    return worst


@njit(**FAST)
def contradiction(a, sig, r, width, room, source):
    """Whether the multipliers ``source``, without the prices, say that the rows contradict each other on the box."""
    p = len(a.mixing)
    for d in range(width):
        room.tried[d] = 0.0
    bound, size = 0.0, 0.0
    for i in range(r):
        kind = room.kind[i]
        if kind == PRICED:
            continue
        x = source[i] if kind == EQUAL else max(source[i], 0.0)
        if x != 0.0:
            row = room.rows[i]
            for d in range(width):
                room.tried[d] += x * row[d]
            bound += x * room.hard[i]
            size += abs(x * room.hard[i])
    for i in range(p):
        bound += room.tried[i] * a.shift[i]
    for i in range(len(sig)):
        if sig[i] == 0:
            bound += max(room.tried[room.place[i]] * a.upper[i], 0.0)
    pull(a.mixing, room.tried[:p], room.v)
    for j in range(len(room.v)):
        bound += abs(room.v[j])
    return bound < -1e-10 * size


@njit(**FAST)
def newton(a, sig, r, width, damping, room):
    """Move ``room.start`` by a Newton step; ``last`` and ``move`` say from where and how far. The slope is returned."""
    p = len(a.mixing)
    pull(a.mixing, room.pulled[:p], room.v)
    curvature(a.mixing, a.gram, room.v, EDGE, damping, room.columns, room.metric)
    for i in range(r):
        row, half = room.rows[i], room.half[i]
        for d in range(p):
            half[d] = 0.0
        for e in range(p):
            x = row[e]
            if x != 0.0:
                metric = room.metric[e]
                for d in range(p):
                    half[d] += x * metric[d]
        for d in range(p, width):
            half[d] = row[d]
    for i in range(r):
        half = room.half[i]
        for e in range(i + 1):
            row, total = room.rows[e], 0.0
            for d in range(width):
                total += half[d] * row[d]
            room.matrix[i, e] = total
            room.matrix[e, i] = total
        room.matrix[i, i] = room.matrix[i, i] * (1.0 + RIDGE) + FLOOR
    climb(
        room.matrix, room.slope, room.start, room.lower, room.upper, r, room.move, room.free,
        room.chosen, room.factor, room.x, room.gradient,
    )  # fmt: skip
    slope = 0.0
    for i in range(r):
        room.last[i] = room.start[i]
        room.move[i] -= room.start[i]
        room.start[i] = room.last[i] + room.move[i]
        slope += room.slope[i] * room.move[i]
    return slope


@njit(**FAST)
def begin(sig, r, price, dual, room):
    """Forget a start that is worse than none."""
    nothing = 0.0
    for i in range(len(sig)):
        if sig[i] == 0:
            nothing -= 0.5 * price * price
    if dual >= nothing - 1.0:
        return False
    for i in range(r):
        room.start[i] = 0.0
    return True


@njit(**FAST)
def ask(a, sig, use, multipliers, price, margin, steps, room):
    """`MEETS`, with t, z and y in the room; `MISSES`, with multipliers that say so; or `UNKNOWN`.

    ``multipliers`` is where to start and what came out. ``margin`` is kept from the fixed signs.
    """
    r, width = fill_rows(a, sig, use, len(use), multipliers, price, margin, room)
    answer, share, damping, slope = UNKNOWN, 1.0, DAMPING, 0.0
    dual = value(a, sig, r, width, price, room)
    if begin(sig, r, price, dual, room):
        dual = value(a, sig, r, width, price, room)
    gain, done = 0.0, ZERO
    while done < steps:
        if residual(r, width, margin, room) < RESIDUAL:
            answer = MEETS
            break
        if done > 0:
            if gain > STRAIGHT * slope and contradiction(a, sig, r, width, room, room.move):
                for i in range(r):
                    room.start[i] = room.move[i]
                answer = MISSES
                break
            if contradiction(a, sig, r, width, room, room.start):
                answer = MISSES
                break
        slope = newton(a, sig, r, width, damping, room)
        damping, share = max(damping * RELAXATION, LEAST_DAMPING), 1.0
        done += 1
        new = value(a, sig, r, width, price, room)
        while new < dual - 1e-9 * (abs(dual) + 1.0) and share > 1e-5 and done < steps:
            bend = new - dual - slope * share
            better = -0.5 * slope * share * share / bend if bend < 0.0 else 0.5 * share
            share = min(max(better, 0.05 * share), 0.5 * share)
            damping = min(damping * 2.0, 0.2)
            for i in range(r):
                room.start[i] = room.last[i] + share * room.move[i]
            done += 1
            new = value(a, sig, r, width, price, room)
        gain, dual = new - dual, new
    for i in range(len(multipliers)):
        multipliers[i] = 0.0
    for i in range(r):
        x = room.start[i]
        signed = room.kind[i] == EQUAL or room.kind[i] == PRICED
        multipliers[room.slot[i]] = x if signed or answer != MISSES else max(x, 0.0)
    for i in range(len(a.mixing)):
        room.first[i] = room.pulled[i]
    return answer
