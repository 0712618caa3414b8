"""Figure: units removed against the strength of the l1 term, by rule and by way of training."""

from . import style
from .tables import data_source, floats

TABLE = "l1_strength"
RULES = (
    ("published_units", "published rule", style.BLUE),
    ("two_sided_units", "two-sided rule", style.ORANGE),
)
WAYS = (("False", "subgradient", "o-"), ("True", "proximal step", "s--"))


def draw(table):
    """The figure of the table `l1_strength`: units on the left, accuracy on the right."""
    table = floats(table, "recipe_l1", "accuracy", *(name for name, *_ in RULES))
    strengths = sorted(set(table["recipe_l1"]))
    figure, (left, right) = style.panels(2, height=3.1)
    for way, text, line in WAYS:
        some = table[(table["recipe_proximal"] == way) | (table["recipe_l1"] == 0)]
        means = some.groupby("recipe_l1")
        place = [strengths.index(l1) for l1 in means.groups]
        for name, rule, colour in RULES:
            left.plot(
                place, means[name].mean(), line, color=colour, markersize=4, label=f"{rule}, {text}"
            )
        accuracy = 100 * means["accuracy"].mean()
        right.plot(place, accuracy, line, color=style.INK, markersize=4, label=text)
    for axes in (left, right):
        axes.set_xticks(range(len(strengths)), [f"{l1:g}" for l1 in strengths])
        axes.set_xlabel("strength of the L1 term")
        axes.legend(loc="best", handlelength=2.4)
    left.set(title="More L1, more can go", ylabel="hidden units removed (%)")
    left.set_ylim(None, 1.5 * left.get_ylim()[1])  # room for the legend
    right.set(title="What it costs", ylabel="test accuracy (%)")
    each = table.groupby(["recipe_l1", "recipe_proximal"]).size().min()
    certified = (table["two_sided_certified"] == "True").sum()
    return style.finish(
        figure,
        f"Means over {each} networks {table['architecture'].iloc[0]} per point, {data_source(table)}, "
        f"{table['recipe_epochs'].iloc[0]} epochs, on the box [0, 1]^n₀; {certified} of {len(table)} "
        "networks stay the same function, with proof. Subgradients leave weights near zero, proximal steps make them zero.",
    )
