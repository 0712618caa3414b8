"""``regions --print-completion SHELL``: what lets a shell complete verbs, options, names and files."""

from ..errors import PackageError
from .parser import build
from .verb import file_name
from .verbs import VERBS


def completion(shell):
    """The text for ``shell`` to read, made by the package shtab."""
    try:
        import shtab  # an extra: wanted once
    except ImportError as error:
        raise PackageError(
            f"completion needs the package shtab, which cannot be imported ({error}); "
            "run: pip install 'relu-regions[completion]'"
        ) from error
    parser = build([verb.name for verb in VERBS])
    for verb in _verbs(parser).values():
        for action in verb._actions:
            if action.type is file_name:
                action.complete = shtab.FILE
    return shtab.complete(parser, shell)


def _verbs(parser):
    return next(action.choices for action in parser._actions if action.dest == "verb")
