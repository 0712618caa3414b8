"""All inputs there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike

from ..arithmetic.rationals import ONE, ZERO
from ..deadline import NEVER, Deadline
from ..errors import InputError, UnsupportedError
from .base import Domain, ExactHull, Polyhedron


@dataclass(frozen=True, eq=False)
class WholeSpace(Domain):
    """All of R^n. Engines treat it by homogenisation: carry t > 0 with the biases.

    >>> WholeSpace(2).bounded
    False
    """

    n: int

    def __post_init__(self):
        if int(self.n) != self.n or self.n < 1:
            raise InputError(f"WholeSpace(n) needs a positive whole dimension; got {self.n}")

    @property
    def n0(self) -> int:
        return int(self.n)

    @property
    def bounded(self) -> bool:
        return False

    def polyhedron(self) -> Polyhedron:
        n = self.n0
        return Polyhedron(
            origin=np.zeros(n),
            directions=np.eye(n),
            rows=np.zeros((0, n)),
            offsets=np.zeros(0),
            lower=np.full(n, -np.inf),
            upper=np.full(n, np.inf),
            free=np.arange(n),
        )

    def contains(self, x: ArrayLike) -> np.ndarray:
        return np.isfinite(np.asarray(x, dtype=float)).all(axis=-1)

    def enclosing_box(self) -> NoReturn:
        raise UnsupportedError(
            f"{self!r} lies in no box, and pre-activations without bounds have no range: "
            "give a Box, or count with the exact engine (engine cells)"
        )

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((0, self.n0)), np.zeros(0)

    def exact_hull(self) -> ExactHull:
        n = self.n0
        unit = [[ONE if d == i else ZERO for d in range(n + 2)] for i in range(n + 1)]
        # t > 0 is a row as well, so that an interior point can be scaled back to t = 1
        return ExactHull(unit[:n], unit[n], [unit[n]], [-ONE] * n + [ZERO], [ONE] * (n + 1))

    def contains_proved(self, x: np.ndarray, error: np.ndarray) -> np.ndarray:
        return np.isfinite(x).all(axis=1)

    def contains_exactly(self, x: Sequence[Any]) -> bool:
        return True

    def arrays(self) -> dict[str, np.ndarray]:
        return {"n": np.array(self.n0)}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        return cls(int(arrays["n"]))

    def exponents(self) -> tuple[np.ndarray, np.ndarray]:
        zeros = np.zeros(self.n0, dtype=np.int64)
        return zeros, zeros

    def powers(
        self, inputs: np.ndarray, coordinates: np.ndarray
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {}

    @classmethod
    def of_trusted(cls, arrays: Mapping[str, Any]) -> Self:
        return cls.of_arrays(arrays)

    def scaled(self, inputs: np.ndarray, coordinates: np.ndarray) -> Self:
        return self

    def sample(self, count: int, seed: Any, *, deadline: Deadline = NEVER) -> np.ndarray:
        """Heavy-tailed (Cauchy) points: there is no uniform distribution on the whole space."""
        return np.random.default_rng(seed).standard_cauchy((count, self.n0))
