"""The study of transformations on a tiny plan."""

import pytest

from experiments import transformation
from experiments.plan import table_path
from experiments.runner import run
from experiments.table import Table
from experiments.train import Recipe


def tiny(components, K, widths=(2, 2)):
    return transformation.Transformed(
        "sklearn", components, widths, 0, K, Recipe(epochs=3, rate=0.1), samples=2000
    )


@pytest.fixture
def rows(tmp_path, monkeypatch):
    plan = [tiny(2, 1e4), tiny(2, 1e8), tiny(3, 1e6), tiny(0, 0.0)]
    study = transformation.Study(
        "transformation", "?", 1, lambda *_: plan, transformation.answer, transformation.STUDY.batch
    )
    run(study, "quick", tmp_path)
    return Table(table_path(tmp_path, "transformation")).rows()


def test_shares_are_proved_and_sampled(rows):
    weak, strong, solid, pixels = rows
    assert float(weak["proved_share"]) <= float(strong["proved_share"])
    for row in (weak, strong, solid):
        assert row["status"] == "CERTIFIED"
        assert float(row["proved_share"]) <= float(row["sampled_high"])
        assert float(row["proved_share"]) <= float(row["proved_share_merged"])
        assert int(row["feasible_second"]) == 10 * int(row["cells"])
        assert int(row["merged_second"]) <= int(row["feasible_second"])
        assert float(row["max_difference"]) < 1e-10
    assert float(strong["proved_share_all"]) > 0.9
    assert solid["exact_widths"] == pixels["proved_share"] == ""
    assert float(strong["exact_difference"]) < 1e-10
    # 64 copies, two sides of 2 units and of 2 units for 4 patterns before them; 16 patterns of 10 outputs
    assert (pixels["needed_all_first"], pixels["needed_all_second"]) == ("84", "160")
    assert weak["digest"] == strong["digest"]


def test_components_are_scaled_and_have_a_sign():
    data = transformation._data("sklearn", 2)
    assert data.train_images.shape[1] == data.test_images.shape[1] == 2
    assert data.train_images.min() == 0.0
    assert data.train_images.max() == 1.0
    again = transformation._data.__wrapped__("sklearn", 2)
    assert (again.train_images == data.train_images).all()
