"""``regions stability``."""

from pathlib import Path

from ..errors import InputError, ReadError
from ..files import UNREADABLE, read_array
from ..stability import stable_units
from ..stability.stability import METHODS, SOLVERS
from .verb import (
    PARTIAL,
    Answer,
    answered,
    file_name,
    limit_arguments,
    method_group,
    question_arguments,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions stability``."""
    question_arguments(parser)
    group = method_group(parser)
    group.add_argument(
        "--method",
        default="auto",
        choices=tuple(METHODS),
        metavar="NAME",
        help=f"one of {', '.join(METHODS)}",
    )
    group.add_argument(
        "--solver",
        default="auto",
        choices=tuple(SOLVERS),
        metavar="NAME",
        help=f"one of {', '.join(SOLVERS)}",
    )
    group.add_argument(
        "--data",
        type=file_name,
        metavar="F.npy",
        help="points (m, n0) whose signs to look at first",
    )
    limit_arguments(parser, seed="of sampled points and solvers")


def run(options):
    """Run ``regions stability``."""
    network = read_network(options)
    domain = read_domain(options, network)
    data = None if options.data is None else _stored_points(Path(options.data))

    def ask():
        return stable_units(
            network,
            domain,
            method=options.method,
            data=data,
            seed=options.seed,
            time_limit=options.time_limit,
            solver=options.solver,
        )

    return answered(
        ask,
        lambda found: Answer(
            found.record(),
            found.summary(),
            0 if found.certified else PARTIAL,
        ),
        "--time-limit S ends with what is proved after S seconds",
    )


def _stored_points(path):
    try:
        return read_array(path)
    except UNREADABLE as error:
        if isinstance(error, InputError):
            raise
        raise ReadError(
            f"{path} is no .npy with one array ({error}); write one with numpy.save(path, points)"
        ) from None
