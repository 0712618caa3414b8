"""``regions plot``."""

from pathlib import Path

from ..domain import AffineSlice, Box
from ..errors import InputError, ReadError
from ..files import UNREADABLE, read_arrays
from .verb import (
    Answer,
    answered,
    file_name,
    question_arguments,
    read_domain,
    read_network,
)

COLOURS = ("map", "class")  # those of regions.draw, which takes long to import


def arguments(parser):
    """Options of ``regions plot``."""
    group = question_arguments(parser)
    group.add_argument(
        "--slice",
        type=file_name,
        metavar="P.npz",
        help="array points (3, n0): draw the plane through them, for a network of more inputs",
    )
    picture = parser.add_argument_group("picture")
    picture.add_argument(
        "--colour",
        "--color",
        default="map",
        choices=COLOURS,
        metavar="BY",
        help="map (affine maps) or class (outputs)",
    )
    picture.add_argument(
        "-o",
        "--output",
        required=True,
        type=file_name,
        metavar="FILE",
        help=".png .pdf or .svg",
    )


def run(options):
    """Run ``regions plot``."""
    from ..draw import check_picture, draw_regions, save_picture  # slow to import: matplotlib

    check_picture(options.output)  # a picture that cannot be written is refused before any work
    network = read_network(options)
    domain = read_domain(options, network)
    if options.slice is not None:
        domain = _stored_slice(Path(options.slice), domain)

    def build(found):
        what = f"cells of network {network.architecture} on {domain!r}"
        if isinstance(found, int):  # interrupted
            return Answer({"file": None, "regions": found}, f"at least {found} {what}; not drawn")
        axes, count = found
        return Answer(
            {"file": str(options.output), "regions": count},
            f"{options.output}: {count} {what}",
            save=lambda: save_picture(axes, options.output, salt=network.digest),
        )

    return answered(
        lambda: draw_regions(network, domain, colour=options.colour),
        build,
        "nothing is drawn before all cells are known; run it again, or on a smaller --box",
    )


def _stored_slice(path, box):
    """The plane through the three points of a file."""
    if not isinstance(box, Box):
        raise InputError("--slice needs a box to be cut with; give --box LO HI")
    try:
        points = read_arrays(path, ("points",))["points"]
    except UNREADABLE as error:
        if isinstance(error, InputError):
            raise
        raise ReadError(
            f"{path} is no .npz with an array points ({error}); write one with "
            "numpy.savez(path, points=...)"
        ) from None
    if points.shape != (3, box.n0):
        raise InputError(
            f"points in {path} must have shape (3, {box.n0}), three inputs; got {points.shape}"
        )
    return AffineSlice.through(points, box)
