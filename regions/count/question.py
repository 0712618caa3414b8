"""The question: what is counted, and how much effort may be spent on it."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from os import PathLike

from ..domain import Domain
from ..entry import read_choice, read_seed, read_time_limit, read_workers
from ..errors import UnsupportedError
from ..network import Network
from ..preactivations.scaling import ordinary, times_power

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
        read_choice("counted", self.counted, COUNTED)
        self.domain.check(self.network)

    def in_ordinary_numbers(self):
        """``(question, back)`` for solvers with absolute tolerances: the same cells, and what turns their points back."""
        found = ordinary(self.network, self.domain)
        if found is None:
            return self, lambda points: points
        network, domain, scaling = found
        return Question(network, domain, self.counted), lambda x: times_power(x, scaling.inputs)


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
    keep_proof: bool = False
    presolve: bool = True

    def __post_init__(self):
        object.__setattr__(self, "time_limit", read_time_limit(self.time_limit))
        object.__setattr__(self, "workers", read_workers(self.workers))
        object.__setattr__(self, "seed", read_seed(self.seed))

    def refuse(self, engine, *options):
        """Raise when one of ``options`` is set: ``engine`` has no use for it."""
        for option in fields(self):
            value = getattr(self, option.name)
            if option.name in options and value != option.default:
                raise UnsupportedError(
                    f"engine {engine} takes no {option.name} (got {value!r}); drop it or choose "
                    "engine cells"
                )
