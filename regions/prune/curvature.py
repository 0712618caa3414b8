"""Curvature of a loss at trained weights: a Hessian, or the empirical Fisher matrix in its place.

At a minimum the loss grows by ``step @ H @ step / 2`` when the weights move by ``step``. Both types
answer the same questions; `Fisher` never forms its matrix, which for N weights has N * N entries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from ..errors import InputError
from ..network import real_array
from .removal import Removal


class Inverse(NamedTuple):
    """The inverse of a damped curvature: its diagonal, shape (N,), and the product with a vector."""

    diagonal: np.ndarray
    product: Callable


@dataclass(frozen=True, eq=False)
class Hessian:
    """A matrix of second derivatives, shape (N, N); what it has of asymmetry changes no cost.

    Examples
    --------
    >>> hessian = Hessian([[2.0, 1.0], [1.0, 2.0]])
    >>> hessian.increase(np.array([-1.0, 0.0]))
    1.0
    """

    matrix: np.ndarray

    def __post_init__(self):
        matrix = real_array("the Hessian", self.matrix)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"a Hessian is a square matrix; got shape {matrix.shape}")
        object.__setattr__(self, "matrix", (matrix + matrix.T) / 2)

    @property
    def size(self):
        """Number N of weights."""
        return len(self.matrix)

    def increase(self, step):
        """Modelled growth of the loss along a step of shape (N,)."""
        return float(step @ self.matrix @ step) / 2

    def removal(self, weights):
        """The `Removal` of weights of shape (N,), none of the others changed."""
        return Removal(weights[:, None] * self.matrix * weights, np.eye(self.size))

    def part(self, chosen):
        """The curvature of some weights, the rest fixed."""
        return Hessian(self.matrix[chosen][:, chosen])

    def inverse(self, damping):
        """The `Inverse` of the matrix with ``damping`` on its diagonal."""
        inverse = np.linalg.inv(self._damped(damping))
        return Inverse(np.diag(inverse), lambda vector: inverse @ vector)

    def compensation(self, step, removed, damping):
        """How the kept weights best move while the removed ones make ``step``; shape (N,).

        The step of least cost whose part on ``removed`` is that of ``step``.
        """
        kept, best = ~removed, np.where(removed, step, 0.0)
        pull = self.matrix[np.ix_(kept, removed)] @ step[removed]
        try:
            factor = cho_factor(self._damped(damping)[np.ix_(kept, kept)])
        except np.linalg.LinAlgError as error:
            raise InputError(
                f"the Hessian is not positive definite on the kept weights at damping {damping}; "
                "raise the damping"
            ) from error
        best[kept] = -cho_solve(factor, pull)
        return best

    def _damped(self, damping):
        return self.matrix + damping * np.eye(self.size)


@dataclass(frozen=True, eq=False)
class Fisher:
    """The empirical Fisher matrix ``gradients.T @ gradients / K`` of K examples; shape (K, N).

    Inverses are those of the matrix with ``damping`` on its diagonal, by the Woodbury identity: exact,
    and equal to the recursion over examples of Singh, Alistarh 2020, at the price of one Cholesky
    factor of shape (K, K).

    Examples
    --------
    >>> fisher = Fisher(np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 2.0]]))
    >>> fisher.increase(np.array([1.0, 1.0, 0.0])), fisher.increase(np.array([1.0, 0.0, 1.0]))
    (0.0, 1.25)
    """

    gradients: np.ndarray

    @property
    def size(self):
        """Number N of weights."""
        return self.gradients.shape[1]

    @property
    def examples(self):
        """Number K of examples."""
        return len(self.gradients)

    def increase(self, step):
        """Modelled growth of the loss along a step of shape (N,)."""
        slopes = self._along(step)
        return float(slopes @ slopes) / (2 * self.examples)

    def removal(self, weights):
        """The `Removal` of weights of shape (N,), none of the others changed."""
        scale = (weights / np.sqrt(self.examples)).astype(self.gradients.dtype)
        contributions = self.gradients.T * scale[:, None]
        return Removal(contributions, contributions)

    def part(self, chosen):
        """The curvature of some weights, the rest fixed."""
        return Fisher(self.gradients[:, chosen])

    def inverse(self, damping):
        """The `Inverse` of the matrix with ``damping`` on its diagonal."""
        factor = self._factor(self._gram, damping)
        inner = solve_triangular(np.tril(factor[0]), self.gradients, lower=True)
        diagonal = (1.0 - np.einsum("kn,kn->n", inner, inner)) / damping

        def product(vector):
            pulled = cho_solve(factor, self._along(vector))
            return (vector - self._across(pulled)) / damping

        return Inverse(diagonal, product)

    def compensation(self, step, removed, damping):
        """How the kept weights best move while the removed ones make ``step``; shape (N,).

        The step of least damped cost whose part on ``removed`` is that of ``step``: the kept weights
        answer the slopes of the removed ones in a ridge regression over the examples. In exact
        arithmetic this is the formula of Yu et al. 2022, which inverts the part of the inverse that
        belongs to the removed weights.
        """
        kept = self.part(~removed)
        slopes = self._along(np.where(removed, step, 0.0))
        answer = cho_solve(self._factor(kept._gram, damping), slopes)
        best = np.where(removed, step, 0.0)
        best[~removed] = -kept._across(answer)
        return best

    @cached_property
    def _gram(self):
        return (self.gradients @ self.gradients.T).astype(np.float64)

    def _factor(self, gram, damping):
        return cho_factor(gram + self.examples * damping * np.eye(len(gram)), lower=True)

    def _along(self, step):
        """Slopes of the examples along a step, shape (K,)."""
        return np.einsum("kn,n->k", self.gradients, step)

    def _across(self, slopes):
        """The combination of the gradients with factors of shape (K,); shape (N,)."""
        return np.einsum("kn,k->n", self.gradients, slopes)


@dataclass(frozen=True, eq=False)
class Blocks:
    """A curvature without its entries between blocks of weights, for instance between layers.

    Examples
    --------
    >>> blocks = Blocks.of(Hessian([[2.0, 1.0], [1.0, 4.0]]), [slice(0, 1), slice(1, 2)])
    >>> blocks.inverse(0.0).diagonal
    array([0.5 , 0.25])
    """

    parts: tuple[slice, ...]
    curvatures: tuple[Hessian | Fisher, ...]

    @classmethod
    def of(cls, curvature, parts):
        """The blocks of ``curvature`` on ``parts``, slices that cover the weights in their order."""
        return cls(tuple(parts), tuple(curvature.part(part) for part in parts))

    def inverse(self, damping):
        """The `Inverse` of the blocks with ``damping`` on their diagonals."""
        inverses = [curvature.inverse(damping) for curvature in self.curvatures]

        def product(vector):
            pairs = zip(inverses, self.parts, strict=True)
            return np.concatenate([inverse.product(vector[part]) for inverse, part in pairs])

        return Inverse(np.concatenate([inverse.diagonal for inverse in inverses]), product)

    def compensation(self, step, removed, damping):
        """As the blocks' own, each for itself."""
        pairs = zip(self.curvatures, self.parts, strict=True)
        return np.concatenate(
            [block.compensation(step[part], removed[part], damping) for block, part in pairs]
        )
