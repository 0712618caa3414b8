"""`count_regions`: one question, one engine, one kind of answer.

A `Question` says what is counted, a `Run` how much effort may be spent, an engine answers with a
`Count`. Engines live in `regions.engines`; each is a frozen dataclass of its own options with a
``name`` and a method ``count(question, run) -> Count``.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from os import PathLike

import numpy as np

from .domain import Domain
from .errors import InputError
from .network import Network
from .patterns import PatternSet
from .status import Status

COUNTED = {
    "cells": "activation patterns whose cell in the domain is full-dimensional",
    "patterns": "activation patterns that occur in the domain, ties inactive",
    "pieces": "maximal connected sets on which the output is one affine function",
    "maps": "distinct affine functions",
}


@dataclass(frozen=True)
class Question:
    """What is counted: ``counted`` is a key of `COUNTED` and is printed with every number."""

    network: Network
    domain: Domain
    counted: str = "cells"

    def __post_init__(self):
        if self.counted not in COUNTED:
            raise InputError(
                f"counted={self.counted!r} is not a definition; choose one of {', '.join(COUNTED)}"
            )
        self.domain.check(self.network)


@dataclass(frozen=True)
class Run:
    """How much may be spent and where: see `count_regions` for the meaning of each field."""

    time_limit: float | None = None
    progress: Callable | None = None
    keep_patterns: bool = False
    certify: bool = True
    workers: int = 1
    executor: Executor | None = None
    journal: str | PathLike | None = None
    seed: int = 0


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
        return f"{prefix}{self.value} {self.counted} ({self.status.name}: {self.status}; engine {self.engine})"
