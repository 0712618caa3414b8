"""A line, a plane or more through a box, in coordinates of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from flint import fmpq_mat
from numpy.typing import ArrayLike

from ..arithmetic.float_basis import float_basis
from ..arithmetic.powers import exponents_of, row_exponents
from ..arithmetic.rationals import ONE, ZERO, rational, rational_matrix
from ..arithmetic.rounding import UNDERFLOW, gamma
from ..deadline import NEVER, Deadline
from ..errors import InputError
from .base import Domain, ExactHull, Polyhedron, matrix, unchecked, vector
from .box import Box, rejection

# Unit: size of the coordinates. The box that points are drawn from is so much wider than the programmes say.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class AffineSlice(Domain):
    """``{origin + y @ directions : y in R^k}`` cut with ``box``, for directions of shape (k, n0).

    The directions must be linearly independent. `through` makes the slice through data points, the
    one that people plot.
    """

    has_coordinates = True

    origin: np.ndarray
    directions: np.ndarray
    box: Box

    if TYPE_CHECKING:  # arrays are made of whatever NumPy makes them of

        def __init__(self, origin: ArrayLike, directions: ArrayLike, box: Box) -> None: ...

    def __post_init__(self):
        origin, directions = vector("origin", self.origin), matrix("directions", self.directions)
        if not len(directions) or directions.shape[1] != len(origin) or len(origin) != self.box.n0:
            raise InputError(
                f"origin {origin.shape}, directions {directions.shape} and a box of {self.box.n0} coordinates "
                "do not chain; give (n0,), (k, n0) and a box of dimension n0"
            )
        rank = np.linalg.matrix_rank(directions)
        if rank < len(directions):
            raise InputError(
                f"the {len(directions)} directions of the slice span only {rank} dimensions; "
                "drop the dependent ones"
            )
        # coordinates that do not move have no row in the polyhedron: they are settled here
        still = (directions == 0).all(axis=0)
        outside = still & ((origin < self.box.lower) | (origin > self.box.upper))
        if outside.any():
            i = int(np.argmax(outside))
            raise InputError(
                f"the slice does not meet its box: coordinate {i} stays at {origin[i]}, outside "
                f"[{self.box.lower[i]}, {self.box.upper[i]}]; move its origin inside"
            )
        object.__setattr__(self, "origin", origin)
        object.__setattr__(self, "directions", directions)

    @classmethod
    def through(cls, points: ArrayLike, box: Box) -> Self:
        """The slice through ``points`` of shape (k + 1, n0): a line for two, a plane for three."""
        points = matrix("points", points)
        return cls(points[0], points[1:] - points[0], box)

    @property
    def n0(self) -> int:
        return len(self.origin)

    @property
    def bounded(self) -> bool:
        return True

    def at(self, y: ArrayLike) -> np.ndarray:
        """Input points of shape (..., n0) for slice coordinates ``y`` of shape (..., k)."""
        return self.origin + np.asarray(y, dtype=float) @ self.directions

    def polyhedron(self) -> Polyhedron:
        k = len(self.directions)
        moving = (self.directions != 0).any(axis=0)
        D = self.directions.T[moving]
        return Polyhedron(
            origin=self.origin,
            directions=self.directions,
            rows=np.concatenate([D, -D]),
            offsets=np.concatenate(
                [(self.box.upper - self.origin)[moving], (self.origin - self.box.lower)[moving]]
            ),
            lower=np.full(k, -np.inf),
            upper=np.full(k, np.inf),
        )

    def contains(self, x: ArrayLike) -> np.ndarray:
        """In the box and on the slice up to 1e-9 of the size of the box (a rounding allowance)."""
        x = np.asarray(x, dtype=float)
        offset = x - self.origin
        y = offset @ np.linalg.pinv(self.directions)
        size = 1.0 + np.abs(self.box.upper - self.box.lower).max()
        on_slice = np.abs(offset - y @ self.directions).max(axis=-1) <= 1e-9 * size
        return self.box.contains(x) & on_slice

    def enclosing_box(self) -> Box:
        return self.box

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Those of the box: among all inputs a slice has no inside."""
        return self.box.sides()

    def exact_hull(self) -> ExactHull:
        directions = [[rational(v) for v in row] for row in self.directions]
        inputs = [
            [direction[j] for direction in directions] + [rational(self.origin[j])]
            for j in range(self.n0)
        ]
        # in the order of the rows of the polyhedron
        moving = [j for j, x in enumerate(inputs) if any(v != 0 for v in x[:-1])]
        ends = [(inputs[j], rational(self.box.upper[j])) for j in moving]
        rows = [[*(-v for v in x[:-1]), upper - x[-1]] for x, upper in ends]
        ends = [(inputs[j], rational(self.box.lower[j])) for j in moving]
        rows += [[*x[:-1], x[-1] - lower] for x, lower in ends]
        reach = [rational(v) for v in self.reach()]
        one = [ZERO] * len(directions) + [ONE]
        return ExactHull(inputs, one, rows, [-r for r in reach], reach)

    def reach(self) -> np.ndarray:
        """Bounds r with ``|y| <= r`` on a slice, as floats.

        With P an approximate left inverse of the directions, ``y = P (x - origin) - E y`` where
        ``E = P D - I`` is tiny; the allowance of one part in a million pays for E and for rounding. Inputs are
        scaled by powers of two first, so that neither they nor their differences overflow.
        """
        box = self.box
        sizes = np.maximum(np.maximum(np.abs(box.lower), np.abs(box.upper)), np.abs(self.origin))
        exponents = np.frexp(sizes)[1] + 1
        with np.errstate(over="ignore"):
            lower, upper, origin, directions = (
                np.ldexp(values, -exponents)
                for values in (box.lower, box.upper, self.origin, self.directions)
            )
        # a direction that overflows here leaves the box at once; one that is lost here hardly moves in it
        if not np.isfinite(directions).all():
            raise InputError(
                "a direction of the slice is more than 1e300 times as long as its box; scale the directions down"
            )
        inverse = np.linalg.pinv(directions).T
        error = np.abs(inverse @ directions.T - np.eye(len(directions))).sum(axis=1).max()
        if not error <= 1e-8:
            raise InputError(
                f"the directions of the slice are nearly dependent (left inverse off by {error:.1e}); "
                "orthogonalise them"
            )
        far = np.maximum(np.abs(upper - origin), np.abs(lower - origin))
        reach = (np.abs(inverse) @ far).max() * np.ones(len(directions)) * (1 + 1e-6) + 1e-290
        if not np.isfinite(reach).all():
            raise InputError(
                "coordinates of the slice exceed 1.8e308 inside its box; scale the directions up"
            )
        return reach

    def contains_proved(self, x: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Whether points of the slice, whose inputs are ``x`` up to ``error``, lie in the box."""
        return self.box.contains_proved(x, error)

    def contains_exactly(self, x: Sequence[Any]) -> bool:
        return self.box.contains_exactly(x)

    def inputs_of(self, points: ArrayLike) -> np.ndarray:
        return self.at(points)

    def error_of_inputs(self, points: ArrayLike) -> np.ndarray:
        count = len(self.directions) + 2
        moved = np.abs(points) @ np.abs(self.directions)
        error = gamma(count) * (moved + np.abs(self.origin)) + count * UNDERFLOW
        return np.where((self.directions != 0).any(axis=0), error, 0.0)

    def exact_input_of(self, point: Sequence[Any]) -> list[Any]:
        y = fmpq_mat(len(point), 1, [rational(v) for v in point])
        moved = (rational_matrix(self.directions).transpose() * y).entries()
        return [rational(o) + m for o, m in zip(self.origin, moved, strict=True)]

    def points_near(self, x: np.ndarray) -> np.ndarray:
        return (x - self.origin) @ np.linalg.pinv(self.directions)

    def into_box(self, points: np.ndarray) -> np.ndarray:
        """The points as they are: no box holds just the coordinates that lie inside."""
        return points

    def arrays(self) -> dict[str, np.ndarray]:
        return {**self.box.arrays(), "origin": self.origin, "directions": self.directions}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        return cls(arrays["origin"], arrays["directions"], Box.of_arrays(arrays))

    def exponents(self) -> tuple[np.ndarray, np.ndarray]:
        coordinates = exponents_of(self.reach())
        moved = row_exponents(self.directions.T, self.origin, coordinates)
        return np.maximum(self.box.exponents()[0], moved), coordinates

    def powers(
        self, inputs: np.ndarray, coordinates: np.ndarray
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        return {
            **self.box.powers(inputs, coordinates),
            "origin": (self.origin, inputs),
            "directions": (self.directions, inputs - coordinates[:, None]),
        }

    @classmethod
    def of_trusted(cls, arrays: Mapping[str, Any]) -> Self:
        box = Box.of_trusted(arrays)
        return unchecked(cls, origin=arrays["origin"], directions=arrays["directions"], box=box)

    def sample(self, count: int, seed: Any, *, deadline: Deadline = NEVER) -> np.ndarray:
        """Uniform slice coordinates by rejection from their enclosing box."""
        hull = self.polyhedron()
        reach = self._smallest_box(hull)

        def inside(y):
            return (y @ hull.rows.T <= hull.offsets).all(axis=-1)

        return self.at(rejection(reach, inside, count, seed, f"the slice {self!r}", deadline))

    def _smallest_box(self, hull):
        """About the smallest box of slice coordinates, by two linear programmes per coordinate, of no library."""
        reach = self.reach()
        rows = np.column_stack([-hull.rows, hull.offsets])
        ends = []
        for goal in np.concatenate([-np.eye(len(reach)), np.eye(len(reach))]):
            found = float_basis(np.append(goal, 0.0), rows, -reach, reach)
            if found is None:
                raise InputError("the slice does not meet its box; move its origin inside")
            ends.append(goal @ found[2])
        lower, upper = np.split(np.array(ends), 2)
        return Box(np.minimum(-lower, upper) - ROUNDING * reach, upper + ROUNDING * reach)

    def __repr__(self):
        return f"AffineSlice({len(self.directions)}-dimensional in {self.box!r})"
