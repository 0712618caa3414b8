from dataclasses import replace
from math import log10

import pytest

from experiments import counts_and_bounds, empirical, networks
from experiments.data import digest_of
from experiments.plan import table_path
from experiments.runner import run
from experiments.table import Table
from experiments.train import Recipe
from experiments.training import TrainingTask


@pytest.fixture
def counted(monkeypatch, tmp_path):
    """The folder of two tiny networks that were trained on the 8 x 8 digits and counted."""
    digest = digest_of("sklearn")
    plan = [TrainingTask("sklearn", digest, (3, 3), seed, Recipe(epochs=2)) for seed in (0, 1)]
    monkeypatch.setattr(networks, "tasks", lambda scale, results: plan)
    monkeypatch.setattr(networks, "STUDY", replace(networks.STUDY, tasks=networks.tasks))
    run(networks.STUDY, "quick", tmp_path)
    run(counts_and_bounds.STUDY, "quick", tmp_path)
    return tmp_path


def test_bounds_lie_between_the_count_and_theorem_1(counted):
    assert run(empirical.STUDY, "quick", counted) == 2
    assert run(empirical.STUDY, "quick", counted) == 0
    rows = Table(table_path(counted, "empirical")).rows()
    assert [row["architecture"] for row in rows] == ["64-3-3-10"] * 2
    for row in rows:
        assert row["status"] == "CERTIFIED"
        steps = [int(row[f"empirical_{name}"]) for name in empirical.REFINEMENTS]
        assert steps == sorted(steps, reverse=True)
        assert steps[0] == int(row["bound_layered"])
        assert int(row["value"]) <= steps[-1] == int(row["empirical"])


def test_one_network_of_a_shape_is_estimated(counted):
    run(empirical.STUDY, "quick", counted)
    first, second = Table(table_path(counted, "empirical")).rows()
    count = int(first["value"])
    assert float(first["tree_low"]) - 1e-9 <= log10(count) <= float(first["tree_high"]) + 1e-9
    assert 2 ** int(first["mipbound_exponent"]) <= count
    assert {second[name] for name in empirical.ESTIMATES} == {""}


def test_what_is_not_counted_is_not_bounded(counted):
    table_path(counted, "counts_and_bounds").unlink()
    assert empirical.tasks("quick", counted) == []
