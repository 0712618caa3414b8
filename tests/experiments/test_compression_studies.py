"""The studies of compression, stability and training, on networks small enough to reason about."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments import bottleneck, compression, epochs, isa, l1_strength, training_and_regions
from experiments.__main__ import main
from experiments.attack import Attack
from experiments.data import digest_of
from experiments.plan import table_path
from experiments.runner import run
from experiments.summary import mean_and_error, summarised
from experiments.table import Table
from experiments.train import Recipe, train
from experiments.training import TrainingTask, accuracy_of, images_of, robust_accuracy_of, trained
from regions import Box, Network

SHORT = Recipe(epochs=3, l1=0.001, rate=0.05)


def task(kind=TrainingTask, widths=(25, 25), recipe=SHORT, seed=0, **more):
    return kind("sklearn", digest_of("sklearn"), widths, seed, recipe, **more)


def test_the_paper_plan_has_the_nine_published_cells():
    plan = compression.tasks("paper", None)
    assert {(t.widths[0], t.recipe.l1) for t in plan} == set(compression.PUBLISHED)
    for width in (25, 50, 100):
        none, some, much = sorted(l1 for w, l1 in compression.PUBLISHED if w == width)
        assert (none, much) == (0, pytest.approx(5 * some))


def test_a_compressed_network_is_compared_with_both_versions_of_the_table(tmp_path):
    contradiction = task(widths=(50, 50), recipe=replace(SHORT, l1=0.0002))
    (row,) = compression.answer([contradiction], tmp_path)
    assert (row["paper_poster"], row["paper_slides"]) == ("15.1 ± 0.6", "7.5 ± 0.5")
    kept = sum(map(int, row["two_sided_widths"].split("-")))
    assert row["two_sided_units"] == pytest.approx(100 - kept)
    assert row["published_units"] <= row["two_sided_units"]
    assert row["stability_certified"]
    assert row["unsettled"] == 0


def test_more_l1_lets_more_go_and_proximal_steps_leave_zeros(tmp_path):
    weak, strong = (task(recipe=replace(SHORT, l1=l1, proximal=True)) for l1 in (0.0001, 0.05))
    few, many = (l1_strength.answer([one], tmp_path)[0] for one in (weak, strong))
    assert few["two_sided_units"] < many["two_sided_units"]
    assert few["zero_weights"] < many["zero_weights"]
    plan = l1_strength.tasks("quick", None)
    assert {t.recipe.proximal for t in plan if t.recipe.l1 == 0} == {False}


def test_one_by_one_asks_about_every_unit_unless_it_is_stopped():
    network = Network.of(([[1.0], [-1.0]], [0.5, -2.0]), ([[1.0, 1.0]], [0.0]), ([[1.0]], None))
    box = Box.cube(1, -1, 1)
    seconds, asked = isa.per_unit(network, box, 60.0)
    assert (asked, seconds < 60.0) == (3, True)
    assert isa.per_unit(network, box, 1e-9) == (1e-9, 0)


def test_methods_are_timed_on_one_network(tmp_path):
    (row,) = isa.answer([task(isa.TimingTask, (4, 3), time_limit=60.0)], tmp_path)
    assert row["ours_settled"]
    assert row["per_unit_settled"]
    assert row["isa_ratio"] == pytest.approx(
        row["per_unit_seconds"] / row["isa_seconds"], rel=0.05
    )  # the seconds are rounded


def test_what_was_stopped_is_shown_as_a_lower_bound():
    seconds = {"per_unit_seconds": "60.0", "isa_seconds": "2.0", "ours_seconds": "1.0"}
    row = seconds | {"isa_ratio": "30", "ours_ratio": "60", "recipe_l1": "0", "paper_ratio": ""}
    done = {f"{method}_settled": "True" for method in isa.STOPPED}
    table = pd.DataFrame(
        [
            row | done | {"architecture": "2-9-1"},
            row | done | {"architecture": "2-99-1", "per_unit_settled": "False"},
        ]
    )
    short = isa.summary(table)
    assert short["per unit, s"].tolist() == ["60", "> 60"]
    assert short["per unit / ISA"].tolist() == ["30", "> 30"]
    assert short["ISA, s"].tolist() == ["2", "2"]


def test_ways_of_training_start_from_the_same_weights():
    plan = training_and_regions.tasks("quick", None)
    seeds = {v: {t.seed for t in plan if t.variant == v} for v in training_and_regions.VARIANTS}
    assert len(seeds) == 4
    assert len(set(map(frozenset, seeds.values()))) == 1
    assert len({(t.widths, t.test) for t in plan}) == 1


def test_a_way_of_training_is_counted_and_attacked(tmp_path):
    asked = task(training_and_regions.VariantTask, (3, 2), test=Attack(0.1, 0.05, 3))
    (row,) = training_and_regions.answer([asked], tmp_path)
    assert row["status"] == "CERTIFIED"
    assert 1 <= row["value"] <= int(row["bound_layered"])
    assert row["robust_accuracy"] <= row["accuracy"]
    assert row["on"] + row["off"] <= 5


def test_an_attack_of_no_radius_changes_no_accuracy(tmp_path):
    (network,) = trained([task()], tmp_path)
    still = robust_accuracy_of(network, "sklearn", Attack(radius=0.0), 0)
    assert still == accuracy_of(network, "sklearn")
    assert robust_accuracy_of(network, "sklearn", Attack(0.3, 0.1, 5), 0) < still


def test_the_last_epoch_is_the_trained_network(tmp_path):
    recipe = Recipe(epochs=2)
    batch = [
        task(epochs.EpochTask, (3, 2), recipe, seed, epoch=epoch)
        for seed in (0, 1)
        for epoch in (1, 2)
    ]
    rows = epochs.answer(batch, tmp_path)
    last = train(images_of("sklearn"), (3, 2), (0, 1), recipe)
    assert [rows[i]["digest"] for i in (1, 3)] == [one.network.digest for one in last]
    assert all(row["status"] == "CERTIFIED" for row in rows)
    assert len(epochs.STUDY.batches(batch)) == 1


def test_networks_come_from_their_files_and_lost_ones_are_trained_again(tmp_path, monkeypatch):
    batch = [task(widths=(4,), seed=seed) for seed in (0, 1)]
    first = trained(batch, tmp_path)
    monkeypatch.setattr("experiments.training.train", lambda *a: pytest.fail("trained twice"))
    assert trained(batch[::-1], tmp_path) == first[::-1]
    monkeypatch.undo()
    next((tmp_path / "networks").glob("*seed1*")).unlink()
    assert trained(batch, tmp_path) == first


def test_a_summary_has_means_and_their_errors():
    table = pd.DataFrame({"kind": ["a", "a", "b"], "value": ["1.0", "3.0", "5"]})
    found = summarised(table, {"kind": "Kind"}, {"value": "Value"})
    assert found.to_dict("records") == [
        {"Kind": "a", "networks": 2, "Value": "2 ± 1"},
        {"Kind": "b", "networks": 1, "Value": "5"},
    ]
    spread = np.array([95.61, 95.67, 95.73])
    assert mean_and_error(spread) == "95.67 ± 0.03"


def test_show_prints_the_table_in_short(tmp_path, capsys, monkeypatch):
    plan = [task(recipe=replace(SHORT, epochs=1))]
    study = replace(compression.STUDY, tasks=lambda scale, results: plan)
    run(study, "quick", tmp_path / "quick")
    assert len(Table(table_path(tmp_path / "quick", "compression")).rows()) == 1
    assert main(["show", "compression", "--results", str(tmp_path)]) == 0
    assert "95.76 ± 0.05" in capsys.readouterr().out
    assert main(["show", "isa", "--results", str(tmp_path)]) == 2
    assert "has no rows; make them with: python -m experiments run isa" in capsys.readouterr().err


def test_show_leaves_out_what_is_the_same_in_all_rows(tmp_path, capsys):
    run(bottleneck.STUDY, "quick", tmp_path / "quick")
    assert main(["show", "bottleneck", "--results", str(tmp_path)]) == 0
    first, header, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("in all rows: n0 ")
    assert header.split()[:3] == ["k", "further", "widths"]
    assert "bound_layered" in header.split()
    assert len(rows) == len(Table(table_path(tmp_path / "quick", "bottleneck")).rows())
