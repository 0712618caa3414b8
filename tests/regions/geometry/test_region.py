"""Regions as objects: they tile their domain, and their geometry is that of the network."""

import itertools

import numpy as np
import pytest

from regions import (
    AffineSlice,
    Box,
    Network,
    Polytope,
    Region,
    Status,
    WholeSpace,
    count_regions,
    iterate_regions,
)
from regions.errors import InputError, UnsupportedError
from regions.geometry.polygons import area
from tests.ladder import LADDER, SQUARE, TOLERANCE_CASES, one_layer, random_network

NETWORK = random_network(3, 2, 8, 8, 2)
SMALL = random_network(4, 2, 5, 4, 2)
RUNGS = [rung for rung in (*LADDER, *TOLERANCE_CASES) if "cells" in rung.answers]
CUBE = Box.cube(3, -1, 1)
POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (3, 10))
TILTED = AffineSlice.through(POINTS, Box.cube(10, 0, 1))
DOMAINS = [
    (SMALL, SQUARE),
    (SMALL, Polytope([[1.0, 1.0]], [0.5], SQUARE)),
    (SMALL, WholeSpace(2)),
    (random_network(5, 3, 6, 5, 1), Box([-1.0, 0.5, -1.0], [1.0, 0.5, 1.0])),
    (random_network(8, 10, 7, 6, 3), TILTED),
]


@pytest.mark.parametrize("rung", RUNGS, ids=str)
def test_every_cell_of_the_ladder_comes_once(rung):
    stream = iterate_regions(rung.network, rung.domain)
    patterns = [r.pattern.tobytes() for r in stream]
    assert len(patterns) == len(set(patterns)) == rung.answers["cells"]
    assert stream.status is Status.CERTIFIED


@pytest.mark.parametrize(("network", "domain"), DOMAINS)
def test_geometry_of_every_region(network, domain):
    regions = list(iterate_regions(network, domain))
    assert len(regions) == count_regions(network, domain).value
    points = domain.sample(400, 0)
    of_points = network.pattern(points)
    for region in regions:
        assert (network.pattern(region.witness) == region.pattern).all()
        A, c = region.affine()
        assert A @ region.witness + c == pytest.approx(network.forward(region.witness), rel=1e-9)
        here = (of_points == region.pattern).all(axis=1)
        for irredundant in (False, True):
            A, b = region.halfspaces(irredundant=irredundant)
            assert (A @ region.witness <= b + 1e-12).all()
            assert ((points @ A.T <= b + 1e-12).all(axis=1) == here).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_pieces_tile_the_square(workers):
    areas = [
        area(r.vertices()) for r in iterate_regions(NETWORK, SQUARE, workers=workers, budget=7)
    ]
    assert min(areas) > 0
    assert sum(areas) == pytest.approx(4.0, rel=1e-12)


def test_pieces_tile_a_slice_through_three_points_in_ten_dimensions():
    network = random_network(8, 10, 7, 6, 3)
    regions = list(iterate_regions(network, TILTED))
    (whole,) = iterate_regions(Network.of((np.ones((1, 10)), None)), TILTED)
    areas = [area(r.vertices(coordinates="domain")) for r in regions]
    assert len(regions) > 10
    assert sum(areas) == pytest.approx(area(whole.vertices(coordinates="domain")), rel=1e-12)
    for region in regions:
        on_slice, inside = region.vertices(), region.vertices(coordinates="domain")
        assert TILTED.at(inside) == pytest.approx(on_slice)
        assert TILTED.contains(np.clip(on_slice, 0, 1)).all()


def test_a_sliver_keeps_its_width():
    # lines x = 0 and x = 1e-9: the cell between them is a strip of that width
    network = one_layer([[1.0, 0.0], [1.0, 0.0]], [0.0, -1e-9])
    widths = sorted(np.ptp(r.vertices()[:, 0]) for r in iterate_regions(network, SQUARE))
    assert widths == pytest.approx([1e-9, 1 - 1e-9, 1.0], rel=1e-6)


def test_lines_through_one_point_make_triangles_and_quadrilaterals():
    network = one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    corners = [len(r.vertices()) for r in iterate_regions(network, SQUARE)]
    assert sorted(corners) == [3, 3, 3, 3, 4, 4]


def test_vertices_of_octants_and_of_intervals():
    octants = list(iterate_regions(one_layer(np.eye(3)), CUBE))
    for region in octants:
        sign = np.where(region.pattern, 1.0, -1.0)
        expected = np.array(list(itertools.product(*((0.0, s) for s in sign))))
        found = region.vertices()
        assert np.sort(found.round(12) + 0.0, axis=0) == pytest.approx(np.sort(expected, axis=0))
        assert len({tuple(v) for v in found.round(12)}) == 8
        assert len(region.halfspaces(irredundant=True)[0]) == 6
    assert len(octants) == 8


def test_equal_sides_are_kept_once():
    network = one_layer([[1.0, 0.0], [2.0, 0.0], [0.0, 0.0]], [0.0, 0.0, 1.0])
    for region in iterate_regions(network, SQUARE):
        assert len(region.halfspaces()[0]) == 3 + 4
        A, _ = region.halfspaces(irredundant=True)
        assert len(A) == 4


def test_what_cancels_to_rounding_is_no_side():
    # the second layer's row is 0.1 + 0.2 - 0.3 = 5.6e-17 in floating point
    network = Network.of(
        ([[0.1, 0.0], [0.2, 0.0], [0.3, 0.0]], [1.0, 1.0, 1.0]),
        ([[1.0, 1.0, -1.0]], [-1.0 + 1e-16]),
        ([[1.0]], None),
    )
    assert [area(r.vertices()) for r in iterate_regions(network, SQUARE)] == pytest.approx([4.0])


def test_a_network_without_hidden_units_and_a_point_are_one_region():
    (region,) = iterate_regions(Network.of(([[1.0, 2.0]], [3.0])), SQUARE)
    assert region.pattern.shape == (0,)
    assert area(region.vertices()) == pytest.approx(4.0)
    stream = iterate_regions(NETWORK, Box([0.5, 0.5], [0.5, 0.5]))
    (point,) = stream
    assert point.vertices() == pytest.approx(np.array([[0.5, 0.5]]))
    assert stream.status is Status.CERTIFIED


def test_a_stream_that_is_cut_says_so():
    stream = iterate_regions(random_network(1, 4, 20, 20, 1), Box.cube(4, -1, 1), time_limit=1e-9)
    assert list(stream) == []
    assert stream.status is Status.AT_LEAST


def test_a_stream_may_be_left_early():
    stream = iterate_regions(random_network(1, 4, 20, 20, 20, 1), Box.cube(4, -1, 1), budget=50)
    some = list(itertools.islice(stream, 120))
    assert len({r.pattern.tobytes() for r in some}) == 120
    assert stream.status is Status.AT_LEAST


def test_regions_are_read_only():
    region = next(iterate_regions(NETWORK, SQUARE))
    with pytest.raises(ValueError, match="read-only"):
        region.witness[0] = 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [({"time_limit": 0}, "time_limit"), ({"workers": 0}, "workers"), ({"budget": 0}, "budget")],
)
def test_bad_options_fail_at_the_call(options, message):
    with pytest.raises(InputError, match=message):
        iterate_regions(NETWORK, SQUARE, **options)


def test_bad_domains_fail_at_the_call():
    with pytest.raises(InputError, match="no interior point"):
        iterate_regions(NETWORK, Polytope([[1.0, 0.0]], [-5.0], SQUARE))
    with pytest.raises(InputError, match="coordinates"):
        iterate_regions(NETWORK, CUBE)


def test_what_has_no_vertices_says_so():
    with pytest.raises(UnsupportedError, match="unbounded"):
        next(iterate_regions(NETWORK, WholeSpace(2))).vertices()
    with pytest.raises(UnsupportedError, match="dimension 6"):
        Region(
            one_layer(np.eye(6)), Box.cube(6, -1, 1), np.ones(6, bool), np.full(6, 0.5)
        ).vertices()
    with pytest.raises(InputError, match="coordinates='y'"):
        next(iterate_regions(NETWORK, SQUARE)).vertices(coordinates="y")


@pytest.mark.parametrize("size", [1e6, 1e9, 1e12, 1e100])
def test_sides_that_bound_a_cell_are_as_many_as_its_corners_on_huge_boxes(size):
    # the triangle between x = 0, y = 0 and x + y = 1/2 has the size 1/2 in a box of ``size``
    network = one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -0.5])
    cells = list(iterate_regions(network, Box.cube(2, -size, size)))
    sides = [len(r.halfspaces(irredundant=True)[1]) for r in cells]
    assert sorted(sides) == [3, 3, 3, 4, 5, 5, 5]


def test_a_witness_between_doubles_is_flagged():
    # unit 1 switches at 0.3 / 3, the largest real below the double 0.1 and above the one before it
    network = one_layer([[1.0], [3.0]], [-0.1, -0.3])
    regions = {tuple(r.pattern): r.replays for r in iterate_regions(network, Box([0.0], [1.0]))}
    assert regions == {(False, False): True, (False, True): False, (True, True): True}


def test_witnesses_of_the_whole_space_replay_or_say_so():
    # the first layer's rows are dependent up to rounding: three cells begin at 1e17, thinner than doubles there
    first = [[-0.7, -0.2, -0.6], [0.5, -1.6, 1.6], [-1.5, -1.3, -0.7]], [-1.8, 0.4, 0.0]
    network = Network.of(first, ([[-1.0, -1.1, -1.3]], [1.1]), ([[1.7]], [0.6]), ([[1.0]], None))
    regions = list(iterate_regions(network, WholeSpace(3)))
    for region in regions:
        assert region.replays == (network.pattern(region.witness) == region.pattern).all()
    assert sum(not region.replays for region in regions) == 3


@pytest.mark.parametrize(("network", "domain"), DOMAINS)
def test_ordinary_witnesses_replay(network, domain):
    assert all(region.replays for region in iterate_regions(network, domain))
