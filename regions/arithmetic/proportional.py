"""Units that are multiples of others, exactly: one hyperplane, and with a positive factor one activation and one output."""

from fractions import Fraction

import numpy as np

# Unit: cosine between two rows. Rounding moves the cosine of proportional rows by far less; rows
# this close are compared in rational arithmetic.
NEARLY_PARALLEL = 1 - 1e-9
# Share of a row's size: candidates of either sign are closer than that, and whole numbers decide.
NEAR = 1e-9


def proportional(weight, bias, eligible=True):
    """Triples (unit, leader, factor): row of ``unit`` = factor * row of ``leader``, exactly, factor > 0.

    Rows are those of ``weight`` (n, d) with ``bias`` (n,); of each set of proportional ones the first is
    the leader of the others. ``eligible``, Booleans (n,), are those that are looked at; rows of zero
    weights never are.

    Examples
    --------
    >>> proportional(np.array([[1.0, 2.0], [0.5, 1.0], [-1.0, -2.0]]), np.array([4.0, 2.0, -4.0]))
    [(1, 0, Fraction(1, 2))]
    """
    rows = np.column_stack([weight, bias])
    eligible = eligible & (weight != 0).any(axis=1)
    size = np.abs(rows).max(axis=1, initial=0.0)
    scaled = np.ldexp(rows, -np.frexp(size)[1][:, None])
    norms = np.linalg.norm(scaled, axis=1)
    scaled = scaled / np.where(norms > 0, norms, 1.0)[:, None]
    close = np.triu(scaled @ scaled.T >= NEARLY_PARALLEL, 1) & eligible & eligible[:, None]
    pairs, taken = [], set()
    for leader, unit in np.argwhere(close).tolist():
        factor = None if {leader, unit} & taken else _factor(rows[unit], rows[leader])
        if factor is not None:
            pairs.append((unit, leader, factor))
            taken.add(unit)
    return pairs


def _factor(row, leader):
    """The positive a with ``row = a * leader``, in rational arithmetic, or None."""
    place = int(np.abs(leader).argmax())
    factor = Fraction(float(row[place])) / Fraction(float(leader[place]))
    pairs = zip(row.tolist(), leader.tolist(), strict=True)
    same = factor > 0 and all(Fraction(a) == factor * Fraction(b) for a, b in pairs)
    return factor if same else None


def either_sign(rows, whole):
    """``(row, an earlier row that it is a multiple of, sign of the factor)`` of float ``rows`` (m, k + 1).

    ``whole(i)`` has the exact row i as whole numbers. Rows without slopes are left out; of several equal ones the
    first stands for all.
    """
    moving = (rows[:, :-1] != 0).any(axis=1)
    first = (rows != 0).argmax(axis=1)
    weights = np.random.default_rng(0).uniform(1, 2, rows.shape[1])
    with np.errstate(all="ignore"):
        shapes = rows / np.take_along_axis(rows, first[:, None], axis=1)
        marks, sizes = shapes @ weights, np.abs(shapes) @ weights
    found, leaders = [], []
    for i in np.flatnonzero(moving):
        earlier = np.array(leaders, dtype=np.int64)
        with np.errstate(all="ignore"):
            # what is no number, at the ends of the double range, may be a candidate
            near = ~(np.abs(marks[earlier] - marks[i]) > NEAR * sizes[i])
        for j in earlier[near & (first[earlier] == first[i])]:
            sign = factor(whole(i), whole(j))
            if sign:
                found.append((int(i), int(j), sign))
                break
        else:
            leaders.append(i)
    return found


def factor(row, other):
    """The sign of the number that ``other`` times it is ``row``; 0 when there is none. Lists of whole numbers.

    >>> factor([2, -4], [-1, 2]), factor([2, -4], [1, 2])
    (-1, 0)
    """
    first = next(d for d, v in enumerate(other) if v)
    a, b = row[first], other[first]
    if not a or any(v * b != w * a for v, w in zip(row, other, strict=True)):
        return 0
    return 1 if (a > 0) == (b > 0) else -1
