"""`count_regions`: one question, one engine, one kind of answer.

A `Question` says what is counted, a `Run` how much effort may be spent, an engine answers with a
`Count`. Engines live in `regions.count.engines`; each is a frozen dataclass of its own options with a
``name`` and a method ``count(question, run) -> Count``.
"""

import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import SupportsIndex

from ..certify.faces_file import is_by_faces
from ..certify.file import is_certificate
from ..entry import (
    read_engine,
    read_progress,
    read_question,
    read_seed,
    read_time_limit,
    read_workers,
)
from ..errors import InputError, Interrupted, UnsupportedError
from ..files import check_writable, path_of, warn_unwritten
from ..progress import reporting, share_words
from ..result import About
from ..typing import DomainLike, EngineLike, NetworkLike, Progress, StrPath, TimeLimit
from .answer import Count
from .engines import ENGINES, Cells, Faces
from .question import Question, Run
from .status import Status

# What stands in ``stats`` when a certificate was asked for.
PARTIAL_NOTE = "not written: the count is only partial"

# Cells that are listed for the certificate of a count by faces which needed more than floating point.
MOST_LISTED = 50_000


def count_regions(
    network: NetworkLike,
    domain: DomainLike,
    *,
    engine: EngineLike = None,
    counted: str = "cells",
    time_limit: TimeLimit = None,
    progress: Progress = False,
    keep_patterns: bool = False,
    certify: bool = True,
    workers: SupportsIndex = 1,
    executor: Executor | Callable[[], Executor] | None = None,
    journal: StrPath | None = None,
    certificate: StrPath | None = None,
    seed: SupportsIndex = 0,
    presolve: bool = True,
) -> Count:
    """Count the linear regions of ``network`` on ``domain``.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes: a path, a module of a framework, pairs of arrays.
    domain
        A `Domain` of dimension n0, or a pair ``(lower, upper)`` of numbers or arrays.
    engine
        A value of `regions.count.engines` or its name; None lets `Auto` choose and say why.
    counted
        A key of `COUNTED`: what a region is.
    time_limit
        Seconds of wall time; a run that it ends is `Status.AT_LEAST`. The first count on a machine compiles
        the search before they begin, and says so on stderr; see `regions.compile_kernels`.
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
        A file that records closed parts of the search; the same call resumes from it, and ``stats`` say how many
        cells it gave (``cells_from_journal``). One run at a time has it; a file that is no journal is left alone.
    certificate
        A file to write, once the count is complete, from which `regions.certify.verify_certificate` proves it
        again without the engine. Cells only. Writing it takes longer than counting, and is outside ``time_limit``; beside
        a journal, which has no patterns, the cells are listed once more. Of existing files only certificates are replaced.
    seed
        Seed of everything random: the sampled points, the solver's own choices.
    presolve
        Whether `Cells` first takes out what certified ranges settle: units that never switch. Same cells, same proof;
        ``stats["presolve"]`` says how many units went.

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
    >>> from regions import Box, Network, Pool
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
    >>> print(count_regions(network, Box.cube(1, -10, 10), engine=Pool()))
    5 cells (COMPLETE: the search ended and its engine says that nothing is left; floating-point word, no proof; engine pool)
    """
    engine = read_engine(engine, ENGINES)
    time_limit, workers = read_time_limit(time_limit), read_workers(workers)
    seed = read_seed(seed)
    question = Question(*read_question(network, domain), counted)
    if certificate is not None:
        check_certificate(certificate, counted, journal)
    options = {"engine": engine.name, "time_limit": time_limit, "certify": certify, "seed": seed}
    options |= {"presolve": presolve}
    journal = None if journal is None else path_of(journal)
    options |= {"workers": workers, "journal": None if journal is None else str(journal)}
    about = About(question.network, question.domain, options)
    by_faces = certificate is not None and engine.name == Faces.name
    keep = keep_patterns or (certificate is not None and journal is None and not by_faces)
    with reporting(read_progress(progress), "regions", share_words()) as report:
        run = Run(
            time_limit, report, keep, certify, workers, executor, journal, seed, by_faces, presolve
        )
        try:
            answer: Count = engine.count(question, run)
        except Interrupted as stopped:
            answer = replace(stopped.answer, about=about)
            raise Interrupted(answer if keep_patterns else _bare(answer)) from None
    if certificate is not None:
        answer = _with_certificate(answer, question, certificate, progress)
    answer = replace(answer, about=about)
    return answer if keep_patterns else _bare(answer)


def _bare(answer: Count) -> Count:
    return replace(answer, patterns=None, witnesses=None, proof=None)


def check_certificate(path, counted, journal):
    """Raise before the work starts when no certificate could be written after it."""
    if counted != "cells":
        raise UnsupportedError(
            f"a certificate proves a count of cells, not of {counted}; drop certificate"
        )
    if journal is not None and os.path.realpath(journal) == os.path.realpath(path):
        raise InputError(f"{path} cannot be both journal and certificate; name two files")
    if os.path.isfile(path) and not (is_certificate(path) or is_by_faces(path)):
        raise InputError(
            f"{path} exists and is no certificate, so it is not overwritten; choose another file"
        )
    check_writable(path)


def _with_certificate(answer: Count, question, path, progress) -> Count:
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
    """Prove the cells of a complete `Count`, and write the proof to ``path``.

    A count that went on from a journal has no patterns: its cells are searched for again.
    """
    from ..certify.prove import certificate_of  # a solver, which nothing else here needs

    if answer.proof is not None:
        answer.proof.save(path)
        return
    if answer.engine == Faces.name and answer.value > MOST_LISTED:
        raise InputError(
            f"the count of {answer.value} cells needed linear programmes or rationals, which certificates by faces do "
            "not hold, and is too large to be listed; count with engine cells"
        )
    if answer.patterns is None:
        answer = _listed(answer, network, domain, progress)
    with reporting(progress, "regions", share_words("proved")) as report:
        found = answer.patterns, answer.witnesses
        certificate_of(network, domain, *found, progress=report).save(path)


def _listed(answer, network, domain, progress):
    """The same `Count` once more, with patterns."""
    with reporting(progress, "regions", share_words("listed")) as report:
        run = Run(progress=report, keep_patterns=True)
        again = Cells().count(Question(network, domain), run)
    if again.value != answer.value:
        raise InputError(
            f"the journal says {answer.value} cells, and there are {again.value}: no certificate; remove the journal"
        )
    return again
