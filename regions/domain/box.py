"""All inputs between two corners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from ..arithmetic.powers import exponents_of, usable
from ..arithmetic.rationals import ONE, ZERO, rational
from ..deadline import NEVER, Deadline
from ..errors import InputError
from .base import Domain, ExactHull, Polyhedron, unchecked, vector


@dataclass(frozen=True, eq=False)
class Box(Domain):
    """All x with ``lower <= x <= upper``; a coordinate may be fixed (lower == upper).

    Raises
    ------
    InputError
        Bounds of different shape, NaN or infinite bounds (use `WholeSpace`), ``lower > upper``.

    Examples
    --------
    >>> box = Box.cube(3, 0, 1)
    >>> box.n0, box.dimension
    (3, 3)
    >>> Box([0.0], [-1.0])
    Traceback (most recent call last):
    ...
    regions.errors.InputError: the box is empty: lower[0] = 0.0 > upper[0] = -1.0; swap the bounds
    """

    lower: np.ndarray
    upper: np.ndarray

    if TYPE_CHECKING:  # arrays are made of whatever NumPy makes them of

        def __init__(self, lower: ArrayLike, upper: ArrayLike) -> None: ...

    def __post_init__(self):
        lower, upper = (vector(name, getattr(self, name)) for name in ("lower", "upper"))
        if lower.shape != upper.shape:
            raise InputError(
                f"lower has shape {lower.shape}, upper {upper.shape}; a box needs one bound each"
            )
        if (lower > upper).any():
            i = int(np.argmax(lower > upper))
            raise InputError(
                f"the box is empty: lower[{i}] = {lower[i]} > upper[{i}] = {upper[i]}; swap the bounds"
            )
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "upper", upper)

    @classmethod
    def cube(cls, n: SupportsIndex, low: ArrayLike, high: ArrayLike) -> Self:
        """The box [low, high]^n; ``low`` and ``high`` may also be arrays of shape (n,)."""
        return cls(*(np.full(n, v) if np.ndim(v) == 0 else v for v in (low, high)))._of_dimension(n)

    @classmethod
    def around(cls, x: ArrayLike, radius: ArrayLike, within: "Box | None" = None) -> Self:
        """The box of half-width ``radius`` around the point ``x``, cut with the box ``within``.

        >>> Box.around([0.1, 0.5], 0.2, within=Box.cube(2, 0, 1)).lower
        array([0. , 0.3])
        """
        x = vector("x", x)
        lower, upper = x - radius, x + radius
        if within is not None:
            within._of_dimension(len(x))
            lower, upper = np.maximum(lower, within.lower), np.minimum(upper, within.upper)
        return cls(lower, upper)

    @property
    def n0(self) -> int:
        return len(self.lower)

    def _of_dimension(self, n):
        if self.n0 != n:
            raise InputError(
                f"the box has {self.n0} coordinates but must have {n}; give {n} bounds"
            )
        return self

    @property
    def dimension(self) -> int:
        """Dimension of the affine hull: the number of coordinates that are not fixed."""
        return int((self.lower < self.upper).sum())

    @property
    def bounded(self) -> bool:
        return True

    def polyhedron(self) -> Polyhedron:
        free = np.flatnonzero(self.lower < self.upper)
        origin = np.where(self.lower < self.upper, 0.0, self.lower)
        return Polyhedron(
            origin=origin,
            directions=np.eye(self.n0)[free],
            rows=np.zeros((0, len(free))),
            offsets=np.zeros(0),
            lower=self.lower[free],
            upper=self.upper[free],
            free=free,
        )

    def contains(self, x: ArrayLike) -> np.ndarray:
        x = np.asarray(x, dtype=float)
        return np.all((self.lower <= x) & (x <= self.upper), axis=-1)

    def enclosing_box(self) -> "Box":
        return self

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        identity = np.eye(self.n0)
        return np.concatenate([identity, -identity]), np.concatenate([self.upper, -self.lower])

    def exact_hull(self) -> ExactHull:
        free = np.flatnonzero(self.lower < self.upper)
        return ExactHull(
            inputs=[self.exact_row([(j, ONE)], ZERO) for j in range(self.n0)],
            one=[ZERO] * len(free) + [ONE],
            rows=[],
            lower=[rational(v) for v in self.lower[free]],
            upper=[rational(v) for v in self.upper[free]],
        )

    def exact_row(self, coefficients: Iterable[tuple[int, Any]], constant: Any) -> list[Any]:
        """An affine function of the inputs, given as pairs (input, coefficient), as a row over the free ones."""
        row = [ZERO] * self.dimension + [constant]
        for j, v in coefficients:
            if j in self._places:
                row[self._places[j]] += v
            else:
                row[-1] += v * rational(self.lower[j])
        return row

    @cached_property
    def _places(self):
        """Which coordinate a free input is."""
        free = np.flatnonzero(self.lower < self.upper)
        return {int(j): d for d, j in enumerate(free)}

    def contains_proved(self, x: np.ndarray, error: np.ndarray) -> np.ndarray:
        return ((self.lower <= x - error) & (x + error <= self.upper)).all(axis=1)

    def contains_exactly(self, x: Sequence[Any]) -> bool:
        ends = zip(self.lower, x, self.upper, strict=True)
        return all(rational(low) <= v <= rational(high) for low, v, high in ends)

    def arrays(self) -> dict[str, np.ndarray]:
        return {"lower": self.lower, "upper": self.upper}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        return cls(arrays["lower"], arrays["upper"])

    def exponents(self) -> tuple[np.ndarray, np.ndarray]:
        inputs = np.maximum(exponents_of(self.lower), exponents_of(self.upper))
        return inputs, usable(inputs)[self.lower < self.upper]

    def powers(
        self, inputs: np.ndarray, coordinates: np.ndarray
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {"lower": (self.lower, inputs), "upper": (self.upper, inputs)}

    @classmethod
    def of_trusted(cls, arrays: Mapping[str, Any]) -> Self:
        return unchecked(cls, lower=arrays["lower"], upper=arrays["upper"])

    def sample(self, count: int, seed: Any, *, deadline: Deadline = NEVER) -> np.ndarray:
        points = np.random.default_rng(seed).uniform(self.lower, self.upper, (count, self.n0))
        return np.clip(points, self.lower, self.upper)

    def __repr__(self):
        if self.n0 and (self.lower == self.lower[0]).all() and (self.upper == self.upper[0]).all():
            return f"Box.cube({self.n0}, {self.lower[0]:g}, {self.upper[0]:g})"
        return f"Box(n0={self.n0})"


# Unit: points that are drawn together.
LEAST_DRAWN, MOST_DRAWN = 1000, 4096


def rejection(box, inside, count, seed, name, deadline=NEVER):
    """``count`` uniform points of a box that are ``inside``; `InputError` when fewer than one in 10,000 is.

    Raises `regions.deadline.Late` when the ``deadline`` comes first.
    """
    rng = np.random.default_rng(seed)
    kept, tried = [np.zeros((0, box.n0))], 0
    while sum(map(len, kept)) < count:
        deadline.check()
        size = min(max(count, LEAST_DRAWN), MOST_DRAWN)
        points = rng.uniform(box.lower, box.upper, (size, box.n0))
        kept.append(points[inside(points)])
        tried += len(points)
        if tried >= 10_000 and tried > 10_000 * sum(map(len, kept)):
            raise InputError(
                f"{name} fills less than 1/10000 of its enclosing box, too little for rejection "
                "sampling; tighten the box"
            )
    return np.concatenate(kept)[:count]
