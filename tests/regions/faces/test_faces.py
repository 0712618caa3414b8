"""Counting by faces against hand proofs and enumeration."""

import numpy as np
import pytest

import bounds
from regions import AffineSlice, Box, Faces, Network, Polytope, Status, WholeSpace, count_regions
from regions.errors import UnsupportedError
from tests.ladder import LADDER, TOLERANCE_CASES, network_with_ties, random_network

RUNGS = [
    rung for rung in (*LADDER, *TOLERANCE_CASES) if "cells" in rung.answers and rung.domain.bounded
]


def proved(network, domain, **options):
    count = count_regions(network, domain, engine=Faces(), **options)
    assert count.status is Status.CERTIFIED
    assert count.at_least == count.at_most == count.value
    return count.value


def enumerated(network, domain):
    count = count_regions(network, domain, engine="cells")
    assert count.status is Status.CERTIFIED
    return count.value


@pytest.mark.parametrize("rung", RUNGS, ids=str)
def test_the_ladder(rung):
    assert proved(rung.network, rung.domain) == rung.answers["cells"]


@pytest.mark.parametrize("seed", range(60))
def test_ties_everywhere(seed):
    network = network_with_ties(np.random.default_rng(seed))
    box = Box.cube(network.n0, -2, 2)
    assert proved(network, box) == enumerated(network, box)


@pytest.mark.parametrize("seed", range(60, 100))
def test_ties_on_polytopes_slices_and_boxes_with_fixed_coordinates(seed):
    rng = np.random.default_rng(seed)
    network = network_with_ties(rng)
    n0 = network.n0
    box = Box.cube(n0, -2, 2)
    lower, upper = box.lower.copy(), box.upper.copy()
    lower[0] = upper[0] = 0.5
    domains = [
        Polytope(rng.integers(-2, 3, size=(2, n0)), [2, 3], box),
        AffineSlice(np.zeros(n0), [rng.integers(1, 4, size=n0)], box),
        Box(lower, upper),
    ]
    for domain in domains:
        assert proved(network, domain) == enumerated(network, domain)


@pytest.mark.parametrize(
    "widths", [(5, 7, 1), (9, 4, 5, 1), (6, 5, 6, 1), (3, 4, 4, 4, 1), (3, 3, 3, 3, 3, 1)]
)
def test_one_to_four_hidden_layers(widths):
    network, box = random_network(sum(widths), *widths), Box.cube(widths[0], -1, 1)
    assert proved(network, box) == enumerated(network, box)


def test_one_layer_of_independent_units_is_one_question():
    network, box = random_network(1, 40, 30, 1), Box.cube(40, -9, 9)
    count = count_regions(network, box, engine="faces")
    assert count.value == bounds.shallow(40, 30) == 2**30
    assert count.stats["questions"] < 100


def test_sets_by_size_are_the_faces_of_the_arrangement():
    # four lines in general position that all meet in the box: 1 plane, 4 lines, 6 points
    lines = [[1.0, 0.2], [-0.3, 1.0], [1.0, 1.0], [1.0, -1.0]]
    network = Network.of((lines, [0.1, 0.05, -0.2, 0.3]), (np.ones((1, 4)), None))
    count = count_regions(network, Box.cube(2, -9, 9), engine="faces")
    assert count.stats["sets_by_size"] == [1, 4, 6, 0, 0]
    # three of them through one point: the sets that count its six cells
    ties = Network.of(([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], None), (np.ones((1, 3)), None))
    count = count_regions(ties, Box.cube(2, -1, 1), engine="faces")
    assert count.stats["sets_by_size"] == [1, 3, 2, 0]


def test_the_smallest_sets_are_the_cells_of_the_layers_before():
    network, box = random_network(11, 7, 5, 4, 1), Box.cube(7, -1, 1)
    first = Network([network.layers[0], (np.ones((1, 5)), None)])
    sizes = count_regions(network, box, engine="faces").stats["sets_by_size"]
    assert sizes[0] == enumerated(first, box)
    assert sum(sizes) == enumerated(network, box)


def test_dead_and_duplicated_units_and_opposite_ones():
    weight = np.random.default_rng(5).normal(size=(3, 4))
    first = np.vstack([weight, weight[0], -2 * weight[1], np.zeros(4), -np.ones(4)])
    last = np.random.default_rng(6).normal(size=(3, 7))
    second = np.vstack([last, last[0] * 4, -last[1], -np.ones(7)])
    network = Network.of(
        (first, [0.1, 0.2, -0.1, 0.1, -0.4, 0.0, -5.0]),
        (second, np.zeros(6)),
        (np.ones((1, 6)), None),
    )
    box = Box.cube(4, -1, 1)
    assert proved(network, box) == enumerated(network, box)


def test_a_zero_on_the_boundary_of_the_box_is_no_face():
    # x is zero at a face of [0, 1]^2 only
    network = Network.of((np.eye(2), [0.0, -0.5]), (np.eye(2), None))
    assert proved(network, Box.cube(2, 0, 1)) == 2


def test_rows_of_other_free_units_count_in_the_rank():
    # relu(x + 1) - 1 is zero at x = 0 together with x, but in no parent do both signs of both occur
    network = Network.of(([[1.0], [1.0]], [0.0, 1.0]), ([[0.0, 1.0]], [-1.0]), ([[1.0]], None))
    assert proved(network, Box.cube(1, -0.5, 0.5)) == 2


def test_a_time_limit_leaves_a_proved_interval():
    network, box = random_network(2, 30, 14, 14, 1), Box.cube(30, -1, 1)
    count = count_regions(network, box, engine="faces", time_limit=0.3)
    assert count.status is Status.AT_LEAST
    assert 1 <= count.at_least == count.value < count.at_most <= bounds.layered(30, [14, 14])


def test_scales_do_not_matter():
    network, box = random_network(4, 6, 5, 4, 1), Box.cube(6, -1, 1)
    (w1, b1), (w2, b2), last = network.layers
    factors = 10.0 ** np.array([-9, 7, 0, 3, -4])
    scaled = Network.of((w1 * factors[:, None], b1 * factors), (w2 / factors, b2), last)
    assert proved(scaled, box) == enumerated(scaled, box)
    tiny = Box.around(np.full(6, 0.3), 1e-5)
    assert proved(network, tiny) == enumerated(network, tiny)


@pytest.mark.parametrize(
    ("domain", "options", "said"),
    [
        (WholeSpace(2), {}, "bounded"),
        (Box.cube(2, -1, 1), {"counted": "maps"}, "counts cells"),
        (Box.cube(2, -1, 1), {"keep_patterns": True}, "keep_patterns"),
        (Box.cube(2, -1, 1), {"journal": "run.jsonl"}, "journal"),
    ],
)
def test_what_it_does_not_take_is_said(domain, options, said):
    with pytest.raises(UnsupportedError, match=said):
        count_regions(random_network(0, 2, 3, 3, 1), domain, engine="faces", **options)
