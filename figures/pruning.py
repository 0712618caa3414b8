"""Figure: accuracy, regions and stable units of pruned networks, by sparsity and method."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from . import style
from .tables import data_source, what_was_counted

TABLE = "pruning"
DENSE = "none"
# Method: short name of the field, colour of what is judged, dashes where the kept weights stay.
METHODS = {
    "magnitude": ("MP", style.FAINT, "--"),
    "woodfisher-selection": ("WF-S", style.BLUE, "--"),
    "woodfisher": ("WF", style.BLUE, "-"),
    "cbs-selection": ("CBS-S", style.ORANGE, "--"),
    "cbs": ("CBS", style.ORANGE, "-"),
}
NUMBERS = ("sparsity", "accuracy", "published_accuracy", "regions", "on", "off")
TICKS = (0.5, 0.8, 0.9, 0.95, 0.98)


def draw(table):
    """The figure of the table `pruning`."""
    table = table.assign(**{name: pd.to_numeric(table[name]) for name in NUMBERS})
    table = table.assign(
        place=-np.log10(1 - table["sparsity"]),
        accuracy=100 * table["accuracy"],
        stable=table["on"] + table["off"],
    )
    figure, axes = plt.subplot_mosaic(
        [["accuracy", "regions"], ["accuracy", "stable"]],
        figsize=(style.WIDTH, 4.0),
        layout="constrained",
        width_ratios=(1.25, 1),
    )
    dense, pruned = table[table["method"] == DENSE], table[table["method"] != DENSE]
    for name, (text, colour, dash) in METHODS.items():
        some = pruned[pruned["method"] == name]
        for column in ("accuracy", "regions", "stable"):
            _line(axes[column], some.groupby("place")[column], text, colour, dash)
        published = some.drop_duplicates("place")
        axes["accuracy"].plot(
            published["place"],
            100 * published["published_accuracy"],
            "o",
            color=colour,
            fillstyle="none" if dash == "--" else "full",
            markersize=3.2,
            markeredgewidth=0.8,
        )
    for column, title in (
        ("accuracy", "Test accuracy (%)"),
        ("regions", "Regions on a triangle"),
        ("stable", f"Stable units of {table['units'].iloc[0]}"),
    ):
        axes[column].axhline(dense[column].mean(), color=style.INK, linewidth=0.7, linestyle=":")
        _ticks(axes[column], pruned, title)
    axes["regions"].set_xlabel("")
    axes["stable"].set_ylim(-1, int(table["units"].iloc[0]))
    axes["accuracy"].legend(loc="lower left", handlelength=2.6)
    return style.finish(figure, _caption(table, dense, pruned))


def _line(axes, groups, text, colour, dash):
    mean, least, most = (groups.agg(how) for how in ("mean", "min", "max"))
    axes.errorbar(
        mean.index,
        mean,
        yerr=[mean - least, most - mean],
        linestyle=dash,
        color=colour,
        label=text,
        linewidth=1.2,
        elinewidth=0.6,
        capsize=1.5,
    )


def _ticks(axes, pruned, title):
    shown = [share for share in TICKS if share in set(pruned["sparsity"])]
    axes.set_xticks([-np.log10(1 - share) for share in shown], [f"{share:.0%}" for share in shown])
    axes.set(title=title, xlabel="weights removed")


def _caption(table, dense, pruned):
    networks = f"{dense['seed'].nunique()} networks {dense['architecture'].iloc[0]} without biases"
    proved = (table["stable_certified"] == "True").mean()
    return (
        f"Means, and bars from least to most, over {networks}, {data_source(table)}. Dashed: the other "
        "weights stay as they are; solid: they make up for what is gone. Dots (hollow for dashed lines): "
        "printed by Yu et al. 2022 for MLPNet on MNIST. Dotted: before pruning. Triangles of three "
        f"test images, {table['triangles'].iloc[0]} a network. {what_was_counted(table)} Stable units: on "
        f"[0, 1]^n₀, settled by proof in {proved:.0%} of the networks."
    )
