"""What is typed: any order of words, one line that says what was meant, pages that fit, a shell that completes."""

import csv
import json
import subprocess
import sys
from io import StringIO

import numpy as np
import pytest

from regions import save
from regions.cli import main
from regions.cli.verbs import VERBS
from regions.errors import SolverError
from tests.ladder import FIGURE_2, random_network


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
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err


@pytest.mark.parametrize(
    "words",
    [
        "count --box -10 10 NET --json",
        "count --box -10 10 --engine pool NET --json",
        "count --json NET --box -10 10",
        "count --box=-10 10 NET --json",
        "count --bo -10 10 NET --json",
        "--json count --box -1e1 +1e1 NET",
        "count --box BOX NET --json",
        "count --box=BOX --json NET",
        "count --json --box -10 10 -- NET",
    ],
)
def test_words_in_any_order(capsys, net, tmp_path, words):
    np.savez(tmp_path / "box.npz", lower=[-10.0], upper=[10.0])
    places = {"NET": net, "BOX": tmp_path / "box.npz"}
    places |= {"--box=BOX": f"--box={tmp_path / 'box.npz'}"}
    code, out, _ = run(capsys, *(places.get(word, word) for word in words.split()))
    assert (code, json.loads(out)["value"]) == (0, 5)


def test_paths_with_blanks_and_two_files_in_a_row(capsys, net, tmp_path):
    np.savez(tmp_path / "a box.npz", lower=[-10.0], upper=[10.0])
    certificate = tmp_path / "the proof.npz"
    words = "count", "--box", tmp_path / "a box.npz", net, "--save-certificate", certificate
    assert run(capsys, *words)[0] == 0
    code, out, _ = run(capsys, "verify", "--box", -10, 10, certificate, "--json", net)
    assert (code, json.loads(out)["proved_at_least"]) == (0, 5)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("cuont NET --box 0 1", "'cuont' is no verb; did you mean count?"),
        ("stable NET --box 0 1", "did you mean stability?"),
        ("NET --box 0 1", "is no verb; See regions --help"),
        ("count NET --bux 0 1", "--bux is no option of regions count; did you mean --box?"),
        ("count NET --box 0 1 --time-limt 3", "did you mean --time-limit?"),
        ("count NET --box 0 1 --workrs=3", "did you mean --workers?"),
        ("count NET --box 0 1 --engine cell", "did you mean cells? choose one of auto, cells"),
        ("count NET --box 0 1 --counted maps2", "did you mean maps? choose one of cells"),
        ("compress NET --box 0 1 -o o.npz --rule two-side", "did you mean two-sided?"),
        ("stability NET --box 0 1 --method intervals", "did you mean interval?"),
        ("count NET --box 0", "--box: 0 is not LO HI; give two numbers"),
        ("count --box 0 NET", "is not LO HI; give two numbers"),
        ("count NET --box", "--box"),
        ("count NET --box --json", "--box"),
        ("count NET --box 0 1 --workers many", "--workers"),
        ("stability NET --box 0 1 2", "2 is one word too many"),
        ("stability NET NET --box 0 1", "one word too many"),
        ("count --box 0 1", "NET"),
        ("count NET --box 0 1 --whole-space", "not allowed with"),
        ("plot NET --box 0 1 -o p.png --color red", "choose one of map, class"),
        ("--print-completion fish", "choose one of bash, zsh, tcsh"),
    ],
)
def test_what_was_meant(capsys, net, words, line):
    assert line in refused(capsys, *(net if word == "NET" else word for word in words.split()))


@pytest.mark.parametrize("verb", ["", *(verb.name for verb in VERBS)])
def test_help_fits(capsys, monkeypatch, verb):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main([*verb.split(), "--help"])
    page = capsys.readouterr().out
    assert max(map(len, page.splitlines())) <= 80
    assert "LO [HI" not in page


def test_colour_is_spelt_both_ways(capsys, tmp_path):
    save(random_network(0, 2, 3, 2), tmp_path / "net.npz")
    for option in ("--colour", "--color"):
        words = "plot", tmp_path / "net.npz", "--box", -1, 1, option, "class"
        assert run(capsys, *words, "-o", tmp_path / "picture.svg")[0] == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(capsys, shell):
    pytest.importorskip("shtab")
    code, out, _ = run(capsys, "--print-completion", shell)
    assert code == 0
    for word in ("count", "save-certificate", "two-sided", "faces"):
        assert word in out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=out, text=True, check=True)


def test_completion_without_its_package(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "shtab", None)
    code, out, err = run(capsys, "--print-completion", "bash")
    assert (code, out) == (3, "")
    assert "pip install 'relu-regions[completion]'" in err


@pytest.fixture
def nets(tmp_path):
    """Three networks, the last of which has two inputs."""
    for k, network in enumerate((FIGURE_2, random_network(1, 1, 4, 1), random_network(2, 2, 3, 1))):
        save(network, tmp_path / f"{k}.npz")
    return [tmp_path / f"{k}.npz" for k in range(3)]


def test_several_networks_are_a_table(capsys, nets, tmp_path):
    alone = [json.loads(run(capsys, "count", net, "--box", -10, 10, "--json")[1]) for net in nets]
    table = tmp_path / "out.csv"
    code, out, _ = run(capsys, "count", *nets, "--box", -10, 10, "--csv", table)
    rows = list(csv.DictReader(StringIO(table.read_text())))
    assert code == 0
    assert [row["file"] for row in rows] == [str(net) for net in nets]
    for row, one in zip(rows, alone, strict=True):
        assert int(row["value"]) == int(row["at_most"]) == one["value"]
        assert (row["status"], row["digest"]) == ("CERTIFIED", one["digest"])
        assert row["widths"] == " ".join(map(str, one["widths"]))
        assert (row["domain_kind"], row["domain_digest"]) == ("Box", one["domain"]["digest"])
    assert out.splitlines()[-1] == f"{table}: 3 rows"


def test_several_networks_as_text_and_as_json(capsys, nets):
    code, out, _ = run(capsys, "count", *nets, "--box", -10, 10)
    assert code == 0
    assert out.count("CERTIFIED") == 3
    code, out, _ = run(capsys, "count", nets[0], "--box", -10, 10, nets[1], "--json")
    counts = json.loads(out)["counts"]
    assert [one["file"] for one in counts] == [str(net) for net in nets[:2]]
    assert counts[0]["value"] == 5
    code, out, _ = run(capsys, "count", *nets, "--box", -10, 10, "--engine", "sample", "--json")
    assert code == 1


def test_one_network_is_a_row_too(capsys, net, tmp_path):
    table = tmp_path / "one.csv"
    code, out, _ = run(capsys, "count", net, "--box", -10, 10, "--csv", table, "--json")
    assert (code, json.loads(out)["value"]) == (0, 5)
    (row,) = csv.DictReader(StringIO(table.read_text()))
    assert row["at_least"] == "5"


def test_what_is_wrong_with_one_of_several_is_said_before_any_is_counted(capsys, nets, tmp_path):
    table = tmp_path / "out.csv"
    words = "--box", -10, 10, "--csv", table
    assert "does not exist" in refused(capsys, "count", *nets, tmp_path / "no.npz", *words)
    np.savez(tmp_path / "box.npz", lower=[0.0], upper=[1.0])
    words = "--box", tmp_path / "box.npz", "--csv", table
    assert "n0 = 2" in refused(capsys, "count", *nets, *words)
    for option in ("--journal", "--save-patterns", "--save-certificate"):
        words = "--box", 0, 1, option, tmp_path / "file.npz"
        assert "one by one" in refused(capsys, "count", *nets, *words)
    assert "would be replaced" in refused(capsys, "count", *nets, "--box", 0, 1, "--csv", nets[1])
    assert not table.exists()


@pytest.mark.parametrize(
    ("error", "code"), [(SolverError("no licence"), 3), (KeyboardInterrupt(), 130)]
)
def test_what_was_counted_before_a_failure_is_kept(
    capsys, nets, tmp_path, monkeypatch, error, code
):
    from regions.cli import count

    inner, table = count.count_regions, tmp_path / "out.csv"

    def fail_at_the_last(network, *arguments, **options):
        if network.n0 == 2:
            assert (
                len(table.read_text().splitlines()) == 3
            )  # rows are on the disk when they are there
            raise error
        return inner(network, *arguments, **options)

    monkeypatch.setattr(count, "count_regions", fail_at_the_last)
    words = "count", *nets, "--box", -10, 10, "--csv", table, "--json"
    found, out, err = run(capsys, *words)
    assert (found, len(json.loads(out)["counts"]), err.count("\n")) == (code, 2, 1)
    assert str(nets[2]) in err
