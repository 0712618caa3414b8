"""The same words mean the same in every verb, and what means nothing is one line with the remedy."""

import numpy as np
import pytest

from regions import (
    Box,
    Cells,
    Network,
    PatternSet,
    Stack,
    StackNetwork,
    WholeSpace,
    add_to,
    boundary_pieces,
    compile_kernels,
    compress_network,
    count_regions,
    describe,
    draw_regions,
    embed,
    empirical_bound,
    estimate_regions,
    expected_line_count,
    iterate_regions,
    load,
    local_equivalent,
    plot_regions,
    prune_network,
    reduce_network,
    region_graph,
    save,
    segment_counts,
    shallow_equivalent,
    slice_counts,
    stable_units,
    to_torch,
    two_layer_approximation,
    unit_ranges,
    write_model,
)
from regions.entry import read_domain, read_engine, read_question
from regions.errors import InputError

# |x| + |y| and the larger of the two inputs: 4 cells on every square around 0
PAIRS = [
    ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]),
    ([[1, 1, 1, 1], [0, 0, 0, 0]], [0, 0.5]),
]
NETWORK = Network.of(*PAIRS)
VERBS = {
    "count_regions": count_regions,
    "iterate_regions": lambda n, d: len(list(iterate_regions(n, d))),
    "estimate_regions": estimate_regions,
    "stable_units": stable_units,
    "unit_ranges": unit_ranges,
    "compress_network": compress_network,
    "empirical_bound": empirical_bound,
    "two_layer_approximation": two_layer_approximation,
    "shallow_equivalent": shallow_equivalent,
    "draw_regions": draw_regions,
    "boundary_pieces": lambda n, d: boundary_pieces(n, d, 0, 1),
    "slice_counts": lambda n, d: slice_counts(n, np.array([[[0.0, 0.0], [0.5, 0.2]]]), d),
    "describe": describe,
    "embed": embed,
    "local_equivalent": lambda n, d: local_equivalent(n, [0.0, 0.0], 0.5, within=d),
}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_takes_pairs_of_arrays_and_pairs_of_numbers(name, tmp_path):
    np.savez(tmp_path / "box.npz", lower=[-1.0, -1.0], upper=[1.0, 1.0])
    for domain in ((-1, 1), ([-1, -1], [1.0, 1.0]), tmp_path / "box.npz"):
        VERBS[name](PAIRS, domain)


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("domain", [None, 1.0, [1, 2, 3], "no such file.npz", np.zeros((2, 3)), (1, -1), ("a", "b")])  # fmt: skip
def test_every_verb_refuses_other_domains_in_one_line(name, domain):
    if name in ("local_equivalent", "describe") and domain is None:
        return  # these need none
    with pytest.raises(InputError) as caught:
        VERBS[name](NETWORK, domain)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("network", [None, 3, [], [1, 2], "no such file.npz", object(), [([[1.0]], [0.0], 3)]])  # fmt: skip
def test_every_verb_refuses_other_networks_in_one_line(name, network):
    with pytest.raises(InputError) as caught:
        VERBS[name](network, (0, 1))
    assert "\n" not in str(caught.value)


def test_domains():
    network = Network.of((np.ones((1, 3)), None))
    same = Box.cube(3, 0, 1)
    pairs = [(0, 1), [0.0, 1.0], (np.zeros(3), np.ones(3)), np.array([[0, 0, 0], [1, 1, 1]]), (0, [1, 1, 1])]  # fmt: skip
    for pair in (*pairs, {"lower": 0, "upper": 1}, same):
        found = read_domain(pair, network)
        assert (found.lower.tolist(), found.upper.tolist()) == ([0.0] * 3, [1.0] * 3)
    space = WholeSpace(3)
    assert read_domain(space, network) is space
    with pytest.raises(InputError, match=r"Box\(\*numpy.transpose\(intervals\)\)"):
        read_domain([(0, 1), (0, 1), (0, 1)], network)
    assert Box(*np.transpose([(0, 1), (0, 1), (0, 1)])).n0 == 3  # the remedy works
    with pytest.raises(InputError, match="n0 = 3"):
        read_domain(Box.cube(2, 0, 1), network)


def test_a_pair_that_can_be_read_in_two_ways_is_refused():
    for pair in ([(0, 1), (0, 1)], [[0, 1], [2, 5]]):
        with pytest.raises(InputError, match="say which"):
            read_question(NETWORK, pair)
    _, box = read_question(NETWORK, (np.array([0, 1]), np.array([2, 5])))
    assert box.lower.tolist() == [0, 1]
    _, box = read_question(NETWORK, ([-1, -1], [1, 1]))
    assert box.lower.tolist() == [-1, -1]


@pytest.mark.parametrize("engine", ["cells", Cells, Cells(), None, "auto"])
def test_engines(engine):
    assert count_regions(PAIRS, (-1, 1), engine=engine).at_least == 4


@pytest.mark.parametrize("engine", ["magic", 3, [], int, object()])
def test_no_engines(engine):
    with pytest.raises(InputError, match="choose one of cells"):
        read_engine(engine, {"cells": Cells})


@pytest.mark.parametrize("verb", [count_regions, iterate_regions, estimate_regions, stable_units, compress_network, empirical_bound])  # fmt: skip
@pytest.mark.parametrize("limit", [0, -1, float("nan"), "ten", True, [1]])
def test_time_limits(verb, limit):
    with pytest.raises(InputError, match="time_limit must be a positive number of seconds"):
        verb(NETWORK, (-1, 1), time_limit=limit)


@pytest.mark.parametrize("limit", [10, 10.0, np.float32(10), np.int64(10), float("inf"), None])
def test_time_limits_that_are_taken(limit):
    assert count_regions(NETWORK, (-1, 1), time_limit=limit).value == 4


@pytest.mark.parametrize("verb", [count_regions, iterate_regions, estimate_regions])
@pytest.mark.parametrize("workers", [0, -1, 1.5, "2", None, True])
def test_workers(verb, workers):
    with pytest.raises(InputError, match=r"workers must be a whole number at least 1.*cores"):
        verb(NETWORK, (-1, 1), workers=workers)


@pytest.mark.parametrize("verb", [count_regions, estimate_regions, stable_units, empirical_bound])
@pytest.mark.parametrize("seed", [-1, 0.5, "0", None, 2**31, np.random.default_rng(0)])
def test_seeds(verb, seed):
    with pytest.raises(InputError, match="seed must be a whole number from 0"):
        verb(NETWORK, (-1, 1), seed=seed)


def test_progress():
    with pytest.raises(InputError, match="progress"):
        count_regions(NETWORK, (-1, 1), progress="bar")


def test_methods():
    for verb in (stable_units, unit_ranges, estimate_regions, empirical_bound):
        for method in ("magic", None, 3):
            with pytest.raises(InputError, match="choose one of"):
                verb(NETWORK, (-1, 1), method=method)


def test_counts_of_pairs_are_those_of_objects():
    count = count_regions(PAIRS, (-1, 1), keep_patterns=True)
    again = count_regions(NETWORK, Box.cube(2, -1, 1), keep_patterns=True)
    assert isinstance(count.patterns, PatternSet)
    assert count.patterns == again.patterns


STACKS = StackNetwork((Stack([[1.0]] * 2, [0.0, 1e-3], [[1.0] * 2], [0.0], ([[0.0]],)),))
POINTS = [[0.1, 0.2], [0.5, 0.7]]


@pytest.mark.parametrize(
    "call",
    {
        "save": lambda path: save(None, path / "net.npz"),
        "save to": lambda path: save(NETWORK, 3),
        "to_torch": lambda _: to_torch(PAIRS),
        "class": lambda _: boundary_pieces(NETWORK, (-1, 1), 0.5, 1),
        "K": lambda _: two_layer_approximation(NETWORK, (-1, 1), K="large"),
        "describe": lambda _: describe(NETWORK, method="magic"),
        "describe limit": lambda _: describe(NETWORK, time_limit=-1),
        "radius": lambda _: local_equivalent(NETWORK, [0, 0], None),
        "within": lambda _: local_equivalent(NETWORK, [0, 0], 1, within=WholeSpace(2)),
        "ranges": lambda _: embed(NETWORK, (-1, 1), ranges=3),
        "ranges to add": lambda _: add_to(None, NETWORK, [1, 2], [1, 2], 3),
        "model": lambda path: write_model(3, path / "model.mps"),
        "model file": lambda _: write_model(embed(NETWORK, (-1, 1)), 3),
        "stacks": lambda _: reduce_network(NETWORK, float, points=POINTS),
        "seed": lambda _: reduce_network(STACKS, float, points=[[0.0]], seed=None),
        "rounds": lambda _: reduce_network(STACKS, float, points=[[0.0]], rounds="two"),
        "slack": lambda _: reduce_network(STACKS, float, points=[[0.0]], slack="some"),
        "loss": lambda _: reduce_network(STACKS, 3, points=[[0.0]]),
        "stacks' domain": lambda _: reduce_network(STACKS, lambda _: 0.0, domain=5),
        "line seed": lambda _: expected_line_count([3], [0], [1], seed=None),
        "line networks": lambda _: expected_line_count([3], [0], [1], networks=2.5),
        "line widths": lambda _: expected_line_count([-3], [0], [1]),
        "line": lambda _: expected_line_count([3], "a", [1]),
        "sparsity": lambda _: prune_network(NETWORK, POINTS, [0, 1], "half"),
        "option": lambda _: prune_network(NETWORK, POINTS, [0, 1], 0.5, damp=1),
        "gradients": lambda _: prune_network(NETWORK, POINTS, [0, 1], 0.5, gradients="all"),
        "points": lambda _: segment_counts(NETWORK, [[1, 2], [3]]),
        "slice": lambda _: slice_counts(NETWORK, [[[0, 0], [1, 0]]], WholeSpace(2)),
        "axes": lambda _: draw_regions(NETWORK, (-1, 1), axes=3),
        "picture": lambda _: plot_regions(NETWORK, (-1, 1), 3),
        "graph": lambda _: region_graph(3),
        "processes": lambda _: compile_kernels(("vertices",), processes="two"),
        "data": lambda _: stable_units(NETWORK, (-1, 1), data="a"),
        "nodes": lambda _: stable_units(NETWORK, (-1, 1), nodes="many"),
        "most_cells": lambda _: empirical_bound(NETWORK, (-1, 1), most_cells="many"),
        "confidence": lambda _: estimate_regions(NETWORK, (-1, 1), confidence="high"),
        "width": lambda _: estimate_regions(NETWORK, (-1, 1), relative_width="thin"),
        "parity": lambda _: estimate_regions(NETWORK, (-1, 1), method="mipbound", parity="odd"),
        "journal": lambda _: count_regions(NETWORK, (-1, 1), journal=3),
        "certificate": lambda _: count_regions(NETWORK, (-1, 1), certificate=3),
        "stability": lambda _: compress_network(NETWORK, (-1, 1), stability=3),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_every_other_argument_that_cannot_be_meant_is_one_line(call, tmp_path):
    with pytest.raises(InputError) as caught:
        call[1](tmp_path)
    assert "\n" not in str(caught.value)


def test_what_stands_for_a_network_can_be_saved(tmp_path):
    save(PAIRS, tmp_path / "net.npz")
    assert load(tmp_path / "net.npz") == NETWORK
    assert reduce_network(STACKS, lambda _: 0.0, domain=(-1, 1)).network.n0 == 1
