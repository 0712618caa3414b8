"""Networks without biases on boxes around the origin are counted as in the whole space."""

from math import comb

import numpy as np
import pytest

from regions import Box, Network, WholeSpace, count_regions
from regions.exact_search.homogeneous import problem_in_space, scaled_into
from regions.exact_search.problem import Problem
from tests.ladder import random_network


def without_biases(seed, *widths):
    """Weights of few digits, so that a shift of the origin is exact."""
    layers = random_network(seed, *widths).layers
    return Network.of(*((np.round(weight * 64) / 64, None) for weight, _ in layers))


@pytest.mark.parametrize(("d", "n"), [(2, 5), (3, 6), (4, 7)])
def test_hyperplanes_through_the_origin(d, n):
    # Cover 1965: in general position twice the sum of C(n - 1, i) over i < d
    network = without_biases(1, d, n, 1)
    count = count_regions(network, Box.cube(d, -1, 3), engine="cells")
    assert count.value == 2 * sum(comb(n - 1, i) for i in range(d))
    assert (count.status.name, count.stats["settled_exactly"]) == ("CERTIFIED", 0)


def test_all_boxes_around_the_origin_have_the_cells_of_the_space_and_witnesses_inside():
    network = without_biases(2, 3, 5, 4, 1)
    whole = count_regions(network, WholeSpace(3), engine="cells", keep_patterns=True)
    for box in (
        Box.cube(3, -1, 1),
        Box([-1e-3, -5.0, -2.0], [7.0, 1e9, 0.5]),
        Box.cube(3, -1e-90, 1e-80),
    ):
        count = count_regions(network, box, engine="cells", keep_patterns=True)
        assert (count.patterns.matrix() == whole.patterns.matrix()).all()
        assert (box.lower < count.witnesses).all()
        assert (count.witnesses < box.upper).all()
        assert (network.pattern(count.witnesses) == count.patterns.matrix()).all()


def test_it_is_what_points_show_and_the_count_around_another_origin():
    network = without_biases(3, 2, 4, 3, 1)
    box = Box.cube(2, -1, 1)
    count = count_regions(network, box, engine="cells").value
    assert count == len(
        {bytes(row) for row in np.packbits(network.pattern(box.sample(200_000, 0)), axis=1)}
    )
    # the same with the origin moved, so that there are biases and no short cut
    first, *later = network.layers
    moved = Network([(first.weight, first.weight @ [0.25, -0.5]), *later])
    assert count_regions(moved, Box([-1.25, -0.5], [0.75, 1.5]), engine="cells").value == count


@pytest.mark.parametrize(
    ("network", "box"),
    [
        (without_biases(0, 2, 3, 1), Box([0.0, -1.0], [1.0, 1.0])),  # the origin is on a side
        (without_biases(0, 2, 3, 1), Box([0.0, -1.0], [0.0, 1.0])),
        (random_network(0, 2, 3, 1), Box.cube(2, -1, 1)),  # biases
    ],
)
def test_others_are_searched_where_they_are(network, box):
    assert problem_in_space(Problem(network, box)) is None


def test_points_are_only_made_smaller():
    points = np.array([[0.5, -0.5], [8.0, 1.0], [0.0, -3.0]])
    inside = scaled_into(Box([-1.0, -1.0], [1.0, 2.0]), points)
    assert (inside[0] == points[0]).all()
    assert (np.abs(inside) < [1.0, 1.0]).all()
    assert inside[1, 0] == 8 * inside[1, 1] > 0
