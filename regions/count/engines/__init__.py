"""Ways to count: each engine is a frozen dataclass of its options with one method ``count``."""

from .auto import Auto as Auto
from .cells import Cells as Cells
from .faces import Faces as Faces
from .pool import Pool as Pool
from .sample import Sample as Sample
from .scip import Scip as Scip

ENGINES = {engine.name: engine for engine in (Auto, Cells, Faces, Pool, Scip, Sample)}
