"""The affine functions that the pre-activations are on a cell."""

import numpy as np

from ..arithmetic.rounding import QUIET


@np.errstate(**QUIET)
def unit_maps(network, pattern):
    """All hidden pre-activations as affine maps of the input where ``pattern`` is active.

    Returns ``(A, c)`` of shapes (N, n0) and (N,): unit i has g_i = A[i] @ x + c[i] there. A unit
    whose inputs are all off has an exactly zero row.
    """
    A, c = np.eye(network.n0), np.zeros(network.n0)
    maps, start = [(np.zeros((0, network.n0)), np.zeros(0))], 0
    for weight, bias in network.hidden:
        maps.append((weight @ A, weight @ c + bias))
        active = np.asarray(pattern[start : start + len(bias)], dtype=bool)
        A, c = (active[:, None] * maps[-1][0], active * maps[-1][1])
        start += len(bias)
    return tuple(np.concatenate(parts) for parts in zip(*maps, strict=True))
