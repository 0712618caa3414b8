"""``regions show``."""

from ..description import describe
from ..stability.stability import METHODS
from .verb import (
    Answer,
    answered,
    limit_arguments,
    method_group,
    question_arguments,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions show``."""
    question_arguments(parser, required=False)
    method_group(parser).add_argument(
        "--method",
        default="auto",
        choices=tuple(METHODS),
        metavar="NAME",
        help=f"how units that never switch are found: one of {', '.join(METHODS)}",
    )
    limit_arguments(parser, time_limit="seconds to find them")


def run(options):
    """Run ``regions show``."""
    network = read_network(options)
    domain = read_domain(options, network)
    limits = {"method": options.method, "time_limit": options.time_limit}
    return answered(
        lambda: describe(network, domain, **limits),
        lambda found: Answer(found.record(), found.summary()),
        "run it again, or with --method quick",
    )
