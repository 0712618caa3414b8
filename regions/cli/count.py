"""``regions count``."""

from .. import report
from ..count import COUNTED, count_regions
from ..count.engines import ENGINES
from ..count.status import Status
from ..errors import InputError
from .verb import PARTIAL, Answer, domain_arguments, network_argument, read_domain, read_network


def arguments(parser):
    """Options of ``regions count``."""
    network_argument(parser)
    domain_arguments(parser)
    parser.add_argument("--engine", default="auto", help=f"one of {', '.join(ENGINES)}")
    parser.add_argument("--counted", default="cells", help=f"one of {', '.join(COUNTED)}")
    parser.add_argument("--no-certify", dest="certify", action="store_false", help="skip the proof")
    parser.add_argument("--certify", dest="certify", action="store_true", help="prove (default)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="threads")
    parser.add_argument("--time-limit", type=float, metavar="S", help="seconds of wall time")
    parser.add_argument("--journal", metavar="F", help="record closed parts; resume from it")
    parser.add_argument("--save-patterns", metavar="F.npz", help="write the patterns found")
    parser.add_argument(
        "--save-certificate", metavar="F", help="write what `regions verify F NET` proves it from"
    )
    parser.add_argument("--seed", type=int, default=0, help="of sampled points and solvers")
    parser.set_defaults(certify=True)


def run(options):
    """Run ``regions count``."""
    if options.engine not in ENGINES:
        raise InputError(
            f"--engine {options.engine} is unknown; choose one of {', '.join(ENGINES)}"
        )
    network = read_network(options)
    answer = count_regions(
        network,
        read_domain(options, network),
        engine=ENGINES[options.engine](),
        counted=options.counted,
        time_limit=options.time_limit,
        progress=True,
        keep_patterns=options.save_patterns is not None,
        certify=options.certify,
        workers=options.workers,
        journal=options.journal,
        certificate=options.save_certificate,
        seed=options.seed,
    )
    if options.save_patterns:
        answer.patterns.save(options.save_patterns)
    return Answer(
        report.count_data(answer, network),
        report.count_text(answer, network),
        PARTIAL if answer.status is Status.AT_LEAST else 0,
    )
