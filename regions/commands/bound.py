"""``regions bound``."""

from bounds.bound import upper_bounds

from .. import report
from ..errors import InputError
from .verb import Answer, domain_arguments, output_relu_argument, read_domain, read_network


def arguments(parser):
    """Options of ``regions bound``."""
    parser.add_argument(
        "shape", nargs="+", metavar="N0 W1 W2 ... | NET", help="numbers of units, or a network"
    )
    domain_arguments(parser, required=False)
    output_relu_argument(parser)


def run(options):
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
