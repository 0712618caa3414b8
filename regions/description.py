"""`describe`: a network layer by layer, and on a domain which of its units switch there."""

import html
import time
from dataclasses import dataclass

import numpy as np

from bounds import layered
from bounds.bound import short

from .entry import read_domain, read_network
from .network.summary import layer_summaries
from .stability import stable_units

COLUMNS = {
    "layer": "layer",
    "units": "units",
    "dead": "dead",
    "duplicated": "dupl.",
    "zero_weights": "zero w.",
    "parameters": "param.",
    "bound": "regions <=",
    "on": "on",
    "off": "off",
    "undecided": "switch?",
    "width": "range",
}
"""Keys of a layer, and the heads of their columns."""


@dataclass(frozen=True, eq=False)
class Description:
    """What a network is made of.

    Attributes
    ----------
    layers
        One dict a layer, the output layer last: ``layer`` (from 1), ``units``, ``dead``, ``duplicated``,
        ``zero_weights``, ``parameters`` (see `regions.network.summary.LayerSummary`) and ``bound``, the
        most regions that the layers up to there can have (Theorem 1 of Serra et al. 2018; None for the
        output layer, which has none of its own). On a domain also, for hidden layers, how many units are
        ``on``, ``off`` and ``undecided`` there, proved, and ``width``, the median width of the certified
        ranges of their pre-activations.
    domain
        None, or the `Domain`.
    certified
        Whether each unit is settled by a proof; None without a domain.
    seconds
        Wall time.
    """

    network: object
    layers: tuple[dict, ...]
    domain: object
    certified: bool | None
    seconds: float

    def record(self):
        """Plain data: what ``regions show --json`` prints."""
        return {
            "kind": "description",
            "n0": self.network.n0,
            "widths": list(self.network.widths),
            "n_out": self.network.n_out,
            "architecture": self.network.architecture,
            "digest": self.network.digest,
            "domain": None if self.domain is None else repr(self.domain),
            "certified": self.certified,
            "seconds": self.seconds,
            "layers": list(self.layers),
        }

    def summary(self):
        """The lines that ``regions show`` prints: a head, then a table."""
        table = [list(self._heads().values()), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(cell.rjust(n) for cell, n in zip(row, widths, strict=True)).rstrip()
            for row in table
        ]
        return "\n".join([self._title(), *lines, *self._notes()])

    def to_frame(self):
        """A pandas data frame with a row for each layer."""
        import pandas as pd  # an extra: who asks for a frame has it

        return pd.DataFrame(list(self.layers))

    def _repr_html_(self):
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self._heads().values())
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._cells()
        )
        title = html.escape("; ".join([self._title(), *self._notes()]))
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __repr__(self):
        return f"Description({self.network.architecture}, domain={self.domain!r})"

    def _title(self):
        title = f"network {self.network.architecture}, digest {self.network.digest[:12]}"
        return title if self.domain is None else f"{title}, on {self.domain!r}"

    def _notes(self):
        if self.certified is None:
            return []
        others = "proved to switch" if self.certified else "some of these may not switch either"
        return [f"on, off: proved to switch nowhere on the domain; switch?: {others}"]

    def _heads(self):
        known = {key for layer in self.layers for key in layer}
        return {key: head for key, head in COLUMNS.items() if key in known}

    def _cells(self):
        return [[_cell(layer.get(key)) for key in self._heads()] for layer in self.layers]


def describe(network, domain=None, *, method="auto", time_limit=None):
    """A table of ``network`` by layers; with a ``domain`` also which units never switch there.

    Parameters
    ----------
    network, domain
        Whatever `count_regions` takes; the domain must lie in a box.
    method, time_limit
        Those of `stable_units`; without a domain there is nothing to spend time on.

    Returns
    -------
    Description

    Raises
    ------
    InputError, UnsupportedError
        As `stable_units`.

    Examples
    --------
    >>> from regions import Network
    >>> net = Network.of(([[1.0], [2.0], [0.0]], [1.0, 2.0, 3.0]), ([[1.0, 1.0, 1.0]], None))
    >>> print(describe(net, (0, 1)).summary())
    network 1-3-1, digest 7c42a3e0cbab, on Box.cube(1, 0, 1)
     layer  units  dead  dupl.  zero w.  param.  regions <=  on  off  switch?  range
         1      3     1      1        1       6           4   3    0        0      1
    output      1     0      0        0       4
    on, off: proved to switch nowhere on the domain; switch?: proved to switch
    """
    start = time.monotonic()
    network = read_network(network)
    names = [*range(1, len(network.layers)), "output"]
    layers = [
        {"layer": name, **summary._asdict()}
        for name, summary in zip(names, layer_summaries(network), strict=True)
    ]
    for k, layer in enumerate(layers[:-1]):
        layer["bound"] = layered(network.n0, network.widths[: k + 1])
    certified = None
    if domain is not None:
        domain = read_domain(domain, network)
        found = stable_units(network, domain, method=method, time_limit=time_limit)
        certified = found.certified
        ends = zip(found.ranges.lower, found.ranges.upper, strict=True)
        for layer, units, (low, high) in zip(layers, found.layers, ends, strict=False):
            layer |= {name: len(list_) for name, list_ in units.items()}
            layer["width"] = float(np.median(high - low))
    return Description(network, tuple(layers), domain, certified, time.monotonic() - start)


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    return short(value) if isinstance(value, int) and value > 0 else str(value)
