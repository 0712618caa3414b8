"""The studies on tiny plans, against published numbers and against brute reasoning."""

from dataclasses import replace
from pathlib import Path

import pytest

import experiments
from experiments import bottleneck, counts_and_bounds, depth_and_dimension, networks, tightness
from experiments.__main__ import STUDIES, main
from experiments.data import digest_of
from experiments.plan import table_path
from experiments.runner import run
from experiments.table import Table
from experiments.train import Recipe
from experiments.training import TrainingTask, network_path
from regions.errors import InputError


def rows(folder, name):
    return Table(table_path(folder, name)).rows()


def test_depth_and_dimension_has_the_published_numbers(tmp_path):
    run(depth_and_dimension.STUDY, "quick", tmp_path)
    found = {
        (int(row["n0"]), int(row["depth"])): int(row["bound_layered"])
        for row in rows(tmp_path, "depth_and_dimension")
    }
    assert len(found) == 360
    assert found[1, 6] == 1771561
    assert found[10, 3] == 234503869074896296
    assert found[60, 1] == 2**60
    best = {
        n0: max(range(1, 7), key=lambda depth: found[n0, depth]) for n0 in (5, 6, 9, 14, 29, 31)
    }
    assert best == {5: 6, 6: 5, 9: 4, 14: 3, 29: 2, 31: 1}
    assert found[30, 1] == found[30, 2]


def test_bottleneck_has_the_published_numbers(tmp_path):
    run(bottleneck.STUDY, "quick", tmp_path)
    found = {(int(r["k"]), r["further"]): r["bound_layered"] for r in rows(tmp_path, "bottleneck")}
    assert found[-7, "False"] == "929477574827533770329453"
    assert found[0, "True"] == "4534805372731122829472820391"
    assert found[7, "False"] == "813727725"


def test_one_random_layer_on_one_input_has_a_region_more_than_kinks_in_the_box():
    task = tightness.RandomNetwork(1, (5,), seed=0)
    (row,) = tightness.answer([task], None)
    weight, bias = task.network().layers[0]
    inside = sum(abs(b / w) < task.side for w, b in zip(weight[:, 0], bias, strict=True))
    assert row["value"] == inside + 1
    assert row["bound_layered"] == "6"


@pytest.fixture
def tiny(monkeypatch):
    """Two networks of one shape on the 8 x 8 digits in place of the plan."""
    digest = digest_of("sklearn")
    plan = [TrainingTask("sklearn", digest, (2, 3), seed, Recipe(epochs=2)) for seed in (0, 1)]
    monkeypatch.setattr(networks, "tasks", lambda scale, results: plan)
    monkeypatch.setattr(networks, "STUDY", replace(networks.STUDY, tasks=networks.tasks))
    return plan


def test_networks_are_counted_and_bounded(tiny, tmp_path):
    run(networks.STUDY, "quick", tmp_path)
    run(counts_and_bounds.STUDY, "quick", tmp_path)
    trained, counted = rows(tmp_path, "networks"), rows(tmp_path, "counts_and_bounds")
    assert [row["digest"] for row in trained] == [row["digest"] for row in counted]
    for row in counted:
        assert row["architecture"] == "64-2-3-10"
        assert row["status"] in ("CERTIFIED", "COMPLETE")
        assert row["counted"] == "cells"
        assert 1 <= int(row["value"]) <= int(row["bound_layered"]) <= 2**5
        assert row["source"] == "sklearn"
        assert len(row["data_digest"]) == len(row["digest"]) == 64
        assert 0 < float(row["accuracy"]) < 1


def test_a_lost_network_is_trained_again_and_must_be_the_same(tiny, tmp_path):
    run(networks.STUDY, "quick", tmp_path)
    (task, row), _ = networks.finished("quick", tmp_path)
    first = networks.network(task, row["digest"], tmp_path)
    network_path(task, tmp_path).unlink()
    assert networks.network(task, row["digest"], tmp_path) == first
    with pytest.raises(InputError, match="did not give the network 00000000 of the table"):
        networks.network(task, "0" * 64, tmp_path)


def test_the_paper_plan_is_the_papers():
    """21 shapes of 22 units, ten networks each, on the full data, which the plan does not read."""
    plan = networks.tasks("paper", None)
    assert {task.source for task in plan} == {"mnist"}
    assert len(plan) == 210
    assert {task.widths for task in plan} == {(n, 22 - n) for n in range(1, 22)}
    assert {task.recipe.epochs for task in plan} == {40}


def test_list_names_every_study(capsys):
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    for name, study in STUDIES.items():
        assert f"{name} " in listed
        assert study.question in listed


def test_an_unknown_study_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "everything"])
    assert stopped.value.code == 2
    assert "invalid choice: 'everything'" in capsys.readouterr().err


def test_studies_are_found_by_their_files_and_run_after_what_they_require():
    files = {path.stem for path in Path(experiments.__path__[0]).glob("*.py")}
    assert set(STUDIES) < files
    assert list(STUDIES) != sorted(STUDIES)  # the alphabet alone would not do
    for place, study in enumerate(STUDIES.values()):
        assert set(study.requires) <= set(list(STUDIES)[:place])
