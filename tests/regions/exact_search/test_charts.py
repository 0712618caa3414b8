"""The whole space in simplices: counts by formula, by brute force, and with no tie where positions are general."""

from math import comb

import numpy as np
import pytest

from regions import Network, WholeSpace, count_regions, iterate_regions
from regions.exact_search.problem import Problem
from tests.oracles.brute_force import brute_force


def layer(seed, n0, width, bias=1.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(width, n0)), bias * rng.normal(size=width)


def shallow(*first):
    return Network.of(first, (np.ones((1, len(first[1]))), None))


@pytest.mark.parametrize(("n0", "width"), [(1, 4), (2, 7), (3, 6), (4, 7), (6, 8), (5, 3), (9, 4)])
def test_hyperplanes_in_general_position(n0, width):
    count = count_regions(shallow(*layer(0, n0, width)), WholeSpace(n0))
    assert count.at_least == count.at_most == sum(comb(width, i) for i in range(n0 + 1))
    assert count.stats["settled_exactly"] == 0


@pytest.mark.parametrize(("n0", "width"), [(1, 3), (2, 6), (3, 6), (6, 8), (8, 3)])
def test_hyperplanes_through_the_origin(n0, width):
    count = count_regions(shallow(*layer(0, n0, width, bias=0.0)), WholeSpace(n0))
    assert count.value == 2 * sum(comb(width - 1, i) for i in range(min(n0, width)))
    assert n0 == 1 or count.stats["settled_exactly"] == 0


def test_parallel_hyperplanes_meet_at_infinity():
    weight = np.array([[1.0, 0.0], [2.0, 0.0], [-3.0, 0.0], [0.0, 1.0]])
    count = count_regions(shallow(weight, np.array([0.0, 1.0, 1.0, 5.0])), WholeSpace(2))
    assert count.value == 8  # four strips, cut once


def coarse(seed, n0, *widths):
    rng = np.random.default_rng(seed)
    layers, below = [], n0
    for width in widths:
        layers.append(
            (rng.integers(-1, 2, (width, below)).astype(float), rng.integers(-1, 2, width))
        )
        below = width
    return Network.of(*layers, (np.ones((1, below)), None))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n0", [1, 2, 6])
def test_coarse_networks_against_brute_force(seed, n0):
    network = coarse(seed, n0, 4, 3)
    found = count_regions(network, WholeSpace(n0), keep_patterns=True)
    assert found.patterns == brute_force(network, WholeSpace(n0))


@pytest.mark.parametrize("biases", [1.0, 0.0])
def test_points_lie_in_their_cells(biases):
    network = Network.of(layer(0, 3, 5, biases), layer(1, 5, 4, biases), (np.ones((1, 4)), None))
    regions = list(iterate_regions(network, WholeSpace(3)))
    assert all((network.pattern(r.witness[None])[0] == r.pattern).all() for r in regions)
    assert len(regions) == count_regions(network, WholeSpace(3)).value


def test_weights_of_all_sizes():
    weight, bias = layer(0, 3, 5)
    powers = 2.0 ** np.array([900, -900, 0, 300, -20])
    count = count_regions(shallow(weight * powers[:, None], bias * powers), WholeSpace(3))
    assert count.value == sum(comb(5, i) for i in range(4))


def test_nearly_dependent_units_have_no_chart_and_the_right_count():
    weight = np.array([[1.0, 0.0], [1.0, 2.0**-45]])
    network = shallow(np.vstack([weight, [[0.0, 1.0]]]), np.array([0.0, 1.0, 3.0]))
    assert count_regions(network, WholeSpace(2)).value == 7
    two = shallow(weight, np.array([0.0, 1.0]))
    assert count_regions(two, WholeSpace(2)).value == 4
    assert Problem(two, WholeSpace(2)).charts is not None  # each of the two is itself


def test_a_descent_goes_through_the_charts():
    from regions import estimate_regions

    network = Network.of(layer(0, 6, 8), (np.ones((1, 8)), None))
    estimate = estimate_regions(network, WholeSpace(6), seed=0)
    truth = np.log10(sum(comb(8, i) for i in range(7)))
    assert estimate.log10_value == pytest.approx(truth, abs=0.1)
