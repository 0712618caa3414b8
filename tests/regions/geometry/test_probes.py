import numpy as np
import pytest

from regions import AffineSlice, Box, Status, count_regions
from regions.errors import InputError
from regions.geometry.probes import segment_counts, slice_counts
from tests.ladder import random_network

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
