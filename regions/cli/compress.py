"""``regions compress``."""

from ..compress import RULES, compress_network
from ..formats.load import save, writer
from .verb import (
    PARTIAL,
    Answer,
    answered,
    file_group,
    file_name,
    limit_arguments,
    method_group,
    question_arguments,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions compress``."""
    question_arguments(parser)
    method_group(parser).add_argument(
        "--rule",
        default="two-sided",
        choices=tuple(RULES),
        metavar="NAME",
        help=f"one of {', '.join(RULES)}",
    )
    limit_arguments(parser, time_limit="seconds to look for stable units")
    file_group(parser).add_argument(
        "-o",
        "--output",
        required=True,
        type=file_name,
        metavar="OUT",
        help="the smaller network, format by suffix",
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
