"""``regions estimate``."""

from ..estimate import METHODS, estimate_regions
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
    """Options of ``regions estimate``."""
    network_argument(parser)
    domain_arguments(parser)
    parser.add_argument("--method", default="tree", help=f"one of {', '.join(METHODS)}")
    parser.add_argument("--seed", type=int, default=0, help="of every random choice")
    parser.add_argument(
        "--relative-width",
        type=float,
        default=0.05,
        metavar="W",
        help="stop when the interval is +- W of the estimate (tree; default 0.05)",
    )
    parser.add_argument(
        "--time-limit", type=float, default=60.0, metavar="S", help="seconds (default 60)"
    )
    parser.add_argument(
        "--samples", type=int, metavar="N", help="random descents, or rounds of mipbound"
    )
    parser.add_argument("--confidence", type=float, default=0.95, metavar="C", help="default 0.95")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="threads (tree)")
    parser.add_argument("--parity", type=int, default=3, metavar="K", help="units (mipbound)")
    parser.add_argument("--solver", default="auto", help="auto, gurobi, highs or scip (mipbound)")


def run(options):
    """Run ``regions estimate``."""
    network = read_network(options)
    domain = read_domain(options, network)

    def ask():
        return estimate_regions(
            network,
            domain,
            method=options.method,
            seed=options.seed,
            relative_width=options.relative_width,
            time_limit=options.time_limit,
            samples=options.samples,
            confidence=options.confidence,
            workers=options.workers,
            progress=True,
            parity=options.parity,
            solver=options.solver,
        )

    return answered(
        ask,
        lambda found: Answer(
            found.record(),
            found.summary(),
            0 if found.complete else PARTIAL,
        ),
        "--time-limit S ends with what is known after S seconds",
    )
