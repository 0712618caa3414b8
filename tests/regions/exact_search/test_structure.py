"""Ties that the stored numbers show: recognised before the search, so that nothing is settled cell by cell."""

import numpy as np
import pytest

from regions import AffineSlice, Box, Network, Polytope, WholeSpace, count_regions
from regions.arithmetic.proportional import either_sign, factor
from regions.exact_search.problem import Problem
from regions.exact_search.structure import ties
from tests.oracles.brute_force import brute_force


def twice(count, signs=(1.0,), seed=0):
    """``count`` units in general position, once more for each of ``signs``, in the order of the units."""
    rng = np.random.default_rng(seed)
    weight, bias = rng.normal(size=(count, count)), rng.normal(0, 0.1, count)
    rows = [weight, *(s * weight for s in signs)]
    biases = [bias, *(s * bias for s in signs)]
    total = count * (1 + len(signs))
    return Network.of((np.concatenate(rows), np.concatenate(biases)), (np.ones((1, total)), None))


@pytest.mark.parametrize("signs", [(1.0,), (-1.0,), (2.0, -0.5)])
def test_ten_units_twice_are_ten_hyperplanes(signs):
    count = count_regions(twice(10, signs), Box.cube(10, -10, 10))
    assert (count.at_least, count.at_most) == (1024, 1024)
    assert count.stats["settled_exactly"] == 0


def test_in_the_plane_too():
    count = count_regions(twice(2, (-1.0, 4.0)), Box.cube(2, -10, 10))
    assert (count.value, count.stats["settled_exactly"]) == (4, 0)


def coarse(seed, n0, *widths):
    """Small whole numbers: units that coincide, oppose, vanish, touch the box, in every layer."""
    rng = np.random.default_rng(seed)
    layers, below = [], n0
    for width in widths:
        weight, bias = rng.integers(-1, 2, (width, below)), rng.integers(-1, 2, width)
        weight[-1], bias[-1] = -2 * weight[0], -2 * bias[0]
        layers.append((weight.astype(float), bias.astype(float)))
        below = width
    return Network.of(*layers, (np.ones((1, below)), None))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("n0", [2, 6])
def test_coarse_networks_against_brute_force(seed, n0):
    network = coarse(seed, n0, 4, 4)
    for domain in (Box.cube(n0, 0, 1), Polytope([[1.0] * n0], [1.0], Box.cube(n0, -1, 1))):
        found = count_regions(network, domain, keep_patterns=True)
        assert found.patterns == brute_force(network, domain)


def test_an_opposite_unit_of_one_that_vanishes_is_off():
    # the second layer sees relu(x) - relu(x) = 0: both units off, though they are opposites
    network = Network.of(
        ([[1.0], [1.0]], None), ([[1.0, -1.0], [-2.0, 2.0]], None), ([[1.0, 1.0]], None)
    )
    domain = Box.cube(1, -1, 1)
    found = count_regions(network, domain, keep_patterns=True)
    assert found.patterns == brute_force(network, domain)
    assert not found.patterns.matrix()[:, 2:].any()


def test_sides_that_coincide_are_one_and_units_on_them_have_one_sign():
    rng = np.random.default_rng(0)
    images = np.zeros((3, 30))  # black pixels: the plane lies on sides of the box
    for i in range(3):
        images[i, 8 * i : 8 * i + 10] = rng.uniform(0.2, 1, 10)
    plane = AffineSlice.through(images, Box.cube(30, 0, 1))
    weight, bias = rng.normal(size=(6, 30)), rng.normal(0, 0.1, 6)
    weight[4], bias[4] = np.eye(30)[9], 0.0  # a pixel: never negative
    weight[5], bias[5] = -np.eye(30)[29], 0.0  # black in all three
    network = Network.of((weight, bias), (np.ones((1, 6)), None))
    problem = Problem(network, plane)
    assert len(problem.exact.sides) < len(problem.hull.rows)
    always = network.n_units + 1
    assert ties(problem)[4:].tolist() == [always, -always]
    found = count_regions(network, plane, keep_patterns=True)
    assert found.patterns == brute_force(network, plane)


def test_units_without_weights_have_a_sign_on_the_whole_space():
    network = Network.of(([[0.0], [0.0], [1.0]], [0.0, 2.0, 0.0]), (np.ones((1, 3)), None))
    assert ties(Problem(network, WholeSpace(1))).tolist() == [-4, 4, 0]
    assert count_regions(network, WholeSpace(1)).value == 2


def test_nearly_proportional_rows_are_no_multiples():
    rows = np.array([[1.0, 3.0, 0.1], [0.1, 0.3, 0.01]])
    whole = [[int(v * 2**60) for v in row] for row in rows]
    assert either_sign(rows, whole.__getitem__) == []
    assert factor([1, 2], [2, 4]) == 1
