"""Figure: regions, stable units and accuracies at equal architecture, by the way of training."""

from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from . import style
from .tables import data_source, floats, what_was_counted, whole

TABLE = "training_and_regions"
COLOURS = {
    "plain": style.INK,
    "L1": style.BLUE,
    "adversarial": style.ORANGE,
    "L1 and adversarial": style.GREEN,
}


def draw(table):
    """The figure of the table `training_and_regions`: a dot for each network."""
    table = floats(whole(table, "value", "on", "off"), "accuracy", "robust_accuracy", "test_radius")
    figure, (left, right) = style.panels(2, height=3.2)
    for variant, colour in COLOURS.items():
        some = table[table["variant"] == variant]
        look = {"linestyle": "none", "marker": "o", "markersize": 4, "alpha": 0.8, "color": colour}
        left.semilogy(some["on"] + some["off"], some["value"].astype(float), label=variant, **look)
        right.plot(100 * some["accuracy"], 100 * some["robust_accuracy"], **look)
    left.set(title="Regions", xlabel="stable units", ylabel="linear regions")
    right.set(title="Accuracy", xlabel="on test images (%)", ylabel="on the same under attack (%)")
    left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    left.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    left.yaxis.set_minor_locator(NullLocator())
    left.legend(loc="best")
    each = table.groupby("variant").size().min()
    return style.finish(
        figure,
        f"{each} networks {table['architecture'].iloc[0]} per colour with the same first weights, "
        f"{data_source(table)}, on the box [0, 1]^n₀. {what_was_counted(table)} Attack: projected "
        f"gradient descent, pixels within {table['test_radius'].iloc[0]:g}; after Kumar, Serra, "
        "Ramalingam 2019.",
    )
