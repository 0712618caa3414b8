"""Where the inputs live, one module a kind: what differs from kind to kind is a method of `Domain`."""

from .affine_slice import AffineSlice as AffineSlice
from .base import Domain as Domain
from .base import Polyhedron as Polyhedron
from .box import Box as Box
from .polytope import Polytope as Polytope
from .whole_space import WholeSpace as WholeSpace

KINDS = {kind.__name__: kind for kind in (Box, Polytope, WholeSpace, AffineSlice)}
