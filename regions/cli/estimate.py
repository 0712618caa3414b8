"""``regions estimate``."""

from ..estimate import METHODS, estimate_regions
from .verb import (
    PARTIAL,
    Answer,
    answered,
    limit_arguments,
    method_group,
    presolve_argument,
    question_arguments,
    read_domain,
    read_network,
)


def arguments(parser):
    """Options of ``regions estimate``."""
    question_arguments(parser)
    group = method_group(parser)
    group.add_argument(
        "--method",
        default="tree",
        choices=tuple(METHODS),
        metavar="NAME",
        help=f"one of {', '.join(METHODS)}",
    )
    group.add_argument(
        "--relative-width",
        type=float,
        default=0.05,
        metavar="W",
        help="stop when the interval is +- W of the estimate (tree; default 0.05)",
    )
    group.add_argument(
        "--samples", type=int, metavar="N", help="random descents, or rounds of mipbound"
    )
    group.add_argument("--confidence", type=float, default=0.95, metavar="C", help="default 0.95")
    group.add_argument("--parity", type=int, default=3, metavar="K", help="units (mipbound)")
    group.add_argument(
        "--solver", default="auto", metavar="NAME", help="auto, gurobi, highs or scip (mipbound)"
    )
    presolve_argument(group)
    limit_arguments(
        parser,
        time_limit="seconds (default 60)",
        default=60.0,
        workers="threads (tree)",
        seed="of every random choice",
    )


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
            presolve=options.presolve,
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
