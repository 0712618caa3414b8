"""Figure: bounds of trained networks as multiples of their counts, by shape."""

import numpy as np

from . import style
from .tables import data_source, log10, what_was_counted, whole

TABLE = "empirical"
SERIES = (  # column, label, colour, dash
    ("bound_layered", "Theorem 1: shape alone (Serra et al. 2018)", style.ORANGE, "-"),
    ("bound_hinz_2021", "Hinz 2021: shape alone", style.PINK, ":"),
    ("empirical_sizes", "weights: worst set of each size", style.SKY, "-."),
    ("empirical_histograms", "weights: sets of active units by kind", style.BLUE, "-"),
    ("empirical_cells", "the same from the counted first layer on", style.GREEN, "--"),
)


def draw(table):
    """The figure of the table `empirical`."""
    hidden = table["architecture"].str.split("-").str[1:-1]
    table = whole(table.assign(first=hidden.str[0], last=hidden.str[-1]), "first", "last", "seed")
    count = np.array(log10(table["value"]))
    shapes = table.drop_duplicates("first").sort_values("first")
    figure, axes = style.panels(height=3.7)
    for column, text, colour, dash in _distinct(table):
        excess = table.assign(excess=np.array(log10(table[column])) - count)
        by_shape = excess.groupby("first")["excess"]
        mean, least, most = (by_shape.agg(how) for how in ("mean", "min", "max"))
        axes.fill_between(mean.index, least, most, color=colour, alpha=0.12, linewidth=0)
        axes.plot(mean.index, mean, dash, color=colour, label=text, marker="o", markersize=2.5)
    estimated = table[table["tree_log10"] != ""]
    _draw_estimates(axes, estimated, count[table["tree_log10"] != ""])
    axes.axhline(0.0, color=style.INK, linewidth=0.8)
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 1000, 10_000, 100_000]
    bottom, top = axes.get_ylim()
    top += 0.3 * (top - bottom)  # room for the legend
    axes.set_ylim(bottom, top)
    ticks = [tick for tick in ticks if bottom <= np.log10(tick) <= top]
    axes.set_yticks([np.log10(tick) for tick in ticks], [f"{tick:,g}" for tick in ticks])
    labels = [f"{a},{b}" for a, b in zip(shapes["first"], shapes["last"], strict=True)]
    axes.set_xticks(shapes["first"], labels, rotation=90 if len(labels) > 12 else 0)
    axes.set(
        title="Bounds and estimates beside the count",
        xlabel="hidden widths n₁,n₂",
        ylabel="as a multiple of the count",
    )
    axes.legend(loc="upper right")
    return style.finish(
        figure,
        f"Upper bounds: geometric mean and range, {len(table)} networks; estimates: "
        f"{len(estimated)} of these, one by one. "
        f"{data_source(table)}, on the box [0, 1]^n₀. {what_was_counted(table)}",
    )


def _draw_estimates(axes, table, count):
    """What random choices say: intervals of the tree estimate, and lower bounds by parities."""
    if not len(table):
        return
    value, low, high = (
        table[f"tree_{name}"].astype(float) - count for name in ("log10", "low", "high")
    )
    axes.errorbar(
        table["first"] + 0.12,
        value,
        yerr=[value - low, high - value],
        fmt="s",
        color=style.INK,
        markersize=2.5,
        capsize=2,
        linewidth=0.9,
        label="tree estimate, 95 % interval",
        zorder=3,
    )
    shown = table["mipbound_exponent"] != ""
    exponents = table["mipbound_exponent"][shown].astype(float)
    axes.plot(
        table["first"][shown] + 0.12,
        exponents * np.log10(2) - count[shown.to_numpy()],
        "^",
        color=style.PINK,
        markersize=4,
        label="random parities: lower bound, 95 % confidence",
    )


def _distinct(table):
    """The series to draw: those that every row has and that say more than the one before."""
    kept = []
    for series in SERIES:
        column = table[series[0]]
        if (column != "").all() and not (kept and (column == table[kept[-1][0]]).all()):
            kept.append(series)
    return kept
