import json

import numpy as np
import pytest

import bounds
from regions import (
    AffineSlice,
    Box,
    Cells,
    Network,
    Polytope,
    Status,
    WholeSpace,
    count_regions,
    save,
)
from regions.cli import main
from regions.empirical import empirical_bound
from regions.errors import InputError
from tests.ladder import LADDER, network_with_ties, random_network


def values(bound):
    return [value for _, value in bound.refinements]


def test_it_holds_for_300_networks_with_ties_and_is_mostly_below_theorem_1():
    rng = np.random.default_rng(0)
    below = 0
    for _ in range(300):
        network = network_with_ties(rng)
        box = Box.cube(network.n0, -1, 1)
        bound, count = empirical_bound(network, box), count_regions(network, box, engine=Cells())
        theorem = bounds.layered(network.n0, network.widths)
        assert count.status is Status.CERTIFIED
        assert count.at_most <= bound.value <= theorem
        assert bound.value <= bounds.hinz_2021(network.n0, network.widths)
        assert values(bound) == sorted(values(bound), reverse=True)
        below += dict(bound.refinements)["histograms"] < theorem  # without counting any cell
    assert below > 150


@pytest.mark.parametrize("rung", LADDER, ids=str)
def test_it_holds_on_every_rung(rung):
    bound = empirical_bound(rung.network, rung.domain)
    assert bound.value >= rung.answers["cells"]
    assert bound.kind == "upper"


@pytest.mark.parametrize("method", ["interval", "auto"])
def test_other_domains_and_methods(method):
    rng = np.random.default_rng(7)
    for seed in range(12):
        network = random_network(seed, 2, 4, 4, 1)
        square = Box.cube(2, -1, 1)
        domains = (
            Box([-1.0, 0.25], [1.0, 0.25]),
            Polytope(rng.normal(size=(2, 2)), np.ones(2), square),
            AffineSlice.through(rng.uniform(-1, 1, (2, 2)), square),
            WholeSpace(2),
        )
        for domain in domains:
            count = count_regions(network, domain)
            assert count.at_most <= empirical_bound(network, domain, method=method).value


def test_units_that_never_switch_cost_nothing():
    network = Network.of(
        (np.eye(3), [5.0, 5.0, -5.0]), (np.eye(3), [9.0, -9.0, 0.0]), ([[1.0] * 3], None)
    )
    assert empirical_bound(network, Box.cube(3, -1, 1)).value == 1


def test_a_fixed_coordinate_takes_a_dimension():
    weight = [[1.0, 1.0], [1.0, -1.0], [1.0, 0.5]]
    network = Network.of((weight, None), (np.ones((1, 3)), None))
    bound = empirical_bound(network, Box([-1.0, 0.5], [1.0, 0.5]))
    assert dict(bound.refinements)["stability"] == bounds.layered(1, [3]) == 4


def test_rank_is_exact_and_not_a_matter_of_tolerance():
    rows = np.array([[1.0, 0.1], [3.0, 0.3], [5.0, 0.5]])
    rows[1:, 1] = 0.1 * rows[1:, 0]  # rounded: nearly but not exactly parallel
    nearly = Network.of((rows, np.array([0.0, 0.1, 0.2])), (np.ones((1, 3)), None))
    assert dict(empirical_bound(nearly, Box.cube(2, -1, 1)).refinements)["ranks"] == 7
    exactly = Network.of((rows * [1.0, 0.0], np.array([0.0, 0.1, 0.2])), (np.ones((1, 3)), None))
    assert dict(empirical_bound(exactly, Box.cube(2, -1, 1)).refinements)["ranks"] == 4


def test_each_refinement_by_hand():
    """Two lines x = 0 and y = 0, then two units of max(0, x) alone: 2 cells of y times 1 + 3 of x."""
    second = [[1.0, 0.0], [1.0, 0.0]], [-0.5, -0.25]
    network = Network.of((np.eye(2), None), second, ([[1.0, 1.0]], None))
    bound = empirical_bound(network, Box.cube(2, -1, 1))
    assert dict(bound.refinements) == {
        "layered": 4 + 3 + 3 + 1,  # both units on, one, the other, none
        "stability": 4 + 3 + 3 + 1,
        "ranks": 3 + 3 + 3 + 1,
        "sizes": 3 + 3 + 3 + 1,
        "sets": 3 + 3 + 1 + 1,  # of the two sets of one unit only {x} lets anything switch
        "histograms": 8,
        "cells": 8,
    }
    assert count_regions(network, Box.cube(2, -1, 1)).value == 8


def test_what_would_take_too_long_is_left_out_and_said(monkeypatch):
    first = np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 0.5]]), [0.0, 0.0, 9.0]
    network = Network.of(first, (np.ones((1, 3)), None))
    monkeypatch.setattr("regions.empirical.bound.MOST_STEPS", 0)
    bound = empirical_bound(network, Box.cube(2, -1, 1))
    assert bound.left_out == ("sizes", "sets", "histograms")
    assert [name for name, _ in bound.refinements] == ["layered", "stability", "ranks"]
    assert bound.value == bounds.layered(2, [3])


def test_cells_of_the_first_layers_are_counted_where_they_are_few():
    network, box = random_network(5, 2, 6, 6, 6, 1), Box.cube(2, -1, 1)
    counts = [
        count_regions(Network((*network.hidden[:k], (np.ones((1, 6)), None))), box).value
        for k in (1, 2, 3)
    ]
    some, none = (empirical_bound(network, box, most_cells=most) for most in (50, 0))
    assert "cells" in none.left_out
    assert counts[2] <= some.value < none.value
    assert some.value <= counts[0] * bounds.layered(2, [6, 6])
    more = empirical_bound(network, box)
    assert counts[2] <= more.value <= counts[1] * bounds.shallow(2, 6)
    assert more.value < some.value


def test_coarser_kinds_are_valid_and_never_better(monkeypatch):
    box = Box.cube(3, -1, 1)
    for seed in range(10):
        network = random_network(seed, 3, 6, 6, 1)
        fine = values(empirical_bound(network, box))
        with monkeypatch.context() as patch:
            patch.setattr("regions.empirical.bound.COARSENESS", (2,))
            coarse = values(empirical_bound(network, box))
        assert coarse == sorted(coarse, reverse=True)
        assert all(f <= c for f, c in zip(fine, coarse, strict=True))


def test_a_time_limit_keeps_a_valid_bound():
    network, box = random_network(1, 4, 8, 8, 1), Box.cube(4, -0.2, 0.2)
    hurried = empirical_bound(network, box, method="auto", time_limit=1e-9)
    count = count_regions(network, box)
    assert count.at_most <= hurried.value <= bounds.layered(4, [8, 8])
    assert empirical_bound(network, box, method="auto").value <= hurried.value


def test_a_network_without_hidden_layers_has_one_region():
    assert empirical_bound(Network.of(([[1.0, 2.0]], None)), Box.cube(2, 0, 1)).value == 1


def test_bad_input():
    network = random_network(0, 2, 3, 1)
    with pytest.raises(InputError, match="3 coordinates"):
        empirical_bound(network, Box.cube(3, 0, 1))
    with pytest.raises(InputError, match="method='guess'"):
        empirical_bound(network, Box.cube(2, 0, 1), method="guess")


def test_the_command_line_lists_it_with_what_each_refinement_bought(tmp_path, capsys):
    net = str(tmp_path / "net.npz")
    save(random_network(0, 2, 4, 3, 1), net)
    assert main(["bound", net, "--box", "-1", "1", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    *_, last = data["bounds"]
    assert list(last) == ["name", "kind", "value", "reference"]
    assert (last["name"], last["kind"]) == ("empirical", "upper")
    assert data["refinements"][0] == {"name": "layered", "value": bounds.layered(2, [4, 3])}
    assert data["refinements"][-1]["value"] == last["value"]
    assert data["left_out"] == []
    assert main(["bound", net, "--box", "-1", "1"]) == 0
    text = capsys.readouterr().out
    assert f"empirical      at most {last['value']}" in text
    assert "stability" in text
    assert main(["bound", net]) == 0
    assert "empirical" not in capsys.readouterr().out
