"""``regions plot``."""

from pathlib import Path

import numpy as np

from ..domain import AffineSlice, Box
from ..errors import InputError
from .verb import Answer, domain_arguments, network_argument, read_domain, read_network


def arguments(parser):
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


def run(options):
    """Run ``regions plot``."""
    from ..draw import plot_regions  # matplotlib is slow to import, and no other verb needs it

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
