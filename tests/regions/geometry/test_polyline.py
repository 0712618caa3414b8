"""Kinks along lines against fractions on small networks, answers by hand, and the dense engine."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from regions import AffineSlice, Box, ConvolutionalNetwork, Network, count_regions, segments
from regions.errors import InputError
from regions.geometry import blocks, lines, polyline
from regions.geometry.columns import Layer, hidden_layers
from regions.network import Convolution, Pooling, Relu
from tests.ladder import network_with_ties, random_network, sawtooth

ABSOLUTE = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], [-1.0]), ([[1.0]], None))


def line(*points):
    return np.array(points, dtype=float)[:, None]


def affine(layer, h):
    weight, bias = layer
    return [
        sum((Fraction(w) * v for w, v in zip(row.tolist(), h, strict=True) if w), Fraction(b))
        for row, b in zip(weight, bias.tolist(), strict=True)
    ]


def kinks_by_fractions(network, a, b, slope=0.0):
    """``[(t, layer, unit, turns on)]``: zeros inserted layer by layer, patterns compared between them."""
    a, b = ([Fraction(v) for v in point.tolist()] for point in (a, b))

    def preactivations(t):
        h = [(1 - t) * v + t * w for v, w in zip(a, b, strict=True)]
        for layer in network.hidden:
            g = affine(layer, h)
            yield g
            h = [v if v > 0 else Fraction(slope) * v for v in g]

    places = [Fraction(0), Fraction(1)]
    for depth in range(len(network.hidden)):
        new = set(places)
        for s, t in pairwise(places):
            ends = zip(list(preactivations(s))[depth], list(preactivations(t))[depth], strict=True)
            new |= {s + (t - s) * u / (u - v) for u, v in ends if u * v < 0}
        places = sorted(new)
    patterns = [list(preactivations((s + t) / 2)) for s, t in pairwise(places)]
    return [
        (places[k], depth + 1, unit, after[depth][unit] > 0)
        for k, (before, after) in enumerate(pairwise(patterns), start=1)
        for depth in range(len(network.hidden))
        for unit in range(len(before[depth]))
        if (before[depth][unit] > 0) != (after[depth][unit] > 0)
    ]


def check(network, points, slope=0.0):
    """Every kink is that of the fractions, in an interval that holds it."""
    found = segments(network, points)
    assert found.certified
    for i, (a, b) in enumerate(pairwise(points)):
        expected = kinks_by_fractions(network, a, b, slope)
        here = found.segment == i
        assert found.at_least[i] == 1 + len({t for t, *_ in expected})
        rows = zip(
            *(c[here].tolist() for c in (found.layer, found.unit, found.turns_on)), strict=True
        )
        ends = zip(found.lower[here].tolist(), found.upper[here].tolist(), strict=True)
        assert sorted(rows) == sorted(k[1:] for k in expected)
        by_unit = sorted(zip(found.layer[here], found.unit[here], ends, strict=True))
        for (*_, (lower, upper)), (t, *_) in zip(
            by_unit, sorted(expected, key=lambda k: (*k[1:3], k[0])), strict=True
        ):
            assert lower <= t <= upper
        places = found.place[here].tolist()
        numbers = {t: n for n, t in enumerate(sorted({t for t, *_ in expected}), start=1)}
        assert sorted(places) == sorted(numbers[t] for t, *_ in expected)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_kinks_are_those_of_fractions(seed):
    rng = np.random.default_rng(seed)
    for k in range(12):
        network = network_with_ties(rng) if k % 3 else random_network(k, 3, 5, 4, 3, 1)
        whole = np.arange(1, 5)[:, None] * rng.choice([-1, 1], (4, network.n0))
        points = rng.normal(size=(4, network.n0)) if k % 2 else whole.astype(float)
        check(network, points)


def test_counts_are_those_of_the_engine():
    network = random_network(3, 6, 20, 20, 20, 1)
    points = np.random.default_rng(3).normal(size=(4, 6))
    found = segments(network, points)
    for (a, b), least in zip(pairwise(points), found.at_least, strict=True):
        domain = AffineSlice.through([a, b], Box(np.minimum(a, b), np.maximum(a, b)))
        assert count_regions(network, domain).value == least


@pytest.mark.parametrize("slope", [0.01, 0.5, -1.0, -3.0])
def test_units_with_slopes(monkeypatch, slope):
    """Kinks are where pre-activations change their sign, whatever units pass on below 0."""

    def sloped(network):
        layers = hidden_layers(network)
        return [Layer(layer.maps, np.full(layer.width, slope)) for layer in layers]

    monkeypatch.setattr(polyline, "hidden_layers", sloped)
    rng = np.random.default_rng(1)
    for k in range(6):
        network = network_with_ties(rng) if k % 2 else random_network(k, 3, 5, 4, 3, 1)
        whole = np.arange(1, 4)[:, None] * rng.choice([-1, 1], (3, network.n0))
        check(network, whole.astype(float), slope)
        check(network, rng.normal(size=(3, network.n0)), slope)


def test_absolute_value_by_hand():
    """| |x| - 1 | bends at -1, 0 and 1; both units of |x| switch at 0."""
    found = check(ABSOLUTE, line(-4, 4))
    assert found.at_least.tolist() == [4]
    assert found.place.tolist() == [1, 2, 2, 3]
    assert found.turns_on.tolist() == [False, True, False, True]


def test_touching_is_no_kink():
    """|x| itself as a unit is 0 at 0 and on on both sides."""
    network = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], None), ([[1.0]], None))
    assert set(check(network, line(-1, 3)).layer) == {1}


@pytest.mark.parametrize(
    ("points", "cells"), [((0, 4), 2), ((-1, 0), 1), ((-1, 1), 2), ((1, 4), 1)]
)
def test_a_kink_at_an_end_is_outside(points, cells):
    assert check(ABSOLUTE, line(*points)).at_least.tolist() == [cells]


@pytest.mark.parametrize("apart", [0.0, 5e-324, 2.0**-60, 1e-9])
def test_near_ties_are_told_apart(apart):
    network = Network.of(([[1.0], [1.0]], [0.0, -apart]), ([[1.0, 1.0]], None))
    assert check(network, line(-1, 2)).at_least.tolist() == [3 if apart else 2]


def test_sawteeth():
    assert check(sawtooth(4), line(0, 1)).at_least.tolist() == [2**4]


@pytest.mark.parametrize("power", [-1000, -300, 300])
def test_numbers_beyond_what_squares_hold(power):
    """A network of units times 2^power has the same kinks; norms over- or underflow."""
    plain = random_network(0, 2, 4, 3, 1)
    points = np.random.default_rng(0).normal(size=(3, 2))
    (weight, bias), *rest = plain.layers
    scaled = Network(
        [(weight * 2.0**power, bias * 2.0**power), *((w, b * 2.0**power) for w, b in rest)]
    )
    found, expected = check(scaled, points), segments(plain, points)
    assert found.unit.tolist() == expected.unit.tolist()


def image_network(rng, *, whole):
    """Two channels, strides, padding and groups, an average whose area is a power of two."""

    def draw(*shape):
        return rng.integers(-2, 3, shape) / 2.0 if whole else rng.normal(size=shape)

    steps = (
        Convolution(draw(4, 2, 3, 3), draw(4), stride=(2, 1), padding=(1, 0)), Relu(),
        Pooling((2, 2), (1, 2)), Convolution(draw(4, 2, 2, 2), draw(4), groups=2), Relu(),
    )  # fmt: skip
    shape = (2, 6, 6)
    n = 4 * 1 * 1
    return ConvolutionalNetwork.of(
        shape, steps, Network([(draw(3, n), draw(3)), (draw(1, 3), None)])
    )


@pytest.mark.parametrize("whole", [False, True])
def test_images_by_their_steps(whole):
    rng = np.random.default_rng(5)
    network = image_network(rng, whole=whole)
    points = rng.integers(-1, 2, (3, 72)).astype(float) if whole else rng.normal(size=(3, 72))
    assert [layer.width for layer in hidden_layers(network)] == list(network.widths)
    if whole:
        check(network, points)  # lowered without rounding: the fractions know the matrices
    found, dense = segments(network, points), segments(network.plain(), points)
    assert found.certified
    assert found.at_least.tolist() == dense.at_least.tolist()
    assert found.unit.tolist() == dense.unit.tolist()


def test_black_borders_cost_nothing():
    """Without biases the units that see only black are 0 all along: off, and known at once."""
    rng = np.random.default_rng(0)
    steps = (Convolution(rng.normal(size=(3, 1, 3, 3)), padding=(1, 1)), Relu())
    network = ConvolutionalNetwork.of(
        (1, 8, 8), steps, Network([(rng.normal(size=(5, 192)), None), (np.ones((1, 5)), None)])
    )
    images = np.zeros((3, 8, 8))
    images[:, 3:5, 3:5] = rng.uniform(
        0.5, 1.0, (3, 2, 2)
    )  # a unit that sees one pixel keeps its sign
    found = segments(network, images.reshape(3, 64))
    assert found.certified
    assert found.stats["parts_in_whole_numbers"] == 0
    assert found.unit.tolist() == segments(network.plain(), images.reshape(3, 64)).unit.tolist()


def test_batches_change_nothing(monkeypatch):
    network = random_network(1, 4, 30, 30, 30, 1)
    points = np.random.default_rng(1).normal(size=(3, 4))
    at_once = segments(network, points)
    monkeypatch.setattr(lines, "BATCH", 90)
    in_parts = segments(network, points)
    for name in ("segment", "place", "layer", "unit", "turns_on"):
        assert (getattr(in_parts, name) == getattr(at_once, name)).all()
    np.testing.assert_allclose(in_parts.lower, at_once.lower, rtol=1e-9)


@pytest.mark.parametrize("depth", [2, 3])
def test_short_cuts_change_nothing(monkeypatch, depth):
    """Blocks and bends against a product for each column, on a network with hundreds of kinks a segment."""
    network = random_network(7, 5, *[200] * depth, 1)
    points = 3 * np.random.default_rng(7).normal(size=(3, 5))
    used = []
    for name in ("open_pairs", "bends"):
        plain = getattr(lines, name)
        monkeypatch.setattr(lines, name, lambda *a, f=plain, n=name: used.append(n) or f(*a))
    fast = segments(network, points)
    assert set(used) == ({"open_pairs", "bends"} if depth == 3 else {"open_pairs"})
    monkeypatch.setattr(lines, "worth_blocks", lambda *_: False)
    monkeypatch.setattr(lines, "worth_bends", lambda *_: False)
    slow = segments(network, points)
    assert fast.certified
    assert len(fast.segment) > 300
    for name in ("segment", "place", "layer", "unit", "turns_on"):
        assert (getattr(fast, name) == getattr(slow, name)).all()
    assert (np.maximum(fast.lower, slow.lower) <= np.minimum(fast.upper, slow.upper)).all()


def test_bends_stay_within_their_bounds():
    rng = np.random.default_rng(0)
    _, layer = hidden_layers(random_network(3, 5, 90, 40, 1))
    ends, places = rng.normal(size=(2, 90)), rng.uniform(size=(70, 1))
    points = np.maximum((1 - places) * ends[0] + places * ends[1], 0.0)
    found, plain = blocks.bends(layer, points, np.zeros(70), ends), layer(points, np.zeros(70))
    off = np.abs(found.values - plain.values)
    assert (off <= layer.bounds(found.spread) + layer.bounds(plain.spread)).all()
    assert (layer.bounds(found.spread) < 1e-9).all()
    moved = blocks.bends(layer, points * (1 + 1e-6), np.zeros(70), ends)
    true = layer(points * (1 + 1e-6), np.zeros(70)).values
    assert (np.abs(moved.values - true) <= layer.bounds(moved.spread) + 1e-12).all()


@pytest.mark.parametrize("whole", [False, True])
def test_errors_stay_below_their_bounds(whole):
    """Each layer's floating point against fractions, at points that are off by what is claimed."""
    rng = np.random.default_rng(2)
    network = random_network(2, 4, 6, 6, 1) if not whole else image_network(rng, whole=False)
    x = rng.normal(size=(1, network.n0))
    h, inexact, error = [Fraction(v) for v in x[0].tolist()], x, np.zeros(1)
    for layer, plain in zip(hidden_layers(network), network.hidden, strict=True):
        columns = layer(inexact, error)
        if not whole:  # compositions are rounded when they are lowered
            g = affine(plain, h)
            off = np.array(
                [
                    abs(float(Fraction(v) - w))
                    for v, w in zip(columns.values[0].tolist(), g, strict=True)
                ]
            )
            assert (off <= layer.bounds(columns.spread)[0]).all()
            assert np.linalg.norm(off) <= columns.error[0]
            h = [max(v, Fraction(0)) for v in g]
        assert (layer.bounds(columns.spread) < 1e-9).all()
        inexact, error = np.maximum(columns.values, 0), columns.error


def test_norms_are_upper_bounds():
    rng = np.random.default_rng(0)
    for shape in ((5, 9), (9, 5), (40, 40), (1, 1)):
        network = Network([(rng.normal(size=shape), None), (np.ones((1, shape[0])), None)])
        (dense,) = hidden_layers(network)[0].maps
        exact = np.linalg.norm(dense.weight, 2)
        assert exact <= dense.norm <= 2 * exact
    steps = (Convolution(rng.normal(size=(3, 2, 3, 3)), stride=(2, 1), padding=(1, 1)), Relu())
    network = ConvolutionalNetwork.of((2, 7, 7), steps, Network([(np.ones((1, 84)), None)]))
    assert np.linalg.norm(network.layers[0].weight, 2) <= hidden_layers(network)[0].maps[0].norm


def test_a_time_limit_leaves_bounds():
    network = sawtooth(3)
    found = segments(network, line(0, 1), time_limit=1e-9)
    assert found.status == "PARTIAL"
    assert found.at_least[0] <= 8 <= found.at_most[0]
    assert "at least" in str(found)


def test_closed_polygons_and_frames():
    network = random_network(0, 2, 6, 1)
    triangle = np.array([[0.0, 3.0], [3.0, -3.0], [-3.0, -3.0]])
    found = segments(network, triangle, closed=True)
    assert len(found) == len(found.to_frame(of="segments")) == 3
    # a line that misses the corners meets the triangle an even number of times
    assert (np.bincount(found.unit, minlength=6) % 2 == 0).all()
    assert (
        found.to_frame()["place"].groupby(found.segment).max().tolist()
        == (found.at_least - 1)[np.unique(found.segment)].tolist()
    )
    with pytest.raises(InputError, match="choose 'kinks' or 'segments'"):
        found.to_frame(of="cells")


def test_no_hidden_layer_is_one_cell():
    assert segments(Network.of(([[1.0]], None)), line(0, 1, 5)).at_most.tolist() == [1, 1]


def test_bad_points():
    with pytest.raises(InputError, match=r"shape \(m, n0\) with n0 = 1"):
        segments(ABSOLUTE, np.zeros((3, 2)))
    with pytest.raises(InputError, match="two points at least; got 1"):
        segments(ABSOLUTE, line(1))
    with pytest.raises(InputError, match="points 1 and 2 are equal"):
        segments(ABSOLUTE, line(0, 1, 1))
    with pytest.raises(InputError, match="finite"):
        segments(ABSOLUTE, line(0, np.inf))
    with pytest.raises(InputError, match=r"1\.8e308"):
        segments(ABSOLUTE, line(-1.7e308, 1.7e308))
