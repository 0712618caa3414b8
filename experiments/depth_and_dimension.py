"""Study: 60 units spread evenly over 1 to 6 layers (Serra et al. 2018, Figure 3b); bounds only."""

from dataclasses import dataclass

from .columns import bound_columns
from .plan import Study, shape

UNITS = 60
DEPTHS = range(1, 7)
INPUTS = range(1, UNITS + 1)


@dataclass(frozen=True)
class Evenly:
    """``units`` units in ``depth`` layers of one width, on ``n0`` inputs."""

    n0: int
    depth: int
    units: int = UNITS

    @property
    def widths(self):
        return (self.units // self.depth,) * self.depth

    @property
    def label(self):
        return f"n0={self.n0} depth={self.depth}"


def tasks(scale, results):
    """The same at every scale: a bound costs milliseconds."""
    return [Evenly(n0, depth) for n0 in INPUTS for depth in DEPTHS]


def answer(batch, results):
    """The bounds of each shape of ``batch``."""
    return [{"widths": shape(*t.widths), **bound_columns(t.n0, t.widths)} for t in batch]


STUDY = Study(
    name="depth_and_dimension",
    question="how does the bound change with depth, for 60 units and n0 inputs?",
    version=1,
    tasks=tasks,
    answer=answer,
    batch=lambda task: task.n0,
)
