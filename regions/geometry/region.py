"""A cell as an object that knows its geometry."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arithmetic.powers import times_power
from ..arithmetic.rounding import QUIET
from ..domain import Domain
from ..errors import InputError, UnsupportedError
from ..network import Network
from ..preactivations.scaling import ordinary
from ..preactivations.unit_maps import unit_maps
from ..solvers.highs_lp import minimise
from ..solvers.tolerances import CLEAR, TOLERANCE
from . import polygons
from .exact_cell import ExactCell

# A side is redundant when, without it, nothing exceeds it by more than this share of its distance
# from the witness.
REDUNDANT = CLEAR
# Within this share rational arithmetic decides instead, where it takes moments.
DOUBT = 1e-6
# What stands for the answer of a programme that failed: doubtful, and kept where nobody else can tell.
UNTOLD = 1.0 + 2 * REDUNDANT


@dataclass(frozen=True, eq=False)
class Region:
    """A cell: the points of ``domain`` where ``network`` has one activation pattern.

    Attributes
    ----------
    network, domain
        Where it is a cell.
    pattern
        Booleans of shape (N,).
    witness
        A point of shape (n0,) inside, rounded to doubles; ``replays`` says whether it is proved to be strictly inside
        as the doubles that it is. The geometry below is plain floating point.

    Examples
    --------
    >>> from regions import Box, Network, iterate_regions
    >>> network = Network.of(([[1.0, 0.0], [1.0, 1.0]], None), ([[1.0, 2.0]], None))
    >>> region = next(r for r in iterate_regions(network, Box.cube(2, -1, 1)) if r.pattern.all())
    >>> region.affine()
    (array([[3., 2.]]), array([0.]))
    >>> A, b = region.halfspaces(irredundant=True)
    >>> A + 0.0, b + 0.0
    (array([[-1.,  0.], [-1., -1.], [ 1.,  0.], [ 0.,  1.]]), array([0., 0., 1., 1.]))
    >>> region.vertices() + 0.0
    array([[ 0.,  1.], [ 0.,  0.], [ 1., -1.], [ 1.,  1.]])
    """

    network: Network
    domain: Domain
    pattern: np.ndarray
    witness: np.ndarray

    @cached_property
    def replays(self) -> bool:
        """Whether every unit has its sign at ``witness`` with a proof, and the domain contains it.

        False where a cell is so thin that no double inside was found: it is a cell all the same, proved by a point
        between the doubles. Of an `AffineSlice` points are inputs near the slice, and only the signs are meant.

        Examples
        --------
        >>> from regions import Box, Network, iterate_regions
        >>> network = Network.of(([[1.0], [3.0]], [-0.1, -0.3]), ([[1.0, 1.0]], None))  # 0.3 / 3 < 0.1 in doubles
        >>> [region.replays for region in iterate_regions(network, Box.cube(1, 0, 1))]
        [True, False, True]
        """
        return self._exact.contains(self.witness)

    @cached_property
    def ordinary(self) -> "Region":
        """The same cell in ordinary numbers, see `regions.preactivations.scaling`; itself where they are so already."""
        found = ordinary(self.network, self.domain)
        if found is None:
            return self
        network, domain, scaling = found
        return Region(network, domain, self.pattern, times_power(self.witness, -scaling.inputs))

    @property
    def _exact(self):
        return ExactCell(self.network, self.domain, self.pattern)

    def affine(self) -> tuple[np.ndarray, np.ndarray]:
        """The map ``x -> A @ x + c`` of the network here: shapes (n_out, n0) and (n_out,)."""
        return self.network.affine_map(self.pattern)

    @np.errstate(**QUIET)
    def halfspaces(
        self, *, irredundant: bool = False, coordinates: str = "inputs"
    ) -> tuple[np.ndarray, np.ndarray]:
        """``(A, b)`` such that the closed cell is all x in the domain's affine hull with ``A @ x <= b``.

        Row i < N belongs to hidden unit i (0 <= 0 or the like where it is constant); the rows of the
        domain follow: those of a `Polytope`, then upper and lower bounds of its box. The affine hull
        is all of R^n0 unless a box fixes a coordinate or the domain is an `AffineSlice`.

        Parameters
        ----------
        irredundant
            Keep only rows that bound the cell, in their order; of equal sides the last. One linear programme per
            row, in floating point; where it is in doubt, one in rational arithmetic, or, where that would take
            seconds, the row is kept.
        coordinates
            ``"inputs"``: A has shape (m, n0). ``"domain"``: shape (m, k), for the coordinates y of
            ``domain.polyhedron()``; on an `AffineSlice` ``x = domain.at(y)``.
        """
        A, b = self._sides()
        local = self._local(A, b)
        keep = self.ordinary.irredundant() if irredundant else slice(None)
        A, b = local if _in_domain(coordinates) else (A, b)
        return A[keep], b[keep]

    @np.errstate(**QUIET)
    def vertices(self, *, coordinates: str = "inputs") -> np.ndarray:
        """Vertices of the closed cell: shape (m, n0), or (m, k) in coordinates of the domain.

        On a domain of dimension 2 they run around the cell, counterclockwise in the domain's own
        coordinates. Floating point: see `regions.geometry.polygons.vertices`. ``coordinates`` is that of `halfspaces`.

        Raises
        ------
        UnsupportedError
            The domain has more than 5 dimensions or is unbounded, or Qhull fails on a thin cell.
        """
        if not self.domain.bounded:
            raise UnsupportedError(
                f"a cell of {self.domain!r} may be unbounded and then has no full set of vertices; "
                "use a box, or halfspaces()"
            )
        twin, in_domain = self.ordinary, _in_domain(coordinates)
        if twin is not self:  # the corners in ordinary numbers, and back
            inputs = ordinary(self.network, self.domain)[2].inputs
            corners = twin.vertices(coordinates=coordinates)
            if not in_domain:
                return times_power(corners, inputs)
            free = self.domain.polyhedron().free
            return corners if free is None else times_power(corners, inputs[free])
        rows, slack, live = self._around_witness(*self._local(*self._sides()))
        hull, radius = self.domain.polyhedron(), self._radius()
        y = self.witness_in_domain() + polygons.vertices(rows[live], slack[live], radius)
        return y if in_domain else hull.origin + y @ hull.directions

    def _sides(self):
        """All sides in coordinates of the input."""
        A, c = unit_maps(self.network, self.pattern)
        sign = np.where(self.pattern, -1.0, 1.0)
        outer, offsets = self.domain.sides()
        return np.concatenate([sign[:, None] * A, outer]), np.concatenate([-sign * c, offsets])

    def _local(self, A, b):
        hull = self.domain.polyhedron()
        return A @ hull.directions.T, b - A @ hull.origin

    def seen_from(self, y: np.ndarray) -> tuple[np.ndarray, ...]:
        """All sides seen from ``y``: rows of length 1, distances, and what rounding may turn and shift each by.

        In coordinates of the domain. A row that is nothing but rounding is zero; a distance is negative outside.
        """
        A, b = self._local(*self._sides())
        length, magnitudes = np.linalg.norm(A, axis=1), self._magnitudes()
        scale = np.where(length > polygons.ROUNDING * magnitudes, length, np.inf)
        shift = np.abs(A) @ np.abs(y) + np.abs(b)
        rounding = polygons.ROUNDING / scale
        return A / scale[:, None], (b - A @ y) / scale, rounding * magnitudes, rounding * shift

    def witness_in_domain(self) -> np.ndarray:
        """The witness in coordinates of the domain."""
        hull = self.domain.polyhedron()
        return (self.witness - hull.origin) @ np.linalg.pinv(hull.directions)

    def _radius(self):
        """No two points of the domain are further apart, in its coordinates."""
        box = self.domain.enclosing_box()
        directions = self.domain.polyhedron().directions
        if not len(directions):
            return 0.0
        return np.linalg.norm(np.linalg.pinv(directions), 2) * np.linalg.norm(box.upper - box.lower)

    def _around_witness(self, A, b):
        """Rows of length 1, distances of the witness from its sides, and which rows are sides at all."""
        size = np.linalg.norm(A, axis=1)
        live = size > polygons.ROUNDING * self._magnitudes()
        scale = np.where(live, size, 1.0)
        y = self.witness_in_domain()
        # the witness is inside; a distance that rounding makes <= 0 is known no better than this
        least = polygons.ROUNDING * (np.abs(A) @ np.abs(y) + np.abs(b)) / scale
        least = np.maximum(least, np.finfo(float).tiny)
        return A / scale[:, None], np.maximum((b - A @ y) / scale, least), live

    def _magnitudes(self):
        """What the lengths of the rows would be if no term cancelled: a row far below is rounding."""
        A, _ = unit_maps(self.network, self.pattern, absolute=True)
        A = np.concatenate([A, np.abs(self.domain.sides()[0])])
        return np.linalg.norm(A @ np.abs(self.domain.polyhedron().directions).T, axis=1)

    def irredundant(self) -> np.ndarray:
        """Indices of the rows that bound the cell."""
        rows, slack, live = self._around_witness(*self._local(*self._sides()))
        # every side at distance 1 and every coordinate of the cell's own size: what is redundant does not depend
        # on how thin or how large the cell is, and solvers drop coefficients below 1e-9
        scaled = rows / slack[:, None]
        sizes = np.abs(scaled[live]).max(axis=0, initial=0.0)
        scaled /= np.where(sizes > 0, sizes, 1.0)
        keep = np.flatnonzero(live)
        exact = self._exact
        for i in keep:
            others = keep[keep != i]
            most = _most(scaled[i], scaled[others])
            if abs(most - 1) < DOUBT and exact.is_small:
                redundant = exact.is_redundant(i, others)
            else:
                redundant = most <= 1 + REDUNDANT
            if redundant:
                keep = others
        return keep


def _most(row, others):
    """How far ``row`` gets where all ``others`` are at most 1, or 2; `UNTOLD` when the solver cannot tell."""
    size = np.abs(row).max(initial=0.0)
    if not size > 0:
        return 0.0
    solved = minimise(
        -row / size,
        np.append(others, row[None] / size, axis=0),
        -np.inf,
        np.append(np.ones(len(others)), 2.0 / size),  # never unbounded
        -np.inf,
        np.inf,
        primal_feasibility_tolerance=TOLERANCE,
    )
    return UNTOLD if solved is None else -solved.value * size


def _in_domain(coordinates):
    if coordinates not in ("inputs", "domain"):
        raise InputError(f"coordinates={coordinates!r} is unknown; choose inputs or domain")
    return coordinates == "domain"
