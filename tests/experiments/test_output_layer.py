from dataclasses import replace
from math import log10

from experiments import output_layer
from experiments.plan import table_path
from experiments.runner import run
from experiments.table import Table


def test_what_is_feasible_is_counted_and_the_rest_estimated(counted):
    first = {row["seed"]: row for row in _rows(counted)}
    assert first.keys() == {"0"}  # one network of each shape
    assert first["0"]["status"] == "CERTIFIED"
    assert int(first["0"]["hidden"]) <= int(first["0"]["value"]) <= int(first["0"]["bound_layered"])
    (task,) = output_layer.tasks("quick", counted)
    (row,) = output_layer.answer([replace(task, feasible=1)], counted)
    assert row["value"] == row["status"] == ""
    assert row["log10_low"] - 1e-9 <= log10(int(first["0"]["value"])) <= row["log10_high"] + 1e-9


def test_what_is_not_counted_with_proof_is_left_out(counted):
    table_path(counted, "counts_and_bounds").unlink()
    assert output_layer.tasks("quick", counted) == []


def _rows(results):
    assert run(output_layer.STUDY, "quick", results) == 1
    return Table(table_path(results, "output_layer")).rows()
