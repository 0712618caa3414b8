"""Units max(g, s g): what a network of them computes, how it is kept, and who refuses it."""

import itertools

import numpy as np
import pytest

import regions
from regions import Box, Network, count_regions, load, save
from regions.cli.main import main
from regions.domain import WholeSpace
from regions.errors import InputError, UnsupportedError
from regions.preactivations.ranges import direct_ranges
from regions.preactivations.replay import Replay
from regions.preactivations.unit_maps import unit_maps
from tests.ladder import network_with_slopes, random_network

LEAKY = Network(random_network(3, 2, 4, 3, 2).layers, slopes=[0.01, [0.0, -1.0, 0.3]])
SQUARE = Box.cube(2, -1, 1)


def test_forward_by_hand():
    # |x|, then | |x| - 1 |, then max(g, g / 2) of it less 1
    network = Network(
        [([[1.0]], None), ([[1.0]], [-1.0]), ([[1.0]], [-1.0]), ([[2.0]], [1.0])],
        slopes=[-1, [-1], 0.5],
    )
    x = np.array([[-3.0], [-0.5], [0.0], [1.0], [2.5]])
    fold = np.abs(np.abs(x) - 1) - 1
    np.testing.assert_array_equal(network.forward(x), 2 * np.where(fold > 0, fold, fold / 2) + 1)
    np.testing.assert_array_equal(network.preactivations(x)[2], fold)
    assert network.pattern([0.5]).tolist() == [True, False, False]


def test_affine_map_and_unit_maps_are_the_network_on_a_cell():
    for x in np.random.default_rng(0).normal(size=(20, 2)):
        pattern = LEAKY.pattern(x)
        A, c = LEAKY.affine_map(pattern)
        np.testing.assert_allclose(A @ x + c, LEAKY.forward(x), atol=1e-12)
        A, c = unit_maps(LEAKY, pattern)
        np.testing.assert_allclose(A @ x + c, np.concatenate(LEAKY.preactivations(x)), atol=1e-12)


def test_zero_slopes_are_a_relu_network():
    relu = random_network(0, 2, 3, 1)
    assert Network(relu.layers, slopes=[np.zeros(3)]) == relu
    assert Network(relu.layers, slopes=-0.0).slopes is None
    assert Network(relu.layers, slopes=0.5) != relu
    assert Network(relu.layers, slopes=0.5) != Network(relu.layers, slopes=0.25)


def test_digest_of_a_relu_network_stays():
    network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[1.0, 1.0]], None))
    assert network.digest.startswith("e4afb3e610ce")


@pytest.mark.parametrize(
    ("slopes", "match"),
    [
        (1.0, "below 1"),
        ([[0.0, 2.0, 0.0]], r"s1\[1\] is 2"),
        (np.nan, "finite"),
        ([0.5, 0.5], "each of the 1 hidden layers"),
        ([[0.5, 0.5]], r"shape \(3,\)"),
        ([["a", "b", "c"]], "real numbers"),
    ],
)
def test_slopes_that_are_none(slopes, match):
    with pytest.raises(InputError, match=match):
        Network(random_network(0, 2, 3, 1).layers, slopes=slopes)


def test_npz_keeps_slopes(tmp_path):
    save(LEAKY, tmp_path / "net.npz")
    again = load(tmp_path / "net.npz")
    assert again == LEAKY
    for kept, own in zip(again.slopes, LEAKY.slopes, strict=True):
        np.testing.assert_array_equal(kept, own)
    arrays = {**np.load(tmp_path / "net.npz")}
    del arrays["digest"], arrays["s2"]  # a layer without is one of ReLUs
    np.savez(tmp_path / "net.npz", **arrays)
    assert load(tmp_path / "net.npz").leaks[1] is None
    np.savez(tmp_path / "net.npz", **arrays, s3=np.zeros(2))  # the output layer has none
    with pytest.raises(InputError, match="s3"):
        load(tmp_path / "net.npz")


def test_output_relu_is_one():
    network = LEAKY.with_output_relu()
    assert network.leaks[-1] is None
    x = np.random.default_rng(0).normal(size=(9, 2))
    np.testing.assert_array_equal(network.preactivations(x)[-1], LEAKY.forward(x))


@pytest.mark.parametrize("method", ["interval", "relaxation"])
def test_ranges_hold_everywhere(method):
    rng = np.random.default_rng(1)
    for _ in range(60):
        network = network_with_slopes(rng, 2, 4, 4, 3, 1)
        low, high = np.sort(rng.normal(size=(2, 2)), axis=0)
        box = Box(low, high)
        ranges = direct_ranges(network, box, method=method)
        corners = np.array([*itertools.product(*zip(low, high, strict=True))])
        points = np.concatenate([corners, rng.uniform(low, high, size=(400, 2))])
        for g, lower, upper in zip(
            network.preactivations(points), ranges.lower, ranges.upper, strict=True
        ):
            # what the float forward pass itself may be off by
            assert (g >= lower - 1e-9).all()
            assert (g <= upper + 1e-9).all()


def test_the_range_of_an_absolute_value():
    network = Network([([[1.0]], None), ([[-1.0]], None), ([[1.0]], None)], slopes=[-1, 0])
    ranges = direct_ranges(network, Box.cube(1, -1, 2), method="relaxation")
    assert ranges.upper[1] == [0.0]  # -|x|
    np.testing.assert_allclose(ranges.lower[1], [-2.0])


def test_replay_agrees_with_rationals():
    rng = np.random.default_rng(2)
    for _ in range(30):
        network = network_with_slopes(rng, 2, 3, 3, 1)
        replay, points = Replay(network, SQUARE), rng.uniform(-1, 1, size=(5, 2))
        signs = replay.signs(points)
        for i, point in enumerate(points):
            exact = list(replay.exact_preactivations(point))
            for layer, g in enumerate(exact):
                truth = np.array([(v > 0) - (v < 0) for v in g])
                proved = signs[layer][i]
                assert ((proved == 0) | (proved == truth)).all()
    # the error bound is no wider than a few roundings: nearly all signs are proved
    assert all((part != 0).all() for part in Replay(LEAKY, SQUARE).signs(points))


REFUSING = {
    "stable_units": lambda n, path: regions.stable_units(n, SQUARE),
    "compress_network": lambda n, path: regions.compress_network(n, SQUARE),
    "embed": lambda n, path: regions.embed(n, SQUARE),
    "add_to": lambda n, path: regions.add_to(None, n, [], [], None),
    "empirical_bound": lambda n, path: regions.empirical_bound(n, SQUARE),
    "estimate_regions": lambda n, path: regions.estimate_regions(n, SQUARE),
    "unit_ranges": lambda n, path: regions.unit_ranges(n, SQUARE, method="lp"),
    "boundary_pieces": lambda n, path: regions.boundary_pieces(n, SQUARE, 0, 1),
    "prune_network": lambda n, path: regions.prune_network(n, np.zeros((4, 2)), [0, 1, 0, 1], 0.5),
    "local_equivalent": lambda n, path: regions.local_equivalent(n, [0.0, 0.0], 0.1),
    "shallow_equivalent": lambda n, path: regions.shallow_equivalent(n, SQUARE),
    "two_layer_approximation": lambda n, path: regions.two_layer_approximation(n, SQUARE, K=10),
    "faces": lambda n, path: count_regions(n, SQUARE, engine="faces"),
    "engines pool": lambda n, path: count_regions(n, SQUARE, engine="pool"),
    "engines pool and scip": lambda n, path: count_regions(n, SQUARE, engine="scip"),
    "stable": lambda n, path: regions.describe(n, SQUARE),
    "nnet": lambda n, path: save(n, path / "net.nnet"),
    "state dict": lambda n, path: save(n, path / "net.pt"),
    "to_torch": lambda n, path: regions.to_torch(n),
}


@pytest.mark.parametrize("verb", REFUSING)
def test_who_knows_no_slopes_says_so(verb, tmp_path):
    with pytest.raises(UnsupportedError, match=f"{verb}.*ReLU units only"):
        REFUSING[verb](LEAKY, tmp_path)


def test_every_public_verb_was_thought_of():
    # whoever adds a verb decides here whether it knows slopes
    verbs = {
        name for name in regions.__all__ if name[0].islower() and callable(getattr(regions, name))
    }
    knows = {
        "count_regions",
        "describe",
        "iterate_regions",
        "load",
        "region_graph",
        "save",
        "unit_ranges",
    }
    knows |= {
        "draw_regions",
        "plot_regions",
        "segment_counts",
        "segments",
        "slice_counts",
        "verify_certificate",
    }
    no_network = {
        "cite",
        "compile_kernels",
        "expected_line_count",
        "load_stacks",
        "reduce_network",
        "write_model",
    }
    assert verbs - knows - no_network <= set(REFUSING), verbs - knows - no_network - set(REFUSING)


def test_pictures_and_probes_know_slopes():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    network = Network(
        [(np.eye(2), None), ([[1.0, 1.0]], [-1.0]), ([[1.0]], None)], slopes=-1
    )  # a diamond
    for colour in ("map", "class"):
        wide = Network((*network.layers[:-1], ([[1.0], [0.0]], [0.0, 0.5])), slopes=network.slopes)
        assert regions.draw_regions(wide, SQUARE, colour=colour)[1] == 8
    (probe,) = regions.segment_counts(network, [[-1.0, -0.75], [1.0, 0.75]])
    assert probe.count.value == 4
    assert regions.region_graph(regions.iterate_regions(network, SQUARE)).number_of_edges() == 4 + 4


def test_the_command_prints_the_bounds_that_hold(tmp_path, capsys):
    save(LEAKY, tmp_path / "net.npz")
    assert main(["bound", str(tmp_path / "net.npz")]) == 0
    out = capsys.readouterr().out
    assert "raghu_2017" in out
    assert "montufar_2017" in out
    assert "  layered" not in out
    assert "layered and hinz_2021 are left out" in out


def test_the_remedy_of_stable_units_works():
    assert len(regions.unit_ranges(LEAKY, SQUARE, method="relaxation").lower) == 2


def test_sampling_takes_slopes():
    found = count_regions(LEAKY, SQUARE, engine="sample")
    assert found.value <= count_regions(LEAKY, SQUARE, engine="cells").value


def test_whole_space_of_a_leaky_network():
    # three lines in general position, then one more for each of the cells at most
    network = Network(
        [(np.array([[1.0, 0], [0, 1], [1, 1]]), [0, 0, -1.0]), (np.ones((1, 3)), None)], slopes=0.1
    )
    assert count_regions(network, WholeSpace(2), engine="cells").value == 7
