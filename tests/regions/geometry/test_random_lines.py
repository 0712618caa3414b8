import numpy as np
import pytest

from regions import Box, Network, count_regions
from regions.errors import InputError
from regions.geometry.probes import segment_counts
from regions.geometry.random_lines import expected_line_count


def random_network(rng, n0, widths, gain, bias_deviation):
    layers, fan_in = [], n0
    for width in widths:
        weight = rng.normal(0.0, np.sqrt(gain / fan_in), (width, fan_in))
        layers.append((weight, rng.normal(0.0, 1.0, width) * bias_deviation))
        fan_in = width
    return Network((*layers, (np.ones((1, fan_in)), None)))


def test_the_first_layer_is_an_angle():
    start, end = np.array([3.0, 0.0]), np.array([0.0, 4.0])
    found = expected_line_count([12], start, end, bias_deviation=0.0)
    assert found.value == pytest.approx(1 + 12 / 2)  # a right angle over pi is one half
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)
    biased = expected_line_count([12], start, end, gain=2.0, bias_deviation=1.0)
    cosine = 1 / np.sqrt(10 * 17)  # of (3, 0, 1) and (0, 4, 1)
    assert biased.value == pytest.approx(1 + 12 * np.arccos(cosine) / np.pi)


def test_a_line_from_minus_to_plus_infinity_meets_every_first_unit():
    far = expected_line_count([8], [-1e9], [1e9])
    assert far.value == pytest.approx(9.0, abs=1e-6)


@pytest.mark.parametrize(("gain", "bias_deviation"), [(2.0, 1.0), (1.0, 0.3)])
def test_certified_counts_of_random_networks_have_this_mean(gain, bias_deviation):
    widths, start, end = [6, 5, 4], np.array([-2.0, 1.0, 0.5]), np.array([1.5, 2.0, -3.0])
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(400):
        network = random_network(rng, 3, widths, gain, bias_deviation)
        (probe,) = segment_counts(network, [start, end])
        counts.append(probe.count.at_least)
        assert probe.count.at_least == probe.count.at_most
    expected = expected_line_count(
        widths, start, end, gain=gain, bias_deviation=bias_deviation, networks=2000
    )
    error = np.hypot(np.std(counts, ddof=1) / np.sqrt(len(counts)), expected.standard_error)
    assert abs(np.mean(counts) - expected.value) < 4 * error
    assert expected.value == pytest.approx(1 + sum(expected.by_layer))
    assert min(expected.by_layer) > 0.2


def test_the_same_seed_gives_the_same_and_ends_that_agree_give_one_cell():
    calls = [expected_line_count([5, 5], [0.0, 1.0], [2.0, 1.0], seed=4) for _ in range(2)]
    assert calls[0] == calls[1]
    assert expected_line_count([5, 5], [0.0, 1.0], [0.0, 1.0]).value == pytest.approx(1.0)


def test_bad_input():
    with pytest.raises(InputError, match="two points of one shape"):
        expected_line_count([3], [1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="networks must be a whole number at least 2; got 1"):
        expected_line_count([3], [1.0], [2.0], networks=1)


def test_segments_are_the_network_along_the_way():
    """Whole numbers, so that the network of one input that walks the segment is exact."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        layers = [
            (rng.integers(-3, 4, (5, 3)).astype(float), rng.integers(-3, 4, 5).astype(float)),
            (rng.integers(-3, 4, (4, 5)).astype(float), rng.integers(-3, 4, 4).astype(float)),
            (np.ones((1, 4)), None),
        ]
        points = rng.permutation(27)[:4, None] // [9, 3, 1] % 3 - 1.0
        probes = segment_counts(Network(layers), points)
        for start, end, probe in zip(points[:-1], points[1:], probes, strict=True):
            weight, bias = layers[0]
            first = ((weight @ (end - start))[:, None], weight @ start + bias)
            walk = Network([first, *layers[1:]])
            assert probe.count.value == count_regions(walk, Box.cube(1, 0, 1)).value
