"""``regions compress``."""

from ..compress import RULES, compress_network
from ..formats.load import save, writer
from .verb import PARTIAL, Answer, domain_arguments, network_argument, read_domain, read_network


def arguments(parser):
    """Options of ``regions compress``."""
    network_argument(parser)
    domain_arguments(parser)
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="the smaller network, format by suffix"
    )
    parser.add_argument("--rule", default="two-sided", help=f"one of {', '.join(RULES)}")
    parser.add_argument(
        "--time-limit", type=float, metavar="S", help="seconds to look for stable units"
    )


def run(options):
    """Run ``regions compress``."""
    writer(options.output)  # a path that cannot be written is refused before any work
    network = read_network(options)
    smaller = compress_network(
        network,
        read_domain(options, network),
        rule=options.rule,
        time_limit=options.time_limit,
    )
    return Answer(
        smaller.record(),
        smaller.summary(),
        PARTIAL if options.time_limit and smaller.unsettled else 0,
        lambda: save(smaller.network, options.output),
    )
