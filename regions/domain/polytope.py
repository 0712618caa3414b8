"""A box cut by half-spaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ..arithmetic.powers import row_exponents, usable
from ..arithmetic.rationals import ZERO, rational
from ..arithmetic.rounding import UNDERFLOW, gamma
from ..deadline import NEVER, Deadline
from ..errors import InputError
from .base import Domain, ExactHull, Polyhedron, matrix, unchecked, vector
from .box import Box, rejection


@dataclass(frozen=True, eq=False)
class Polytope(Domain):
    """``{x in box: A x <= b}`` with ``A`` of shape (m, n0) and ``b`` of shape (m,).

    Whether it is empty takes a linear programme to see: that is found out by whoever counts on it.
    """

    A: np.ndarray
    b: np.ndarray
    box: Box

    if TYPE_CHECKING:  # arrays are made of whatever NumPy makes them of

        def __init__(self, A: ArrayLike, b: ArrayLike, box: Box) -> None: ...

    def __post_init__(self):
        A, b = matrix("A", self.A), vector("b", self.b)
        if A.shape != (len(b), self.box.n0):
            raise InputError(
                f"A must have shape ({len(b)}, {self.box.n0}): one row per entry of b, one column per "
                f"coordinate of the box; got {A.shape}"
            )
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "b", b)

    @property
    def n0(self) -> int:
        return self.box.n0

    @property
    def bounded(self) -> bool:
        return True

    @np.errstate(over="ignore", invalid="ignore")
    def polyhedron(self) -> Polyhedron:
        hull = self.box.polyhedron()
        return Polyhedron(
            origin=hull.origin,
            directions=hull.directions,
            rows=self.A[self.telling][:, hull.free],
            offsets=(self.b - self.A @ hull.origin)[self.telling],
            lower=hull.lower,
            upper=hull.upper,
            free=hull.free,
        )

    @cached_property
    def telling(self) -> np.ndarray:
        """Booleans (m,): the rows that say something; others are a constant on the box, and hold.

        >>> Polytope([[0.0, 1.0], [1.0, 0.0]], [0.0, 0.5], Box([0.0, 0.0], [1.0, 0.0])).telling
        array([False,  True])
        """
        fixed = self.box.lower == self.box.upper
        telling = np.ones(len(self.b), dtype=bool)
        for i in np.flatnonzero(~self.A[:, ~fixed].any(axis=1)):
            pairs = zip(self.A[i, fixed].tolist(), self.box.lower[fixed].tolist(), strict=True)
            left = sum((Fraction(a) * Fraction(x) for a, x in pairs), Fraction(0))
            telling[i] = left > Fraction(float(self.b[i]))
        return telling

    @np.errstate(over="ignore", invalid="ignore")
    def contains(self, x: ArrayLike) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        return self.box.contains(x) & (x @ self.A.T <= self.b).all(axis=-1)

    def enclosing_box(self) -> Box:
        return self.box

    def cuts(self) -> tuple[np.ndarray, np.ndarray]:
        return self.A, self.b

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        A, b = self.box.sides()
        return np.concatenate([self.A, A]), np.concatenate([self.b, b])

    def exact_hull(self) -> ExactHull:
        hull = self.box.exact_hull()
        rows = [
            self.box.exact_row([(j, -rational(v)) for j, v in enumerate(a) if v], rational(b))
            for a, b in zip(self.A[self.telling], self.b[self.telling], strict=True)
        ]
        return replace(hull, rows=rows)

    def contains_proved(self, x: np.ndarray, error: np.ndarray) -> np.ndarray:
        terms = self.A.shape[1] + 2
        slack = gamma(terms) * (np.abs(x) @ np.abs(self.A).T + np.abs(self.b))
        highest = x @ self.A.T + slack + terms * UNDERFLOW
        beside = np.isfinite(highest) & (highest <= self.b)
        return self.box.contains_proved(x, error) & beside.all(axis=1)

    def contains_exactly(self, x: Sequence[Any]) -> bool:
        rows = zip(self.A, self.b, strict=True)
        return self.box.contains_exactly(x) and all(
            sum((rational(v) * at for v, at in zip(a, x, strict=True) if v), ZERO) <= rational(b)
            for a, b in rows
        )

    def arrays(self) -> dict[str, np.ndarray]:
        return {**self.box.arrays(), "A": self.A, "b": self.b}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        return cls(arrays["A"], arrays["b"], Box.of_arrays(arrays))

    def exponents(self) -> tuple[np.ndarray, np.ndarray]:
        return self.box.exponents()

    def powers(
        self, inputs: np.ndarray, coordinates: np.ndarray
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        # a row that is a constant on the box, and holds, is 0 <= 1
        A = np.where(self.telling[:, None], self.A, 0.0)
        b = np.where(self.telling, self.b, 1.0)
        rows = usable(row_exponents(A, b, inputs))
        rows_by_inputs = rows[:, None] - inputs
        return {**self.box.powers(inputs, coordinates), "A": (A, rows_by_inputs), "b": (b, rows)}

    @classmethod
    def of_trusted(cls, arrays: Mapping[str, Any]) -> Self:
        return unchecked(cls, A=arrays["A"], b=arrays["b"], box=Box.of_trusted(arrays))

    def sample(self, count: int, seed: Any, *, deadline: Deadline = NEVER) -> np.ndarray:
        """Uniform points by rejection from the box; raises when fewer than one in 10,000 is kept."""
        name = f"the polytope {self!r}"
        return rejection(self.box, self.contains, count, seed, name, deadline)

    def __repr__(self):
        return f"Polytope({len(self.b)} rows in {self.box!r})"
