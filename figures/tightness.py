"""Figure: counts of random networks as a share of Theorem 1, by depth and input dimension."""

import math

import matplotlib.pyplot as plt

from . import style
from .tables import what_was_counted, whole

TABLE = "tightness"
SHARES = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
LABEL_GAP = 0.055  # of the height of the axes


def draw(table):
    """The figure of the table `tightness`."""
    table = whole(table, "n0", "depth", "value")
    share = [
        math.log10(value / int(bound))
        for value, bound in zip(table["value"], table["bound_layered"], strict=True)
    ]
    table = table.assign(share=share)
    inputs = sorted(set(table["n0"]))
    figure, axes = style.panels(height=3.1)
    colours = plt.get_cmap("viridis")
    ends = []
    for place, n0 in enumerate(inputs):
        some = table[table["n0"] == n0]
        colour = colours(place / len(inputs))
        aside = (place - (len(inputs) - 1) / 2) * 0.07
        mean = some.groupby("depth")["share"].mean()
        axes.plot(some["depth"] + aside, some["share"], ".", color=colour, alpha=0.35, markersize=4)
        axes.plot(mean.index + aside, mean, "o-", color=colour, markersize=4)
        ends.append((mean.iloc[-1], f"n₀ = {n0}", colour))
    depths = sorted(set(table["depth"]))
    bottom, top = axes.get_ylim()
    style.direct_labels(axes, depths[-1] + 0.22, ends, gap=LABEL_GAP * (top - bottom))
    widths = " or ".join(sorted({shape.split("-")[0] for shape in table["widths"]}))
    axes.set(
        title="Random networks leave the bound behind with depth",
        xlabel=f"number of hidden layers of {widths} units",
        ylabel="share of Theorem 1 that is reached",
        xticks=depths,
        xlim=(depths[0] - 0.25, depths[-1] + 0.55),
    )
    shares = [share for share in SHARES if math.log10(share) >= table["share"].min() - 0.3]
    axes.set_yticks(
        [math.log10(share) for share in shares], [f"{100 * share:g}%" for share in shares]
    )
    networks = table.groupby(["n0", "depth"]).size().min()
    side = float(table["side"].iloc[0])
    return style.finish(
        figure,
        f"Geometric means (lines) and single networks (dots), {networks} per point: Kaiming normal weights, "
        f"standard normal biases, on the box [-{side:g}, {side:g}]^n₀. {what_was_counted(table)}",
    )
