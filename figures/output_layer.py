"""Figure: regions of trained networks with the output layer as ReLU, beside those of the hidden layers alone."""

import numpy as np

from . import style
from .tables import data_source, floats, log10, what_was_counted, whole

TABLE = "output_layer"


def draw(table):
    """The figure of the table `output_layer`."""
    widths = table["widths"].str.split("-")
    table = whole(table.assign(first=widths.str[0], last=widths.str[1]), "first", "last", "seed")
    shapes = table.drop_duplicates("first").sort_values("first")
    counted = table[table["status"] != ""]
    estimated = table[(table["status"] == "") & (table["log10_low"] != "")]
    figure, axes = style.panels(height=3.5)
    axes.plot(
        shapes["first"],
        log10(shapes["bound_layered"]),
        color=style.ORANGE,
        label="Theorem 1, output layer included",
    )
    beside = 0.12 * (table["seed"] - table["seed"].mean())
    axes.plot(
        table["first"] + beside,
        log10(table["hidden"]),
        "o",
        color=style.FAINT,
        markersize=3,
        label="hidden layers, counted",
    )
    axes.plot(
        counted["first"] + beside[counted.index],
        log10(counted["value"]),
        "o",
        color=style.BLUE,
        markersize=4,
        label="with the output layer, counted",
    )
    if len(estimated):
        ends = floats(estimated, "log10_estimate", "log10_low", "log10_high")
        value = ends["log10_estimate"]
        axes.errorbar(
            estimated["first"] + beside[estimated.index],
            value,
            yerr=[
                np.maximum(value - ends["log10_low"], 0),
                np.maximum(ends["log10_high"] - value, 0),
            ],
            fmt="o",
            color=style.BLUE,
            markerfacecolor="white",
            markersize=4,
            capsize=2.5,
            linewidth=1.2,
            label="with the output layer, estimated, 95 %",
        )
    labels = [f"{a},{b}" for a, b in zip(shapes["first"], shapes["last"], strict=True)]
    axes.set_xticks(shapes["first"], labels, rotation=90 if len(labels) > 12 else 0)
    axes.set(
        title="What the output layer adds when it is counted as ReLU",
        xlabel="hidden widths n₁,n₂",
        ylabel="linear regions",
    )
    style.powers_of_ten(axes.yaxis)
    axes.legend(loc="lower right")
    return style.finish(
        figure,
        f"{len(table)} networks with ten outputs, {data_source(table)}, on the box [0, 1]^n₀. {_counts(counted)}",
    )


def _counts(counted):
    return what_was_counted(counted) if len(counted) else "None of the counts was feasible."
