"""The upper bound from the weights, and the sets of units that can be active together."""

from .bound import ASSUMPTIONS as ASSUMPTIONS
from .bound import COARSENESS as COARSENESS
from .bound import MOST_CELLS as MOST_CELLS
from .bound import MOST_RANKED as MOST_RANKED
from .bound import MOST_STEPS as MOST_STEPS
from .bound import REFERENCE as REFERENCE
from .bound import REFINEMENTS as REFINEMENTS
from .bound import EmpiricalBound as EmpiricalBound
from .bound import Refinement as Refinement
from .bound import empirical_bound as empirical_bound
