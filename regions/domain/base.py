"""What every kind of domain answers for itself.

A domain is a value. What an engine needs of it is one description, `Domain.polyhedron`: the points
``x = origin + directions.T @ y`` with ``rows @ y <= offsets`` and ``lower <= y <= upper``, where
``y`` runs over the affine hull of the domain. An engine that cannot take a domain says so.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from ..arithmetic.doubles import as_doubles
from ..arithmetic.powers import equals, times_power
from ..arithmetic.rationals import rational
from ..deadline import NEVER, Deadline
from ..errors import InputError

if TYPE_CHECKING:  # a kind of domain, which stands on this module
    from .box import Box


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
    def dimension(self) -> int:
        """Number of coordinates k of y."""
        return len(self.lower)


@dataclass(frozen=True)
class ExactHull:
    """A domain's `Polyhedron` with rational entries; rows are k coefficients and a constant."""

    inputs: list  # n0 rows: x as affine functions of y
    one: list  # the row of the constant 1
    rows: list  # nonnegative inside
    lower: list
    upper: list


class HasInputs(Protocol):
    """A network, of which a domain asks this only."""

    @property
    def n0(self) -> int:
        """Input dimension."""

    @property
    def architecture(self) -> str:
        """Inputs, hidden widths and outputs."""


class Domain(ABC):
    """A set of inputs. ``n0`` is the dimension of the space it lies in.

    What differs from kind to kind is asked of the kind, so that a new kind is one file. *Points* of a domain are
    inputs, unless ``has_coordinates``: then they are coordinates y, whose inputs need not be doubles.
    """

    has_coordinates = False

    if TYPE_CHECKING:  # a field of some kinds, a property of others

        @property
        def n0(self) -> int: ...

    @property
    @abstractmethod
    def bounded(self) -> bool:
        """Whether the domain fits into a box."""

    @abstractmethod
    def polyhedron(self) -> Polyhedron:
        """The domain as a `Polyhedron` over its affine hull."""

    @abstractmethod
    def contains(self, x: ArrayLike) -> np.ndarray:
        """Booleans of shape (...) for points ``x`` of shape (..., n0), in floating point."""

    @abstractmethod
    def sample(self, count: int, seed: Any, *, deadline: Deadline = NEVER) -> np.ndarray:
        """``count`` random points of shape (count, n0) that lie in the domain; `Late` at the ``deadline``."""

    @abstractmethod
    def enclosing_box(self) -> "Box":
        """A `Box` that holds the domain; `UnsupportedError` where there is none."""

    @abstractmethod
    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """``(A, b)`` of shapes (m, n0) and (m,): the sides of the domain among all inputs, ``A @ x <= b``."""

    @abstractmethod
    def exact_hull(self) -> ExactHull:
        """The domain as an `ExactHull`, without any rounding.

        An unbounded domain is homogenised: its coordinates are (x, t) in [-1, 1]^n x [0, 1], and every
        cell of the whole space is the cone over it, cut by that box.
        """

    @abstractmethod
    def contains_proved(self, x: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Booleans (m,): whether every point within ``error`` of the input ``x`` (both (m, n0)) is proved to lie inside."""

    @abstractmethod
    def contains_exactly(self, x: Sequence[Any]) -> bool:
        """Whether the domain contains the input ``x``, n0 rationals."""

    @abstractmethod
    def arrays(self) -> dict[str, np.ndarray]:
        """The numbers of the domain as a dict of arrays: what a file has to store, see `of_arrays`."""

    @classmethod
    @abstractmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        """The domain whose `arrays` these are; `InputError` where they break a rule."""

    @abstractmethod
    def exponents(self) -> tuple[np.ndarray, np.ndarray]:
        """``(inputs, coordinates)``: powers of two that no input, and no coordinate of `polyhedron`, exceeds in size."""

    @abstractmethod
    def powers(
        self, inputs: np.ndarray, coordinates: np.ndarray
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The numbers of the domain, by name: each array and the powers that it is divided by in `scaled`."""

    @classmethod
    @abstractmethod
    def of_trusted(cls, arrays: Mapping[str, Any]) -> Self:
        """As `of_arrays` for numbers that were checked before they were scaled, a tolerance for the rank included."""

    def scaled(self, inputs: np.ndarray, coordinates: np.ndarray) -> Self:
        """The domain whose inputs and coordinates are divided by these powers of two."""
        numbers = self.powers(inputs, coordinates).items()
        return self.of_trusted({name: times_power(v, -power) for name, (v, power) in numbers})

    def is_kept(self, scaled: "Domain", inputs: np.ndarray, coordinates: np.ndarray) -> bool:
        """Whether no number was rounded on the way to `scaled`."""
        numbers, small = self.powers(inputs, coordinates), scaled.arrays()
        return all(equals(small[name], *pair) for name, pair in numbers.items())

    def cuts(self) -> tuple[np.ndarray, np.ndarray]:
        """``(A, b)``: those of the `sides` that are no bounds of the enclosing box."""
        return np.zeros((0, self.n0)), np.zeros(0)

    def inputs_of(self, points: ArrayLike) -> np.ndarray:
        """Inputs (m, n0) of points of the domain, in floating point."""
        return np.asarray(points, dtype=float)

    def error_of_inputs(self, points: ArrayLike) -> np.ndarray:
        """How far `inputs_of` may be from the inputs that the points stand for: shape (m, n0)."""
        return np.zeros(np.shape(points))

    def exact_input_of(self, point: Sequence[Any]) -> list[Any]:
        """The input of a point of the domain: n0 rationals."""
        return [rational(v) for v in point]

    def points_near(self, x: np.ndarray) -> np.ndarray:
        """The points of the domain nearest to the inputs ``x`` (m, n0), or the inputs where they are points."""
        return x

    def into_box(self, points: np.ndarray) -> np.ndarray:
        """Points moved into the enclosing box, which a solver leaves by its tolerance."""
        box = self.enclosing_box()
        return np.clip(points, box.lower, box.upper)

    def record(self) -> dict[str, Any]:
        """The domain as plain data, every number with all of its digits, and its digest.

        Examples
        --------
        >>> from regions import Box
        >>> Box([0.1], [1.0]).record()["lower"], Box([0.1], [1.0]).record()["digest"][:12]
        ([0.1], '13d9f2cb6ee5')
        """
        return {**self._numbers(), "digest": self.digest}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the kind of domain and its numbers: domains with equal digests are the same set."""
        state = hashlib.sha256(b"relu-regions domain 1")
        state.update(json.dumps(self._numbers()).encode())
        return state.hexdigest()

    def __eq__(self, other):
        return isinstance(other, Domain) and self.digest == other.digest

    def __hash__(self):
        return hash(self.digest)

    def _numbers(self):
        record = {"kind": type(self).__name__, "n0": self.n0}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Domain):
                record |= {k: v for k, v in value._numbers().items() if k in ("lower", "upper")}
            elif isinstance(value, np.ndarray):
                record[field.name] = (value + 0.0).tolist()  # -0.0 is the same number as 0.0
        return record

    def check(self, network: HasInputs) -> Self:
        """Raise unless ``network`` takes inputs of this domain's dimension; return the domain."""
        if network.n0 != self.n0:
            raise InputError(
                f"the domain has {self.n0} coordinates but the network {network.architecture} takes "
                f"n0 = {network.n0} inputs; give a domain of dimension {network.n0}"
            )
        return self


def vector(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as a read-only array of finite doubles of shape (n,), or `InputError`."""
    return _finite(name, values, 1)


def matrix(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as a read-only array of finite doubles of shape (m, n), or `InputError`."""
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


def unchecked(kind, **values):
    """A value of a domain that holds what was checked before."""
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made
