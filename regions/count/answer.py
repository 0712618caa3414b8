"""The answer: what is proved, what the engine believes, and how it was found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..errors import InputError
from ..network.patterns import PatternSet
from ..result import About, Result
from ..text import indented
from .status import Status

if TYPE_CHECKING:  # slow to import, or not there
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class Count(Result):
    """An answer: what is proved, what the engine believes, and how it was found.

    Attributes
    ----------
    at_least, at_most
        Proved bounds on the count; None where nothing is proved. An engine in floating point
        proves neither: its word is ``value``.
    value
        The engine's own number.
    status
        `Status.CERTIFIED`, `Status.COMPLETE` or `Status.AT_LEAST`.
    counted, engine, seconds
        The definition, the engine's name and the wall time.
    stats
        Whatever the engine wants to tell: solver status, tolerances, nodes.
    patterns, witnesses
        When asked for: the `PatternSet`, and one point of shape (n0,) for each pattern in its order.
    proof
        What an engine kept to write a certificate from.
    about
        The network, the domain and the options, as `About`.
    """

    kind: ClassVar[str] = "count"

    at_least: int | None
    at_most: int | None
    value: int
    status: Status
    counted: str
    engine: str
    seconds: float
    stats: dict = field(default_factory=dict)
    patterns: PatternSet | None = None
    witnesses: np.ndarray | None = None
    about: About | None = None
    proof: object | None = None

    def __str__(self):
        prefix = "at least " if self.status is Status.AT_LEAST else ""
        found = self.stats.get("cells_from_journal")
        source = f"; {found} of them from the journal" if found else ""
        return (
            f"{prefix}{self.value} {self.counted} "
            f"({self.status.name}: {self.status}; engine {self.engine}{source})"
        )

    def answer(self) -> dict[str, Any]:
        """``value``, ``at_least``, ``at_most``, ``counted``, ``engine``, ``stats``."""
        return {
            "value": self.value,
            "at_least": self.at_least,
            "at_most": self.at_most,
            "counted": self.counted,
            "engine": self.engine,
            "stats": self.stats,
        }

    def lines(self) -> Iterable[str]:
        """The number, then how far to trust it, then how it was found."""
        ends = ("at least", self.at_least), ("at most", self.at_most)
        proved = ", ".join(f"{name} {end}" for name, end in ends if end is not None)
        return [
            str(self),
            self._title(),
            f"proved: {proved or 'nothing (floating point)'}",
            *indented(self.stats),
        ]

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each cell, its signs and its witness (``keep_patterns=True``)."""
        if self.patterns is None or self.witnesses is None:
            raise InputError("this count kept no patterns; count with keep_patterns=True")
        import pandas as pd  # an extra: who asks for a frame has it

        signs, points = self.patterns.matrix(), self.witnesses
        columns = {f"unit{i}": column for i, column in enumerate(signs.T)}
        return pd.DataFrame({**columns, **{f"x{i}": x for i, x in enumerate(points.T)}})
