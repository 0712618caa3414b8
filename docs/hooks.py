"""Pages that are made of something else: one section a verb from its own help, one a public name from `__all__`."""

import contextlib
import io

import bounds
import regions
from regions.cli import main
from regions.cli.verbs import VERBS

MARKS = {"{{ verbs }}": lambda: _verbs(), "{{ names }}": lambda: _names()}


def on_page_markdown(markdown, **_):
    """Fill in what a page asks for."""
    for mark, sections in MARKS.items():
        if mark in markdown:
            markdown = markdown.replace(mark, "\n\n".join(sections()))
    return markdown


def _verbs():
    """Each verb with its help page."""
    for verb in VERBS:
        with contextlib.redirect_stdout(io.StringIO()) as page, contextlib.suppress(SystemExit):
            main([verb.name, "--help"])
        yield f"## regions {verb.name}\n\n```text\n{page.getvalue().strip()}\n```"


def _names():
    """A directive of mkdocstrings for each public name."""
    yield "## regions"
    yield from (f"::: regions.{name}" for name in regions.__all__ if not name.startswith("_"))
    yield "## bounds"
    yield from (f"::: bounds.{name}" for name in bounds.__all__)
