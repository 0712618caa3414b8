"""`Auto` between enumeration and faces."""

import time

import numpy as np
import pytest

from regions import Box, Faces, Network, Status, count_regions
from regions.faces.descent import expected_size
from regions.faces.problem import Problem
from tests.ladder import random_network


def test_descents_expect_the_cells_without_bias():
    network, box = random_network(3, 12, 6, 4, 1), Box.cube(12, -1, 1)
    cells = count_regions(network, box, engine=Faces()).value
    size = expected_size(Problem(network, box), descents=1500, seconds=20)
    assert size.descents == 1500
    assert size.cells == pytest.approx(cells, rel=0.1)


def test_a_wide_first_layer_is_counted_by_faces():
    network, box = random_network(5, 60, 15, 3, 1), Box.cube(60, -1, 1)
    count = count_regions(network, box)
    assert (count.engine, count.status) == ("faces", Status.CERTIFIED)
    assert "random descents expect" in count.stats["chosen_because"]
    assert count.value == count_regions(network, box, engine=Faces()).value > 100_000


def test_a_descent_that_takes_too_long_is_broken_off():
    # max(a, b) as relu(a - b) + relu(b): four layers, of which a question by faces takes a tenth of a second and more
    rng = np.random.default_rng(0)
    pairs = np.kron(np.eye(20), [[1, -1], [0, 1]])
    pooled = rng.normal(0, 0.3, (19, 20)) @ np.kron(np.eye(20), np.ones((1, 2)))
    both, back = np.kron(pooled, [[1], [-1]]), np.kron(np.eye(19), [[1, -1]])
    network = Network.of(
        (rng.normal(0, 0.6, (40, 6)), rng.normal(0, 0.1, 40)),
        (pairs, None),
        (both, np.kron(rng.normal(0, 0.1, 19), [1, -1])),
        (rng.normal(0, 0.3, (19, 19)) @ back, rng.normal(0, 0.1, 19)),
        (np.ones((1, 19)), None),
    )
    box = Box.cube(6, -0.3, 0.3)
    assert expected_size(Problem(network, box), seconds=1e-3) is None
    count_regions(network, box, time_limit=0.1)  # compiled
    began = time.process_time()
    count = count_regions(network, box, time_limit=2.0)
    assert time.process_time() - began < 5
    assert count.engine == "cells"
    assert "not one random descent" in count.stats["chosen_because"]


@pytest.mark.parametrize("options", [{"counted": "maps"}, {"keep_patterns": True}, {"workers": 2}])
def test_what_faces_cannot_do_is_enumerated(options):
    network, box = random_network(3, 6, 4, 3, 1), Box.cube(6, -1, 1)
    assert count_regions(network, box, **options).engine == "cells"
