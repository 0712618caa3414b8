"""Units that are positive multiples of others, exactly: one hyperplane, one activation, one output up to a factor."""

from fractions import Fraction

import numpy as np

# Unit: cosine between two rows. Rounding moves the cosine of proportional rows by far less; rows
# this close are compared in rational arithmetic.
NEARLY_PARALLEL = 1 - 1e-9


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
