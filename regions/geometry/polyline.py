"""`segments`: every kink of a network along a polyline, with its unit and a proved place."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from flint import fmpq
from numpy.typing import ArrayLike

from ..arithmetic.rationals import nearest, rational
from ..arithmetic.rounding import QUIET
from ..deadline import Deadline, now
from ..entry import read_network, read_points, read_time_limit
from ..errors import InputError
from ..result import About, Result
from ..text import indented
from ..typing import NetworkLike, TimeLimit
from .columns import Columns, hidden_layers, lengths
from .exact_lines import ExactLines, Part
from .lines import BATCH, Clusters, LineSearch, components

if TYPE_CHECKING:  # slow to import, or not there
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class Segments(Result):
    """What a network does along m segments.

    Attributes
    ----------
    points
        The polyline, (m + 1, n0); segment i goes from point i (t = 0) to point i + 1 (t = 1), exactly.
    at_least, at_most
        Integers (m,): proved bounds on the number of cells, equal where all is settled.
    segment, lower, upper
        One entry for each proved kink, in the order of segments and places: its segment, and an interval of t in
        which it lies. Intervals of kinks at different places are disjoint up to their ends, but for places that only
        rational arithmetic tells apart.
    layer, unit, turns_on
        The layer from 1 and unit from 0 that switches there, and whether it is on behind.
    place
        The number, from 1, of the place on its segment: kinks of several units at one place share it.
    seconds, stats, about
        Wall time; how many parts needed whole numbers; the network and the options, as `About`.
    """

    kind: ClassVar[str] = "segments"

    points: np.ndarray
    at_least: np.ndarray
    at_most: np.ndarray
    segment: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    layer: np.ndarray
    unit: np.ndarray
    turns_on: np.ndarray
    place: np.ndarray
    seconds: float
    about: About
    stats: dict = field(default_factory=dict)

    @property
    def status(self) -> str:
        """CERTIFIED if each count is settled, else PARTIAL."""
        return "CERTIFIED" if (self.at_least == self.at_most).all() else "PARTIAL"

    @property
    def certified(self) -> bool:
        """Whether each count is settled by a proof."""
        return self.status == "CERTIFIED"

    def __len__(self) -> int:
        return len(self.at_least)

    def answer(self) -> dict[str, Any]:
        """``segments``, ``at_least`` and ``at_most`` (lists), ``kinks`` (their number), ``certified``, ``stats``."""
        return {
            "segments": len(self),
            "at_least": self.at_least.tolist(),
            "at_most": self.at_most.tolist(),
            "kinks": len(self.segment),
            "certified": self.certified,
            "stats": self.stats,
        }

    def lines(self) -> Iterable[str]:
        """How many cells, then how far to trust it."""
        mean = f"{self.at_least.mean():.6g} cells a segment on average"
        settled = int((self.at_least == self.at_most).sum())
        proved = f"proved: {settled} of {len(self)} counts, the others between two bounds"
        if settled == len(self):
            proved = "proved: each count"
        return [f"{self}; {mean}", self._title(), proved, *indented(self.stats)]

    def to_frame(self, of: str = "kinks") -> "pandas.DataFrame":
        """A pandas data frame with a row for each kink, or for each segment (``of="segments"``).

        Kinks: ``segment``, ``place``, ``lower``, ``upper``, ``layer``, ``unit``, ``turns_on``; segments: ``segment``,
        ``at_least``, ``at_most``, ``length``.
        """
        import pandas as pd  # an extra: who asks for a frame has it

        if of == "segments":
            length = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
            columns = {"at_least": self.at_least, "at_most": self.at_most, "length": length}
            return pd.DataFrame({"segment": np.arange(len(self)), **columns})
        if of != "kinks":
            raise InputError(f"of={of!r} is unknown; choose 'kinks' or 'segments'")
        names = ("segment", "place", "lower", "upper", "layer", "unit", "turns_on")
        return pd.DataFrame({name: getattr(self, name) for name in names})

    def __str__(self):
        total = (
            f"{int(self.at_least.sum())} cells on {len(self)} segments, {len(self.segment)} kinks"
        )
        return f"{'' if self.certified else 'at least '}{total} ({self.status})"


def segments(
    network: NetworkLike, points: ArrayLike, *, closed: bool = False, time_limit: TimeLimit = None
) -> Segments:
    """All kinks of ``network`` on the segments between neighbouring ``points``, and the cells they separate.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes. Of a `ConvolutionalNetwork` the steps are used, not the
        matrices: averages are exact here.
    points
        Array of shape (m + 1, n0); neighbours must differ.
    closed
        Whether a last segment leads from the last point back to the first.
    time_limit
        Seconds after which ties and near-ties are left between two bounds.

    Returns
    -------
    Segments
        A kink is a point inside a segment where a unit is on on one side and not on the other. The cells of a
        segment are one more than the places with kinks.

    Raises
    ------
    InputError
        Fewer than two points, points of another dimension or not finite, two neighbours that are equal.

    Notes
    -----
    Layer by layer, in floating point with error bounds (`regions.geometry.lines`); parts of a segment where the
    bounds separate no signs go through the network once more in whole numbers (`regions.geometry.exact_lines`). A cell is
    convex, so no cell meets a segment twice.

    Examples
    --------
    >>> from regions.network import Network
    >>> absolute = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], [-1.0]), ([[1.0]], None))
    >>> found = segments(absolute, [[-4.0], [4.0]])
    >>> found.at_most, found.lower, found.layer, found.unit
    (array([4]), array([0.375, 0.5  , 0.5  , 0.625]), array([2, 1, 1, 2]), array([0, 0, 1, 0]))
    """
    start, deadline = now(), Deadline(read_time_limit(time_limit))
    network = read_network(network)
    points = read_polyline(points, network.n0)
    if closed:
        points = np.concatenate([points, points[:1]])
    lines = [whole_line(a, b) for a, b in pairwise(points)]
    lacking = [i for i, line in enumerate(lines) if not line.part.move.any()]
    if lacking:
        i = lacking[0]
        raise InputError(f"points {i} and {i + 1} are equal: a segment needs two; leave one out")
    kinks = find_kinks(network, lines, deadline)
    options: dict = {"closed": bool(closed), "time_limit": time_limit}
    options["points"] = hashlib.sha256((points + 0.0).astype("<f8").tobytes()).hexdigest()
    return Segments(
        points=points, **kinks, seconds=now() - start, about=About(network, None, options)
    )


def read_polyline(points: ArrayLike, n0: int) -> np.ndarray:
    """``points`` as an array (m + 1, n0) of finite numbers, m >= 1."""
    points = read_points(points, n0)
    if len(points) < 2:
        raise InputError(f"a polyline has two points at least; got {len(points)}")
    if not np.isfinite(points).all():
        raise InputError("points must be finite; one coordinate is not")
    return points


class Line(NamedTuple):
    """A `Part` from t = 0, and what floating point takes for its end.

    ``end`` is the point, off by at most ``off`` in the 2-norm from each point with t between the two of ``last``, which
    enclose the end of the part.
    """

    part: Part
    end: np.ndarray
    off: float
    last: tuple[float, float]


def whole_line(a, b):
    """The `Line` from ``a`` to ``b``, exactly: the rounding of their difference goes along."""
    return Line(Part(a, *difference(a, b), fmpq(0), fmpq(1)), b, 0.0, (1.0, 1.0))


def cut_line(a, b, move):
    """The `Line` of ``a + t move``, with ``move`` the rounded difference of ``a`` and ``b``, in the box that these span."""
    _, rest = difference(a, b)
    if not rest.any():
        return whole_line(a, b)
    # it leaves the box where the first coordinate comes to its end: those that may be it are compared exactly
    with np.errstate(**QUIET, divide="ignore"):
        ratio = np.where(move != 0, rest / move, np.inf)
    least = ratio.min()
    first = np.flatnonzero(ratio <= least + 1e-10 * abs(least))
    end = 1 + min(rational(rest[j]) / rational(move[j]) for j in first)
    last = _around(end)
    off = lengths(np.stack([rest, move])) @ [1.0, 2 * max(abs(t - 1) for t in last)]
    return Line(Part(a, move, np.zeros_like(a), fmpq(0), end), b, float(off), last)


def difference(a, b):
    """``b - a`` rounded, and what rounding took from it, exactly (Knuth's sum of two)."""
    with np.errstate(**QUIET):
        move = b - a
        part = move - b
        rest = (b - (move - part)) - (a + part)
    if not (np.isfinite(move).all() and np.isfinite(rest).all()):
        raise InputError("two neighbouring points differ by more than 1.8e308; scale them down")
    return move, rest


def find_kinks(network, lines, deadline):
    """The arrays of `Segments` from ``at_least`` to ``place``, and its stats."""
    layers = hidden_layers(network)
    search, exact = LineSearch(layers), ExactLines(layers)
    rows, hard = [], []
    at_least = np.ones(len(lines), dtype=np.int64)
    for i, (ends, columns, present) in enumerate(_first_layer(layers, lines)):
        found = search.search(ends, columns, present)
        simple, parts = _sorted_out(found, ends)
        rows.append(_rows(i, found, simple))
        at_least[i] += len(simple)
        hard += [(i, found, *part) for part in parts]
    at_most = at_least.copy()
    parts = [_clipped(lines[i].part, lower, upper) for i, _, _, lower, upper in hard]
    unsettled = 0
    for (i, found, members, *_), kinks in zip(hard, exact.kinks(parts, deadline), strict=True):
        if kinks is None:
            unsettled += 1
            least, most = _bounds(found, members)
            at_least[i] += least
            at_most[i] = min(int(at_most[i]) + most, np.iinfo(np.int64).max)
        else:
            places = len({kink.t for kink in kinks})
            at_least[i] += places
            at_most[i] += places
            rows.append(_exact_rows(i, kinks))
    stats = {"parts_in_whole_numbers": len(hard) - unsettled, "parts_unsettled": unsettled}
    return {"at_least": at_least, "at_most": at_most, **_table(rows), "stats": stats}


def _first_layer(layers, lines):
    """For each line its end `Clusters`, the first layer's `Columns` there, and which inputs are not 0 throughout."""
    if not layers:
        return
    step = max(1, BATCH // layers[0].maps[0].widest)
    for first in range(0, len(lines), step):
        some = lines[first : first + step]
        a, b = np.array([line.part.start for line in some]), np.array([line.end for line in some])
        starts = layers[0](a, np.zeros(len(some)))
        stops = layers[0](b, np.array([line.off for line in some]))
        present = np.where((a != 0) | (b != 0), 1.0, -1.0)
        for k, line in enumerate(some):
            both = (np.stack([x[k], y[k]]) for x, y in zip(starts, stops, strict=True))
            ends = Clusters(*(np.array([0.0, last]) for last in line.last))
            yield ends, Columns(*both), np.stack([present[k]] * 2)


def _sorted_out(found, ends):
    """Places in ``found`` of kinks that are alone in their interval, and the parts that are not so plain.

    A part is the places in ``found`` of its members, and its ends.
    """
    order, starts, lower, upper = components(found)
    sizes = np.diff(np.append(starts, len(order)))
    heads = order[starts]
    plain = (sizes == 1) & (found.before[heads] * found.behind[heads] < 0)
    plain &= (lower > ends.upper[0]) & (upper < ends.lower[1])
    # what touches an end goes on to wherever in its cluster the line ends
    upper = np.where(upper < ends.lower[1], upper, ends.upper[1])
    parts = [
        (order[starts[k] : starts[k] + sizes[k]], lower[k], upper[k])
        for k in np.flatnonzero(~plain)
    ]
    return heads[plain], parts


def _clipped(part, lower, upper):
    """The part between two floats, as far as it belongs to ``part``."""
    return part._replace(
        lower=max(part.lower, rational(lower)), upper=min(part.upper, rational(upper))
    )


def _bounds(found, members):
    """How many places with kinks there are at least and at most among intervals that nothing has settled.

    Between two kinks of the layers before a unit switches at most once: with m of them a layer multiplies the pieces by
    at most m + 1.
    """
    first, last, by_layer = {}, {}, {}
    for i in members.tolist():
        unit = int(found.layer[i]), int(found.unit[i])
        first.setdefault(unit, found.before[i])
        last[unit] = found.behind[i]
        by_layer.setdefault(unit[0], set()).add(unit)
    least = any(first[unit] * last[unit] < 0 for unit in first)
    return int(least), math.prod(1 + len(units) for units in by_layer.values()) - 1


def _rows(i, found, some):
    """Columns of the table of kinks for the places ``some`` of ``found``, on segment ``i``."""
    lower, upper, layer, unit, before, _ = (column[some] for column in found)
    return np.full(len(some), i), lower, upper, layer + 1, unit, before < 0, lower


def _exact_rows(i, kinks):
    """The same for exact kinks; the last column tells apart places whose nearest doubles are one."""
    ends = [_around(kink.t) for kink in kinks]
    place, key = 0.0, []
    for k, kink in enumerate(kinks):
        if k == 0 or kink.t != kinks[k - 1].t:
            place = max(ends[k][0], np.nextafter(place, np.inf)) if k else ends[k][0]
        key.append(place)
    lower, upper = np.array(ends, dtype=float).reshape(-1, 2).T
    layer, unit = (np.array([kink[c] for kink in kinks], dtype=int) for c in (1, 2))
    turns_on = np.array([kink.turns_on for kink in kinks], dtype=bool)
    return np.full(len(kinks), i), lower, upper, layer + 1, unit, turns_on, np.array(key)


def _around(t):
    """Two doubles that enclose a rational, one if it is a double."""
    near = nearest(t)
    if rational(near) == t:
        return near, near
    return (
        (near, np.nextafter(near, np.inf))
        if rational(near) < t
        else (np.nextafter(near, -np.inf), near)
    )


def _table(rows):
    """All rows in the order of segments and places, and the number of each place."""
    names = ("segment", "lower", "upper", "layer", "unit", "turns_on")
    kinds = (int, float, float, int, int, bool, float)
    if not rows:
        rows = [tuple(np.zeros(0, dtype=kind) for kind in kinds)]
    *columns, key = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((columns[4], columns[3], key, columns[0]))
    columns, key = [column[order] for column in columns], key[order]
    segment = columns[0]
    fresh = np.append(True, (segment[1:] != segment[:-1]) | (key[1:] != key[:-1]))[: len(key)]
    number = np.cumsum(fresh)
    first = np.searchsorted(segment, segment)
    place = number - number[first] + 1 if len(key) else number
    return {**dict(zip(names, columns, strict=True)), "place": place}
