import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from regions import Box, PatternSet, Pool, save
from regions.cli import main
from regions.cli.installation import diagnose, import_clash
from regions.errors import InputError, SolverError
from tests.ladder import FIGURE_2, random_network
from tests.oracles.brute_force import brute_force

COUNT_KEYS = [
    "value",
    "at_least",
    "at_most",
    "status",
    "counted",
    "engine",
    "seconds",
    "n0",
    "widths",
    "digest",
    "stats",
]


@pytest.fixture
def net(tmp_path):
    save(FIGURE_2, tmp_path / "figure2.npz")
    return str(tmp_path / "figure2.npz")


def run(capsys, *argv):
    """Exit code, stdout and stderr of one call."""
    code = main([str(a) for a in argv])
    return code, *capsys.readouterr()


def refused(capsys, *argv):
    """The one line on stderr of a call that is bad input."""
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert err.startswith("regions: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(("low", "high", "cells"), [(-10, 10, 5), (0, 1, 2), ("-1e1", "+1e1", 5)])
@pytest.mark.parametrize("engine", ["auto", "pool", "scip"])
def test_count_as_json(capsys, net, engine, low, high, cells):
    code, out, err = run(capsys, "count", net, "--box", low, high, "--engine", engine, "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(COUNT_KEYS) <= set(answer)
    assert (answer["value"], answer["counted"], answer["widths"]) == (cells, "cells", [2, 1])
    assert answer["digest"] == FIGURE_2.digest


def test_count_as_text(capsys, net):
    code, out, _ = run(
        capsys, "count", net, "--box", 0, 1, "--counted", "patterns", "--engine", "pool"
    )
    assert code == 0
    assert out.startswith("4 patterns (COMPLETE: ")
    assert "proved: nothing" in out


def test_a_partial_answer_exits_1(capsys, net):
    code, out, _ = run(capsys, "count", net, "--box", 0, 1, "--engine", "sample", "--json")
    assert (code, json.loads(out)["status"]) == (1, "AT_LEAST")


def test_boxes_from_files_and_patterns_to_files(capsys, net, tmp_path):
    np.savez(tmp_path / "box.npz", lower=[-10.0], upper=[10.0])
    found = tmp_path / "found.npz"
    options = "--engine", "pool", "--save-patterns", found
    code, _, _ = run(capsys, "count", net, "--box", tmp_path / "box.npz", *options)
    assert code == 0
    assert PatternSet.load(found) == brute_force(FIGURE_2, Box.cube(1, -10, 10))


def test_output_relu_counts_output_units(capsys, net):
    options = "--box", -10, 10, "--output-relu", "--engine", "pool", "--json"
    _, out, _ = run(capsys, "count", net, *options)
    assert json.loads(out)["widths"] == [2, 1, 1]


def test_bad_input_is_one_line(capsys, net, tmp_path):
    (tmp_path / "text.npz").write_text("not a zip")
    np.savez(tmp_path / "nan.npz", W1=[[np.nan]], b1=[0.0])
    np.savez(tmp_path / "chain.npz", W1=np.ones((2, 1)), b1=[0, 0], W2=np.ones((1, 3)), b2=[0])
    box = "--box", 0, 1
    assert "does not exist" in refused(capsys, "count", tmp_path / "missing.npz", *box)
    refused(capsys, "count", tmp_path / "text.npz", *box)
    assert "nan" in refused(capsys, "count", tmp_path / "nan.npz", *box)
    refused(capsys, "count", tmp_path / "chain.npz", *box)
    assert "swap" in refused(capsys, "count", net, "--box", 1, -1)
    assert "finite" in refused(capsys, "count", net, "--box", "-inf", 1)
    assert "two numbers" in refused(capsys, "count", net, "--box", "low", "high")
    assert "lower and upper" in refused(capsys, "count", net, "--box", net)
    assert "required" in refused(capsys, "count", net)
    assert "choose one of" in refused(capsys, "count", net, *box, "--engine", "magic")
    assert "choose one of" in refused(capsys, "count", net, *box, "--counted", "magic")
    assert "--help" in refused(capsys, "count", net, *box, "--magic")
    assert "time_limit" in refused(capsys, "count", net, *box, "--time-limit", -1)
    assert "engine cells" in refused(
        capsys, "count", net, *box, "--engine", "pool", "--journal", "f"
    )
    assert "engine cells" in refused(capsys, "count", net, "--whole-space", "--engine", "pool")
    unwritable = tmp_path / "no" / "folder.npz"
    refused(capsys, "count", net, *box, "--engine", "pool", "--save-patterns", unwritable)
    assert "VERB" in refused(capsys)


def test_a_box_of_the_wrong_dimension(capsys, net, tmp_path):
    np.savez(tmp_path / "box.npz", lower=[0.0, 0.0], upper=[1.0, 1.0])
    assert "n0 = 1" in refused(capsys, "count", net, "--box", tmp_path / "box.npz")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (SolverError("no\nlicence"), 3, "regions: no licence\n"),
        (
            KeyboardInterrupt(),
            130,
            "regions: interrupted; --time-limit S ends with what was found after S seconds\n",
        ),
    ],
)
def test_exit_codes_of_failures(capsys, net, monkeypatch, error, code, line):
    def fail(self, question, run):
        raise error

    monkeypatch.setattr(Pool, "count", fail)
    assert run(capsys, "count", net, "--box", 0, 1, "--engine", "pool") == (code, "", line)


def test_a_fault_of_ours_is_one_line_and_a_code_of_its_own(capsys, net, monkeypatch):
    def fail(self, question, run):
        raise TypeError("unsupported\noperand")

    monkeypatch.setattr(Pool, "count", fail)
    words = "count", net, "--box", 0, 1, "--engine", "pool"
    code, out, err = run(capsys, *words)
    assert (code, out, err.count("\n")) == (70, "", 1)
    assert "TypeError: unsupported operand; REGIONS_TRACEBACK=1" in err
    monkeypatch.setenv("REGIONS_TRACEBACK", "1")
    assert "Traceback" in run(capsys, *words)[2]


@pytest.mark.parametrize("encoding", ["ascii", "cp1251", "latin-1", "utf-8"])
def test_any_console_prints_the_number(capsys, monkeypatch, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["bound", "2", "2", "2", "2"]) == 0
    stream.flush()
    printed = stream.buffer.getvalue().decode(encoding)
    assert "at most 30" in printed
    assert ("Montúfar" if encoding in ("latin-1", "utf-8") else "Montufar") in printed
    assert stream.errors == "strict"


def test_the_number_is_printed_before_anything_is_saved(capsys, net, tmp_path, monkeypatch):
    def full(*_):
        raise InputError("no space left")

    monkeypatch.setattr(PatternSet, "save", full)
    code, out, err = run(capsys, "count", net, "--box", 0, 1, "--save-patterns", tmp_path / "p.npz")
    assert (code, out[:7], err) == (2, "2 cells", "regions: no space left\n")
    monkeypatch.setattr("regions.cli.compress.save", full)
    words = "compress", net, "--box", 0, 1, "-o", tmp_path / "small.npz"
    code, out, err = run(capsys, *words)
    assert (code, err) == (2, "regions: no space left\n")
    assert "weights" in out


def test_files_to_write_are_looked_at_before_the_work(capsys, net, tmp_path, monkeypatch):
    monkeypatch.setattr(Pool, "count", None)
    words = "count", net, "--box", 0, 1, "--engine", "pool"
    for option in ("--save-patterns", "--save-certificate"):
        for path in (tmp_path, tmp_path / "no" / "file.npz"):
            assert "cannot be written" in refused(capsys, *words, option, path)
        assert "would be replaced" in refused(capsys, *words, option, net)


def test_damaged_boxes(capsys, net, tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    assert "pipe" in refused(capsys, "count", net, "--box", tmp_path / "pipe.npz")
    np.savez(tmp_path / "box.npz", lower=np.array([{}], dtype=object), upper=[1.0])
    assert "Python objects" in refused(capsys, "count", net, "--box", tmp_path / "box.npz")


def test_bounds_of_published_shapes(capsys):
    def bounds(*shape):
        code, out, _ = run(capsys, "bound", *shape, "--json")
        assert code == 0
        listed = json.loads(out)["bounds"]
        assert all(list(b) == ["name", "kind", "value", "reference"] for b in listed)
        assert all(b["kind"] == "upper" for b in listed)
        return {b["name"]: b["value"] for b in listed}

    small = bounds(2, 2, 2, 2)
    assert (small["layered"], small["montufar_2017"]) == (30, 64)
    assert bounds(784, 11, 11, 10)["layered"] == 1690286436
    assert bounds(2, 4)["shallow"] == 11


def test_bounds_of_a_network(capsys, net):
    code, out, _ = run(capsys, "bound", net, "--box", 0, 1)
    assert code == 0
    assert "layered        at most 6" in out
    _, out, _ = run(capsys, "bound", net, "--output-relu", "--json")
    assert json.loads(out)["bounds"][0]["value"] == 16


def test_bounds_longer_than_python_prints(capsys):
    limit = sys.get_int_max_str_digits()
    code, out, _ = run(capsys, "bound", 784, 20000, "--json")
    assert code == 0
    assert sys.get_int_max_str_digits() == limit
    values = [b["value"] for b in json.loads(out, parse_int=str)["bounds"]]
    assert max(map(len, values)) == 6021  # 2**20000


def test_bad_shapes(capsys, net):
    assert "at least 1" in refused(capsys, "bound", 2, 0)
    assert "neither" in refused(capsys, "bound", 2, "many")
    assert "more digits" in refused(capsys, "bound", 2, 10**20)
    assert "network" in refused(capsys, "bound", 2, 2, "--box", 0, 1)
    assert "swap" in refused(capsys, "bound", net, "--box", 1, 0)


def test_doctor(capsys):
    code, out, _ = run(capsys, "doctor", "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found) == ["version", "python", "packages", "solvers", "import_clash"]
    assert set(found["solvers"]) == {"gurobi", "scip", "highs"}
    limits = found["solvers"]["gurobi"]["size_limit"]
    assert limits["variables"] is None or limits["variables"] >= 2000  # the wheel's own licence
    _, out, _ = run(capsys, "doctor")
    assert "import clash: none" in out


def test_an_import_clash_is_named():
    assert import_clash({"regions": ["relu-regions"]}) == []
    assert "pip uninstall regions" in import_clash({"regions": ["regions", "relu-regions"]})[0]


def test_a_broken_gurobi_is_reported_and_not_raised(monkeypatch):
    monkeypatch.setitem(sys.modules, "gurobipy", None)
    gurobi = diagnose()["solvers"]["gurobi"]
    assert gurobi["available"] is False
    assert "pip install" in gurobi["remedy"]


def test_the_command_prints_one_object_and_no_traceback(tmp_path):
    save(random_network(1, 2, 5, 1), tmp_path / "net.npz")
    command = [sys.executable, "-m", "regions", "count", "net.npz", "--json", "--engine", "pool"]
    path = os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])
    options = {
        "cwd": tmp_path,
        "capture_output": True,
        "text": True,
        "env": {**os.environ, "PYTHONPATH": path},
    }
    done = subprocess.run([*command, "--box", "-1", "1"], check=False, **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["value"] > 0
    failed = subprocess.run([*command, "--box", "1", "-1"], check=False, **options)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("regions: the box is empty")
