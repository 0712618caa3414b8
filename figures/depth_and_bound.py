"""Figure: Theorem 1 against depth for 60 units, one line per input dimension."""

import seaborn as sns

from . import style
from .tables import log10, whole

TABLE = "depth_and_dimension"
INPUTS = (1, 2, 3, 4, 6, 10, 15, 30, 60)


def draw(table):
    """The figure of the table `depth_and_dimension`."""
    table = whole(table, "n0", "depth").assign(value=lambda t: log10(t["bound_layered"]))
    figure, axes = style.panels(height=3.6)
    ends = []
    colours = sns.color_palette("viridis", len(INPUTS) + 1)
    for n0, colour in zip(INPUTS, colours, strict=False):
        line = table[table["n0"] == n0].sort_values("depth")
        axes.plot(line["depth"], line["value"], "o-", color=colour, markersize=3)
        ends.append((line["value"].iloc[0], f"n₀ = {n0}", colour))
    style.direct_labels(axes, 0.88, ends, gap=0.8, side="right")
    axes.set(
        title="More layers help only where inputs are few",
        xlabel="number of hidden layers L (60 / L units each)",
        ylabel="upper bound on regions",
        xlim=(0.2, 6.15),
        xticks=range(1, 7),
    )
    style.powers_of_ten(axes.yaxis)
    return style.finish(
        figure,
        "Theorem 1 of Serra, Tjandraatmadja, Ramalingam 2018; it is attained for L = 1. "
        "60 hidden units, n₀ inputs. An upper bound for all weights; nothing was counted.",
    )
