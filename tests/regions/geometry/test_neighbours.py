"""The graph of neighbouring cells against arrangements that are known by hand, and random walks."""

from itertools import pairwise

import networkx
import numpy as np
import pytest

from regions import Box, Network, WholeSpace, iterate_regions, region_graph
from tests.ladder import SQUARE, one_layer, random_network


def test_three_lines_in_general_position():
    # 3 lines of the plane, 3 segments each: 9 sides between 7 cells; the triangle has 3 neighbours
    network = one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -1.0])
    graph = region_graph(iterate_regions(network, WholeSpace(2)))
    assert (len(graph), graph.number_of_edges()) == (7, 9)
    assert sorted(d for _, d in graph.degree) == [2, 2, 2, 3, 3, 3, 3]


def test_octants_make_a_cube():
    graph = region_graph(iterate_regions(one_layer(np.eye(3)), Box.cube(3, -1, 1)))
    assert networkx.is_isomorphic(graph, networkx.hypercube_graph(3))


def test_lines_through_one_point_touch_without_a_side():
    network = one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])
    graph = region_graph(iterate_regions(network, SQUARE))
    assert networkx.is_isomorphic(graph, networkx.cycle_graph(6))


def test_one_unit_apart_is_not_enough():
    # the second layer is on where |x| > 0.5; (off, on, on) and (on, on, on) differ in unit 0 only, whose
    # hyperplane x = 0 neither of them touches
    network = Network.of(([[1.0], [1.0]], [0.0, 2.0]), ([[2.0, -1.0]], [1.5]), ([[1.0]], None))
    graph = region_graph(iterate_regions(network, Box.cube(1, -1, 1)))
    assert networkx.is_isomorphic(graph, networkx.path_graph(4))


def test_where_two_units_switch_at_once_there_is_no_edge():
    graph = region_graph(iterate_regions(one_layer([[1.0, 0.0], [2.0, 0.0]]), SQUARE))
    assert (len(graph), graph.number_of_edges()) == (2, 0)


@pytest.mark.parametrize("seed", range(3))
def test_every_crossing_of_a_random_walk_is_an_edge(seed):
    network = random_network(seed, 3, 7, 5, 1)
    graph = region_graph(iterate_regions(network, Box.cube(3, -1, 1)))
    node = {region.pattern.tobytes(): i for i, region in graph.nodes.data("region")}
    ends = np.random.default_rng(seed).uniform(-1, 1, (40, 2, 3))
    share = np.linspace(0, 1, 4001)[:, None]
    crossings = 0
    for start, stop in ends:
        patterns = network.pattern(start + share * (stop - start))
        for before, after in pairwise(patterns):
            if (before != after).sum() == 1:
                crossings += 1
                unit = int(np.flatnonzero(before != after)[0])
                i, j = node[before.tobytes()], node[after.tobytes()]
                assert graph.edges[i, j]["unit"] == unit
    assert crossings > 50
    assert networkx.is_connected(graph)


def test_rows_that_vanish_on_the_common_side_are_no_obstacle():
    # g2 = -max(0, x): the cells x < 0 and x > 0 differ in unit 0 only, and g2 is zero on x = 0
    network = Network.of(([[1.0]], None), ([[-1.0]], None), ([[1.0]], None))
    graph = region_graph(iterate_regions(network, Box.cube(1, -1, 1)))
    assert networkx.is_isomorphic(graph, networkx.path_graph(2))


@pytest.mark.parametrize("size", [2.0**-80, 1.0, 2.0**80])
def test_without_biases_a_walk_around_the_origin_knows_all_edges(size):
    rows = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.5]], [[-1.0, -1.0, -1.0], [-1.0, 1.0, -2.0]]
    network = Network.of((rows[0], None), (rows[1], None), ([[1.0, 1.0]], None))
    graph = region_graph(iterate_regions(network, Box.cube(2, -size, size)))
    angle = 0.0003 + np.linspace(0, 2 * np.pi, 10_001)
    around = network.pattern(np.column_stack([np.cos(angle), np.sin(angle)]))
    steps = (around[1:] != around[:-1]).sum(axis=1)
    assert (
        (len(graph), graph.number_of_edges()) == ((steps > 0).sum(), (steps == 1).sum()) == (7, 6)
    )
