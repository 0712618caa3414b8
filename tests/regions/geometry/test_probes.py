import numpy as np
import pytest

from regions import AffineSlice, Box, Network, Status, count_regions
from regions.errors import InputError
from regions.geometry.probes import segment_counts, slice_counts
from tests.ladder import network_with_ties, random_network

NETWORK = random_network(0, 5, 8, 6, 2)


def test_planes_are_slices_of_the_box_and_certified():
    rng = np.random.default_rng(0)
    box, planes = Box.cube(5, -1, 1), rng.uniform(-1, 1, (3, 3, 5))
    for plane, probe in zip(planes, slice_counts(NETWORK, planes, box), strict=True):
        assert probe.count.status is Status.CERTIFIED
        assert probe.count.value == count_regions(NETWORK, AffineSlice.through(plane, box)).value


def test_segments_see_at_least_the_patterns_of_their_points():
    points = np.random.default_rng(1).uniform(-1, 1, (6, 5))
    probes = segment_counts(NETWORK, points)
    assert len(probes) == 5
    for start, end, probe in zip(points[:-1], points[1:], probes, strict=True):
        way = start + np.linspace(0, 1, 500)[:, None] * (end - start)
        assert probe.count.value >= len(np.unique(NETWORK.pattern(way), axis=0))


@pytest.mark.parametrize("seed", range(6))
def test_segments_are_those_of_the_engine(seed):
    """Ties included, and points whose difference is rounded: then the slice ends a little before or behind a point."""
    rng = np.random.default_rng(seed)
    network = network_with_ties(rng)
    for points in (
        rng.permuted(np.arange(-3, 4)),
        rng.normal(size=7),
        10.0 ** rng.permuted(np.arange(-4, 3)),
    ):
        points = np.asarray(points, dtype=float)[:, None] * rng.choice([-1, 1, 0.1], network.n0)
        for probe in segment_counts(network, points):
            assert probe.count.status is Status.CERTIFIED
            assert probe.count.value == count_regions(network, probe.domain).value


def test_a_kink_at_the_rounded_end():
    """0.1 - (-1) is rounded: the slice from -1 ends at 0.1 at most, and a kink there or a hair before it is told."""
    for kink, cells in ((0.1, 1), (np.nextafter(0.1, 0), 2), (-1.0, 1)):
        network = Network.of(([[1.0]], [-kink]), ([[1.0]], None))
        for pair in ([[-1.0], [0.1]], [[0.1], [-1.0]]):
            (probe,) = segment_counts(network, pair)
            assert probe.count.value == count_regions(network, probe.domain).value == cells


def test_a_segment_may_keep_coordinates():
    (probe,) = segment_counts(NETWORK, [[0.0, 0, 0, 0, 0], [0.0, 0, 3, 0, 0]])
    assert probe.count.status is Status.CERTIFIED


def test_bad_points():
    with pytest.raises(InputError, match=r"shape \(m, n0\) with n0 = 5"):
        segment_counts(NETWORK, np.zeros((3, 4)))
    with pytest.raises(InputError, match=r"\(m, k \+ 1, n0\)"):
        slice_counts(NETWORK, np.zeros((3, 5)), Box.cube(5, 0, 1))
    with pytest.raises(InputError, match="span only 0 dimensions"):
        segment_counts(NETWORK, np.zeros((2, 5)))
