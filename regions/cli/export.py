"""``regions export``."""

from ..files import check_writable
from ..milp import embed, write_model
from ..milp.model_file import writer_of
from ..stability import stable_units
from ..stability.stability import METHODS
from .verb import (
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
    """Options of ``regions export``."""
    question_arguments(parser)
    method_group(parser).add_argument(
        "--method",
        default="auto",
        choices=tuple(METHODS),
        metavar="NAME",
        help=f"how ranges and stable units are found: one of {', '.join(METHODS)}",
    )
    limit_arguments(parser, time_limit="seconds to find them")
    file_group(parser).add_argument(
        "-o",
        "--output",
        required=True,
        type=file_name,
        metavar="M",
        help="the model: M.mps or M.lp",
    )


def run(options):
    """Run ``regions export``."""
    writer_of(options.output)  # a suffix of no model is refused before any work
    check_writable(options.output)
    network = read_network(options)
    domain = read_domain(options, network)
    limits = {"method": options.method, "time_limit": options.time_limit}
    return answered(
        lambda: stable_units(network, domain, **limits),
        lambda stability: _model(options.output, network, domain, stability),
        "the model has binaries for all units that were not settled by then",
    )


def _model(output, network, domain, stability):
    """The model with the ranges of ``stability``."""
    model = embed(network, domain, ranges=stability.ranges)
    data = {
        "file": str(output),
        "rows": len(model.row_lower),
        "columns": len(model.lower),
        "binaries": len(model.binaries),
        "binaries_saved": model.binaries_saved,
        "seconds": stability.seconds,
        "digest": network.digest,
    }
    text = (
        f"{output}: network {network.architecture} on {domain!r}\n"
        f"{data['rows']} rows, {data['columns']} columns, {data['binaries']} binaries; "
        f"{data['binaries_saved']} of {network.n_units} units never switch and need none (proved, {data['seconds']:.2f} s)"
    )
    return Answer(data, text, save=lambda: write_model(model, output))
