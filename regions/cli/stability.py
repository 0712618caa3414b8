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
    domain_arguments,
    network_argument,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions stability``."""
    network_argument(parser)
    domain_arguments(parser)
    parser.add_argument("--method", default="auto", help=f"one of {', '.join(METHODS)}")
    parser.add_argument("--solver", default="auto", help=f"one of {', '.join(SOLVERS)}")
    parser.add_argument(
        "--data", metavar="F.npy", help="points (m, n0) whose signs to look at first"
    )
    parser.add_argument("--time-limit", type=float, metavar="S", help="seconds of wall time")
    parser.add_argument("--seed", type=int, default=0, help="of sampled points and solvers")


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
