"""Cheap exact probes of networks that cannot be counted: cells along lines and on planes.

How many cells a segment between two data points crosses, or a plane through three of them, says
how finely the network cuts the space there; each number is certified. `regions.geometry.random_lines` has what a
random network is expected to have.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..count import Count, count_regions
from ..count.status import Status
from ..deadline import Deadline, now
from ..domain import AffineSlice, Box
from ..entry import read_domain, read_kind, read_network, read_points, read_time_limit
from ..result import About
from ..typing import DomainLike, NetworkLike, TimeLimit
from .polyline import cut_line, find_kinks


class Probe(NamedTuple):
    """One probe: the ``points`` (k + 1, n0) that span it, its ``domain`` and the `Count` of its cells."""

    points: np.ndarray
    domain: AffineSlice
    count: Count  # type: ignore[assignment]  # hides what tuples call count


def segment_counts(
    network: NetworkLike, points: ArrayLike, *, time_limit: TimeLimit = None
) -> list[Probe]:
    """Certified counts of the cells on the segments between neighbouring ``points``.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    points
        Array of shape (m, n0); neighbours must differ.
    time_limit
        Seconds for all of them; what is not settled by then lies between two bounds.

    Returns
    -------
    list of Probe
        One for each of the m - 1 segments. A segment is the line through two points, cut with the
        box that they span: exact up to the rounding of the difference of the two. Kinks are found as by `regions.segments`.

    Raises
    ------
    InputError
        Points of another dimension, or two neighbours that are equal.

    Examples
    --------
    >>> from regions.network import Network
    >>> network = Network.of((np.eye(2), None), (np.ones((1, 2)), None))
    >>> probes = segment_counts(network, [[-1.0, -2.0], [1.0, 2.5], [2.0, -1.0]])
    >>> [probe.count.value for probe in probes]
    [3, 2]
    """
    start, deadline = now(), Deadline(read_time_limit(time_limit))
    network = read_network(network)
    points = read_points(points, network.n0)
    pairs = np.stack([points[:-1], points[1:]], axis=1)
    domains = [AffineSlice.through(pair, _spanned(pair)) for pair in pairs]
    lines = [cut_line(a, b, d.directions[0]) for (a, b), d in zip(pairs, domains, strict=True)]
    found = find_kinks(network, lines, deadline)
    options = {"engine": "segments", "time_limit": time_limit}
    seconds = (now() - start) / max(len(pairs), 1)
    return [
        Probe(pair, domain, _count(int(least), int(most), seconds, About(network, domain, options)))
        for pair, domain, least, most in zip(
            pairs, domains, found["at_least"], found["at_most"], strict=True
        )
    ]


def _spanned(pair):
    return Box(pair.min(axis=0), pair.max(axis=0))


def _count(least, most, seconds, about):
    """The `Count` of cells that are proved to be at least and at most so many."""
    status = Status.CERTIFIED if least == most else Status.AT_LEAST
    return Count(least, most, least, status, "cells", "segments", seconds, about=about)


def slice_counts(
    network: NetworkLike, points: ArrayLike, box: DomainLike, *, time_limit: TimeLimit = None
) -> list[Probe]:
    """Certified counts of the cells on the affine slices through ``points``, cut with ``box``.

    ``points`` has shape (m, k + 1, n0): two points span a line, three a plane. ``time_limit`` is for each count, the rest as
    in `segment_counts`. Planes through images of 784 pixels are counted like networks of two inputs.

    >>> from regions.network import Network
    >>> network = Network.of((np.eye(3), None), (np.ones((1, 3)), None))
    >>> planes = [[[0.5, 0.5, 0.0], [1.0, 0.5, 0.0], [0.5, 1.0, 0.5]]]
    >>> slice_counts(network, planes, Box.cube(3, -1, 1))[0].count.value
    6
    """
    network = read_network(network)
    box = read_kind("box", read_domain(box, network), Box, "slices are cut with a box")
    points = read_points(points, network.n0, "(m, k + 1, n0)")
    return _counted(network, points, [box] * len(points), time_limit)


def _counted(network, groups, boxes, time_limit):
    domains = [AffineSlice.through(g, box) for g, box in zip(groups, boxes, strict=True)]
    return [
        Probe(group, domain, count_regions(network, domain, time_limit=time_limit))
        for group, domain in zip(groups, domains, strict=True)
    ]
