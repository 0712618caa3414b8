"""What it costs to remove sets of weights, under a quadratic model of the loss."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Removal:
    """The cost ``y.T @ Q @ y / 2`` of a set with indicator y, for ``Q = left @ right.T``.

    For weights v and curvature H, ``Q[i, j] = v[i] H[i, j] v[j]``: the modelled growth of the loss when
    a set becomes zero and the rest stays (CBS-S in Yu et al. 2022). Both factors have shape (N, d). With
    gradients of K examples d is K, and the row of a weight is what it contributes to the slope of each
    example: weights whose rows cancel cost nothing together, whatever they cost alone.

    A set is an array of Booleans of shape (N,).
    """

    left: np.ndarray
    right: np.ndarray

    @property
    def size(self):
        """Number N of weights."""
        return len(self.left)

    @cached_property
    def alone(self):
        """The diagonal of Q, shape (N,): twice what each weight costs alone."""
        return np.einsum("nd,nd->n", self.left, self.right)

    def row(self, i):
        """The row ``Q[i]``, shape (N,)."""
        return self.right @ self.left[i]

    def block(self, some, others):
        """``Q[some][:, others]`` for two arrays of indices."""
        return self.left[some] @ self.right[others].T

    def total(self, chosen):
        """The sum over a set, shape (d,): ``left @ total`` is ``Q @ y``."""
        return chosen.astype(self.right.dtype) @ self.right

    def cost(self, chosen):
        """Modelled growth of the loss, summed in double precision."""
        left, right = (
            np.einsum("n,nd->d", chosen.astype(np.float64), part)
            for part in (self.left, self.right)
        )
        return float(left @ right) / 2
