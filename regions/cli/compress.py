"""``regions compress``."""

from ..compress import RULES, compress_network
from ..formats.load import save, writer
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
    domain = read_domain(options, network)

    def ask():
        return compress_network(
            network,
            domain,
            rule=options.rule,
            time_limit=options.time_limit,
        )

    return answered(
        ask,
        lambda smaller: Answer(
            smaller.record(),
            smaller.summary(),
            PARTIAL if options.time_limit and (smaller.unsettled or not smaller.complete) else 0,
            lambda: save(smaller.network, options.output),
        ),
        f"{options.output} is as small as was proved by then; the same command goes on from it as NET",
    )
