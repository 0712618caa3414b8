"""Figure: regions of networks while they learn, by depth."""

import matplotlib.pyplot as plt
import numpy as np

from . import style
from .tables import data_source, log10, what_was_counted, whole

TABLE = "epochs"


def draw(table):
    """The figure of the table `epochs`: thin lines are networks, thick ones their geometric means."""
    table = whole(table, "epoch", "depth", "value", "seed").sort_values("epoch")
    table = table.assign(
        log=np.log10(table["value"].astype(float)), bound=log10(table["bound_layered"])
    )
    depths = sorted(set(table["depth"]))
    figure, axes = style.panels(height=3.2)
    ends = []
    for depth in depths:
        colour = plt.get_cmap("viridis")((depth - 1) / (len(depths) + 0.5))
        some = table[table["depth"] == depth]
        for _, network in some.groupby("seed"):
            axes.plot(network["epoch"], network["log"], color=colour, linewidth=0.7, alpha=0.5)
        mean = some.groupby("epoch")["log"].mean()
        axes.plot(mean.index, mean, "o-", color=colour, markersize=3.5)
        axes.axhline(some["bound"].iloc[0], color=colour, linestyle=":", linewidth=1)
        ends.append((mean.iloc[-1], some["widths"].iloc[0], colour))
    last = table["epoch"].max()
    style.direct_labels(axes, 1.02 * last, ends, gap=0.18)
    axes.set(
        title="Regions change little after the first epochs",
        xlabel="epochs of training",
        ylabel="linear regions",
        xlim=(0, 1.22 * last),
    )
    style.powers_of_ten(axes.yaxis)
    return style.finish(
        figure,
        f"{table['seed'].nunique()} networks per depth (thin lines; thick: geometric means), "
        f"{data_source(table)}, on the box [0, 1]^n₀. {what_was_counted(table)} Dotted: Theorem 1 of "
        "Serra et al. 2018. After their Figure 4, which counts regions with one active output.",
    )
