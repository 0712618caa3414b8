"""Figure: units removed from trained networks, beside both versions of the published table."""

from . import style
from .tables import data_source, floats

TABLE = "compression"


def draw(table):
    """The figure of the table `compression`: a row for each cell of the published table."""
    table = floats(table, "published_units", "two_sided_units", "recipe_l1")
    cells = list(table.groupby(["widths", "recipe_l1"], sort=False))
    figure, axes = style.panels(height=3.9)
    for height, (_, networks) in enumerate(cells):
        _ours(axes, height, networks)
        _published(axes, height, networks.iloc[0])
    for text, marker, options in LEGEND:
        axes.plot([], [], marker, linestyle="none", label=text, **options)
    axes.set(
        title="What can go, published and found here",
        xlabel="hidden units removed (%)",
        yticks=range(len(cells)),
        yticklabels=[f"{widths}, L1 {l1:g}" for (widths, l1), _ in cells],
        ylim=(len(cells) - 0.4, -2.2),  # room for the legend
    )
    axes.grid(axis="x")
    axes.legend(loc="upper left", ncols=2)
    each = table.groupby(["widths", "recipe_l1"]).size()
    return style.finish(
        figure,
        f"{each.min()} networks per row, {data_source(table)}, {table['recipe_epochs'].iloc[0]} "
        "epochs; small dots are networks, large ones their means. Published: Serra, Kumar, "
        "Ramalingam 2020, 31 networks per row, on 70,000 digits; their poster and slides contradict "
        f"each other where both are marked. {_proofs(table)}",
    )


OURS = {
    "published_units": {"color": style.BLUE, "markersize": 5},
    "two_sided_units": {"color": style.ORANGE, "markersize": 5},
}
LEGEND = (
    ("published rule, here", "o", OURS["published_units"]),
    ("two-sided rule, here", "o", OURS["two_sided_units"]),
    ("published (poster)", "D", {"color": style.INK, "markersize": 4, "markerfacecolor": "none"}),
    ("published (slides)", "x", {"color": style.INK, "markersize": 5}),
)


def _ours(axes, height, networks):
    for aside, (name, look) in zip((-0.12, 0.12), OURS.items(), strict=True):
        removed = networks[name]
        small = look | {"markersize": 2.5, "alpha": 0.5}
        axes.plot(removed, [height + aside] * len(removed), "o", **small)
        axes.plot(removed.mean(), height + aside, "o", zorder=3, **look)


def _published(axes, height, row):
    """Both versions, each with its value where they differ."""
    poster, slides = (row[f"paper_{name}"] for name in ("poster", "slides"))
    differ = _value(poster) != _value(slides)
    for name, cell, (_, marker, look) in zip(
        ("poster", "slides"), (poster, slides), LEGEND[2:], strict=True
    ):
        if name == "slides" and not differ:
            continue
        axes.plot(_value(cell), height, marker, zorder=4, **look)
        if differ:
            axes.annotate(
                f"{name} {_value(cell):g}",
                (_value(cell), height),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=6,
                color=style.INK,
            )


def _value(cell):
    return float(cell.split(" ± ")[0])


def _proofs(table):
    certified = (table["two_sided_certified"] == "True").sum()
    worst = table["two_sided_difference"].astype(float).max()
    change = f"change by at most {worst:.1g}" if worst else "do not change"
    return (
        f"Certified for {certified} of {len(table)} networks: outputs {change}, whatever the image."
    )
