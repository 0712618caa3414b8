from math import log10

from experiments import empirical
from experiments.plan import table_path
from experiments.runner import run
from experiments.table import Table


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
