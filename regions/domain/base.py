"""Where the inputs live: a box, a polytope, the whole space or a slice.

A domain is a value. What an engine needs of it is one description, `Domain.polyhedron`: the points
``x = origin + directions.T @ y`` with ``rows @ y <= offsets`` and ``lower <= y <= upper``, where
``y`` runs over the affine hull of the domain. An engine that cannot take a domain says so.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..arithmetic.doubles import as_doubles
from ..errors import InputError


@dataclass(frozen=True, eq=False)
class Polyhedron:
    """A domain in coordinates ``y`` of its own: ``x = origin + directions.T @ y``.

    ``rows`` (m, k) and ``offsets`` (m,) say ``rows @ y <= offsets``; ``lower`` and ``upper`` (k,) may
    be infinite. ``free`` lists the input coordinates that y stands for when directions are unit
    vectors (so that no rounding happens), else it is None.
    """

    origin: np.ndarray
    directions: np.ndarray
    rows: np.ndarray
    offsets: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    free: np.ndarray | None = None

    @property
    def dimension(self):
        """Number of coordinates k of y."""
        return len(self.lower)


class Domain(ABC):
    """A set of inputs. ``n0`` is the dimension of the space it lies in."""

    n0: int

    @property
    @abstractmethod
    def bounded(self):
        """Whether the domain fits into a box."""

    @abstractmethod
    def polyhedron(self):
        """The domain as a `Polyhedron` over its affine hull."""

    @abstractmethod
    def contains(self, x):
        """Booleans of shape (...) for points ``x`` of shape (..., n0), in floating point."""

    @abstractmethod
    def sample(self, count, seed):
        """``count`` random points of shape (count, n0) that lie in the domain."""

    def record(self):
        """The domain as plain data, every number with all of its digits, and its digest.

        >>> Box([0.1], [1.0]).record()["lower"], Box([0.1], [1.0]).record()["digest"][:12]
        ([0.1], '13d9f2cb6ee5')
        """
        return {**self._numbers(), "digest": self.digest}

    @cached_property
    def digest(self):
        """SHA-256 of the kind of domain and its numbers: domains with equal digests are the same set."""
        state = hashlib.sha256(b"relu-regions domain 1")
        state.update(json.dumps(self._numbers()).encode())
        return state.hexdigest()

    def _numbers(self):
        record = {"kind": type(self).__name__, "n0": self.n0}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Domain):
                record |= {k: v for k, v in value._numbers().items() if k in ("lower", "upper")}
            elif isinstance(value, np.ndarray):
                record[field.name] = (value + 0.0).tolist()  # -0.0 is the same number as 0.0
        return record

    def check(self, network):
        """Raise unless ``network`` takes inputs of this domain's dimension; return the domain."""
        if network.n0 != self.n0:
            raise InputError(
                f"the domain has {self.n0} coordinates but the network {network.architecture} takes "
                f"n0 = {network.n0} inputs; give a domain of dimension {network.n0}"
            )
        return self


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

    def __post_init__(self):
        lower, upper = (_vector(name, getattr(self, name)) for name in ("lower", "upper"))
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
    def cube(cls, n, low, high):
        """The box [low, high]^n; ``low`` and ``high`` may also be arrays of shape (n,)."""
        return cls(*(np.full(n, v) if np.ndim(v) == 0 else v for v in (low, high)))._of_dimension(n)

    @classmethod
    def around(cls, x, radius, within=None):
        """The box of half-width ``radius`` around the point ``x``, cut with the box ``within``.

        >>> Box.around([0.1, 0.5], 0.2, within=Box.cube(2, 0, 1)).lower
        array([0. , 0.3])
        """
        x = _vector("x", x)
        lower, upper = x - radius, x + radius
        if within is not None:
            within._of_dimension(len(x))
            lower, upper = np.maximum(lower, within.lower), np.minimum(upper, within.upper)
        return cls(lower, upper)

    @property
    def n0(self):
        return len(self.lower)

    def _of_dimension(self, n):
        if self.n0 != n:
            raise InputError(
                f"the box has {self.n0} coordinates but must have {n}; give {n} bounds"
            )
        return self

    @property
    def dimension(self):
        """Dimension of the affine hull: the number of coordinates that are not fixed."""
        return int((self.lower < self.upper).sum())

    @property
    def bounded(self):
        return True

    def polyhedron(self):
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

    def contains(self, x):
        x = np.asarray(x, dtype=float)
        return ((self.lower <= x) & (x <= self.upper)).all(axis=-1)

    def sample(self, count, seed):
        points = np.random.default_rng(seed).uniform(self.lower, self.upper, (count, self.n0))
        return np.clip(points, self.lower, self.upper)

    def __repr__(self):
        if self.n0 and (self.lower == self.lower[0]).all() and (self.upper == self.upper[0]).all():
            return f"Box.cube({self.n0}, {self.lower[0]:g}, {self.upper[0]:g})"
        return f"Box(n0={self.n0})"


@dataclass(frozen=True, eq=False)
class Polytope(Domain):
    """``{x in box: A x <= b}`` with ``A`` of shape (m, n0) and ``b`` of shape (m,).

    Whether it is empty takes a linear programme to see: that is found out by whoever counts on it.
    """

    A: np.ndarray
    b: np.ndarray
    box: Box

    def __post_init__(self):
        A, b = _matrix("A", self.A), _vector("b", self.b)
        if A.shape != (len(b), self.box.n0):
            raise InputError(
                f"A must have shape ({len(b)}, {self.box.n0}): one row per entry of b, one column per "
                f"coordinate of the box; got {A.shape}"
            )
        object.__setattr__(self, "A", A)
        object.__setattr__(self, "b", b)

    @property
    def n0(self):
        return self.box.n0

    @property
    def bounded(self):
        return True

    def polyhedron(self):
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
    def telling(self):
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

    def contains(self, x):
        x = np.asarray(x, dtype=float)
        return self.box.contains(x) & (x @ self.A.T <= self.b).all(axis=-1)

    def sample(self, count, seed):
        """Uniform points by rejection from the box; raises when fewer than one in 10,000 is kept."""
        return _rejection(self.box, self.contains, count, seed, f"the polytope {self!r}")

    def __repr__(self):
        return f"Polytope({len(self.b)} rows in {self.box!r})"


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
    def n0(self):
        return int(self.n)

    @property
    def bounded(self):
        return False

    def polyhedron(self):
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

    def contains(self, x):
        return np.isfinite(np.asarray(x, dtype=float)).all(axis=-1)

    def sample(self, count, seed):
        """Heavy-tailed (Cauchy) points: there is no uniform distribution on the whole space."""
        return np.random.default_rng(seed).standard_cauchy((count, self.n0))


@dataclass(frozen=True, eq=False)
class AffineSlice(Domain):
    """``{origin + y @ directions : y in R^k}`` cut with ``box``, for directions of shape (k, n0).

    The directions must be linearly independent. `through` makes the slice through data points, the
    one that people plot.
    """

    origin: np.ndarray
    directions: np.ndarray
    box: Box

    def __post_init__(self):
        origin, directions = _vector("origin", self.origin), _matrix("directions", self.directions)
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
    def through(cls, points, box):
        """The slice through ``points`` of shape (k + 1, n0): a line for two, a plane for three."""
        points = _matrix("points", points)
        return cls(points[0], points[1:] - points[0], box)

    @property
    def n0(self):
        return len(self.origin)

    @property
    def bounded(self):
        return True

    def at(self, y):
        """Input points of shape (..., n0) for slice coordinates ``y`` of shape (..., k)."""
        return self.origin + np.asarray(y, dtype=float) @ self.directions

    def polyhedron(self):
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

    def contains(self, x):
        """In the box and on the slice up to 1e-9 of the size of the box (a rounding allowance)."""
        x = np.asarray(x, dtype=float)
        offset = x - self.origin
        y = offset @ np.linalg.pinv(self.directions)
        size = 1.0 + np.abs(self.box.upper - self.box.lower).max()
        on_slice = np.abs(offset - y @ self.directions).max(axis=-1) <= 1e-9 * size
        return self.box.contains(x) & on_slice

    def sample(self, count, seed):
        """Uniform slice coordinates by rejection from their enclosing box."""
        hull = self.polyhedron()
        reach = _slice_reach(hull)

        def inside(y):
            return (y @ hull.rows.T <= hull.offsets).all(axis=-1)

        return self.at(_rejection(reach, inside, count, seed, f"the slice {self!r}"))

    def __repr__(self):
        return f"AffineSlice({len(self.directions)}-dimensional in {self.box!r})"


def _slice_reach(hull):
    """The smallest box of slice coordinates, by two linear programmes per coordinate."""
    from scipy.optimize import linprog

    bounds = []
    for c in np.eye(hull.dimension):
        solved = [
            linprog(sign * c, A_ub=hull.rows, b_ub=hull.offsets, bounds=(None, None))
            for sign in (1, -1)
        ]
        if any(s.status != 0 for s in solved):
            raise InputError(
                f"the slice does not meet its box ({solved[0].message}); move its origin inside"
            )
        bounds.append([solved[0].fun, -solved[1].fun])
    lower, upper = np.array(bounds).T
    return Box(np.minimum(lower, upper), upper)


def _rejection(box, inside, count, seed, name):
    rng = np.random.default_rng(seed)
    kept, tried = [np.zeros((0, box.n0))], 0
    while sum(map(len, kept)) < count:
        points = rng.uniform(box.lower, box.upper, (max(count, 1000), box.n0))
        kept.append(points[inside(points)])
        tried += len(points)
        if tried >= 10_000 and tried > 10_000 * sum(map(len, kept)):
            raise InputError(
                f"{name} fills less than 1/10000 of its enclosing box, too little for rejection "
                "sampling; tighten the box"
            )
    return np.concatenate(kept)[:count]


def _vector(name, values):
    return _finite(name, values, 1)


def _matrix(name, values):
    return _finite(name, values, 2)


def _finite(name, values, ndim):
    try:
        given = np.asarray(values)
        array = as_doubles(name, given if given.dtype.kind in "fiub" else given.astype(float))
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} must hold numbers in rows of one length; NumPy says: {error}"
        ) from error
    if array.ndim != ndim:
        raise InputError(f"{name} must have {ndim} dimension(s); got shape {array.shape}")
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InputError(
            f"{name}{list(where)} is {array[where]}; bounds and coefficients must be finite: "
            "for an unbounded domain use WholeSpace(n)"
        )
    array.setflags(write=False)
    return array
