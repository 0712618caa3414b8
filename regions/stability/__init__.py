"""Which units never switch: the ledger, the points, the provers, the word of the solvers, the methods."""

from .stability import Stability as Stability
from .stability import UnitEvidence as UnitEvidence
from .stability import stable_units as stable_units
