import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace

import pytest

from experiments.plan import Study, table_path
from experiments.runner import run
from experiments.table import Table
from regions.errors import InputError


@dataclass(frozen=True)
class Square:
    number: int

    @property
    def label(self):
        return f"square {self.number}"


def study(answered, **options):
    def answer(batch, results):
        answered.extend(task.number for task in batch)
        return [{"value": task.number**2} for task in batch]

    settings = {"version": 1, "tasks": lambda scale, results: [Square(n) for n in range(6)]}
    return Study("squares", "?", answer=answer, **settings | options)


def values(folder):
    return [int(row["value"]) for row in Table(table_path(folder, "squares")).rows()]


def test_a_finished_row_is_never_computed_again(tmp_path):
    answered = []
    assert run(study(answered), "quick", tmp_path) == 6
    assert run(study(answered), "quick", tmp_path) == 0
    assert answered == list(range(6))
    assert values(tmp_path) == [0, 1, 4, 9, 16, 25]


def test_only_runs_the_tasks_asked_for_and_the_rest_follows(tmp_path):
    answered = []
    run(study(answered), "quick", tmp_path, only="square 4")
    assert answered == [4]
    run(study(answered), "quick", tmp_path)
    assert answered == [4, 0, 1, 2, 3, 5]


def test_an_error_keeps_the_rows_before_it(tmp_path):
    def answer(batch, results):
        if batch[0].number == 3:
            raise InputError("three is no good")
        return [{"value": batch[0].number ** 2}]

    with pytest.raises(InputError, match="three"):
        run(replace(study([]), answer=answer), "quick", tmp_path)
    assert values(tmp_path) == [0, 1, 4]


def test_a_raised_version_sets_the_old_rows_aside(tmp_path, capsys):
    run(study([]), "quick", tmp_path)
    answered = []
    run(study(answered, version=2), "quick", tmp_path)
    assert answered == list(range(6))
    assert len(values(tmp_path)) == 6
    assert (
        "squares: 6 rows that the plan no longer asks for were set aside" in capsys.readouterr().err
    )
    assert len(Table(tmp_path / "squares.superseded-1.csv").rows()) == 6


def test_a_smaller_plan_keeps_its_rows_and_drops_the_others(tmp_path):
    run(study([]), "quick", tmp_path)
    answered = []
    fewer = study(answered, tasks=lambda scale, results: [Square(1), Square(5)])
    run(fewer, "quick", tmp_path)
    assert answered == []
    assert values(tmp_path) == [1, 25]


def test_a_half_written_row_is_removed_and_computed_again(tmp_path):
    run(study([]), "quick", tmp_path)
    path = table_path(tmp_path, "squares")
    os.truncate(path, path.stat().st_size - 5)
    answered = []
    run(study(answered), "quick", tmp_path)
    assert answered == [5]
    assert values(tmp_path) == [0, 1, 4, 9, 16, 25]


def test_columns_that_change_without_a_new_version_are_refused(tmp_path):
    run(study([]), "quick", tmp_path, only="square 1")
    other = replace(study([]), answer=lambda batch, results: [{"cube": 1}])
    with pytest.raises(InputError, match="raise the method version"):
        run(other, "quick", tmp_path)


def test_of_two_rows_with_one_key_the_first_counts(tmp_path):
    table = Table(tmp_path / "twice.csv")
    table.append([{"key": "a", "value": 1}, {"key": "b", "value": 2}, {"key": "a", "value": 3}])
    assert [(row["key"], row["value"]) for row in table.rows()] == [("a", "1"), ("b", "2")]


def test_a_run_that_is_killed_continues(tmp_path):
    """SIGKILL while the study of random networks runs: the rows that were there stay as they are."""
    command = [sys.executable, "-m", "experiments", "run", "tightness", "--results", str(tmp_path)]
    path = table_path(tmp_path / "quick", "tightness")
    with subprocess.Popen([*command], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 300  # the first count of an installation compiles its kernels
        while not path.exists() or path.read_text().count("\n") < 10:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    before = Table(path).rows()
    assert 9 <= len(before) < 96
    subprocess.run([*command, "--only", "n0=1 5 "], check=True, stderr=subprocess.DEVNULL)
    after = Table(path).rows()
    assert after[: len(before)] == before
    subprocess.run([*command, "--only", "seed 3"], check=True, stderr=subprocess.DEVNULL)
    assert Table(path).rows()[: len(before)] == before
    keys = [row["key"] for row in Table(path).rows()]
    assert len(keys) == len(set(keys))
