"""The answer: what is proved, what the engine believes, and how it was found."""

from dataclasses import dataclass, field

import numpy as np

from ..network.patterns import PatternSet
from ..text import indented
from .status import Status


@dataclass(frozen=True)
class Count:
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
    """

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

    def __str__(self):
        prefix = "at least " if self.status is Status.AT_LEAST else ""
        found = self.stats.get("cells_from_journal")
        source = f"; {found} of them from the journal" if found else ""
        return (
            f"{prefix}{self.value} {self.counted} "
            f"({self.status.name}: {self.status}; engine {self.engine}{source})"
        )


def count_data(count, network):
    """The JSON object of a `Count` of ``network``."""
    return {
        "value": count.value,
        "at_least": count.at_least,
        "at_most": count.at_most,
        "status": count.status.name,
        "counted": count.counted,
        "engine": count.engine,
        "seconds": count.seconds,
        "n0": network.n0,
        "widths": list(network.widths),
        "digest": network.digest,
        "stats": count.stats,
    }


def count_text(count, network):
    """A `Count` in a few lines: the number first, then how far to trust it."""
    lines = [
        str(count),
        f"network {network.architecture}, digest {network.digest[:12]}, {count.seconds:.2f} s",
        f"proved: {_proved(count)}",
        *indented(count.stats),
    ]
    return "\n".join(lines)


def _proved(count):
    if count.at_least is None and count.at_most is None:
        return "nothing (floating point)"
    ends = ("at least", count.at_least), ("at most", count.at_most)
    return ", ".join(f"{name} {end}" for name, end in ends if end is not None)
