"""The pages run as they stand: their Python, their commands with what they print, their links."""

import re
from pathlib import Path

import pytest

from regions.cli import main
from tests.test_readme import same

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["index.md", *(p for p in PAGES if p.startswith("tutorials/"))])
def test_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    scope = {}
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert blocks
    for language, text in blocks:
        if language == "python":
            exec(compile(text, page, "exec"), scope)
            capsys.readouterr()
            continue
        for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            words, expected = command.split("\n", 1)
            program, *arguments = words.split()
            assert program == "regions"
            assert main(arguments) == 0
            same(expected, capsys.readouterr().out)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert ((DOCS / page).parent / target).exists(), target


def test_every_page_is_in_the_navigation():
    navigation = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"[\w/-]+\.md", navigation)) == set(PAGES)
