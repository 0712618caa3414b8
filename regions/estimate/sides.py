"""Which side each of many random paths takes where a unit splits: evenly, for any few units."""

import numpy as np


def even_sides(log2_runs, n_units, rng):
    """Booleans (R, N), R = 2 ** ``log2_runs``: a random orthogonal array of two levels and strength 3.

    Each row alone is uniformly random. Together the rows take every combination of sides of any three units
    equally often, for up to R / 2 units, and every combination of all the first ``log2_runs`` units once, so
    that the effects of any three units add nothing to the variance of a mean over rows. They are words of
    the dual of an extended Hamming code (Rao 1947), shifted at random. With more units some go together.

    >>> even_sides(2, 3, np.random.default_rng(0)).astype(int)
    array([[1, 1, 1],
           [0, 1, 0],
           [1, 0, 1],
           [0, 0, 0]])
    """
    on = rng.integers(0, 2, (1, n_units)).astype(bool)
    for word in _columns(log2_runs, n_units, rng).T:
        on = np.concatenate([on, on ^ word])
    return on


def _columns(m, n_units, rng):
    """Vectors (N, m) over GF(2), any three of them independent as their weights are odd: unit vectors first."""
    if m == 0:
        return np.zeros((n_units, 0), dtype=bool)
    bits = np.arange(2 ** (m - 1))[:, None] >> np.arange(m - 1) & 1
    odd = np.column_stack([bits, 1 - bits.sum(axis=1) % 2]).astype(bool)
    others = odd[odd.sum(axis=1) > 1] if m > 2 else odd
    chosen = np.resize(rng.permutation(len(others)), max(n_units - m, 0))
    return np.concatenate([np.eye(m, dtype=bool)[:n_units], others[chosen]])
