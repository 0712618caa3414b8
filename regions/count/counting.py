"""`count_regions`: one question, one engine, one kind of answer.

A `Question` says what is counted, a `Run` how much effort may be spent, an engine answers with a
`Count`. Engines live in `regions.count.engines`; each is a frozen dataclass of its own options with a
``name`` and a method ``count(question, run) -> Count``.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from os import PathLike

import numpy as np
from tqdm import tqdm

from ..domain import Domain
from ..errors import InputError, UnsupportedError
from ..files import check_writable, warn_unwritten
from ..formats.load import load
from ..network import Network
from ..network.patterns import PatternSet
from .status import Status

COUNTED = {
    "cells": "activation patterns whose cell in the domain is full-dimensional",
    "patterns": "activation patterns that occur in the domain, ties inactive",
    "pieces": "maximal connected sets on which the output is one affine function",
    "maps": "distinct affine functions",
}

# What stands in ``stats`` when a certificate was asked for.
PARTIAL_NOTE = "not written: the count is only partial"


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


def count_regions(
    network,
    domain,
    *,
    engine=None,
    counted="cells",
    time_limit=None,
    progress=False,
    keep_patterns=False,
    certify=True,
    workers=1,
    executor=None,
    journal=None,
    certificate=None,
    seed=0,
):
    """Count the linear regions of ``network`` on ``domain``.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes: a path or a torch ``nn.Sequential``.
    domain
        A `Domain` of dimension n0.
    engine
        A value of `regions.count.engines`; None lets `Auto` choose and say why.
    counted
        A key of `COUNTED`: what a region is.
    time_limit
        Seconds of wall time; a run that it ends is `Status.AT_LEAST`.
    progress
        True for a bar on a terminal's stderr, or a function ``progress(found, fraction)``, called
        now and then with the regions found so far and the closed share of the search, 0 to 1.
    keep_patterns
        Whether the `Count` carries the patterns, with one point of each: 8 n0 bytes a cell, some gigabytes for a
        million cells of images. `regions.iterate_regions` needs no such memory.
    certify
        Whether the exact engine proves its count; the engines in floating point never do.
    workers, executor
        Threads to spread over (the kernels release the interpreter's lock), or any
        `concurrent.futures.Executor` to submit to, or a function that makes one: then an executor that breaks
        because a worker was killed is replaced. A task whose worker dies is handed out again, three times at most.
    journal
        A file that records closed parts of the search; the same call resumes from it.
    certificate
        A file to write, once the count is complete, from which `regions.certify.verify_certificate` proves it
        again without the engine. Cells only. Writing it takes longer than counting, and is outside ``time_limit``.
    seed
        Seed of everything random: the sampled points, the solver's own choices.

    Returns
    -------
    Count
        With ``at_least`` and ``at_most`` where something is proved, and a `Status` either way.

    Raises
    ------
    InputError
        A network or domain that breaks a rule, or dimensions that do not agree.
    UnsupportedError
        A domain, definition or option that the engine cannot take; the message names one that can.
    SolverError
        A solver or its licence is missing or too small.
    WorkerError
        The workers of ``executor`` died, again and again.

    Examples
    --------
    >>> from regions.domain import Box
    >>> from regions.count.engines import Pool
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
    >>> print(count_regions(network, Box.cube(1, -10, 10), engine=Pool()))
    5 cells (COMPLETE: the search ended and its engine says that nothing is left; floating-point word, no proof; engine pool)
    """
    if engine is None:
        from .engines.auto import Auto  # the engines import this module

        engine = Auto()
    question = Question(load(network), domain, counted)
    if certificate is not None:
        check_certificate(certificate, counted, journal)
    keep = keep_patterns or certificate is not None
    with _reporting(progress) as report:
        run = Run(time_limit, report, keep, certify, workers, executor, journal, seed)
        answer = engine.count(question, run)
    if certificate is not None:
        answer = _with_certificate(answer, question, certificate, progress)
    return answer if keep_patterns else replace(answer, patterns=None, witnesses=None)


def check_certificate(path, counted, journal):
    """Raise before the work starts when no certificate could be written after it."""
    if counted != "cells":
        raise UnsupportedError(
            f"a certificate proves a count of cells, not of {counted}; drop certificate"
        )
    if journal is not None:
        raise UnsupportedError(
            "a certificate needs all cells, a journal records their number only; drop one of the two"
        )
    check_writable(path)


def _with_certificate(answer, question, path, progress):
    """Write the certificate of a complete count; a partial one has none, and says so.

    The count outlives a disk that is full by then: the failure is in ``stats``, and a `SaveWarning`.
    """
    if answer.status is Status.AT_LEAST:
        note = PARTIAL_NOTE
    else:
        note = str(path)
        try:
            save_certificate(answer, question.network, question.domain, path, progress=progress)
        except InputError as error:
            warn_unwritten(error)
            note = f"not written: {error}"
    return replace(answer, stats={**answer.stats, "certificate": note})


def save_certificate(answer, network, domain, path, *, progress=False):
    """Prove the cells of a complete `Count` with patterns and witnesses, and write the proof to ``path``."""
    from ..certify.prove import certificate_of  # a solver, which nothing else here needs

    with _reporting(progress, "proved") as report:
        found = answer.patterns, answer.witnesses
        certificate_of(network, domain, *found, progress=report).save(path)


@contextmanager
def _reporting(progress, done="closed"):
    """The function that engines report to, or None; ``done`` says what the share is."""
    if progress is not True:
        yield progress or None
        return
    with tqdm(unit=" regions", disable=None) as bar:  # None: only on a terminal
        estimate = Remaining()

        def report(found, fraction):
            seconds = estimate(fraction, bar.format_dict["elapsed"])
            left = "" if seconds is None else f", about {tqdm.format_interval(seconds)} left"
            bar.set_description(f"{fraction:.0%} {done}{left}", refresh=False)
            bar.update(found - bar.n)

        yield report


class Remaining:
    """How long a search will go on, if what is left of it goes as fast as what was closed so far.

    Shares of the prefix space are no shares of the work, so this is a guess, better towards the end. What a journal had
    closed before does not count as fast.

    Examples
    --------
    >>> remaining = Remaining()
    >>> [remaining(fraction, seconds) for fraction, seconds in ((0.5, 10.0), (0.75, 30.0), (1.0, 50.0))]
    [None, 20.0, 0.0]
    """

    def __init__(self):
        self._first = None

    def __call__(self, fraction, seconds):
        """Seconds left after ``seconds`` at the closed share ``fraction``; None while that cannot be told."""
        if self._first is None:
            self._first = fraction, seconds
        closed, elapsed = fraction - self._first[0], seconds - self._first[1]
        return (1.0 - fraction) * elapsed / closed if closed > 0 else None
