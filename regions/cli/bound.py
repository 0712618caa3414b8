"""``regions bound``."""

from bounds.bound import upper_bounds

from ..errors import InputError
from .verb import (
    Answer,
    answered,
    domain_arguments,
    file_name,
    limit_arguments,
    method_group,
    read_domain,
    read_network,
)

WITH_SLOPES = "units with slopes: layered and hinz_2021 are left out, which hold where a unit that is off passes nothing on"


def arguments(parser):
    """Options of ``regions bound``."""
    group = parser.add_argument_group("shape, or network and domain")
    group.add_argument(
        "shape",
        nargs="+",
        metavar="N0 W1 W2 ... | NET",
        type=file_name,
        help="numbers of units, or a network",
    )
    domain_arguments(group, required=False)
    method_group(parser).add_argument(
        "--method",
        default="quick",
        metavar="NAME",
        help="how units of NET that never switch are found: as in regions stability",
    )
    limit_arguments(
        parser, time_limit="seconds to look for them", seed="of sampled points and solvers"
    )


def run(options):
    """Run ``regions bound``."""
    n0, widths, network = _shape(options)
    try:
        bounds = upper_bounds(n0, widths, relu=network is None or network.slopes is None)
    except ValueError as error:
        raise InputError(str(error)) from error
    except (OverflowError, MemoryError) as error:
        raise InputError(
            f"the bounds of {' '.join(options.shape)} have more digits than can be computed ({error}); "
            "give smaller widths"
        ) from error
    domain = None if network is None else read_domain(options, network)
    if domain is None:
        lines = [*_lines(bounds, n0, widths, domain)]
        if network is not None and network.slopes is not None:
            lines.append(WITH_SLOPES)
        return Answer(_data(bounds), "\n".join(lines))

    from ..empirical import empirical_bound  # slow, and a shape has no weights

    def build(empirical):
        bounds["empirical"] = empirical
        return Answer(_data(bounds), "\n".join(_lines(bounds, n0, widths, domain)))

    return answered(
        lambda: empirical_bound(
            network,
            domain,
            method=options.method,
            time_limit=options.time_limit,
            seed=options.seed,
        ),
        build,
        "--time-limit S ends with the best bound after S seconds",
    )


def _data(bounds):
    """The bounds as plain data; that of a network on a domain adds its record."""
    rows = [
        {"name": name, "kind": bound.kind, "value": bound.value, "reference": bound.reference}
        for name, bound in bounds.items()
    ]
    return {**(bounds["empirical"].record() if "empirical" in bounds else {}), "bounds": rows}


def _lines(bounds, n0, widths, domain):
    """The bounds as a table; of the empirical bound also what each refinement bought."""
    shape = " ".join(map(str, (n0, *widths)))
    yield f"inputs and hidden widths {shape}; cells, any weights, any domain"
    yield from (f"  {name:<15}{bound}" for name, bound in bounds.items() if name != "empirical")
    if "empirical" in bounds:
        found = bounds["empirical"]
        yield f"these weights on {domain!r}; {found.seconds:.2f} s"
        yield f"  empirical      {found}"
        yield from (f"  {step}" for step in found.steps())


def _shape(options):
    """Input dimension, hidden widths and the network: numbers come without one."""
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
        return network.n0, network.widths, network
    if options.output_relu or options.whole_space or options.box:
        raise InputError(
            "--output-relu, --box and --whole-space speak of a network; give one as NET"
        )
    return n0, widths, None
