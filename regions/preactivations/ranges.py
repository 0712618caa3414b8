"""Ranges of the pre-activations over a domain (the word "bounds" is taken by region counts)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..deadline import NEVER
from ..result import About, Result
from .interval import interval
from .relaxation import substitute
from .scaling import ends_back, ordinary

if TYPE_CHECKING:  # slow to import, or not there
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class Ranges(Result):
    """``lower[l] <= g <= upper[l]`` for the pre-activations g of each hidden layer on a domain.

    ``lower`` and ``upper`` are tuples with one array of shape (n_l,) per hidden layer. A tie is
    inactive, so a unit is ``off`` already when its upper end is 0, but ``on`` only when its lower
    end is positive. They are not ``complete`` where the time limit came before the method was through.
    """

    kind: ClassVar[str] = "ranges"

    lower: tuple[np.ndarray, ...]
    upper: tuple[np.ndarray, ...]
    complete: bool = True
    seconds: float | None = None
    about: About | None = None

    @property
    def status(self) -> str:
        """CERTIFIED: ranges are theorems, however wide."""
        return "CERTIFIED"

    def answer(self) -> dict[str, Any]:
        """``layers``: per hidden layer the lists ``lower`` and ``upper``."""
        ends = zip(self.lower, self.upper, strict=True)
        return {"layers": [{"lower": low.tolist(), "upper": high.tolist()} for low, high in ends]}

    def lines(self) -> Iterable[str]:
        """One line a layer: how many units have one sign, and how wide the ranges are."""
        lines = [str(self), *([] if self.about is None else [self._title()])]
        for number, (low, high) in enumerate(zip(self.lower, self.upper, strict=True), start=1):
            width = high - low
            lines.append(
                f"layer {number}: {(low > 0).sum()} on, {(high <= 0).sum()} off, of {len(low)}; "
                f"width {width.min():.3g} to {width.max():.3g}"
            )
        return lines

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each unit: ``layer`` (from 1), ``unit`` (from 0), ``lower``, ``upper``."""
        import pandas as pd  # an extra: who asks for a frame has it

        units = [
            (number, unit, *ends)
            for number, layer in enumerate(zip(self.lower, self.upper, strict=True), start=1)
            for unit, ends in enumerate(zip(*layer, strict=True))
        ]
        return pd.DataFrame(units, columns=["layer", "unit", "lower", "upper"])

    def __str__(self):
        open_ = sum(int(units.sum()) for units in self.undecided)
        return f"ranges of {sum(map(len, self.lower))} units, {open_} of them with both signs in it"

    @property
    def on(self) -> tuple[np.ndarray, ...]:
        """Booleans per layer: active on the whole domain."""
        return tuple(lower > 0 for lower in self.lower)

    @property
    def off(self) -> tuple[np.ndarray, ...]:
        """Booleans per layer: inactive on the whole domain."""
        return tuple(upper <= 0 for upper in self.upper)

    @property
    def undecided(self) -> tuple[np.ndarray, ...]:
        """Booleans per layer: neither ``on`` nor ``off`` by these ranges."""
        return tuple(~(on | off) for on, off in zip(self.on, self.off, strict=True))

    def unscaled(self, scaling: Any) -> "Ranges":
        """What ranges of a network scaled by a `Scaling` say of the original one, rounded outward."""
        ends = zip(self.lower, self.upper, scaling.units, strict=False)
        lower, upper = zip(*(ends_back(*pair) for pair in ends), strict=True)
        return Ranges(lower, upper, self.complete)


DIRECT_METHODS = {"interval": (interval,), "relaxation": (interval, substitute)}


def direct_ranges(network, domain, *, method="interval", deadline=NEVER):
    """`Ranges` layer by layer, without a programme: `regions.unit_ranges` says what a ``method`` does.

    Layers that come after the ``deadline`` have intervals only.

    Raises
    ------
    UnsupportedError
        An unbounded domain.

    Examples
    --------
    >>> from regions import Box, Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, 1.0]), ([[1.0] * 3], None))
    >>> direct_ranges(network, Box.cube(1, 0, 1)).upper
    (array([1., 0., 3.]),)
    """
    box = domain.enclosing_box()
    if found := ordinary(network, domain):
        *scaled, scaling = found
        return direct_ranges(*scaled, method=method, deadline=deadline).unscaled(scaling)
    lower, upper, complete = [], [], True
    for layer in range(len(network.hidden)):
        ways = DIRECT_METHODS[method]
        if len(ways) > 1 and deadline.passed:
            ways, complete = DIRECT_METHODS["interval"], False
        ends = [way(network, box, lower, upper, layer) for way in ways]
        lows, highs = zip(*ends, strict=True)
        lower.append(np.maximum.reduce(lows))
        upper.append(np.minimum.reduce(highs))
    return Ranges(tuple(lower), tuple(upper), complete)
