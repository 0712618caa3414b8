"""``python -m figures --scale quick|paper [NAME...]`` draws figures as png and pdf from tables."""

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")  # files only: no display is needed

from . import (
    best_depth,
    bottleneck,
    compression,
    counts_and_bounds,
    depth_and_bound,
    empirical,
    epochs,
    estimator,
    isa,
    l1_strength,
    output_layer,
    pruning,
    reduction,
    regions_and_accuracy,
    style,
    tightness,
    training_and_regions,
    transformation,
)
from .tables import MissingTable, read

MODULES = (
    depth_and_bound,
    best_depth,
    bottleneck,
    counts_and_bounds,
    empirical,
    output_layer,
    regions_and_accuracy,
    tightness,
    estimator,
    compression,
    l1_strength,
    isa,
    training_and_regions,
    epochs,
    transformation,
    reduction,
    pruning,
)
FIGURES = {module.__name__.rpartition(".")[2]: module for module in MODULES}
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
