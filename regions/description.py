"""`describe`: a network layer by layer, and on a domain which of its units switch there."""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bounds.bound import short

from .deadline import now
from .entry import read_choice, read_domain, read_network, read_time_limit
from .errors import Interrupted
from .exact_search.open_parts import all_cells
from .network.summary import layer_summaries
from .preactivations.shared import planes_of_weights
from .result import About, Result
from .stability import stable_units
from .stability.stability import METHODS
from .typing import DomainLike, NetworkLike, TimeLimit

if TYPE_CHECKING:  # slow to import, or not there
    import pandas

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


@dataclass(frozen=True, eq=False, repr=False)
class Description(Result):
    """What a network is made of.

    Attributes
    ----------
    layers
        One dict a layer, the output layer last: ``layer`` (from 1), ``units``, ``dead``, ``duplicated``,
        ``zero_weights``, ``parameters`` (see `regions.network.summary.LayerSummary`) and ``bound``, the
        most regions that the layers up to there can have (Theorem 1 of Serra et al. 2018, Montúfar 2017 for
        units with slopes; None for the
        output layer, which has none of its own). On a domain also, for hidden layers, how many units are
        ``on``, ``off`` and ``undecided`` there, proved, and ``width``, the median width of the certified
        ranges of their pre-activations.
    certified
        Whether each unit is settled by a proof; None without a domain.
    seconds, about
        Wall time; the network, the domain and the options, as `About`.
    """

    kind: ClassVar[str] = "description"

    layers: tuple[dict, ...]
    certified: bool | None
    seconds: float
    about: About

    @property
    def status(self) -> str:
        """PARTIAL where some unit of the domain is not settled, else CERTIFIED."""
        return "PARTIAL" if self.certified is False else "CERTIFIED"

    def answer(self) -> dict[str, Any]:
        """``certified`` and ``layers``."""
        return {"certified": self.certified, "layers": list(self.layers)}

    def lines(self) -> Iterable[str]:
        """A head, then a table."""
        table = [list(self._heads().values()), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        rows = (zip(row, widths, strict=True) for row in table)
        lines = ["  ".join(cell.rjust(n) for cell, n in row).rstrip() for row in rows]
        return [str(self), *lines, *self._notes()]

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each layer."""
        import pandas as pd  # an extra: who asks for a frame has it

        return pd.DataFrame(list(self.layers))

    def _repr_html_(self):
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self._heads().values())
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._cells()
        )
        title = html.escape("; ".join([str(self), *self._notes()]))
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __str__(self):
        network, domain = self.about.network, self.about.domain
        title = f"network {network.architecture}, digest {network.digest[:12]}"
        return title if domain is None else f"{title}, on {domain!r}"

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


def describe(
    network: NetworkLike,
    domain: DomainLike | None = None,
    *,
    method: str = "auto",
    time_limit: TimeLimit = None,
) -> Description:
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
         1      3     1      1        1       6           3   3    0        0      1
    output      1     0      0        0       4
    on, off: proved to switch nowhere on the domain; switch?: proved to switch
    """
    start = now()
    network = read_network(network)
    read_choice("method", method, METHODS)
    time_limit = read_time_limit(time_limit)
    names = [*range(1, len(network.layers)), "output"]
    layers = [
        {"layer": name, **summary._asdict()}
        for name, summary in zip(names, layer_summaries(network), strict=True)
    ]
    planes = planes_of_weights(network)
    for k, layer in enumerate(layers[:-1]):
        layer["bound"] = all_cells(network, planes[: k + 1], network.n0)
    certified, interrupted = None, False
    if domain is not None:
        domain = read_domain(domain, network)
        try:
            found = stable_units(network, domain, method=method, time_limit=time_limit)
        except Interrupted as stopped:
            found, interrupted = stopped.answer, True
        certified = found.certified
        ends = zip(found.ranges.lower, found.ranges.upper, strict=True)
        for layer, units, (low, high) in zip(layers, found.layers, ends, strict=False):
            layer |= {name: len(list_) for name, list_ in units.items()}
            layer["width"] = float(np.median(high - low))
    about = About(network, domain, {"method": method, "time_limit": time_limit})
    answer = Description(tuple(layers), certified, now() - start, about)
    if interrupted:
        raise Interrupted(answer)
    return answer


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    return short(value) if isinstance(value, int) and value > 0 else str(value)
