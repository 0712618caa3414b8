"""Where the inputs live, one module a kind."""

from .base import AffineSlice as AffineSlice
from .base import Box as Box
from .base import Domain as Domain
from .base import Polyhedron as Polyhedron
from .base import Polytope as Polytope
from .base import WholeSpace as WholeSpace
