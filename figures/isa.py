"""Figure: seconds to find all stable units, one programme per unit against all units together."""

import numpy as np

from . import style
from .tables import data_source, floats

TABLE = "isa"
METHODS = (
    ("per_unit", "two programmes per unit (2020)", style.FAINT),
    ("isa", "one programme for all, ISA (2021)", style.ORANGE),
    ("ours", "default of stable_units", style.BLUE),
)


def draw(table):
    """The figure of the table `isa`: a column for each shape."""
    table = floats(table, *(f"{name}_seconds" for name, *_ in METHODS), "isa_ratio", "ours_ratio")
    shapes = list(dict.fromkeys(table["widths"]))
    figure, axes = style.panels(height=4.0)
    for name, text, colour in METHODS:
        seconds = np.log10(table[f"{name}_seconds"])
        done = table[f"{name}_settled"] == "True"
        place = table["widths"].map(shapes.index)
        axes.plot(place[done], seconds[done], "o", color=colour, markersize=4.5, label=text)
        axes.plot(place[~done], seconds[~done], "^", color=colour, markersize=6)
    _ratios(axes, table, shapes)
    axes.set(
        title="All stable units: together is faster than one by one",
        xlabel="hidden widths",
        ylabel="seconds",
        xlim=(-0.5, len(shapes) - 0.5),
        ylim=(None, np.log10(table["per_unit_seconds"].max()) + 2.4),
    )
    axes.set_xticks(range(len(shapes)), shapes)
    style.powers_of_ten(axes.yaxis)
    axes.legend(loc="upper left")
    limit = float(table["time_limit"].iloc[0])
    return style.finish(
        figure,
        f"Networks trained with an L1 term, {data_source(table)}, on the box [0, 1]^n₀; one thread of a "
        f"shared machine. Triangles were stopped after {limit:g} s or left units open. Above: how many "
        "times ISA and the default are faster than one by one (≥: that was stopped). Published medians "
        "for ISA: 77 (2x100), 153 (2x200), 193 (2x400).",
    )


def _ratios(axes, table, shapes):
    for place, widths in enumerate(shapes):
        some = table[table["widths"] == widths]
        least = "" if (some["per_unit_settled"] == "True").all() else "≥ "
        text = "\n".join(
            f"{least}{some[f'{name}_ratio'].median():.0f}x" for name in ("isa", "ours")
        )
        height = np.log10(some["per_unit_seconds"].max())
        axes.annotate(
            text,
            (place, height),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            color=style.INK,
        )
