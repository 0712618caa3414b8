"""``regions count``."""

from dataclasses import replace

from ..count import COUNTED, count_regions
from ..count.counting import PARTIAL_NOTE, check_certificate, save_certificate
from ..count.engines import ENGINES
from ..count.status import Status
from ..files import check_writable
from .several import each
from .verb import (
    PARTIAL,
    Answer,
    answered,
    file_group,
    file_name,
    limit_arguments,
    method_group,
    presolve_argument,
    question_arguments,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions count``."""
    question_arguments(parser, several=True)
    group = method_group(parser)
    for name, known, default in (("engine", ENGINES, "auto"), ("counted", COUNTED, "cells")):
        group.add_argument(
            f"--{name}",
            default=default,
            choices=tuple(known),
            metavar="NAME",
            help=f"one of {', '.join(known)}",
        )
    group.add_argument("--no-certify", dest="certify", action="store_false", help="skip the proof")
    group.add_argument("--certify", dest="certify", action="store_true", help="prove (default)")
    presolve_argument(group)
    limit_arguments(
        parser,
        time_limit="seconds of wall time, for each NET",
        workers="threads",
        seed="of sampled points and solvers",
    )
    files = file_group(parser)
    for option, metavar, what in (
        ("--journal", "F", "record closed parts; resume from it"),
        ("--save-patterns", "F.npz", "write the patterns found"),
        ("--save-certificate", "F", "write what `regions verify F NET` proves it from"),
        ("--csv", "F.csv", "write a row for each NET, each when it is counted"),
    ):
        files.add_argument(option, type=file_name, metavar=metavar, help=what)
    parser.set_defaults(certify=True)


def run(options):
    """Run ``regions count``."""
    return each(options, _count)


def _count(options):
    """The answer for one network."""
    for path in (options.save_patterns, options.save_certificate):
        if path is not None:  # refused now, not when there is a count to lose
            check_writable(path, sources=(options.network, *(options.box or ())))
    if options.save_certificate is not None:
        check_certificate(options.save_certificate, options.counted, options.journal)
    network = read_network(options)
    domain = read_domain(options, network)
    by_faces = _writes_as_it_counts(options)
    if options.engine not in ("auto", "cells"):
        go_on = "--time-limit S ends with what was found after S seconds"
    elif options.journal is None:
        go_on = "with --journal F the same command would go on from here"
    else:
        go_on = f"the same command goes on from {options.journal}"
    return answered(
        lambda: count_regions(
            network,
            domain,
            engine=ENGINES[options.engine](),
            counted=options.counted,
            time_limit=options.time_limit,
            progress=True,
            keep_patterns=options.save_patterns is not None
            or (options.save_certificate is not None and options.journal is None and not by_faces),
            certificate=options.save_certificate if by_faces else None,
            certify=options.certify,
            workers=options.workers,
            journal=options.journal,
            seed=options.seed,
            presolve=options.presolve,
        ),
        lambda answer: _answer(options, network, domain, answer),
        go_on,
    )


def _writes_as_it_counts(options):
    """Counting by faces writes its own certificate; others list their cells for it afterwards."""
    return options.engine == "faces"


def _answer(options, network, domain, answer):
    partial = answer.status is Status.AT_LEAST
    by_faces = _writes_as_it_counts(options)
    if options.save_certificate is not None and not by_faces:
        note = PARTIAL_NOTE if partial else str(options.save_certificate)
        answer = replace(answer, stats={**answer.stats, "certificate": note})

    def save():
        if options.save_patterns is not None:
            answer.patterns.save(options.save_patterns)
        if options.save_certificate is not None and not partial and not by_faces:
            save_certificate(answer, network, domain, options.save_certificate, progress=True)

    return Answer(
        answer.record(),
        answer.summary(),
        PARTIAL if partial else 0,
        save,
    )
