"""The verbs of the command line: each says its arguments, runs, and hands back an `Answer`.

A new verb is two functions and one line in `VERBS`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bounds.bound import upper_bounds

from . import report
from .compress import RULES, compress_network
from .count import COUNTED, count_regions
from .doctor import diagnose
from .domain import AffineSlice, Box, WholeSpace
from .engines import ENGINES
from .errors import InputError
from .load import load, save
from .stability import METHODS, SOLVERS, stable_units
from .status import Status

PARTIAL = 1


class Answer(NamedTuple):
    """What a verb found: ``data`` for --json, ``text`` for people."""

    data: dict
    text: str
    exit_code: int = 0


class Verb(NamedTuple):
    """One verb: ``arguments(parser)`` declares its options, ``run(options)`` gives an `Answer`."""

    name: str
    help: str
    arguments: Callable
    run: Callable


def network_argument(parser):
    """The positional NET and how to read it."""
    parser.add_argument("network", metavar="NET", help=".npz .onnx .pt .safetensors .keras .nnet")
    output_relu_argument(parser)


def output_relu_argument(parser):
    """The option that makes the output layer a hidden one."""
    parser.add_argument(
        "--output-relu", action="store_true", help="count output units as hidden ReLU units too"
    )


def domain_arguments(parser, *, required=True):
    """The options --box and --whole-space, one of which is needed."""
    either = parser.add_mutually_exclusive_group(required=required)
    either.add_argument(
        "--box",
        nargs="+",
        metavar=("LO", "HI"),
        help="the box [LO, HI]^n0, or one .npz with lower and upper; after NET",
    )
    either.add_argument("--whole-space", action="store_true", help="all of R^n0")


def read_network(options):
    """The network that the options name."""
    network = load(options.network)
    return network.with_output_relu() if options.output_relu else network


def read_domain(options, network):
    """The domain that the options name, of the network's dimension; None when they name none."""
    if options.whole_space:
        return WholeSpace(network.n0)
    if options.box is None:
        return None
    domain = _box(options.box, network.n0)
    return domain.check(network)


def _box(words, n0):
    if len(words) == 1:
        return _stored_box(Path(words[0]))
    try:
        low, high = map(float, words)
    except ValueError:
        raise InputError(
            f"--box {' '.join(words)} is not LO HI; give two numbers, or one .npz with lower and upper"
        ) from None
    return Box.cube(n0, low, high)


def _stored_box(path):
    try:
        with np.load(path) as data:
            return Box(data["lower"], data["upper"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is no .npz with arrays lower and upper ({error}); write one with "
            "numpy.savez(path, lower=..., upper=...), or give --box LO HI"
        ) from None


def count_arguments(parser):
    """Options of ``regions count``."""
    network_argument(parser)
    domain_arguments(parser)
    parser.add_argument("--engine", default="auto", help=f"one of {', '.join(ENGINES)}")
    parser.add_argument("--counted", default="cells", help=f"one of {', '.join(COUNTED)}")
    parser.add_argument("--no-certify", dest="certify", action="store_false", help="skip the proof")
    parser.add_argument("--certify", dest="certify", action="store_true", help="prove (default)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
    parser.add_argument("--time-limit", type=float, metavar="S", help="seconds of wall time")
    parser.add_argument("--journal", metavar="F", help="record closed parts; resume from it")
    parser.add_argument("--save-patterns", metavar="F.npz", help="write the patterns found")
    parser.add_argument("--seed", type=int, default=0, help="of sampled points and solvers")
    parser.set_defaults(certify=True)


def count(options):
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
        seed=options.seed,
    )
    if options.save_patterns:
        answer.patterns.save(options.save_patterns)
    return Answer(
        report.count_data(answer, network),
        report.count_text(answer, network),
        PARTIAL if answer.status is Status.AT_LEAST else 0,
    )


def bound_arguments(parser):
    """Options of ``regions bound``."""
    parser.add_argument(
        "shape", nargs="+", metavar="N0 W1 W2 ... | NET", help="numbers of units, or a network"
    )
    domain_arguments(parser, required=False)
    output_relu_argument(parser)


def bound(options):
    """Run ``regions bound``."""
    n0, widths = _shape(options)
    try:
        bounds = upper_bounds(n0, widths)
    except ValueError as error:
        raise InputError(str(error)) from error
    return Answer(report.bounds_data(bounds), report.bounds_text(bounds, n0, widths))


def _shape(options):
    """Input dimension and hidden widths, from numbers or from a network checked against its domain."""
    try:
        n0, *widths = map(int, options.shape)
    except ValueError:
        if len(options.shape) > 1:
            raise InputError(
                f"{' '.join(options.shape)} is neither N0 W1 W2 ... nor one network; give whole "
                "numbers or one path"
            ) from None
        options.network = options.shape[0]
        network = read_network(options)
        read_domain(options, network)
        return network.n0, network.widths
    if options.output_relu or options.whole_space or options.box:
        raise InputError(
            "--output-relu, --box and --whole-space speak of a network; give one as NET"
        )
    return n0, widths


def stability_arguments(parser):
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


def stability(options):
    """Run ``regions stability``."""
    network = read_network(options)
    found = stable_units(
        network,
        read_domain(options, network),
        method=options.method,
        data=None if options.data is None else _stored_points(Path(options.data)),
        seed=options.seed,
        time_limit=options.time_limit,
        solver=options.solver,
    )
    return Answer(
        report.stability_data(found, network),
        report.stability_text(found, network),
        0 if found.certified else PARTIAL,
    )


def _stored_points(path):
    try:
        return np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{path} is no .npy with one array ({error}); write one with numpy.save(path, points)"
        ) from None


def compress_arguments(parser):
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


def compress(options):
    """Run ``regions compress``."""
    network = read_network(options)
    smaller = compress_network(
        network,
        read_domain(options, network),
        rule=options.rule,
        time_limit=options.time_limit,
    )
    save(smaller.network, options.output)
    return Answer(
        report.compression_data(smaller),
        report.compression_text(smaller),
        PARTIAL if options.time_limit and smaller.unsettled else 0,
    )


def plot_arguments(parser):
    """Options of ``regions plot``."""
    network_argument(parser)
    domain_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=".png .pdf or .svg")
    parser.add_argument(
        "--slice",
        metavar="P.npz",
        help="array points (3, n0): draw the plane through them, for a network of more inputs",
    )
    parser.add_argument("--colour", default="map", help="map (affine maps) or class (outputs)")


def plot(options):
    """Run ``regions plot``."""
    from .draw import plot_regions  # matplotlib is slow to import, and no other verb needs it

    network = read_network(options)
    domain = read_domain(options, network)
    if options.slice is not None:
        domain = _stored_slice(Path(options.slice), domain)
    count = plot_regions(network, domain, options.output, colour=options.colour)
    return Answer(
        {"file": str(options.output), "regions": count},
        f"{options.output}: {count} cells of network {network.architecture} on {domain!r}",
    )


def _stored_slice(path, box):
    """The plane through the three points of a file."""
    if not isinstance(box, Box):
        raise InputError("--slice needs a box to be cut with; give --box LO HI")
    try:
        with np.load(path) as data:
            points = data["points"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(
            f"{path} is no .npz with an array points ({error}); write one with "
            "numpy.savez(path, points=...)"
        ) from None
    if points.shape != (3, box.n0):
        raise InputError(
            f"points in {path} must have shape (3, {box.n0}), three inputs; got {points.shape}"
        )
    return AffineSlice.through(points, box)


def doctor(options):
    """Run ``regions doctor``."""
    found = diagnose()
    return Answer(found, report.doctor_text(found))


VERBS = (
    Verb("count", "count the linear regions of a network on a domain", count_arguments, count),
    Verb("bound", "upper bounds on the number of linear regions", bound_arguments, bound),
    Verb("stability", "which hidden units can never switch", stability_arguments, stability),
    Verb(
        "compress",
        "write a smaller network that is provably the same function on a domain",
        compress_arguments,
        compress,
    ),
    Verb("plot", "draw the linear regions on two inputs or on a plane", plot_arguments, plot),
    Verb("doctor", "what is installed, and what it may do", lambda parser: None, doctor),
)
