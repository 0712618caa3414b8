"""The affine functions that the pre-activations are on a cell."""

import numpy as np

from ..arithmetic.rounding import QUIET
from ..network.slopes import factors


@np.errstate(**QUIET)
def unit_maps(network, pattern, *, absolute=False):
    """All hidden pre-activations as affine maps of the input where ``pattern`` is active.

    Returns ``(A, c)`` of shapes (N, n0) and (N,): unit i has g_i = A[i] @ x + c[i] there. A ReLU
    whose inputs are all off has an exactly zero row. ``absolute``: with the sizes of all numbers instead, what the
    rows would be if no terms cancelled.
    """
    size = np.abs if absolute else np.asarray
    A, c = np.eye(network.n0), np.zeros(network.n0)
    maps, start = [(np.zeros((0, network.n0)), np.zeros(0))], 0
    for (weight, bias), leak in zip(network.hidden, network.leaks, strict=True):
        maps.append((size(weight) @ A, size(weight) @ c + size(bias)))
        active = np.asarray(pattern[start : start + len(bias)], dtype=bool)
        passed = size(factors(active, leak))
        A, c = (passed[:, None] * maps[-1][0], passed * maps[-1][1])
        start += len(bias)
    return tuple(np.concatenate(parts) for parts in zip(*maps, strict=True))
