"""Tighter ranges for open signs: right on small networks, decisive on some, and never in vain."""

import itertools

import numpy as np
import pytest

from regions import Box, Network, stable_units
from regions.preactivations.relaxation import substitute
from regions.preactivations.replay import Replay
from regions.stability.harvest import harvest
from regions.stability.ledger import NEVER, Ledger
from regions.stability.points import Points
from regions.stability.prover import Prover
from regions.stability.refiner import Refiner
from tests.ladder import random_network
from tests.oracles.signs import true_signs

UNIT = Box.cube(1, 0, 1)


def refiner(network, box, samples=200):
    """A `Refiner` whose ledger has ranges by back-substitution and the signs at random points."""
    ledger, replay = Ledger(network.widths), Replay(network, box)
    for layer in range(len(network.widths)):
        ends = substitute(network, box, ledger.lower, ledger.upper, layer)
        ledger.tighten(layer, *ends, "relaxation")
    points = Points(replay, None, samples, 0, {})
    harvest(ledger, replay, points.random)
    return Refiner(Prover(ledger, replay), points, samples)


def corners_and_more(box):
    corners = np.array(list(itertools.product(*zip(box.lower, box.upper, strict=True))))
    return np.concatenate([corners, box.sample(5000, 1)])


def test_answers_and_ranges_hold_on_small_networks():
    settled = tightened = 0
    for seed in range(60):
        network, box = random_network(seed, 3, 4, 3, 2, 1), Box.cube(3, -0.7, 0.7)
        found = refiner(network, box)
        before = found.ledger.ranges
        for question in found.ledger.open():
            found.refine(*question, nodes=200)
        settled += len(open_in(before, found.ledger))
        for layer, (on, off, _) in enumerate(true_signs(network, box)):
            assert not (found.ledger.on[layer] & ~on).any()
            assert not (found.ledger.off[layer] & ~off).any()
        after = found.ledger.ranges
        values = network.preactivations(corners_and_more(box))
        for layer, g in enumerate(values):
            assert (g.max(axis=0) <= after.upper[layer] + 1e-12).all()
            assert (g.min(axis=0) >= after.lower[layer] - 1e-12).all()
            tightened += int((after.upper[layer] < before.upper[layer]).sum())
    assert settled >= 2
    assert tightened >= 5


def open_in(before, ledger):
    """Units of the last layer whose range was tightened to one sign."""
    last = len(before.upper) - 1
    return np.flatnonzero((before.upper[last] > 0) & (ledger.answers[1][last] == NEVER))


def hat(threshold):
    """In layer two 2x up to 1/2, then 2 - 2x, which back-substitution bounds by 2; then that less ``threshold``."""
    return Network.of(
        ([[1.0], [2.0]], [0.0, -1.0]),
        ([[2.0, -2.0]], [0.0]),
        ([[1.0]], [-threshold]),
        ([[1.0]], None),
    )


def test_a_sign_that_rests_on_one_range():
    found = refiner(hat(1.5), UNIT)
    assert found.ledger.upper[1][0] >= 2
    assert found.ledger.is_open(2, 0, 1)
    found.refine(2, 0, 1, nodes=50)
    assert found.ledger.answers[1][2][0] == NEVER
    assert 1 <= found.ledger.upper[1][0] <= 1.5
    assert found.prover.programmes > 0


def test_no_programme_where_points_show_that_ranges_cannot_do():
    found = refiner(hat(0.5), UNIT)
    found.ledger.answers[1][2][0] = -1  # as if no point had shown the sign
    found.refine(2, 0, 1, nodes=50)
    assert found.prover.programmes == 0
    assert found.ledger.is_open(2, 0, 1)


def test_what_a_programme_shows_counts_as_seen():
    found = refiner(hat(0.5), UNIT, samples=0)
    assert not found.seen[1].any()
    found.refine(2, 0, 1, nodes=50)
    assert 0.5 < found.seen[1][0] <= 1
    assert found.ledger.is_open(2, 0, 1)


@pytest.mark.parametrize("nodes", [0, 1])
def test_no_more_programmes_than_allowed(nodes):
    found = refiner(hat(1.5), UNIT)
    found.refine(2, 0, 1, nodes=nodes)
    assert found.prover.programmes <= nodes


def test_the_default_settles_it_too():
    found = stable_units(hat(1.5), UNIT)
    assert found.certified
    assert found.off[2].tolist() == [True]
