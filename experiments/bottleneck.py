"""Study: widths that rise or fall through the network (Serra et al. 2018, Figure 3a); bounds only."""

from dataclasses import dataclass

from .columns import bound_columns
from .plan import Study, shape


@dataclass(frozen=True)
class Slope:
    """Five layers of widths 16-2k, 16-k, 16, 16+k, 16+2k, with or without a further layer of 16."""

    k: int
    further: bool
    n0: int = 32
    middle: int = 16

    @property
    def widths(self):
        five = tuple(self.middle + i * self.k for i in range(-2, 3))
        return (*five, self.middle) if self.further else five

    @property
    def label(self):
        return f"k={self.k}" + (" with a further layer" if self.further else "")


def tasks(scale, results):
    """The same at every scale: k from -7 to 7, where all widths are positive."""
    return [Slope(k, further) for further in (False, True) for k in range(-7, 8)]


def answer(batch, results):
    """The bounds of each shape of ``batch``."""
    return [{"widths": shape(*t.widths), **bound_columns(t.n0, t.widths)} for t in batch]


STUDY = Study(
    name="bottleneck",
    question="does it matter where the narrow layers are?",
    version=1,
    tasks=tasks,
    answer=answer,
)
