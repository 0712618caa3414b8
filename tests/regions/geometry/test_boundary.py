"""Boundaries between two outputs: by hand, and against the cells of the difference itself."""

import numpy as np
import pytest

from regions import AffineSlice, Box, Network, Polytope, WholeSpace, boundary_pieces, count_regions
from regions.errors import InputError
from tests.ladder import LINE, SQUARE, random_network

SIGNS = [
    [1.0, 0.0],
    [-1.0, 0.0],
    [0.0, 1.0],
    [0.0, -1.0],
]  # |x| is the sum of the first two, |y| of the others


def against(weights, bias=0.0, hidden=SIGNS, hidden_bias=None):
    """Output 0 is ``weights`` @ hidden units, output 1 the constant ``-bias``."""
    return Network.of((hidden, hidden_bias), ([weights, np.zeros(len(weights))], [0.0, -bias]))


HAND = {
    "a line without hidden units": (Network.of(([[1.0], [0.0]], None)), LINE, 1),
    "a diamond |x| + |y| = 1/2": (against([1, 1, 1, 1], -0.5), SQUARE, 4),
    "the diamond on all of the plane": (against([1, 1, 1, 1], -0.5), WholeSpace(2), 4),
    "the diamond where x <= 0 is cut off": (
        against([1, 1, 1, 1], -0.5),
        Polytope([[-1.0, 0.0]], [0.0], SQUARE),
        2,
    ),
    "the diamond on its diagonal": (
        against([1, 1, 1, 1], -0.5),
        AffineSlice([0.0, 0.0], [[1.0, 1.0]], SQUARE),
        2,
    ),
    "the diamond at a fixed y": (against([1, 1, 1, 1], -0.5), Box([-1.0, 0.25], [1.0, 0.25]), 2),
    "x = 0 is the facet of two cells": (against([1, -1], hidden=[[1.0], [-1.0]]), LINE, 1),
    "the facet x = 0 in two halves": (against([1, -1, 0, 0]), SQUARE, 2),
    "|x| only touches": (against([1, 1], hidden=[[1.0], [-1.0]]), LINE, 0),
    "max(x, 0) agrees on a half": (against([1, 0], hidden=[[1.0], [-1.0]]), LINE, 0),
    "|x| = |y| is two diagonals": (against([1, 1, -1, -1]), SQUARE, 4),
    "never equal": (against([1, 1, 1, 1], 0.5), SQUARE, 0),
    "constant on each side of a gap": (
        # max(x, 0) - max(x - 1/2, 0) - 1/4: one piece between two flat ends
        against([1, -1], -0.25, hidden=[[1.0], [1.0]], hidden_bias=[0.0, -0.5]),
        LINE,
        1,
    ),
    "a duplicated unit on the boundary": (
        against([1, 1, -1], hidden=[[1.0], [1.0], [-1.0]]),
        LINE,
        1,
    ),
    "a single point": (against([1, 1], hidden=[[1.0], [-1.0]]), Box([0.5], [0.5]), 0),
}


@pytest.mark.parametrize(("network", "domain", "pieces"), HAND.values(), ids=HAND)
def test_by_hand(network, domain, pieces):
    assert boundary_pieces(network, domain, 0, 1) == pieces
    assert boundary_pieces(network, domain, 1, 0) == pieces
    assert boundary_pieces(network, domain, 0, 1, largest=True) == pieces  # there is no third class


def test_a_third_class_hides_what_it_exceeds():
    # x, -x and c: equal at x = 0, where both are 0
    for constant, pieces in ((0.1, 0), (0.0, 1), (-0.1, 1)):
        network = Network.of(([[1.0], [-1.0], [0.0]], [0.0, 0.0, constant]))
        assert boundary_pieces(network, LINE, 0, 1) == 1
        assert boundary_pieces(network, LINE, 0, 1, largest=True) == pieces
    # x against -x on x = 0, where y is larger than both for y > 0: half of the line is left
    network = Network.of(([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], None))
    assert boundary_pieces(network, SQUARE, 0, 1, largest=True) == 1
    # -1 <= y: a third output y + 1 touches at y = -1 only, so nothing of dimension 1 is left
    network = Network.of(([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], [0.0, 0.0, 1.0]))
    assert boundary_pieces(network, SQUARE, 0, 1, largest=True) == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_difference_as_one_more_unit_splits_as_many_cells(seed):
    # the second output is zero, so the difference is the first output, with the same floats; nothing
    # is degenerate in general position, so every piece is inside a cell
    hidden = random_network(seed, 2, 7, 5, 1)
    weight, bias = hidden.layers[-1]
    both = Network([*hidden.hidden, (np.vstack([weight, 0 * weight]), [bias[0], 0.0])])
    split = count_regions(hidden.with_output_relu(), SQUARE).value
    pieces = split - count_regions(hidden, SQUARE).value
    assert boundary_pieces(both, SQUARE, 0, 1) == pieces


def test_on_a_line_every_change_of_sign_is_a_piece():
    changes = pieces = 0
    for seed in range(14):
        network = random_network(seed, 1, 9, 7, 2)
        outputs = network.forward(np.linspace(-1, 1, 200_001)[:, None])
        changes += np.count_nonzero(np.diff(np.sign(outputs[:, 0] - outputs[:, 1])))
        pieces += boundary_pieces(network, LINE, 0, 1)
    assert pieces == changes > 5


def test_bad_classes():
    network = random_network(0, 2, 3, 2)
    with pytest.raises(InputError, match="class_b must be a whole number from 0 to 1; got 2"):
        boundary_pieces(network, SQUARE, 0, 2)
    with pytest.raises(InputError, match="twice"):
        boundary_pieces(network, SQUARE, 1, 1)
