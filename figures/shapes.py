"""What the two figures of trained networks have in common: hidden widths as columns."""

import math

from .tables import whole


def counted_networks(table):
    """Rows of hidden-layer counts with columns ``first`` and ``last`` (widths), counts as integers."""
    table = whole(table[table["output_relu"] == "False"], "value", "seed")
    hidden = table["architecture"].str.split("-").str[1:-1]
    first, last = (hidden.str[i].astype(int) for i in (0, -1))
    return table.assign(first=first, last=last, accuracy=table["accuracy"].astype(float))


def middle(table):
    """Shapes without an extreme bottleneck: for 22 units the widths 4 to 18 of Serra et al. 2018.

    Both layers hold 4/22 of the units at least, rounded up.
    """
    least = math.ceil(4 / 22 * (table["first"] + table["last"]).max())
    return table[(table["first"] >= least) & (table["last"] >= least)]
