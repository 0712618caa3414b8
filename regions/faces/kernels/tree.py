"""One tree over both sides: signs of earlier units and sets of last-layer units, split until a question answers a cube.

A node fixes some earlier units (``sig``: -1, +1, free 0) and has some units of the last layer in the set, some out, some
free (``mode``: 1, -1, 0). It stands for 2^(free masters + free units) pairs of a sign vector and a set, and ends as

* a *yes*: all pairs are faces (`lift`), or
* a *no*: no pair with the units K in the set is a face (`refutation`, or more units than the rank allows); the pairs
  without one of K are children; or
* *open*: one parent and one set left, or a set that looks dependent, for rational arithmetic to decide;
* or in two children, one for each sign of an earlier unit.
"""

from typing import NamedTuple

import numpy as np

from ...kernels.rows import OUTER
from ...kernels.store import njit
from .lift import is_still, lifts
from .linear import ONE, ZERO
from .question import MEETS, MISSES, ask
from .refutation import refutes

# Unit: a scaled pre-activation. A wide margin makes points that prove; what only a narrow one meets is asked again.
MARGINS = (1e-5, 1e-7)
# The price of a free unit's distance from zero, and a lower one, with which Newton steps are easier.
PRICE, LOW_PRICE = 25.0, 5.0
STEPS, MANY_STEPS = np.int64(60), np.int64(150)
# A free unit that is this near to zero is there.
THERE = 1e-6
# Kinds of leaf in the log; 0 up are branches: on earlier unit i, or on last unit k as N + k.
YES, NO, RANK, OPEN = (np.int16(-1 - kind) for kind in range(4))


class Stack(NamedTuple):
    """Open nodes, the topmost last; ``multipliers`` are where their questions start."""

    sig: np.ndarray  # (capacity, N) int8
    mode: np.ndarray  # (capacity, m) int8
    multipliers: np.ndarray  # (capacity, places)


class Tally(NamedTuple):
    """What was found; numbers of pairs are kept by exponent, so that nothing overflows."""

    yes: np.ndarray  # (N + 1, m + 1, m + 1): leaves by free masters, units in the set, free units
    no: np.ndarray  # (N + m + 1,): leaves by exponent
    work: np.ndarray  # (4,): questions, yes leaves, no leaves, failures
    open_sig: np.ndarray  # (room, N)
    open_mode: np.ndarray  # (room, m)
    open_point: np.ndarray  # (room, n)
    kinds: np.ndarray  # the log in preorder, empty when none is kept
    numbers: (
        np.ndarray
    )  # (room, places): of each yes leaf the first layer's multipliers, of each no leaf all
    filled: np.ndarray  # (3,): open nodes, kinds and numbers so far


class Node(NamedTuple):
    """The node that is looked at, and scratch space."""

    sig: np.ndarray
    mode: np.ndarray
    use: np.ndarray
    multipliers: np.ndarray
    begun: np.ndarray
    tried: np.ndarray
    chosen: np.ndarray
    seen: np.ndarray
    coefficients: np.ndarray
    sizes: np.ndarray


@njit(**OUTER)
def rank_bound(a, sig, seen):
    """No more last-layer units than this are independent in any parent of the cube: the narrowest layer decides."""
    bound = np.int64(a.mixing.shape[1])
    for layer in range(a.layers):
        count = ZERO
        for i in range(len(sig)):
            seen[i] = ZERO
        for i in range(len(sig)):
            master = a.master[i]
            if a.layer[i] == layer and sig[i] >= 0 and seen[master] == 0:
                seen[master] = ONE
                count += 1
        bound = min(bound, count)
    return bound


@njit(**OUTER)
def contradicts_itself(a, sig):
    """Whether a later unit that nothing active or free feeds has another sign than its bias."""
    for i in range(a.first, len(sig)):
        fixed = sig[i] != 0 and not a.loose[i]
        wrong = (a.biases[i - a.first] > 0.0) != (sig[i] > 0)
        if fixed and wrong and is_still(a, sig, i - a.first):
            return True
    return False


@njit(**OUTER)
def unfed(a, sig, mode, wanted):
    """A unit of the last layer with this mode that nothing active or free feeds, or -1: it is in no face."""
    m = len(mode)
    for k in range(m):
        if mode[k] == wanted and is_still(a, sig, len(a.biases) - m + k):
            return k
    return -ONE


@njit(**OUTER)
def put_log(tally, kind):
    """Write one letter of the log."""
    if len(tally.kinds) > 0:
        tally.kinds[tally.filled[1]] = kind
        tally.filled[1] += 1


@njit(**OUTER)
def put_point(tally, first):
    """Write where the point of a yes leaf comes from."""
    if len(tally.kinds) > 0:
        for i in range(len(first)):
            tally.numbers[tally.filled[2], i] = first[i]
        tally.filled[2] += 1


@njit(**OUTER)
def put_proof(tally, node):
    """Write what proves a no leaf: a number for each earlier unit, for its sign or for its triangle, then the others."""
    if len(tally.kinds) > 0:
        units, row = len(node.sig), tally.numbers[tally.filled[2]]
        for i in range(units):
            row[i] = node.multipliers[i if node.sig[i] != 0 else units + i]
        for i in range(len(node.multipliers) - 4 * units):
            row[units + i] = node.multipliers[4 * units + i]
        tally.filled[2] += 1


@njit(**OUTER)
def push(stack, top, node, multipliers):
    """A copy of the node on the stack."""
    for i in range(len(node.sig)):
        stack.sig[top, i] = node.sig[i]
    for k in range(len(node.mode)):
        stack.mode[top, k] = node.mode[k]
    for i in range(len(multipliers)):
        stack.multipliers[top, i] = multipliers[i]
    return top + 1


@njit(**OUTER)
def pop(stack, top, node):
    """The topmost node."""
    for i in range(len(node.sig)):
        node.sig[i] = stack.sig[top, i]
    for k in range(len(node.mode)):
        node.mode[k] = stack.mode[top, k]
        node.use[k] = node.mode[k] >= 0
    for i in range(len(node.multipliers)):
        node.multipliers[i] = stack.multipliers[top, i]
        node.begun[i] = node.multipliers[i]


@njit(**OUTER)
def push_sides(a, stack, top, node, unit, positive):
    """Both signs of an earlier unit, with all units on its hyperplane; ``positive`` is looked at first or last."""
    units = len(node.sig)
    price = node.multipliers[unit]
    for turn in range(2):
        side = 1 if (turn == 1) == positive else -1
        for i in range(units):
            if a.master[i] == unit:
                node.sig[i] = np.int8(side) if a.flip[i] > 0.0 else np.int8(-side)
                for kind in range(4):
                    node.multipliers[kind * units + i] = 0.0
        node.multipliers[unit] = max(side * price, 0.0)
        top = push(stack, top, node, node.multipliers)
    return top


@njit(**OUTER)
def push_sets(stack, top, node, chosen, count, start):
    """The nodes without one of the units ``chosen``: the first j in, the next one out."""
    place = 4 * len(node.sig)
    for j in range(count):
        node.mode[chosen[j]] = -1
        kept = start[place + chosen[j]]
        start[place + chosen[j]] = 0.0
        top = push(stack, top, node, start)
        start[place + chosen[j]] = kept
        node.mode[chosen[j]] = 1
    return top


@njit(**OUTER)
def refuted(a, stack, top, node, tally, chosen, count, exponent, kind):
    """Enter a no leaf with the units ``chosen`` in; the rest of the node goes back on the stack."""
    units = len(node.sig)
    for j in range(count):
        put_log(tally, np.int16(units + chosen[j]))
    put_log(tally, kind)
    tally.no[exponent - count] += 1
    tally.work[2] += 1
    return push_sets(stack, top, node, chosen, count, node.begun)


@njit(**OUTER)
def sparser(a, node, v):
    """Drop multipliers of free units, smallest first, as long as the rest still proves; returns the support's size.

    The support is left in ``chosen``, largest first.
    """
    units, m = len(node.sig), len(node.mode)
    place = 4 * units
    count, largest = ZERO, 0.0
    for k in range(m):
        size = abs(node.multipliers[place + k])
        largest = max(largest, size)
        if node.mode[k] == 0 and size > 0.0:
            at = count
            while at > 0 and abs(node.multipliers[place + node.chosen[at - 1]]) < size:
                node.chosen[at] = node.chosen[at - 1]
                at -= 1
            node.chosen[at] = k
            count += 1
    kept = count
    for back in range(count):
        at = count - 1 - back
        k = node.chosen[at]
        q = node.multipliers[place + k]
        node.multipliers[place + k] = 0.0
        if refutes(a, node.sig, m, node.multipliers, node.coefficients, node.sizes, v):
            for j in range(at, kept - 1):
                node.chosen[j] = node.chosen[j + 1]
            kept -= 1
            continue
        node.multipliers[place + k] = q
        if abs(q) > 0.5 * largest:
            break
    return kept


@njit(**OUTER)
def answer(a, node, room):
    """Ask, from a warm start, then more and more carefully; a no counts only when it is proved, a yes is not proved here."""
    m = len(node.mode)
    for attempt in range(4):
        if attempt > 0:
            for i in range(len(node.multipliers)):
                node.multipliers[i] = 0.0
        price = LOW_PRICE if attempt == 2 else PRICE
        margin = MARGINS[1] if attempt == 3 else MARGINS[0]
        steps = MANY_STEPS if attempt >= 2 else STEPS
        found = ask(a, node.sig, node.use, node.multipliers, price, margin, steps, room)
        if found == MEETS:
            return MEETS
        if found == MISSES and refutes(
            a, node.sig, m, node.multipliers, node.coefficients, node.sizes, room.v
        ):
            return MISSES
    return ZERO


@njit(**OUTER)
def farthest(a, sig, room):
    """The free master to branch on, the one whose triangle is used most; -1 when all vanish."""
    worst, which = 0.0, -ONE
    for i in range(len(sig)):
        if sig[i] == 0:
            z, y = pre_activation(a, sig, room, i), max(room.y[i], 0.0)
            far = abs(z) + y
            if far > THERE:
                gap = a.columns[i] * abs(y - max(z, 0.0)) + 1e-6 * far
                if gap > worst:
                    worst, which = gap, a.master[i]
    return which


@njit(**OUTER)
def pre_activation(a, sig, room, unit):
    """What the last question's point gives an earlier unit."""
    if unit < a.first:
        return room.z[unit]
    row, total = room.units[unit - a.first], room.constants[unit - a.first]
    for d in range(len(a.mixing)):
        total += row[d] * room.z[d]
    for i in range(len(sig)):
        if sig[i] == 0:
            total += row[room.place[i]] * room.z[room.place[i]]
    return total


@njit(**OUTER)
def any_free(a, sig, room):
    """The free master farthest from zero, or -1 when none is free."""
    worst, which = -1.0, -ONE
    for i in range(len(sig)):
        if sig[i] == 0 and a.master[i] == i:
            far = abs(pre_activation(a, sig, room, i))
            if far > worst:
                worst, which = far, np.int64(i)
    return which


@njit(**OUTER)
def put_open(tally, node, room):
    """A node for rational arithmetic."""
    put_log(tally, OPEN)
    at = tally.filled[0]
    for i in range(len(node.sig)):
        tally.open_sig[at, i] = node.sig[i]
    for k in range(len(node.mode)):
        tally.open_mode[at, k] = node.mode[k]
    for j in range(len(room.t)):
        tally.open_point[at, j] = room.t[j]
    tally.filled[0] += 1


@njit(**OUTER)
def undecided(a, stack, top, node, tally, room):
    """No free earlier unit is left and no question helps: split the set, or leave it to rational arithmetic."""
    count = ZERO
    for k in range(len(node.mode)):
        if node.mode[k] == 0:
            node.chosen[count] = k
            count += 1
    if count == 0:
        put_open(tally, node, room)
        return top
    for i in range(len(node.begun)):
        node.begun[i] = 0.0
    units = len(node.sig)
    for j in range(count):
        put_log(tally, np.int16(units + node.chosen[j]))
    top = push_sets(stack, top, node, node.chosen, count, node.begun)
    return push(stack, top, node, node.begun)


@njit(**OUTER)
def visit(a, stack, top, node, tally, room):
    """Look at one node: enter a leaf, or push what it is made of."""
    units, m = len(node.sig), len(node.mode)
    free, inside, open_ = ZERO, ZERO, ZERO
    for i in range(units):
        free += node.sig[i] == 0 and a.master[i] == i
    for k in range(m):
        inside += node.mode[k] > 0
        open_ += node.mode[k] == 0
    exponent, bound = free + open_, rank_bound(a, node.sig, node.seen)
    if inside > bound or contradicts_itself(a, node.sig) or unfed(a, node.sig, node.mode, 1) >= 0:
        return refuted(a, stack, top, node, tally, node.chosen, ZERO, exponent, RANK)
    lonely = unfed(a, node.sig, node.mode, 0)
    if lonely >= 0:
        node.chosen[0] = lonely
        return refuted(a, stack, top, node, tally, node.chosen, ONE, exponent, RANK)
    if inside + open_ > bound:
        count = ZERO
        for k in range(m):
            if node.mode[k] == 0 and inside + count <= bound:
                node.chosen[count] = k
                count += 1
        return refuted(a, stack, top, node, tally, node.chosen, count, exponent, RANK)
    tally.work[0] += 1
    found = answer(a, node, room)
    if found == MISSES:
        count = sparser(a, node, room.v)
        put_proof(tally, node)
        return refuted(a, stack, top, node, tally, node.chosen, count, exponent, NO)
    if found == MEETS:
        which = farthest(a, node.sig, room)
        if which < 0 and lifts(a, node.sig, node.mode, room.t):
            put_log(tally, YES)
            put_point(tally, room.first)
            tally.yes[free, inside, open_] += 1
            tally.work[1] += 1
            return top
    else:
        tally.work[3] += 1
        which = -ONE
    if which < 0:
        which = any_free(a, node.sig, room)
    if which < 0:
        return undecided(a, stack, top, node, tally, room)
    put_log(tally, np.int16(which))
    for i in range(len(node.multipliers)):
        if found != MEETS:
            node.multipliers[i] = 0.0
    return push_sides(a, stack, top, node, which, True)


@njit(**OUTER)
def grow(a, stack, top, node, tally, room, budget):
    """Look at nodes, depth first, until ``budget`` questions were asked or an output is full; returns the stack's height."""
    asked = tally.work[0]
    longest = len(node.mode) + 2
    while top > 0 and tally.work[0] - asked < budget:
        if tally.filled[0] >= len(tally.open_sig):
            return top
        if len(tally.kinds) > 0 and (
            tally.filled[1] + longest > len(tally.kinds) or tally.filled[2] >= len(tally.numbers)
        ):
            return top
        top -= 1
        pop(stack, top, node)
        top = visit(a, stack, top, node, tally, room)
    return top
