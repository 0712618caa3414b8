"""Figure: where a network with two hidden layers is wrong, by K; and how many units it needs."""

from matplotlib.ticker import LogLocator

from . import style
from .tables import data_source, what_was_counted, whole

TABLE = "transformation"
SIZES = (
    ("needed_all", "all patterns", style.FAINT, "s"),
    ("feasible", "feasible", style.BLUE, "o"),
    ("merged", "merged", style.ORANGE, "D"),
    ("exact", "exact, plane", style.GREEN, "^"),
)


def draw(table):
    """The figure of the table `transformation`."""
    table = whole(table, "cells", "components")
    figure, (left, right) = style.panels(columns=2, height=3.5, width_ratios=(1, 1.25))
    built = table[table["components"] > 0]
    _shares(left, built)
    _units(right, built.drop_duplicates(["components", "widths", "seed"]))
    networks = built.groupby(["components", "widths"])["seed"].nunique().min()
    samples = int(built["samples"].iloc[0])
    return style.finish(
        figure,
        "Two hidden layers in place of deeper networks (after Kumar, Serra, Ramalingam 2019). Left: share of "
        "the unit box, a line for each network; proved: volume of the strips, an upper bound; sampled: of "
        f"{samples:,} random points. Right: all units of both layers, means. {networks} "
        f"networks per shape, inputs: principal components. {what_was_counted(built)} "
        f"{data_source(table)}.",
    )


def _shares(axes, table):
    """1 - share against K for each network; what is 0 or 1 has no place on a logarithmic axis."""
    label = {"proved": "proved", "sampled": "sampled"}
    for _, some in table.groupby(["components", "widths", "seed"]):
        K = some["K"].astype(float)
        proved, sampled = (
            (1 - some[f"{kind}_share"].astype(float)).where(lambda v: (v > 0) & (v < 1))
            for kind in ("proved", "sampled")
        )
        axes.loglog(
            K, proved, "o-", color=style.BLUE, markersize=3, label=label.pop("proved", None)
        )
        axes.loglog(
            K,
            sampled,
            "s",
            color=style.ORANGE,
            markersize=4.5,
            markerfacecolor="none",
            label=label.pop("sampled", None),
        )
    axes.set(
        title="Strips shrink as 1 / K", xlabel="penalty K", ylabel="share where they may differ"
    )
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.legend(loc="lower left")


def _units(axes, table):
    """Mean number of units of each construction for each shape."""
    shapes = list(dict.fromkeys(zip(table["components"], table["widths"], strict=True)))
    for name, label, colour, mark in SIZES:
        places, means = [], []
        for place, (components, widths) in enumerate(shapes):
            some = table[(table["components"] == components) & (table["widths"] == widths)]
            totals = [total for row in some.to_dict("records") if (total := _total(row, name))]
            if totals:
                places.append(place)
                means.append(sum(totals) / len(totals))
        axes.semilogy(places, means, mark, color=colour, markersize=5, label=label)
    names = [f"{components}-{widths}" for components, widths in shapes]
    axes.set_xticks(range(len(shapes)), names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set(
        title="Units needed", xlabel="inputs and hidden widths", xlim=(-0.5, len(shapes) - 0.5)
    )
    axes.set_ylim(top=axes.get_ylim()[1] * 30)
    axes.legend(loc="upper left", ncols=2, columnspacing=0.8, handletextpad=0.2)


def _total(row, name):
    """Units of both layers; 0 where this was not built."""
    if name == "exact":
        return sum(map(int, row["exact_widths"].split("-"))) if row["exact_widths"] else 0
    return int(row[f"{name}_first"]) + int(row[f"{name}_second"])
