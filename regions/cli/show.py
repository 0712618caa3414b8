"""``regions show``."""

from ..description import describe
from ..stability.stability import METHODS
from .verb import Answer, domain_arguments, network_argument, read_domain, read_network


def arguments(parser):
    """Options of ``regions show``."""
    network_argument(parser)
    domain_arguments(parser, required=False)
    parser.add_argument(
        "--method",
        default="auto",
        help=f"how units that never switch are found: one of {', '.join(METHODS)}",
    )
    parser.add_argument("--time-limit", type=float, metavar="S", help="seconds to find them")


def run(options):
    """Run ``regions show``."""
    network = read_network(options)
    found = describe(
        network,
        read_domain(options, network),
        method=options.method,
        time_limit=options.time_limit,
    )
    return Answer(found.record(), found.summary())
