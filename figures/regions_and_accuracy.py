"""Figure: number of regions against test accuracy; all shapes, and those without a bottleneck."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from . import style
from .shapes import counted_networks, middle
from .tables import data_source, what_was_counted

TABLE = "counts_and_bounds"


def draw(table):
    """The figure of the table `counts_and_bounds`: the same networks, counted once."""
    everything = counted_networks(table)
    central = middle(everything)
    figure, (left, right) = style.panels(2, height=3.2)
    widths = everything["first"].min(), everything["first"].max()
    for axes, some, title in (
        (left, everything, "All shapes"),
        (right, central, f"{central['first'].min()} ≤ n₁ ≤ {central['first'].max()}"),
    ):
        dots = axes.scatter(
            np.log10(some["value"]),
            100 * some["accuracy"],
            c=some["first"],
            cmap="inferno",
            vmin=widths[0],
            vmax=widths[1] + 1,  # the palest end of the map is hard to see on white
            s=15,
            edgecolor="white",
            linewidth=0.3,
        )
        axes.set(title=title, xlabel="linear regions")
        style.powers_of_ten(axes.xaxis, bins=4)
    left.set_ylabel("test accuracy (%)")
    bar = figure.colorbar(dots, ax=(left, right), label="width n₁ of the first layer", pad=0.02)
    bar.ax.set_ylim(*widths)
    bar.locator = MaxNLocator(integer=True)
    return style.finish(
        figure,
        f"Each dot is one of {len(everything)} networks, {data_source(table)}, on the box [0, 1]^n₀. "
        f"{what_was_counted(everything)} Axes of the right panel are its own.",
    )
