"""A killed search goes on where it stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regions import Box, Cells, Status, count_regions, save
from regions.errors import InputError, UnsupportedError
from regions.kernels import halfspaces
from tests.ladder import random_network

NETWORK, BOX = random_network(5, 3, 14, 14, 1), Box.cube(3, -1, 1)
SCRIPT = """
import sys
from regions import Box, Cells, count_regions
count_regions(sys.argv[1], Box.cube(3, -1, 1), engine=Cells(budget=5), journal=sys.argv[2])
"""


def counted(journal, **options):
    return count_regions(NETWORK, BOX, engine=Cells(budget=20), journal=journal, **options)


def test_a_finished_journal_answers_at_once(tmp_path):
    first = counted(tmp_path / "run.jsonl")
    again = counted(tmp_path / "run.jsonl")
    assert again.status is first.status is Status.CERTIFIED
    assert again.value == first.value == count_regions(NETWORK, BOX).value


@pytest.mark.parametrize("kept", [1, 2, 5, 20])
def test_any_prefix_resumes_to_the_same_count(tmp_path, kept):
    whole = counted(tmp_path / "whole.jsonl")
    lines = (tmp_path / "whole.jsonl").read_text().splitlines(keepends=True)
    assert len(lines) > 20
    torn = tmp_path / "torn.jsonl"
    torn.write_text("".join(lines[:kept]) + lines[kept][: len(lines[kept]) // 2])
    resumed = counted(torn)
    assert (resumed.value, resumed.status) == (whole.value, Status.CERTIFIED)


def test_a_resumed_search_needs_no_other_compiled_code(tmp_path):
    journal, (network, box) = (
        tmp_path / "journal",
        (random_network(0, 8, 6, 6, 1), Box.cube(8, -1, 1)),
    )
    whole = count_regions(network, box, engine=Cells(budget=50), journal=journal)
    compiled = list(halfspaces.explore.signatures)
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:2]))
    again = count_regions(network, box, engine=Cells(budget=50), journal=journal)
    assert (again.value, again.status) == (whole.value, Status.CERTIFIED)
    assert halfspaces.explore.signatures == compiled


def test_killed_and_resumed(tmp_path):
    save(NETWORK, tmp_path / "net.npz")
    journal = tmp_path / "run.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "net.npz"), str(journal)],
        cwd=Path(__file__).parents[2],
    )
    while process.poll() is None and (not journal.exists() or journal.stat().st_size < 4000):
        time.sleep(0.01)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    closed = len(journal.read_text().splitlines())
    resumed = counted(journal)
    assert (resumed.value, resumed.status) == (count_regions(NETWORK, BOX).value, Status.CERTIFIED)
    assert closed > 1


def test_a_journal_of_another_question_is_refused(tmp_path):
    counted(tmp_path / "run.jsonl")
    with pytest.raises(InputError, match="another network"):
        count_regions(NETWORK, Box.cube(3, 0, 1), journal=tmp_path / "run.jsonl")


def test_an_unwritable_journal_is_refused_before_the_work(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        counted(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device here")
def test_a_device_is_no_journal():
    with pytest.raises(InputError, match="no regular file"):
        counted("/dev/full")


@pytest.mark.parametrize("room", [10, 3000])
def test_a_full_disk_ends_in_one_line(tmp_path, room):
    # no room for the first line, then for some lines; a limit on the size of files stands for the disk
    save(NETWORK, tmp_path / "net.npz")
    journal = tmp_path / "run.jsonl"
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
    done = subprocess.run(
        [sys.executable, "-c", limited + SCRIPT, str(tmp_path / "net.npz"), str(journal)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "cannot be written (File too large); make room" in done.stderr.splitlines()[-1]
    resumed = counted(journal)
    assert (resumed.value, resumed.status) == (count_regions(NETWORK, BOX).value, Status.CERTIFIED)


def test_patterns_are_not_journalled(tmp_path):
    with pytest.raises(UnsupportedError, match="drop journal"):
        counted(tmp_path / "run.jsonl", keep_patterns=True)


def test_each_line_is_one_json_object(tmp_path):
    counted(tmp_path / "run.jsonl")
    header, *records = map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines())
    assert header["journal"] == 1
    assert sum(r["cells"] for r in records) == count_regions(NETWORK, BOX).value
