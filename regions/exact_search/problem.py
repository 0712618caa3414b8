"""A network on a domain as the search takes it: prepared once, pickled as the values it is made of."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from flint import fmpq, fmpz

from ..arithmetic.integers import whole_numbers
from ..arithmetic.judge import Judge
from ..arithmetic.linear_programme import interior_point
from ..arithmetic.powers import times_power
from ..arithmetic.rationals import nearest
from ..domain import Box, Domain
from ..errors import InputError
from ..network import Network
from ..preactivations.rational_rows import ExactProblem
from ..preactivations.scaling import Scaling
from .charts import Charts
from .cones import Cones
from .folding import fold
from .kernel_arrays import arrays, image_arrays
from .presolve import Presolve, presolve, scaled_heights
from .structure import ties
from .tasks import Task, cell_of

# Up to this many coordinates a cell is kept as a vertex list; above, vertices are too many.
VERTEX_DIMENSIONS = 5
# Where only the next hand-over matters, the first one may find so many; a small network has no more.
FIRST_CALL = 256


@dataclass(frozen=True)
class Problem:
    """A network on a domain, prepared once; pickles as the values it is made of."""

    network: Network
    domain: Domain
    proofs: bool = True
    settled: Presolve | None = None

    def __getstate__(self):
        return {name: getattr(self, name) for name in ("network", "domain", "proofs", "settled")}

    @classmethod
    def presolved(cls, network, domain, proofs=True):
        """The same with all that `presolve` finds taken out of the search."""
        return cls(network, domain, proofs, presolve(network, domain))

    @cached_property
    def known(self):
        """Signs (N,) of units that never switch, 0 for the others; a search needs one unit to ask for."""
        if self.settled is None:
            return np.zeros(self.network.n_units, dtype=np.int8)
        signs = self.settled.signs.copy()
        if signs.all():
            signs[0] = 0
        return signs

    @property
    def taken_out(self):
        """What presolve did, in numbers: units that never switch, and coordinates of a wide search after it."""
        if self.settled is None:
            return {"units_taken_out": 0}
        out = {"units_taken_out": int(np.count_nonzero(self.settled.signs))}
        out["units_left"] = self.network.n_units - out["units_taken_out"]
        if self.folding is not None and self.kind == "wide":
            out["coordinates"] = self._n_coordinates
        return {**out, "seconds": round(self.settled.seconds, 6)}

    @cached_property
    def starts(self):
        """The first unit of each hidden layer, and N."""
        return np.cumsum((0, *self.network.widths))

    @property
    def root(self):
        """The task that stands for all cells."""
        return replace(Task.root(self.network.n_units), signs=self.known.copy())

    @cached_property
    def by_vertices(self):
        """Whether cells are kept as vertex lists."""
        return self.dimension <= VERTEX_DIMENSIONS

    @property
    def dimension(self):
        """How many coordinates a point of the search has."""
        if self.charts:
            return self.charts.dimension
        return self.hull.dimension + (not self.domain.bounded)

    @cached_property
    def charts(self):
        """Simplices that the whole space is searched in, or None."""
        if self.domain.bounded or not self.network.n_units:
            return None
        return Charts.of(self.network, self.scaling)

    @cached_property
    def cones(self):
        """What the last few layers alone say of units, where hyperplanes meet at infinity; None on a bounded domain.

        None with slopes, too: outputs of units that are off are not zero then, and not nonnegative.
        """
        if self.domain.bounded or self.network.slopes is not None:
            return None
        return Cones(self.network)

    @property
    def arrays(self):
        """The flat arrays of the kernels."""
        return self._prepared[0]

    def arrays_of(self, task):
        """The same for one task: in the whole space the signs of some units say in which coordinates."""
        return self.charts.fill(self.arrays, task.signs) if self.charts else self.arrays

    @property
    def zonotope(self):
        """The first layer's image of the domain when the search is in its coordinates, else None."""
        return self._prepared[1]

    @cached_property
    def kind(self):
        """Which search it is: by vertices, by half_spaces, or wide."""
        if self.by_vertices:
            return "vertices"
        wide = self.hull.dimension > self._n_coordinates and isinstance(self.domain, Box)
        return "wide" if wide else "half_spaces"

    @cached_property
    def _prepared(self):
        flat = self._flat if self.folding is None else self.folding.arrays
        if self.kind == "wide":
            return image_arrays(flat, self._n_coordinates)
        return flat, None

    @cached_property
    def _flat(self):
        telling = self.exact.telling if self.domain.bounded else None
        flat = arrays(self.network, self.domain, self.scaling, telling)
        return flat._replace(ties=self.ties)

    @cached_property
    def ties(self):
        """What the stored numbers say of the units, as `structure.ties` has it."""
        return ties(self)

    @cached_property
    def folding(self):
        """What of the network the kernels see where signs are known: a `Folding`, else None."""
        if self.settled is None or not self.hull.dimension:
            return None
        highest = scaled_heights(self.settled.highest, self.scaling)
        layers = self.scaling.layers(self.network.hidden)
        return fold(self._flat, layers, self.known, highest, self.ties)

    @property
    def _n_coordinates(self):
        """How many coordinates the image of the first layer has."""
        return self.network.widths[0] if self.folding is None else self.folding.n_coordinates

    @cached_property
    def scaling(self):
        """What the coordinates of the kernels, and of all points in floats, are scaled by."""
        return Scaling.of(self.network, self.domain)

    @cached_property
    def root_point(self):
        """An interior point of the domain, a generic one: symmetric networks have ties in the middle."""
        if len(self.hull.rows) or not self.domain.bounded:
            return self.interior(self.root)
        box = self.arrays if self.zonotope is None else self.zonotope
        share = np.random.default_rng(0).uniform(0.3, 0.7, len(box.lower))
        return box.lower + share * (box.upper - box.lower)

    @cached_property
    def exact(self):
        """The same in rational arithmetic."""
        return ExactProblem(self.network, self.domain)

    @cached_property
    def pace(self):
        """Cells that a compiled call may find: what was about right for the last task, in this process."""
        return {"cells": FIRST_CALL}

    @cached_property
    def hull(self):
        """The coordinates y of the domain."""
        return self.domain.polyhedron()

    @property
    def has_interior(self):
        """Whether the domain has a point with a neighbourhood, in its affine hull: rows may leave none."""
        rows = self.exact.domain_rows if len(self.hull.rows) else []
        return not rows or interior_point(rows, self.exact.lower, self.exact.upper) is not None

    def check_interior(self):
        """Raise where there is nothing to be relative to: a domain with rows of its own may be empty or flat."""
        if not self.has_interior:
            raise InputError(
                f"the domain {self.domain!r} has no interior point: it is empty or flat; fix coordinates "
                "in its box (lower == upper) or use an AffineSlice"
            )

    def interior(self, task):
        """An interior point of a non-empty task, rounded to floats; whoever uses it checks it."""
        if self.charts and np.count_nonzero(task.split) == len(self.charts.basis):
            return self.charts.centre()
        cell = cell_of(self.exact, task)
        return self.rounded(Judge().interior_point(cell, self.exact.box), task.signs)

    def rounded(self, point, signs):
        """A rational point of a cell with these ``signs``, in the coordinates of the kernels."""
        if self.charts:
            return self.charts.coordinates(point, signs)
        if not self.domain.bounded:
            return np.array([nearest(v) for v in point])
        exponents = self.scaling.coordinates.tolist()
        pairs = zip(point, exponents, strict=True)
        return np.array([nearest(v * fmpq(2) ** -exponent) for v, exponent in pairs])

    def unrounded(self, y):
        """``(whole numbers, denominator)`` of a point in the coordinates of the kernels: rational, exactly."""
        values, power = whole_numbers(y)
        exponents = self.scaling.coordinates.tolist() if self.domain.bounded else [0] * len(y)
        lowest = min(exponents, default=0)
        raised = [v << (e - lowest) for v, e in zip(values, exponents, strict=True)]
        power -= lowest
        return [v << max(-power, 0) for v in raised], fmpz(1) << max(power, 0)

    def points(self, y, signs=None):
        """Inputs of shape (count, n0) for coordinates ``y`` (count, k) of kernels; the whole space needs the ``signs``."""
        if self.charts:
            y = self.charts.homogeneous(y, signs)
        if not self.domain.bounded:
            return y[:, :-1] / y[:, -1:]
        if self.domain.has_coordinates:
            scaled = self.scaling.domain(self.domain)
            return times_power(scaled.origin + y @ scaled.directions, self.scaling.inputs)
        x = np.tile(self.hull.origin, (len(y), 1))
        x[:, self.hull.free] = times_power(y, self.scaling.coordinates)
        box = self.domain.enclosing_box()
        return np.clip(x, box.lower, box.upper)
