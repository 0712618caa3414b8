"""``python -m figures --scale quick|paper [NAME...]`` draws figures as png and pdf from tables."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import matplotlib

matplotlib.use("agg")  # files only: no display is needed

from . import style
from .tables import MissingTable, read


def figures():
    """Module by name: every module of this folder that has a ``TABLE`` and draws it. A new figure is a new file."""
    names = sorted(module.name for module in iter_modules(import_module(__package__).__path__))
    modules = {name: import_module(f"{__package__}.{name}") for name in names if name != "__main__"}
    return {name: module for name, module in modules.items() if hasattr(module, "TABLE")}


FIGURES = figures()
HERE = Path(__file__).parent


def main(arguments=None):
    """Draw the figures asked for; exit code 2 when a table is missing, after all the others."""
    parser = _parser()
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in FIGURES:
            parser.error(f"{name!r} is no figure; choose of {', '.join(FIGURES)}")
    style.use()
    code = 0
    for name in options.names or FIGURES:
        module = FIGURES[name]
        try:
            table = read(options.results, options.scale, module.TABLE)
        except MissingTable as missing:
            print(f"figures: {name}: {missing}", file=sys.stderr)
            code = 2
            continue
        for path in style.save(module.draw(table), options.out / options.scale, name):
            print(path)
    return code


def _parser():
    parser = argparse.ArgumentParser(prog="python -m figures", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(FIGURES)}; default: all"
    )
    parser.add_argument("--scale", choices=("quick", "paper"), default="quick")
    parser.add_argument(
        "--results", type=Path, default=HERE.parent / "experiments" / "results", metavar="FOLDER"
    )
    parser.add_argument("--out", type=Path, default=HERE / "out", metavar="FOLDER")
    return parser


if __name__ == "__main__":
    sys.exit(main())
