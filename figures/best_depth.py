"""Figure: the depth at which Theorem 1 is largest, by input dimension."""

import matplotlib.pyplot as plt

from . import style
from .tables import whole

TABLE = "depth_and_dimension"


def draw(table):
    """The figure of the table `depth_and_dimension`."""
    table = whole(table, "n0", "depth").assign(value=[int(v) for v in table["bound_layered"]])
    best = table[table["value"] == table.groupby("n0")["value"].transform("max")]
    depths = {depth: sorted(group["n0"]) for depth, group in best.groupby("depth")}
    figure, axes = style.panels(height=2.8)
    for depth, inputs in depths.items():
        colour = plt.get_cmap("viridis")((depth - 1) / 6.5)
        axes.barh(depth, len(inputs), left=inputs[0] - 0.5, height=0.22, color=colour)
        last = depth == min(depths)  # no room to its right
        axes.annotate(
            f"n₀ = {_span(inputs)}",
            (inputs[-1], depth),
            xytext=(3, 6) if last else (7, 0),
            textcoords="offset points",
            ha="right" if last else "left",
            va="bottom" if last else "center",
            fontsize=7,
            color=style.INK,
        )
    axes.set(
        title="The more inputs, the shallower the best network",
        xlabel="input dimension n₀",
        ylabel="best number of layers",
        yticks=sorted(depths),
        ylim=(0.4, 6.6),
        xlim=(-1, 62),
    )
    axes.grid(False)
    ties = sorted(best["n0"][best["n0"].duplicated()])
    note = f" Ties at n₀ = {', '.join(map(str, ties))} are drawn at every depth." if ties else ""
    return style.finish(
        figure,
        "Depth of 60 units, spread evenly over 1 to 6 layers, with the largest upper bound of "
        f"Theorem 1 (Serra et al. 2018); nothing was counted.{note}",
    )


def _span(inputs):
    return str(inputs[0]) if len(inputs) == 1 else f"{inputs[0]} to {inputs[-1]}"
