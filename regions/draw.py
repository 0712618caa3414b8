"""Pictures of the linear regions of a network on a domain of dimension 2."""

from pathlib import Path
from typing import Any

import numpy as np

from .domain import AffineSlice
from .entry import read_choice, read_question
from .errors import InputError, Interrupted, PackageError, UnsupportedError
from .files import check_writable, path_of, written
from .geometry.iterate import iterate_regions
from .geometry.polygons import cut
from .typing import DomainLike, NetworkLike, StrPath

try:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.patheffects import withStroke
except ImportError as error:
    raise PackageError(
        f"pictures need the package matplotlib, which cannot be imported ({error}); "
        "run: pip install 'relu-regions[plot]'"
    ) from error

COLOURS = {
    "map": "similar affine maps in similar colours",
    "class": "one colour where each output is the largest",
}
SUFFIXES = (".png", ".pdf", ".svg")
INK, EDGE = "#222222", "#ffffff"
# Okabe and Ito 2008, lightened: distinguishable in every common form of colour blindness.
CLASSES = (
    "#8cc0e0",
    "#f2b48c",
    "#8fd1b9",
    "#e6bcd3",
    "#f4ec9b",
    "#b9dcf2",
    "#f5d08a",
    "#b3b3b3",
    "#c9b5e8",
    "#cfe3a1",
)
# No dates, no versions: the same network gives the same file.
METADATA = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Producer": None},
    ".svg": {"Date": None},
}


def draw_regions(
    network: NetworkLike, domain: DomainLike, *, colour: str = "map", axes: Any = None
) -> tuple[Any, int]:
    """Draw the cells of ``network`` on ``domain``; return the axes and the number of regions.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A bounded `Domain` of dimension 2: a box of two inputs (or one that fixes all others), or an
        `AffineSlice` with two directions, which is drawn without distortion.
    colour
        ``"map"``: cells with equal slopes have equal colours, with similar slopes similar ones.
        ``"class"``: where each of up to 10 outputs, numbered from 0, is the largest: cells are cut
        along the decision boundary.
    axes
        Matplotlib axes to draw on; None makes a figure.

    Raises
    ------
    Interrupted
        Ctrl-C before all cells are known; its ``answer`` is the number of those that are.
    InputError
        A domain that is unbounded or not of dimension 2, a colour that is unknown, classes of 1 or of more than 10 outputs.

    Notes
    -----
    Which cells there are is proved, their corners are floating point. A cell thinner than a line of
    the picture is drawn and cannot be seen: the number in the title is the count.
    """
    network, domain = read_question(network, domain)
    _check(network, domain, colour)
    if axes is not None and not hasattr(axes, "add_collection"):
        raise InputError(f"axes={axes!r} are no axes of matplotlib; None makes some")
    cells = []
    try:
        for region in iterate_regions(network, domain):
            cells.append((region, region.vertices(coordinates="domain")))
    except KeyboardInterrupt:
        raise Interrupted(len(cells)) from None
    frame = _frame(domain)
    axes = _new_axes() if axes is None else axes
    paint = _by_map if colour == "map" else _by_class
    polygons, colours = paint(cells, domain)
    fill = PolyCollection([p @ frame for p in polygons], facecolors=colours, edgecolors="face")
    fill.set_linewidth(0.2)  # closes the hairlines between neighbours that antialiasing leaves
    axes.add_collection(fill)
    lines = PolyCollection([corners @ frame for _, corners in cells], facecolors="none")
    lines.set(edgecolor=EDGE, linewidth=_line_width(len(cells)))
    lines.set_joinstyle("round")
    axes.add_collection(lines)
    _label(axes, network, domain, len(cells))
    if isinstance(domain, AffineSlice):
        _mark_points(axes, domain, frame)
    if colour == "class":
        _name_classes(axes, colours)
    return axes, len(cells)


def plot_regions(
    network: NetworkLike, domain: DomainLike, path: StrPath, *, colour: str = "map"
) -> int:
    """Write the picture of `draw_regions` to ``path`` (.png, .pdf or .svg); return the number of regions."""
    check_picture(path)
    network, domain = read_question(network, domain)
    axes, count = draw_regions(network, domain, colour=colour)
    save_picture(axes, path, salt=network.digest)
    return count


def check_picture(path):
    """Raise `InputError` unless `save_picture` could write ``path``."""
    if path_of(path).suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} has no known suffix; choose one of {', '.join(SUFFIXES)}")
    check_writable(path)


def save_picture(axes, path, *, salt):
    """Write the figure of ``axes``; equal pictures with equal ``salt`` are equal byte by byte."""
    suffix = Path(path).suffix.lower()
    # names inside an svg are random without the salt
    with rc_context({"svg.hashsalt": salt}), written(path) as file:
        axes.figure.savefig(file, format=suffix[1:], dpi=200, metadata=METADATA[suffix])


def _check(network, domain, colour):
    read_choice("colour", colour, COLOURS)
    if not domain.bounded:
        raise UnsupportedError(f"{domain!r} does not fit on a page; give a box")
    dimension = domain.polyhedron().dimension
    if dimension != 2:
        raise UnsupportedError(
            f"a picture has 2 dimensions and the domain {dimension}; give an AffineSlice through three "
            "points (--slice P.npz)"
        )
    if colour == "class" and network.n_out < 2:
        raise InputError("colour='class' needs at least 2 outputs, the network has 1; use 'map'")
    if colour == "class" and network.n_out > len(CLASSES):
        raise UnsupportedError(
            f"colour='class' has {len(CLASSES)} colours, the network {network.n_out} outputs; use 'map'"
        )


def _frame(domain):
    """(2, 2): coordinates of the domain times this are lengths and angles in the space of inputs."""
    _, triangle = np.linalg.qr(domain.polyhedron().directions.T)
    return (triangle * np.sign(np.diag(triangle))[:, None]).T


def _new_axes():
    figure = Figure(figsize=(5.2, 5.4), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def _line_width(count):
    # thinner where there are more: lines must not hide what they bound
    return float(np.clip(8 / np.sqrt(count + 1), 0.1, 0.6))


def _by_map(cells, domain):
    """One polygon for each cell, coloured by its slopes along the domain."""
    directions = domain.polyhedron().directions
    slopes = np.array([(region.affine()[0] @ directions.T).ravel() for region, _ in cells])
    return [corners for _, corners in cells], _similar_colours(slopes)


def _by_class(cells, domain):
    """The part of each cell where each output is the largest."""
    hull, polygons, colours = domain.polyhedron(), [], []
    for region, corners in cells:
        A, c = region.affine()
        c = c + A @ hull.origin
        A = A @ hull.directions.T
        for winner in range(len(c)):
            part = cut(corners, A - A[winner], c[winner] - c)
            if len(part):
                polygons.append(part)
                colours.append(CLASSES[winner])
    return polygons, colours


def _similar_colours(features):
    """Colours (m, 3) for ``features`` (m, d): near in one, near in the other.

    The two leading principal components, by rank, become the two colour axes of OKLab, a space in which
    equal distances look equal; the third becomes lightness.
    """
    centred = features - features.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    scores = np.zeros((len(features), 3))
    found = (centred @ axes[:3].T) if len(axes) else scores[:, :0]
    for j in range(found.shape[1]):
        scores[:, j] = _ranks(found[:, j])
    a, b, light = 0.11 * scores[:, 0], 0.11 * scores[:, 1], 0.74 + 0.10 * scores[:, 2]
    return _srgb(np.column_stack([light, a, b]))


def _ranks(values):
    """Ranks from -1 to 1; equal values, up to rounding, have equal ranks."""
    size = np.abs(values).max()
    distinct, index = np.unique(np.round(values / size, 9) if size else values, return_inverse=True)
    return 2 * index / max(len(distinct) - 1, 1) - (len(distinct) > 1)


def _srgb(oklab):
    """OKLab to sRGB: Ottosson 2020, "A perceptual color space for image processing"."""
    to_cones = np.array(
        [
            [1.0, 0.3963377774, 0.2158037573],
            [1.0, -0.1055613458, -0.0638541728],
            [1.0, -0.0894841775, -1.2914855480],
        ]
    )
    to_linear = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip((oklab @ to_cones.T) ** 3 @ to_linear.T, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _label(axes, network, domain, count):
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.margins(0)
    noun = "cell (activation pattern)" if count == 1 else "cells (activation patterns)"
    axes.set_title(
        f"{count:,} {noun}\nnetwork {network.architecture} on {domain!r}",
        fontsize=9,
        loc="left",
        color=INK,
    )
    axes.tick_params(labelsize=7.5, color=INK, width=0.6)
    for spine in axes.spines.values():
        spine.set_visible(False)
    hull = domain.polyhedron()
    if isinstance(domain, AffineSlice):
        names = ("distance from the origin of the slice", "")
    else:
        names = [f"$x_{{{i + 1}}}$" for i in hull.free]
    axes.set_xlabel(names[0], fontsize=8)
    axes.set_ylabel(names[1], fontsize=8)


def _mark_points(axes, domain, frame):
    """The origin of the slice and the ends of its directions: the points of `AffineSlice.through`."""
    ends = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    halo = [withStroke(linewidth=2, foreground="white")]
    for number, y in enumerate(ends, start=1):
        if not domain.box.contains(domain.at(y)):
            continue
        place = y @ frame
        axes.plot(*place, "o", color=INK, markersize=4.5, markeredgecolor="white", zorder=3)
        axes.annotate(
            str(number),
            place,
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=8,
            color=INK,
            path_effects=halo,
        )


def _name_classes(axes, colours):
    """A legend of the classes that are the largest somewhere."""
    shown = [i for i, colour in enumerate(CLASSES) if colour in colours]
    axes.legend(
        handles=[Patch(color=CLASSES[i], label=f"output {i}") for i in shown],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.1),
        ncols=min(len(shown), 5),
        frameon=False,
        fontsize=8,
    )
