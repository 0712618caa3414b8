"""`Auto` between enumeration and faces."""

import pytest

from regions import Box, Faces, Status, count_regions
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


@pytest.mark.parametrize("options", [{"counted": "maps"}, {"keep_patterns": True}, {"workers": 2}])
def test_what_faces_cannot_do_is_enumerated(options):
    network, box = random_network(3, 6, 4, 3, 1), Box.cube(6, -1, 1)
    assert count_regions(network, box, **options).engine == "cells"
