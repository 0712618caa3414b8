"""A killed search goes on where it stopped."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from regions import Box, Cells, Status, count_regions, save
from regions.errors import InputError, UnsupportedError
from regions.exact_search.sealed_file import SealedFile
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
        cwd=Path(__file__).parents[3],
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
    before = (tmp_path / "run.jsonl").read_bytes()
    for word, network, box, options in (
        ("domain", NETWORK, Box.cube(3, 0, 1), {}),
        ("network", random_network(6, 3, 14, 14, 1), BOX, {}),
        ("choice of certify", NETWORK, BOX, {"certify": False}),
    ):
        with pytest.raises(InputError, match=f"is of another {word}"):
            count_regions(network, box, journal=tmp_path / "run.jsonl", **options)
    assert (tmp_path / "run.jsonl").read_bytes() == before


def test_other_options_than_the_question_may_change(tmp_path):
    whole = counted(tmp_path / "run.jsonl")
    lines = (tmp_path / "run.jsonl").read_bytes().splitlines(keepends=True)
    assert json.loads(lines[0])["options"]["budget"] == 20
    (tmp_path / "run.jsonl").write_bytes(b"".join(lines[:5]))
    options = {"engine": Cells(budget=7), "workers": 2, "seed": 3, "time_limit": 60.0}
    again = count_regions(NETWORK, BOX, journal=tmp_path / "run.jsonl", **options)
    assert (again.value, again.status) == (whole.value, Status.CERTIFIED)


def test_a_journal_of_another_version_is_refused_in_one_line(tmp_path):
    (tmp_path / "old").write_text('{"journal": 1, "question": "674efed4"}\n{"closed": 0}\n')
    with pytest.raises(InputError, match="its format is 1, not 2"):
        counted(tmp_path / "old")
    counted(tmp_path / "run.jsonl")
    heading, rest = (tmp_path / "run.jsonl").read_text().split("\n", 1)
    (tmp_path / "run.jsonl").write_text(sealed(json.loads(heading) | {"version": "0.0.9"}) + rest)
    with pytest.raises(InputError, match="another version of relu-regions"):
        counted(tmp_path / "run.jsonl")


def sealed(record, before=b""):
    """A line as the journal seals it, written down a second time."""
    text = json.dumps({name: value for name, value in record.items() if name != "sum"})
    digest = hashlib.sha256(before + text.encode()).hexdigest()[:32]
    return f'{text[:-1]}, "sum": "{digest}"}}\n'


def test_the_answer_says_what_the_journal_gave(tmp_path):
    first = counted(tmp_path / "run.jsonl")
    assert first.stats["cells_from_journal"] == 0
    assert "from the journal" not in str(first)
    again = counted(tmp_path / "run.jsonl")
    assert again.stats["cells_from_journal"] == first.value
    assert f"; {first.value} of them from the journal)" in str(again)


NOTHING = [b"my notes, one line\n", b"key=12345", b"\xef\xbb\xbf{}\n", bytes(range(128, 200))]
NOTHING += [
    b"[" * 200_000,
    b"1" * 6000,
    b"a\nb\n",
    b"{",
    b"\n",
    b'{"journal": ',
    b'{"journal": 2}\n',
]


@pytest.mark.parametrize("data", NOTHING, ids=lambda data: repr(data[:12]))
def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    if data == b'{"journal": ':  # all that a full disk left of a heading
        counted(tmp_path / "file")
        return
    with pytest.raises(InputError) as refused:
        counted(tmp_path / "file")
    assert "\n" not in str(refused.value)
    assert (tmp_path / "file").read_bytes() == data


def test_a_network_or_a_certificate_is_no_journal(tmp_path):
    save(NETWORK, tmp_path / "net.npz")
    count_regions(*SMALL, certificate=tmp_path / "c")
    for path in (tmp_path / "net.npz", tmp_path / "c"):
        before = path.read_bytes()
        with pytest.raises(InputError, match="is no journal and is left as it is"):
            counted(path)
        assert path.read_bytes() == before


SMALL = random_network(0, 2, 4, 3, 1), Box.cube(2, -1, 1)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The journal of a small count, and the count."""
    path = tmp_path_factory.mktemp("small") / "run.jsonl"
    count = count_regions(*SMALL, engine=Cells(budget=2), journal=path)
    assert path.read_bytes().count(b"\n") > 4
    assert count.value == count_regions(*SMALL).value
    return path.read_bytes(), count.value


def outcome(path, data):
    """What a count makes of a journal with this ``data``: a number, or one line."""
    path.write_bytes(data)
    try:
        count = count_regions(*SMALL, engine=Cells(budget=2), journal=path)
    except InputError as error:
        refused = str(error)
    else:
        assert count.status is Status.CERTIFIED
        return count.value
    assert "\n" not in refused
    assert path.read_bytes() == data
    return "refused"


def test_cut_at_any_byte_it_resumes_as_often_as_it_takes(tmp_path, small):
    data, right = small
    heading = data.index(b"\n") + 1
    ends = [i for i, byte in enumerate(data) if byte == ord("\n")]
    for cut in sorted({*range(0, heading, 97), *ends, *range(heading, len(data), 23)}):
        found = outcome(tmp_path / "run.jsonl", data[:cut])
        assert found == right or cut < 12
        if found == right:  # and what it wrote then can be read again
            again = (tmp_path / "run.jsonl").read_bytes()
            assert outcome(tmp_path / "run.jsonl", again) == right
            assert (tmp_path / "run.jsonl").read_bytes() == again


def test_one_byte_changed_anywhere_gives_no_other_number(tmp_path, small):
    data, right = small
    rng, found = random.Random(0), []
    for place in [*rng.sample(range(len(data) - 1), 150), len(data) - 1]:
        changed = bytearray(data)
        changed[place] = rng.choice([b for b in b'0123456789+-"\n ' if b != data[place]])
        found.append(outcome(tmp_path / "run.jsonl", bytes(changed)))
    assert set(found[:-1]) == {"refused"}
    assert found[-1] == right  # the end of the last line: as if it had been torn


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines[:2], *lines[3:]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [*lines, *lines],
    ],
    ids=["one left out", "one twice", "two changed places", "all twice"],
)
def test_lines_that_do_not_follow_are_refused(tmp_path, small, change):
    data, _ = small
    lines = data.splitlines(keepends=True)
    assert outcome(tmp_path / "run.jsonl", b"".join(change(lines))) == "refused"


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record | {"closed": "+-+-+-+"},
        lambda record: record | {"share": record["share"] + 0.25},
        lambda record: record | {"left": record["left"][1:]},
        lambda record: record | {"left": [*record["left"], record["left"][0]]},
        lambda record: record | {"left": 3},
        lambda record: record | {"left": [{}]},
        lambda record: {},
    ],
    ids=["not open", "share", "one lost", "one twice", "no list", "no task", "nothing"],
)
def test_a_sealed_line_that_is_no_step_of_the_search_is_refused(tmp_path, small, change):
    # not by accident: somebody wrote the checksum too
    first, second, *_ = small[0].splitlines(keepends=True)
    before = hashlib.sha256(first).digest()
    forged = sealed(change(json.loads(second)), before).encode()
    assert sealed(json.loads(second), before).encode() == second
    assert outcome(tmp_path / "run.jsonl", first + forged) == "refused"


def test_a_journal_in_use_is_refused_and_free_again_afterwards(tmp_path):
    def second(found, fraction):
        if not refused:
            with pytest.raises(InputError, match="in use by another run") as error:
                counted(tmp_path / "run.jsonl")
            refused.append(str(error.value))

    refused = []
    first = counted(tmp_path / "run.jsonl", progress=second)
    assert "\n" not in refused[0]
    assert counted(tmp_path / "run.jsonl").value == first.value


def test_a_count_that_fails_leaves_its_journal_free(tmp_path):
    def fail(found, fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as kept:
        counted(tmp_path / "run.jsonl", progress=fail)
    resumed = counted(tmp_path / "run.jsonl")
    assert kept.value is not None  # whoever holds the traceback does not hold the journal
    assert (resumed.value, resumed.status) == (count_regions(NETWORK, BOX).value, Status.CERTIFIED)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_forked_worker_does_not_keep_the_lock_of_a_run_that_was_killed(tmp_path):
    path, read = tmp_path / "run.jsonl", os.pipe()
    run = os.fork()
    if not run:  # a run that has a worker and is killed; its worker lives on
        held = SealedFile(path, "journal", {"journal": 0})
        worker = os.fork()
        if worker:
            os.write(read[1], b"%d" % worker)
        time.sleep(60)
        os._exit(held is None)
    worker = int(os.read(read[0], 20))
    with pytest.raises(InputError, match="in use"):
        SealedFile(path, "journal", {"journal": 0})
    os.kill(run, signal.SIGKILL)
    os.waitpid(run, 0)
    SealedFile(path, "journal", {"journal": 0}).close()
    os.kill(worker, signal.SIGKILL)


def test_two_runs_at_once_then_killed_then_a_third(tmp_path):
    save(NETWORK, tmp_path / "net.npz")
    journal = tmp_path / "run.jsonl"
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "net.npz"), str(journal)]
    runs = [
        subprocess.Popen(command, cwd=Path(__file__).parents[3], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    while not journal.exists() or journal.stat().st_size < 4000:
        time.sleep(0.01)
    time.sleep(0.5)
    for run in runs:
        run.kill()
    errors = [run.communicate()[1] for run in runs]
    resumed = counted(journal)
    assert (resumed.value, resumed.status) == (count_regions(NETWORK, BOX).value, Status.CERTIFIED)
    assert all("in use by another run" in error for error in errors if error)


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
        cwd=Path(__file__).parents[3],
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
    assert header["journal"] == 2
    assert header["network"] == NETWORK.architecture
    assert records[0]["closed"] == ""
    assert sum(r["share"] for r in records) == 1.0
    assert sum(r["cells"] for r in records) == count_regions(NETWORK, BOX).value
