"""What a few layers say of a unit, wherever they are met, is true of every cell."""

import numpy as np
import pytest

from regions import Box, Network, WholeSpace, count_regions
from regions.arithmetic.judge import Judge
from regions.exact_search.cones import Cones
from tests.ladder import random_network


def test_parallel_hyperplanes_of_one_active_unit():
    # second layer: h - 1 and h - 2 of h = relu(x); where the first is off the second is too, and the other way round
    network = Network.of(([[1.0, 0.0]], None), ([[1.0], [1.0]], [-1.0, -2.0]), ([[1.0, 1.0]], None))
    cones = Cones(network)
    assert cones.refuted(np.array([1, -1, 0], dtype=np.int8), 2, Judge()) == 1
    assert cones.refuted(np.array([1, 0, 1], dtype=np.int8), 1, Judge()) == -1
    assert cones.refuted(np.array([1, 1, 0], dtype=np.int8), 2, Judge()) == 0


@pytest.mark.parametrize("seed", range(4))
def test_what_is_refuted_occurs_in_no_cell(seed):
    network = random_network(seed, 3, 4, 3, 3, 1)
    cones, patterns = (
        Cones(network),
        count_regions(network, WholeSpace(3), keep_patterns=True).patterns.matrix(),
    )
    refuted, starts = 0, (0, 4, 7, 10)
    for pattern in patterns[::3]:
        signs = np.where(pattern, 1, -1).astype(np.int8)
        for layer in (1, 2):
            for unit in range(starts[layer], starts[layer + 1]):
                known = signs.copy()
                known[unit:] = 0
                side = cones.refuted(known, unit, Judge())
                alike = (patterns[:, :unit] == pattern[:unit]).all(axis=1)
                refuted += side != 0
                assert side == 0 or not (patterns[alike, unit] == (side > 0)).any()
    assert refuted > 10


def test_narrow_deep_networks_agree_with_a_box_around_all():
    # every vertex of these is far inside the box
    for seed in range(3):
        network = random_network(seed, 3, 6, 3, 4, 3, 1)
        found = count_regions(network, WholeSpace(3), engine="cells")
        assert found.value == count_regions(network, Box.cube(3, -1e6, 1e6), engine="cells").value
        assert found.status.name == "CERTIFIED"
