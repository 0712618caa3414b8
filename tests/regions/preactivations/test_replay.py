from fractions import Fraction

import numpy as np

from regions import AffineSlice, Box, Network, Polytope
from regions.preactivations.replay import Replay
from regions.stability.harvest import harvest
from regions.stability.ledger import Ledger
from tests.ladder import one_layer, random_network


def exact_preactivations(network, x):
    """Forward pass in fractions."""
    h, out = [Fraction(float(v)) for v in x], []
    for weight, bias in network.hidden:
        g = [
            sum((Fraction(float(w)) * v for w, v in zip(row, h, strict=True)), Fraction(float(b)))
            for row, b in zip(weight, bias, strict=True)
        ]
        out.append(g)
        h = [max(v, Fraction(0)) for v in g]
    return out


def test_certified_signs_are_the_rational_ones():
    network, box = random_network(3, 4, 6, 6, 1), Box.cube(4, -1, 1)
    points, replay = box.sample(20, 0), Replay(network, box)
    signs, settled = replay.signs(points), 0
    for i, x in enumerate(points):
        for layer, g in enumerate(exact_preactivations(network, x)):
            for unit, value in enumerate(g):
                exact = (value > 0) - (value < 0)
                assert signs[layer][i, unit] in (0, exact)
                assert replay.exact_sign(x, layer, unit) == exact
                settled += signs[layer][i, unit] != 0
    assert settled == 20 * network.n_units


def test_rounding_is_not_taken_for_a_sign():
    # 0.1 + 0.2 - 0.3 is 5.6e-17 in doubles; the stored numbers add up to 2.8e-17
    network, box = one_layer([[1.0, 1.0, -1.0]]), Box.cube(3, 0, 1)
    replay = Replay(network, box)
    assert replay.signs(np.array([[0.1, 0.2, 0.3]]))[0][0, 0] == 0
    assert replay.exact_sign([0.1, 0.2, 0.3], 0, 0) == 1


def test_points_outside_prove_nothing():
    network, box = one_layer([[1.0, 1.0]]), Box.cube(2, 0, 1)
    point = np.array([[1.5, 0.5]])
    assert Replay(network, box).signs(point)[0][0, 0] == 0
    cut = Polytope([[1.0, 1.0]], [0.5], box)
    assert Replay(network, cut).signs(np.array([[0.5, 0.5]]))[0][0, 0] == 0
    assert Replay(network, cut).signs(np.array([[0.25, 0.25]]))[0][0, 0] == 1
    line = AffineSlice.through(np.array([[0.0, 0.0], [1.0, 1.0]]), box)
    assert Replay(network, line).signs(np.array([[0.5], [1.5]]))[0][:, 0].tolist() == [1, 0]


def test_harvest_answers_open_questions():
    network = Network.of(([[1.0]], [-0.5]), ([[1.0]], [-0.25]), ([[1.0]], None))
    box = Box.cube(1, 0, 1)
    ledger = Ledger(network.widths)
    harvest(ledger, Replay(network, box), np.array([[0.0], [0.6], [1.0]]))
    assert ledger.open() == []
    assert ledger.evidence[1][1][0].witness.tolist() == [1.0]
