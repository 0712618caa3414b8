"""The question: what is counted, and how much effort may be spent on it."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from os import PathLike

from ..domain import Domain
from ..errors import InputError, UnsupportedError
from ..network import Network

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
    executor: Executor | Callable | None = None
    journal: str | PathLike | None = None
    seed: int = 0

    def __post_init__(self):
        if self.time_limit is not None and not self.time_limit > 0:
            raise InputError(
                f"time_limit must be a positive number of seconds; got {self.time_limit}"
            )
        if self.workers < 1:
            raise InputError(f"workers must be at least 1; got {self.workers}")

    def refuse(self, engine, *options):
        """Raise when one of ``options`` is set: ``engine`` has no use for it."""
        for option in fields(self):
            value = getattr(self, option.name)
            if option.name in options and value != option.default:
                raise UnsupportedError(
                    f"engine {engine} takes no {option.name} (got {value!r}); drop it or choose "
                    "engine cells"
                )
