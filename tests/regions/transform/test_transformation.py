"""Transformations: hand-made functions, exact areas, engine witnesses, random points, bad input."""

import numpy as np
import pytest
from flint import fmpq

from regions import AffineSlice, Box, Cells, Network, Polytope, WholeSpace, count_regions
from regions.arithmetic.rows import bounds
from regions.arithmetic.volume import volume
from regions.errors import InputError, UnsupportedError
from regions.transform import (
    PATTERNS,
    Share,
    local_equivalent,
    needed_units,
    shallow_equivalent,
    two_layer_approximation,
)
from regions.transform.pieces import feasible_pieces
from tests.ladder import random_network, sawtooth

ABSOLUTE = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], None), ([[1.0]], None))
LINE = Box.cube(1, -1, 1)
SQUARE = Box.cube(2, -1, 1)

# Unit: outputs of order ten. Forward passes of two networks of some hundred units differ by rounding.
ROUNDING = 1e-11


def rows(*integers):
    return [[fmpq(v) for v in row] for row in integers]


def cube(n):
    return bounds([fmpq(0)] * n, [fmpq(1)] * n)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (cube(3), 1),
        ([*cube(3), [fmpq(-1)] * 3 + [fmpq(1)]], fmpq(1, 6)),  # the corner simplex
        ([*cube(3), [fmpq(-1)] * 3 + [fmpq(3)]], 1),  # touches a vertex only
        ([*cube(2), *cube(2), *rows([2, 0, 0], [-3, 0, 3])], 1),  # the same sides again
        ([*cube(2), *rows([1, -1, 0])], fmpq(1, 2)),  # three sides through one point
        ([*cube(2), *rows([1, 0, -2])], 0),  # empty
        ([*cube(2), *rows([1, -1, 0], [-1, 1, 0])], 0),  # flat
        ([*cube(2), *rows([0, 0, -1])], 0),  # a row that is never met
        (rows([1, 0, -2], [-1, 0, 3], [0, 1, 5], [0, -1, -3]), 2),  # away from the origin
        (rows([1, 2], [-2, 1]), fmpq(5, 2)),
    ],
)
def test_volumes_by_hand(sides, expected):
    assert volume(sides) == expected


def test_volume_of_cross_polytope():
    octahedron = [[a, b, c, 1] for a in (1, -1) for b in (1, -1) for c in (1, -1)]
    assert volume(rows(*octahedron)) == fmpq(4, 3)


def test_cells_tile_the_domain_exactly():
    found = feasible_pieces(random_network(7, 3, 5, 4, 2), Box.cube(3, -1, 1))
    box = bounds(found.problem.lower, found.problem.upper)
    assert sum(volume([*box, *map(list, piece.sides)]) for piece in found.pieces) == 8


def test_strips_of_the_absolute_value_by_hand():
    # Outputs in [0, 1] (to the lift), maps x and -x: a block's largest value is 1 and reaches 1 / (K / 2)
    # across 0, for a side of length 1/2: two strips of 2 / K in a domain of length 2.
    result = two_layer_approximation(ABSOLUTE, LINE, K=100)
    assert result.network.widths == (3, 2)
    assert result.proved_share == pytest.approx(1 - 2 * (2 / 100) / 2, abs=1e-8)
    # the sum of both blocks at 0.001: 0.001 + max(0, -0.001 - 100 * 0.0005)
    assert result.network.forward([[0.5], [-0.5]]).tolist() == [[0.5], [0.5]]


@pytest.mark.parametrize("patterns", PATTERNS)
@pytest.mark.parametrize("K", [1e2, 1e4, 1e6])
def test_equal_on_at_least_the_proved_share(patterns, K):
    network, domain = random_network(3, 2, 4, 3, 2), Box.cube(2, 0, 1)
    result = two_layer_approximation(network, domain, K=K, patterns=patterns)
    sampled = result.sampled_share(samples=20_000, seed=1)
    assert 0 < result.proved_share <= sampled.high
    assert result.max_difference < 1e-12
    assert 1 - result.proved_share < 20 / K


def test_proof_survives_sides_that_double_precision_cannot_hold():
    # kinks 2^-60 apart after rounding: I and O differ by the rounding of the sides
    network = Network.of(
        ([[3.0], [1.0]], [-1.0, 0.1]),
        ([[0.1, -0.7], [0.3, 0.3]], [0.1, -0.05]),
        ([[1.0, 2.0]], None),
    )
    result = two_layer_approximation(network, LINE, K=1e15)
    assert 0.999 < result.proved_share < 1.0
    assert 0 < result.max_difference < 1e-15


@pytest.mark.parametrize(
    ("network", "domain"),
    [
        (random_network(5, 2, 8, 8, 3), SQUARE),
        (random_network(6, 3, 5, 4, 1), Box.cube(3, -1, 1)),
        (random_network(8, 5, 4, 3, 2), Box.cube(5, -1, 1)),  # too high for a proof
        (random_network(9, 2, 5, 4, 1), Polytope([[1.0, 1.0]], [0.3], SQUARE)),
        (random_network(9, 3, 5, 4, 1), Box([-1, 0.3, -1], [1, 0.3, 1])),  # a fixed input
        (sawtooth(3), Box.cube(1, 0, 1)),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_equal_at_every_engine_witness(network, domain):
    count = count_regions(network, domain, engine=Cells(), keep_patterns=True)
    result = two_layer_approximation(network, domain, K=1e9)
    assert result.pieces == count.value
    assert result.equal_at(count.witnesses).all()
    assert result.sampled_share(samples=5000).high > (result.proved_share or 0.99)
    assert (result.proved_share is None) == (domain.polyhedron().dimension > 3)


def test_merging_joins_cells_of_one_map_whose_union_is_convex():
    # |x| + |y| with each unit twice as a sum of halves: 4 maps; a silent unit cuts each in two
    weight = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1]]
    network = Network.of((weight, None), ([[1, 1, 1, 1, 0]], None))
    feasible = two_layer_approximation(network, SQUARE)
    merged = two_layer_approximation(network, SQUARE, patterns="merged")
    assert (feasible.pieces, merged.pieces) == (6, 4)
    assert merged.network.widths == (6, 4)
    assert merged.proved_share > feasible.proved_share


def test_merging_keeps_apart_what_is_not_convex():
    # max(0, min(x, y)) is zero on an L of three quadrants: no more than two of them join
    network = Network.of(([[1, 0], [1, -1], [-1, 0]], None), ([[1, -1, -1]], None), ([[1]], None))
    merged = two_layer_approximation(network, SQUARE, patterns="merged")
    assert count_regions(network, SQUARE, counted="maps").value == 3
    assert merged.pieces == 4
    assert merged.sampled_share(samples=2000).value > 0.99


def test_needed_units_against_what_is_built():
    network = random_network(3, 2, 4, 3, 2)
    every = two_layer_approximation(network, SQUARE, patterns="all")
    bound = needed_units(network)
    # in the second half of the patterns of layer one a row repeats only by accident; zero rows fall away
    assert bound == (2 + 8 + 2 * 3 * 2**4, 2 * 2**7)
    assert every.network.widths[0] <= bound[0]
    assert every.network.widths[1] <= bound[1]
    count = count_regions(network, SQUARE, engine=Cells(), keep_patterns=True)
    cells = needed_units(network, count.patterns)
    built = two_layer_approximation(network, SQUARE).network.widths
    assert built[0] <= cells[0]
    assert built[1] == cells[1] == 2 * count.value


@pytest.mark.parametrize(
    ("network", "domain"),
    [
        (random_network(1, 1, 6, 5, 2), Box.cube(1, -2, 2)),
        (random_network(3, 2, 4, 3, 1), Box.cube(2, 0, 1)),
        (random_network(5, 2, 8, 8, 3), Box.cube(2, -2, 2)),
        (random_network(7, 2, 6, 6, 6, 1), Polytope([[1.0, 1.0]], [0.5], SQUARE)),
        (random_network(7, 3, 8, 8, 1), Box([-1, 0.3, -1], [1, 0.3, 1])),
        (sawtooth(4), Box.cube(1, 0, 1)),
        (Network.of(([[1.0, 2.0]], [0.5])), SQUARE),  # no hidden layer at all
    ],
    ids=lambda value: repr(value)[:24],
)
def test_exact_on_intervals_and_in_the_plane(network, domain):
    result = shallow_equivalent(network, domain)
    x = domain.sample(5000, seed=2)
    assert np.abs(network.forward(x) - result.network.forward(x)).max() < ROUNDING
    assert result.max_difference < ROUNDING
    assert len(result.network.hidden) <= domain.polyhedron().dimension
    assert result.equal_at(x).all()


def test_an_interval_needs_a_unit_for_each_kink():
    result = shallow_equivalent(sawtooth(4), Box.cube(1, 0, 1))
    # 2^4 teeth sides, 15 kinks, one copy of x; dyadic numbers are not rounded
    assert result.network.widths == (16,)
    assert result.max_difference == 0.0


def test_one_layer_stays_one_layer():
    # three lines cross, and nothing turns at the crossings: two copies of the inputs, and the lines
    network = Network.of(([[1, 0], [0, 1], [1, 1]], None), ([[1, 2, -3]], None))
    assert shallow_equivalent(network, SQUARE).network.widths == (5,)


@pytest.mark.parametrize("sign", [1, -1])
def test_corners_by_hand(sign):
    # max(0, x, y): three edges at 0, one unit; max(0, min(x, y)): the same, all within a half-plane
    maximum = Network.of(([[1, 0], [-1, 1], [-1, 0]], None), ([[1, 1, -1]], None), ([[sign]], None))
    minimum = Network.of(
        ([[1, 0], [1, -1], [-1, 0]], None), ([[1, -1, -1]], None), ([[sign]], None)
    )
    x = SQUARE.sample(1000, seed=0)
    for network, expected in (
        (maximum, np.maximum(0, x.max(axis=1))),
        (minimum, np.maximum(0, x.min(axis=1))),
    ):
        assert np.allclose(network.forward(x)[:, 0], sign * expected, rtol=0, atol=1e-14)
        result = shallow_equivalent(network, SQUARE)
        assert np.allclose(result.network.forward(x)[:, 0], sign * expected, rtol=0, atol=1e-14)
        assert result.network.widths[1] <= 3  # the corner, and the affine part


def test_local_equivalent_keeps_less_on_a_smaller_box():
    network = random_network(3, 4, 12, 12, 2)
    x = np.full(4, 0.2)
    sizes = [
        local_equivalent(network, x, radius, within=Box.cube(4, 0, 1)).after.units
        for radius in (0.5, 0.05, 0.0005)
    ]
    assert sizes[0] > sizes[1] >= sizes[2]
    tiny = local_equivalent(network, x, 1e-6)
    assert tiny.network.widths == ()
    near = Box.around(x, 1e-6).sample(100, seed=0)
    assert np.allclose(tiny.network.forward(near), network.forward(near), rtol=0, atol=1e-12)


def test_share_has_an_interval():
    share = Share.of([True] * 999 + [False])
    assert share.low < 0.999 == share.value < share.high < 1
    assert Share.of([True] * 100).high == 1.0


@pytest.mark.parametrize(
    ("K", "message"),
    [
        (0.0, "K must be positive"),
        (float("nan"), "K must be positive"),
        (1e-3, "is too small: the penalty switches no block off anywhere"),
        (1e305, "is too large: the penalty overflows a double"),
    ],
)
def test_penalties_that_cannot_work_are_refused(K, message):
    with pytest.raises(InputError, match=message):
        two_layer_approximation(ABSOLUTE, LINE, K=K)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: two_layer_approximation(ABSOLUTE, WholeSpace(1)), "needs a Box or a Polytope"),
        (
            lambda: shallow_equivalent(
                random_network(1, 2, 3, 1), AffineSlice([0, 0], [[1, 1]], SQUARE)
            ),
            "needs a Box or a Polytope",
        ),
        (lambda: shallow_equivalent(ABSOLUTE, Box.cube(1, 1, 1)), "is a single point"),
        (
            lambda: shallow_equivalent(random_network(1, 3, 2, 1), Box.cube(3, 0, 1)),
            "leaves 3 free; use two_layer_approximation",
        ),
        (
            lambda: two_layer_approximation(random_network(1, 1, 13, 1), LINE, patterns="all"),
            r"2\^13 patterns are too many",
        ),
        (
            lambda: two_layer_approximation(
                random_network(1, 4, 2, 1), Box.cube(4, 0, 1), patterns="merged"
            ),
            "merged in up to 3 dimensions, the domain has 4",
        ),
        (
            lambda: two_layer_approximation(ABSOLUTE, LINE, patterns="some"),
            "choose one of feasible, merged, all",
        ),
        (lambda: two_layer_approximation(ABSOLUTE, SQUARE), "the domain has 2 coordinates"),
        (lambda: local_equivalent(ABSOLUTE, [0.0], -1.0), "radius must be at least 0"),
        (
            lambda: two_layer_approximation(ABSOLUTE, LINE).sampled_share(samples=0),
            "samples must be at least 1",
        ),
    ],
)
def test_what_cannot_be_treated_is_refused_in_one_line(call, message):
    with pytest.raises((InputError, UnsupportedError), match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
