"""`region_graph`: which cells are neighbours across the hyperplane of one unit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..arithmetic.rounding import QUIET
from ..errors import InputError
from ..solvers.highs_lp import minimise
from ..solvers.tolerances import CLEAR, TOLERANCE
from .region import Region

if TYPE_CHECKING:  # slow to import, or not there
    import networkx

# A common side counts when a point of it keeps this share of the distance between the two witnesses from all
# other sides of both cells.
FACET = CLEAR


def region_graph(regions: Iterable[Region]) -> "networkx.Graph":
    """The graph of neighbouring cells: a networkx ``Graph``, one node for each of ``regions``.

    Node i is the i-th region, which is its attribute ``region``. An edge joins two cells whose patterns
    differ in exactly one unit, its attribute ``unit``, and that share a side; differing in one unit is not
    enough, for a deeper unit may switch all along the common hyperplane.

    Notes
    -----
    Floating point, no theorem: each edge has a point, found by a linear programme, that lies on the hyperplane and at
    least `FACET`, a share of the distance between the witnesses, from every other side of both cells. Smaller common
    sides have no edge, and neither have cells across a side on which several units switch at once (duplicated units).

    Examples
    --------
    >>> from regions import Box, Network, iterate_regions
    >>> network = Network.of(([[1.0], [1.0]], [0.5, -0.5]), ([[1.0, 1.0]], None))
    >>> graph = region_graph(iterate_regions(network, Box.cube(1, -1, 1)))
    >>> sorted(degree for _, degree in graph.degree), sorted(unit for *_, unit in graph.edges.data("unit"))
    ([1, 1, 2], [0, 1])
    """
    import networkx  # slow to import, and nothing else needs it

    if not isinstance(regions, Iterable):
        raise InputError(f"regions={regions!r} are none; give what iterate_regions hands out")
    graph = networkx.Graph()
    by_pattern = {}
    for i, region in enumerate(regions):
        graph.add_node(i, region=region)
        by_pattern[region.pattern.tobytes()] = i
    for i, region in graph.nodes.data("region"):
        for unit in np.flatnonzero(~region.pattern):  # each pair once, from its off side
            other = region.pattern.copy()
            other[unit] = True
            j = by_pattern.get(other.tobytes())
            if j is not None and _share_a_side(
                region.ordinary, graph.nodes[j]["region"].ordinary, unit
            ):
                graph.add_edge(i, j, unit=int(unit))
    return graph


@np.errstate(**QUIET)
def _share_a_side(region, other, unit):
    """Whether the hyperplane of ``unit`` has a point well inside all other sides of both cells."""
    here = region.witness_in_domain()
    size = np.linalg.norm(other.witness_in_domain() - here)
    if not (size > 0 and np.isfinite(size)):
        return False
    rows, slack, turn, shift = (
        np.concatenate(pair)
        for pair in zip(region.seen_from(here), other.seen_from(here), strict=True)
    )
    normal, distance = rows[unit], slack[unit]
    if not normal.any():
        return False
    # a row that is zero on all of the hyperplane bounds nothing there: without biases there are many
    along = rows @ normal
    apart = (
        np.linalg.norm(rows - along[:, None] * normal, axis=1)
        + np.abs(slack - along * distance) / size
    )
    rounding = turn + shift / size
    live = rows.any(axis=1) & (apart > rounding + rounding[unit])
    n = len(here)
    ends = slack[live] / size
    solved = minimise(
        np.append(np.zeros(n), -1.0),
        np.concatenate(
            [np.column_stack([rows[live], np.ones(live.sum())]), np.append(normal, 0.0)[None]]
        ),
        np.append(np.full(len(ends), -np.inf), distance / size),
        np.append(ends, distance / size),
        np.full(n + 1, -np.inf),
        np.append(np.full(n, np.inf), 1.0),  # 1: whole-space cells are unbounded
        primal_feasibility_tolerance=TOLERANCE,
    )
    return solved is not None and -solved.value >= FACET
