"""The README runs as it stands: its Python, its commands with their output, its links and its tables."""

import doctest
import re
import runpy
import shlex
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from experiments.__main__ import STUDIES
from figures.__main__ import FIGURES
from regions.cli import main
from regions.count import COUNTED
from regions.count.engines import ENGINES
from regions.count.status import Status
from regions.formats.load import READERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHECKER = doctest.OutputChecker()
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SECONDS = re.compile(r"\d+\.\d\d s\b")
MOST_BYTES = 200_000  # of one picture in the repository


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands():
    """Pairs of a command and the output that the README gives."""
    for block in blocks("console"):
        for text in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            yield text.split("\n", 1)


def same(expected, got):
    expected, got = (SECONDS.sub("0.00 s", text) for text in (expected, got))
    assert CHECKER.check_output(expected, got, LOOSELY), f"README:\n{expected}\nnow:\n{got}"


def run(command, monkeypatch):
    program, *arguments = shlex.split(command)
    if program == "regions":
        assert main(arguments) == 0
        return
    assert [program, arguments[0]] == ["python", "-m"]
    monkeypatch.setattr(sys, "argv", arguments[1:])
    runpy.run_module(arguments[1], run_name="__main__")


def without_solvers(table):
    """The columns of the network, the proved number and the certified one."""
    return "\n".join(line[:58] for line in table.splitlines())


def test_python_and_commands_print_what_the_readme_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    (comment,) = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    same(comment + "\n", capsys.readouterr().out)
    seen = dict(re.findall(r"\b(gurobipy|pyscipopt) ([\d.]+)", README))
    as_seen = all(version(name) == number for name, number in seen.items())
    assert len(seen) == 2
    for command, expected in commands():
        run(command, monkeypatch)
        out = capsys.readouterr().out
        if "tolerances" in command and not as_seen:
            expected, out = without_solvers(expected), without_solvers(out)
        same(expected, out)


def test_links_lead_somewhere():
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z]+)|`make ([a-z]+)`", README, re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize(
    "names",
    [FIGURES, STUDIES, COUNTED, ENGINES.keys() - {"auto"}, READERS, Status.__members__],
    ids=["figures", "studies", "definitions", "engines", "formats", "statuses"],
)
def test_every_name_is_there(names):
    for name in names:
        assert re.search(rf"(?<!\w){re.escape(name)}\b", README), name


def test_pictures_are_small_and_of_our_figures():
    pictures = sorted((ROOT / "figures" / "gallery").glob("*.png"))
    assert pictures
    for picture in pictures:
        assert picture.stem in FIGURES
        assert picture.stat().st_size < MOST_BYTES
