import numpy as np
import pytest

from regions import Box, Sample, Status, WholeSpace, count_regions
from regions.errors import InputError, UnsupportedError
from tests.ladder import one_layer, random_network
from tests.oracles.brute_force import brute_force

NETWORK, BOX = random_network(5, 3, 6, 5, 1), Box.cube(3, -1, 1)


def test_it_finds_some_of_the_patterns_and_their_points():
    answer = count_regions(NETWORK, BOX, engine=Sample(points=20_000), keep_patterns=True)
    assert len(answer.patterns - brute_force(NETWORK, BOX)) == 0
    assert len(answer.patterns) == answer.value > 50
    assert (NETWORK.pattern(answer.witnesses) == answer.patterns.matrix()).all()
    assert answer.status is Status.AT_LEAST


def test_the_seed_decides_and_the_batch_does_not():
    def sampled(seed, batch):
        engine = Sample(points=1000, batch=batch)
        return count_regions(NETWORK, BOX, engine=engine, seed=seed, keep_patterns=True).patterns

    assert sampled(1, 1000) == sampled(1, 64)
    assert sampled(1, 1000) != sampled(2, 1000)


def test_a_point_on_a_tie_is_no_cell():
    network, corner = one_layer([[1.0, 1.0]], [0.0]), Box([0.0, 0.0], [0.0, 1e-300])
    # x = 0 is fixed: g = y varies on the segment, and is zero at its end only
    assert count_regions(network, corner, engine=Sample(points=10)).value == 1
    point = Box([0.0, 0.0], [0.0, 0.0])  # nothing varies: zero on the whole cell
    assert count_regions(network, point, engine=Sample(points=10)).value == 1


def test_the_whole_space_is_sampled_too():
    answer = count_regions(one_layer([[1.0], [-1.0]]), WholeSpace(1), engine=Sample(points=1000))
    assert answer.value == 2


def test_time_limit_and_progress():
    calls = []
    engine = Sample(points=10**9, batch=1000)
    answer = count_regions(
        NETWORK, BOX, engine=engine, time_limit=0.1, progress=lambda *c: calls.append(c)
    )
    assert 0 < answer.stats["points"] < 10**9
    assert calls[-1] == (answer.value, answer.stats["points"] / 10**9)
    assert np.diff([found for found, _ in calls]).min(initial=0) >= 0


def test_what_it_cannot_do_is_refused():
    with pytest.raises(UnsupportedError, match="engine cells"):
        count_regions(NETWORK, BOX, engine=Sample(), counted="maps")
    with pytest.raises(InputError, match="at least one point"):
        Sample(points=0)
