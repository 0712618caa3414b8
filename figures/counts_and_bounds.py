"""Figure: regions of trained networks, mean and range over networks, against the bounds by shape."""

import numpy as np

from . import style
from .shapes import counted_networks
from .tables import data_source, log10, what_was_counted

TABLE = "counts_and_bounds"
BOUNDS = (
    ("montufar_2014", "Montúfar et al. 2014: all patterns", style.FAINT, ":"),
    ("montufar_2017", "Montúfar 2017", style.GREEN, "-."),
    ("layered", "Theorem 1 (Serra et al. 2018)", style.ORANGE, "-"),
    ("hinz_2021", "Hinz 2021", style.PINK, "--"),
)


def draw(table):
    """The figure of the table `counts_and_bounds`."""
    counted = counted_networks(table)
    shapes = counted.drop_duplicates("first").sort_values("first")
    figure, axes = style.panels(height=3.7)
    for name, text, colour, dash in _distinct(shapes):
        heights = log10(shapes[f"bound_{name}"])
        axes.plot(shapes["first"], heights, dash, color=colour, label=text)
    by_shape = counted.groupby("first")["value"]
    mean, least, most = (np.log10(by_shape.agg(how)) for how in ("mean", "min", "max"))
    axes.errorbar(
        mean.index,
        mean,
        yerr=[mean - least, most - mean],
        fmt="o",
        color=style.BLUE,
        markersize=4,
        capsize=2.5,
        linewidth=1.2,
        label="counted: mean, least and most",
        zorder=3,
    )
    labels = [
        f"{first},{last}" for first, last in zip(shapes["first"], shapes["last"], strict=True)
    ]
    crowded = len(labels) > 12
    axes.set_xticks(shapes["first"], labels, rotation=90 if crowded else 0)
    axes.set(
        title="Regions of trained networks and what theory allows",
        xlabel="hidden widths n₁,n₂",
        ylabel="linear regions",
    )
    style.powers_of_ten(axes.yaxis)
    axes.legend(loc="lower right", handlelength=2.4)
    networks = by_shape.size()
    return style.finish(
        figure,
        f"{_range(networks)} networks per shape, {data_source(table)}, on the box [0, 1]^n₀. "
        f"{what_was_counted(counted)} The output layer is linear.",
    )


def _distinct(shapes):
    """The bounds to draw: Hinz's takes no line of its own where it is nowhere below Theorem 1."""
    *others, (_, theorem, colour, dash), hinz = BOUNDS
    if (shapes["bound_hinz_2021"] != shapes["bound_layered"]).any():
        return BOUNDS
    return (*others, ("layered", f"{theorem} = {hinz[1]}", colour, dash))


def _range(sizes):
    return str(sizes.min()) if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
