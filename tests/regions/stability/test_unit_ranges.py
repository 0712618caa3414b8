from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.domain import AffineSlice, Box, Polytope, WholeSpace
from regions.errors import InputError, UnsupportedError
from regions.network import Network
from regions.stability.unit_ranges import unit_ranges
from tests.ladder import one_layer, random_network


def exact_ends(weight, bias, low, high):
    """Interval arithmetic in rationals: what the float ends must enclose."""
    ends = []
    for row, b in zip(weight, bias, strict=True):
        products = [
            sorted(
                (Fraction(float(w)) * Fraction(float(u)), Fraction(float(w)) * Fraction(float(v)))
            )
            for w, u, v in zip(row, low, high, strict=True)
        ]
        ends.append([Fraction(float(b)) + sum(p[k] for p in products) for k in (0, 1)])
    return ends


number = st.floats(-1e6, 1e6, allow_subnormal=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(number, number, number), min_size=1, max_size=6), number)
def test_ends_enclose_the_rational_ones(columns, bias):
    weight, low, high = np.array(columns).T
    low, high = np.minimum(low, high), np.maximum(low, high)
    ranges = unit_ranges(one_layer(weight[None], [bias]), Box(low, high))
    ((lower, upper),) = exact_ends(weight[None], [bias], low, high)
    assert Fraction(float(ranges.lower[0][0])) <= lower
    assert Fraction(float(ranges.upper[0][0])) >= upper


def test_ends_are_tight_up_to_rounding():
    ranges = unit_ranges(one_layer([[3.0, -1.0]], [0.5]), Box.cube(2, -1, 2))
    assert ranges.lower[0] == pytest.approx([-4.5], rel=1e-14)
    assert ranges.upper[0] == pytest.approx([7.5], rel=1e-14)


def test_every_sampled_preactivation_lies_in_its_range():
    network, box = random_network(1, 5, 7, 6, 4, 1), Box.cube(5, -1, 1)
    ranges = unit_ranges(network, box)
    for g, lower, upper in zip(
        network.preactivations(box.sample(2000, 0)), ranges.lower, ranges.upper, strict=True
    ):
        assert ((lower <= g) & (g <= upper)).all()


def test_an_exact_zero_end_stays_zero():
    # a dead unit has bias exactly 0, and ties are inactive: one rounding upwards would lose that
    ranges = unit_ranges(
        one_layer([[1.0], [-1.0], [0.0], [1.0]], [-1.0, 0.0, 0.0, 0.0]), Box.cube(1, 0, 1)
    )
    assert ranges.off[0].tolist() == [True, True, True, False]
    assert ranges.upper[0][:3].tolist() == [0.0, 0.0, 0.0]
    assert ranges.undecided[0].tolist() == [False, False, False, True]  # g = x ties at x = 0


def test_a_fixed_coordinate_that_cancels_the_bias_is_off():
    ranges = unit_ranges(one_layer([[0.5, 0.0]], [-0.25]), Box([0.5, 0.0], [0.5, 1.0]))
    assert (ranges.lower[0][0], ranges.upper[0][0]) == (0.0, 0.0)
    assert ranges.off[0].all()


def test_polytopes_and_slices_use_their_box():
    network, box = random_network(2, 3, 4, 1), Box.cube(3, 0, 1)
    reference = unit_ranges(network, box).upper[0].tolist()
    polytope = Polytope(np.ones((1, 3)), [1.0], box)
    line = AffineSlice.through(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]), box)
    assert unit_ranges(network, polytope).upper[0].tolist() == reference
    assert unit_ranges(network, line).upper[0].tolist() == reference


def test_each_method_tightens_the_last_and_encloses_what_occurs():
    tighter = {}
    for seed in range(5):
        network, box = random_network(seed, 4, 8, 8, 8, 1), Box.cube(4, -0.5, 0.5)
        g = network.preactivations(box.sample(2000, 0))
        before = None
        for method in ("interval", "relaxation", "lp", "milp"):
            ranges = unit_ranges(network, box, method=method)
            for values, lower, upper in zip(g, ranges.lower, ranges.upper, strict=True):
                assert ((lower <= values) & (values <= upper)).all()
            width = np.concatenate(ranges.upper).sum() - np.concatenate(ranges.lower).sum()
            assert before is None or width <= before
            tighter[method] = tighter.get(method, 0) + (before is not None and width < before)
            before = width
    assert tighter["relaxation"] == tighter["lp"] == 5
    assert tighter["milp"] > 0


def test_relaxation_encloses_vertices_in_rational_arithmetic():
    # ends of quarter-integer networks, compared with every vertex and the midpoint, exactly
    for seed in range(20):
        rng = np.random.default_rng(seed)
        shapes = [(3, 2), (3, 3), (3, 3)]
        layers = [(rng.integers(-4, 5, s) / 4, rng.integers(-4, 5, s[0]) / 4) for s in shapes]
        network = Network((*layers, (np.ones((1, 3)), None)))
        ranges = unit_ranges(network, Box.cube(2, -1, 1), method="relaxation")
        points = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1], [0, 0]], dtype=float)
        for g, low, high in zip(
            network.preactivations(points), ranges.lower, ranges.upper, strict=True
        ):  # these small dyadic numbers are exact in doubles
            assert ((low <= g) & (g <= high)).all()


def test_unbounded_or_unknown_is_refused():
    network = random_network(3, 2, 3, 1)
    with pytest.raises(UnsupportedError, match="engine cells"):
        unit_ranges(network, WholeSpace(2))
    with pytest.raises(InputError, match="one of interval"):
        unit_ranges(network, Box.cube(2, 0, 1), method="guess")
    with pytest.raises(InputError, match="n0 = 2"):
        unit_ranges(network, Box.cube(3, 0, 1))
