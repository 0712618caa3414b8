"""Compression: published worked examples, each rule on its own, local domains, bad input."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from regions import Box, Network, Polytope, WholeSpace, compress_network, save, unit_ranges
from regions.cli import main
from regions.compress import RULES, Fate, difference_network, largest_difference
from regions.errors import InputError, UnsupportedError
from tests.ladder import random_network

SQUARE = Box.cube(2, -1, 1)
KEYS = [
    "widths_before",
    "widths_after",
    "units_removed",
    "weights_removed",
    "max_difference",
    "certified",
    "seconds",
]

# Unit: outputs of order one. Floating-point forward passes of two networks differ by this much.
ROUNDING = 1e-13

# Unit: the same. HiGHS lets a binary be off by 1e-6, and big-M multiplies that.
SOLVER = 1e-4


def by_hand(network, domain, on=(), off=()):
    """A stability that names units (layer, unit), with ranges to match."""
    masks = []
    for chosen in (on, off):
        mask = tuple(np.zeros(n, dtype=bool) for n in network.widths)
        for layer, unit in chosen:
            mask[layer][unit] = True
        masks.append(mask)
    found = unit_ranges(network, domain)
    unstable = tuple(~(on | off) for on, off in zip(*masks, strict=True))
    return SimpleNamespace(on=masks[0], off=masks[1], unstable=unstable, ranges=found)


def unit_for_each_fate():
    """Two inputs in [-1, 1]; the units of the first layer in the order of `Fate`, then one more."""
    weight = [[1, 1], [1, 1], [0, 0], [1, -1], [2, 2], [1, 0], [0, 1], [1, 1]]
    bias = [0.5, -3, 2, 0, 1, 4, 4, 8]
    outgoing = [[1, 5, 3, 0, 1, 1, 1, 1]]
    return Network.of((weight, bias), (outgoing, [1.0]))


@pytest.mark.parametrize("rule", RULES)
def test_published_merge(rule):
    weight = [[1, 0, 2, 1], [1, 1, 0, 0], [2, 1, 2, 1], [1, 2, 3, 0], [11, 12, 13, 0]]
    outgoing = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    network = Network.of((weight, [0, 1, 2, 3, 4]), (outgoing, [11, 12]))
    # the example names the units that are on (0, 1, 2) and off (4): on this box they are
    box = Box([-0.4, -0.4, -2, 10], [0.4, 0.4, -1.3, 11])
    result = compress_network(network, box, rule=rule)
    hidden, output = result.network.layers
    assert hidden.weight.tolist() == [weight[0], weight[1], weight[3]]
    assert hidden.bias.tolist() == [0, 1, 3]
    assert output.weight.tolist() == [[2, 3, 3], [12, 13, 8]]
    assert output.bias.tolist() == [13, 19]
    assert (result.merged, result.removed) == (((2,),), ((4,),))
    assert result.max_difference == 0.0


@pytest.mark.parametrize("rule", RULES)
def test_published_fold(rule):
    network = Network.of(([[1, 2], [3, -1]], [5, 4]), ([[1, 1], [2, 0], [0, -1]], [0, 1, 2]))
    result = compress_network(network, SQUARE, rule=rule)
    (layer,) = result.network.layers
    assert layer.weight.tolist() == [[4, 1], [2, 4], [-3, 1]]
    assert layer.bias.tolist() == [9, 11, -2]
    assert (result.folded, result.max_difference) == (((0, 1),), 0.0)
    assert result.lift(np.zeros((3, 0), dtype=bool)).tolist() == [[True, True]] * 3


def test_two_sided_keeps_what_the_next_layer_sees():
    """The 6-12-3 network of the derivation: rows of 8 units in 6 dimensions, seen by 3 outputs."""
    rng = np.random.default_rng(0)
    bias = np.where(np.arange(12) < 8, 20.0, 0.0)
    network = Network.of((rng.normal(size=(12, 6)), bias), (rng.normal(size=(3, 12)), [0, 0, 0]))
    box = Box.cube(6, -1, 1)
    published, two_sided = (compress_network(network, box, rule=rule) for rule in RULES)
    assert (published.network.widths, two_sided.network.widths) == ((10,), (7,))  # 6 + 4, 3 + 4
    x = box.sample(1000, seed=1)
    for result in (published, two_sided):
        assert 0 < result.max_difference < ROUNDING * 100
        assert np.allclose(result.network.forward(x), network.forward(x), rtol=0, atol=1e-12)
    assert two_sided.network.pattern(x)[:, -3:].all()


def test_every_fate():
    network = unit_for_each_fate()
    result = compress_network(network, SQUARE)
    assert result.fates[0] == (
        Fate.KEPT,
        Fate.INACTIVE,
        Fate.CONSTANT,
        Fate.SILENT,
        Fate.PROPORTIONAL,
        *[Fate.MERGED] * 3,
    )
    assert (result.removed, result.merged) == (((1, 2, 3),), ((4, 5, 6, 7),))
    assert result.network.widths == (2,)
    assert result.lift.undetermined.tolist() == [i == 3 for i in range(8)]
    assert result.lift([[True, True], [False, True]]).astype(int).tolist() == [
        [1, 0, 1, 0, 1, 1, 1, 1],
        [0, 0, 1, 0, 0, 1, 1, 1],
    ]
    assert result.certified
    assert result.max_difference < 1e-15
    assert str(result).startswith("2-8-1 -> 2-2-1, outputs differ by at most")
    assert str(result) in repr(result)


def test_the_published_rule_knows_no_silent_or_proportional_units():
    fates = compress_network(unit_for_each_fate(), SQUARE, rule="published").fates[0]
    assert Fate.SILENT not in fates
    assert Fate.PROPORTIONAL not in fates


@pytest.mark.parametrize("scale", [1.0, 4.0, 3.0, 0.1])
def test_duplicates_on_the_whole_space(scale):
    """Merging by a power of two, or where sums are doubles, is exact; else it is refused there."""
    row = np.array([1.5, -2.0])
    network = Network.of(([row, row * scale], [0.25, 0.25 * scale]), ([[1.0, 1.0]], None))
    result = compress_network(network, WholeSpace(2))
    same = (row * scale).tolist() == [1.5 * scale, -2.0 * scale] and scale != 0.1
    assert result.network.widths == ((1,) if same else (2,))
    assert result.max_difference == 0.0


def test_signs_of_weights_settle_units_on_the_whole_space():
    first = ([[1, 0], [0, 1]], [0, 0])
    second = ([[-1, -2], [1, 3], [1, -1]], [0, 1, 0])
    network = Network.of(first, second, ([[7, 1, 1]], [0]))
    result = compress_network(network, WholeSpace(2))
    assert result.fates[1] == (Fate.INACTIVE, Fate.KEPT, Fate.KEPT)


def test_two_sided_falls_back_to_rows_on_the_whole_space():
    """Units 0 and 1 of the second layer are never negative and have equal rows; no shift is known."""
    first = ([[1, 0], [0, 1]], [0, 0])
    second = ([[1, 2], [1, 2], [2, 1], [1, -1]], [0, 1, 0, 0])
    network = Network.of(first, second, ([[1, 1, 2, 1]], [0]))
    result = compress_network(network, WholeSpace(2))
    assert result.fates[1] == (Fate.KEPT, Fate.MERGED, Fate.KEPT, Fate.KEPT)
    assert result.network.forward([3.0, 1.0]).tolist() == network.forward([3.0, 1.0]).tolist()


def test_inputs_are_passed_on_where_there_are_few():
    """Ten units that are on, in one dimension, with five outputs of their own."""
    rng = np.random.default_rng(0)
    first = ([[1.0]], [-0.5])
    second = (rng.normal(size=(11, 1)), np.append(np.full(10, 9.0), -0.1))
    second[0][10] = 1.0
    network = Network.of(first, second, (rng.normal(size=(5, 11)), np.zeros(5)))
    result = compress_network(network, Box.cube(1, 0, 1))
    assert result.network.widths == (1, 2)
    assert result.network.layers[1].weight.tolist() == [[1.0], [1.0]]
    assert result.network.layers[1].bias.tolist() == [-0.1, 0.0]


def test_active_units_that_cancel():
    """x1 + x2 - (x1 + x2): the next layer sees nothing of the three units but a constant."""
    rows = [[1, 0], [0, 1], [1, 1]]
    network = Network.of((rows, [2, 2, 2]), ([[1, 1, -1]], [5]))
    result = compress_network(network, SQUARE)
    assert result.network.architecture == "2-1"
    assert result.network.forward([[0.5, 0.25], [-1, 1]]).tolist() == [[7.0], [7.0]]
    assert result.max_difference == 0.0


def test_a_constant_network_collapses():
    network = Network.of(([[1, 1]], [0]), ([[1], [2]], [-9, -9]), ([[3, 4]], [5]))
    result = compress_network(network, SQUARE)
    (layer,) = result.network.layers
    assert (layer.weight.tolist(), layer.bias.tolist()) == ([[0, 0]], [5])
    assert result.max_difference == 0.0
    assert result.fates == ((Fate.SILENT,), (Fate.INACTIVE, Fate.INACTIVE))
    assert result.lift.undetermined.tolist() == [True, False, False]


def test_a_constant_goes_through_all_later_layers():
    network = Network.of(([[0, 0]], [2]), ([[1], [-1]], [1, 1]), ([[1, 1], [2, 0]], [0.5, 0]))
    for rule in RULES:
        result = compress_network(network, WholeSpace(2), rule=rule)
        assert result.network.architecture == "2-2"
        assert result.network.layers[0].bias.tolist() == [3.5, 6]
        assert result.lift(np.zeros(0, dtype=bool)).tolist() == [True, True, False]


def test_a_layer_is_folded_only_when_that_leaves_no_more_weights():
    """20 inputs, one unit that is always on, 20 outputs: 40 weights, or 400 folded."""
    network = Network.of((np.ones((1, 20)), [30]), (np.ones((20, 1)), None))
    result = compress_network(network, Box.cube(20, -1, 1))
    assert result.network == network
    assert result.folded == ((),)


def test_a_tie_is_stable():
    """g = x and g = -x on [0, 1]: the one is never negative, the other never positive."""
    network = Network.of(([[1], [-1]], None), ([[1, 1]], None))
    result = compress_network(network, Box.cube(1, 0, 1))
    assert result.network.architecture == "1-1"
    assert result.max_difference == 0.0


def test_small_domains_let_most_go():
    network = random_network(3, 5, 12, 12, 2)
    x = np.full(5, 0.3)
    units = [
        compress_network(network, Box.around(x, radius)).after.units
        for radius in (1e-6, 0.05, 0.3, 10.0)
    ]
    assert units[0] == 0  # one affine map
    assert units == sorted(units)
    assert units[-1] > 12


def test_polytopes_are_taken():
    corner = Polytope([[1.0, 1.0]], [-1.9], SQUARE)
    network = random_network(5, 2, 8, 2)
    result = compress_network(network, corner)
    assert result.after.units < compress_network(network, SQUARE).after.units
    x = np.array([[-1.0, -1.0], [-0.95, -0.96]])
    assert np.allclose(result.network.forward(x), network.forward(x), rtol=0, atol=ROUNDING)


def test_nothing_to_remove():
    network = random_network(1, 2, 4, 1)
    result = compress_network(network, Box.cube(2, -100, 100), rule="published")
    assert result.network == network
    assert result.max_difference == 0.0
    patterns = np.eye(4, dtype=bool)
    assert (result.lift(patterns) == patterns).all()


def test_no_hidden_layer():
    network = Network.of(([[1.0, 2.0]], [3.0]))
    for domain in (SQUARE, WholeSpace(2)):
        result = compress_network(network, domain)
        assert result.network == network
        assert "no hidden layer" in str(result)
        assert result.fates == ()


def test_a_word_without_a_range_is_not_certified():
    """Unit 0 is on indeed, x1 + x2 + 2.5 with |x| <= 1, but here only somebody says so."""
    network = Network.of(([[1, 1], [1, -1]], [2.5, 0]), ([[1, 1]], None))
    stability = by_hand(network, SQUARE, on=[(0, 0)])
    assert compress_network(network, SQUARE, stability=stability).certified
    stability.ranges.lower[0][0] = -1.0
    assert not compress_network(network, SQUARE, stability=stability).certified


def test_sizes_by_both_measures():
    result = compress_network(random_network(3, 5, 12, 12, 2), Box.around(np.full(5, 0.3), 1e-6))
    before, after = result.before, result.after
    assert (before.units, before.weights, before.weights_beyond_input) == (24, 228, 168)
    assert (after.units, after.weights, after.weights_beyond_input) == (0, 10, 0)


HUGE = {
    "fold": Network.of(([[1e200]], [1e201]), ([[1e200]], None)),
    "constant": Network.of(([[0], [1]], [1e200, -0.5]), ([[1e200, 1]], [0])),
    "proportional": Network.of(([[1], [2]], [-0.5, -1.0]), ([[1e308, 1e308]], [0])),
    "rows": Network.of(([[1], [2], [1]], [1, 2, -0.5]), ([[1e308, 1e308, 1], [1, 2, 3]], None)),
    "factors": Network.of(
        ([[1e200, 0], [0, 1e200], [1, -1]], [1, 1, 0]), ([[1e200, 1e200, 1]], None)
    ),
}


@pytest.mark.parametrize("network", HUGE.values(), ids=HUGE)
def test_sums_that_overflow_are_left_alone(network):
    """No double could hold the merged weights."""
    for rule in RULES:
        result = compress_network(network, Box.cube(network.n0, 0, 1), rule=rule)
        assert result.network == network
        assert result.max_difference == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_a_mixed_integer_programme_finds_no_larger_difference(seed):
    network = random_network(seed, 3, 6, 5, 2)
    result = compress_network(network, Box.around(np.full(3, 0.2), 0.2))
    assert result.after.units < 11
    check = result.check(time_limit=20)
    assert check.complete
    assert check.found <= result.max_difference + ROUNDING * 10
    assert check.bound < SOLVER


def test_a_mixed_integer_programme_finds_a_real_difference():
    network = random_network(0, 3, 6, 2)
    hidden, output = network.layers
    other = Network.of(hidden, (output.weight, output.bias + np.array([0.0, 0.5])))
    check = largest_difference(network, other, Box.cube(3, -1, 1))
    assert abs(check.found - 0.5) < ROUNDING * 10
    assert check.bound >= 0.5 - SOLVER
    x = Box.cube(3, -1, 1).sample(20, seed=0)
    flat = Network.of((output.weight @ hidden.weight, None))
    difference = difference_network(network, flat).forward(x)
    assert np.allclose(
        difference, network.forward(x) - flat.forward(x), rtol=0, atol=ROUNDING * 100
    )


def test_bad_input():
    network = random_network(0, 2, 3, 1)
    with pytest.raises(InputError, match="published, two-sided"):
        compress_network(network, SQUARE, rule="all")
    with pytest.raises(InputError, match="n0 = 2"):
        compress_network(network, Box.cube(3, 0, 1))
    other = random_network(0, 2, 4, 1)
    with pytest.raises(InputError, match="stable_units found"):
        compress_network(network, SQUARE, stability=by_hand(other, SQUARE))
    with pytest.raises(UnsupportedError, match="box"):
        compress_network(network, WholeSpace(2)).check()
    with pytest.raises(InputError, match=r"shape \(\.\.\., 3\)"):
        compress_network(network, WholeSpace(2)).lift([True])


def run(capsys, *argv):
    code = main([str(a) for a in argv])
    return code, *capsys.readouterr()


def test_command_line(capsys, tmp_path):
    net, out = tmp_path / "net.npz", tmp_path / "small.npz"
    save(unit_for_each_fate(), net)
    code, text, error = run(capsys, "compress", net, "--box", -1, 1, "-o", out, "--json")
    answer = json.loads(text)
    assert (code, error) == (0, "")
    assert set(KEYS) <= set(answer)
    assert (answer["widths_before"], answer["widths_after"]) == ([8], [2])
    assert (answer["units_removed"], answer["weights_removed"]) == (6, 18)
    assert answer["certified"] is True
    code, text, _ = run(capsys, "compress", out, "--box", -1, 1, "-o", out, "--rule", "published")
    assert "2-2-1 -> 2-2-1" in text
    assert "units: 2 -> 2 (0.0% removed)" in text


def test_a_time_limit_that_leaves_units_open_is_partial(capsys, tmp_path):
    net, out = tmp_path / "net.npz", tmp_path / "small.npz"
    save(random_network(0, 6, 30, 30, 30, 2), net)
    words = ("compress", net, "--box", -1, 1, "-o", out, "--json")
    code, text, _ = run(capsys, *words, "--time-limit", "1e-9")
    assert code == 1
    assert json.loads(text)["certified"] is True  # what was done is proved all the same
    assert out.is_file()


def test_unsettled_units_are_counted():
    network = random_network(0, 2, 3, 1)
    assert compress_network(network, WholeSpace(2)).unsettled == 3
    assert compress_network(network, SQUARE).unsettled == 0


def test_command_line_refuses(capsys, tmp_path):
    net = tmp_path / "net.npz"
    save(random_network(0, 2, 3, 1), net)
    box = ("--box", 0, 1)
    for words, part in (
        ((net, *box, "-o", tmp_path / "no" / "small.npz"), "does not exist"),
        ((net, *box, "-o", tmp_path / "small.h5"), "cannot be written"),
        ((net, *box, "-o", tmp_path), "cannot be written"),
        ((net, *box), "-o"),
        ((net, "-o", tmp_path / "small.npz"), "--box"),
        ((net, *box, "-o", tmp_path / "small.npz", "--rule", "none"), "two-sided"),
    ):
        code, text, error = run(capsys, "compress", *words)
        assert (code, text, error.count("\n")) == (2, "", 1)
        assert part in error
