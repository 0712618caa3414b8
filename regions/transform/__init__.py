"""The same function by another network: with two hidden layers, exactly in the plane, or locally."""

from .equivalent import shallow_equivalent as shallow_equivalent
from .strips import PATTERNS as PATTERNS
from .strips import needed_units as needed_units
from .strips import two_layer_approximation as two_layer_approximation
from .transformation import Share as Share
from .transformation import Transformation as Transformation
from .transformation import local_equivalent as local_equivalent
