"""Figure: the bound when widths fall or rise through five layers, with and without a sixth."""

from . import style
from .tables import log10, whole

TABLE = "bottleneck"


def draw(table):
    """The figure of the table `bottleneck`."""
    table = whole(table, "k").assign(value=lambda t: log10(t["bound_layered"])).sort_values("k")
    figure, axes = style.panels(height=3.0)
    for further, dash, text, place in (
        ("True", "--", "with a further layer of 16", (1.6, 27.9)),
        ("False", "-", "five layers", (-5.2, 22.2)),
    ):
        line = table[table["further"] == further]
        axes.plot(line["k"], line["value"], "o", linestyle=dash, color=style.BLUE, markersize=3.2)
        axes.annotate(text, place, color=style.BLUE, fontsize=7.5)
    axes.set(
        title="A narrow layer costs most when it comes early",
        xlabel="slope k of the widths  (16-2k, 16-k, 16, 16+k, 16+2k)",
        ylabel="upper bound on regions",
        xticks=range(-7, 8),
    )
    axes.text(
        0.02, 0.04, "← narrow layers last", transform=axes.transAxes, fontsize=7, color=style.FAINT
    )
    axes.text(
        0.74,
        0.04,
        "narrow layers first →",
        transform=axes.transAxes,
        fontsize=7,
        color=style.FAINT,
        ha="right",
    )
    style.powers_of_ten(axes.yaxis)
    return style.finish(
        figure,
        "Theorem 1 of Serra et al. 2018 for n₀ = 32 inputs and 80 hidden units, 96 with the further "
        "layer. An upper bound for all weights; nothing was counted.",
    )
