"""``python -m experiments run NAME|all --scale quick|paper``, ``show NAME`` and ``list``."""

import argparse
import os
import sys
from pathlib import Path

from regions.errors import RegionsError

from . import (
    bottleneck,
    compression,
    counts_and_bounds,
    depth_and_dimension,
    empirical,
    epochs,
    estimator,
    isa,
    l1_strength,
    networks,
    output_layer,
    pruning,
    reduction,
    tightness,
    training_and_regions,
    transformation,
)
from .plan import SCALES
from .runner import run
from .show import show

MODULES = (
    depth_and_dimension,
    bottleneck,
    tightness,
    estimator,
    networks,
    counts_and_bounds,
    empirical,
    output_layer,
    compression,
    l1_strength,
    isa,
    training_and_regions,
    epochs,
    transformation,
    reduction,
    pruning,
)
STUDIES = {module.STUDY.name: module.STUDY for module in MODULES}
RESULTS = Path(__file__).parent / "results"


def main(arguments=None):
    """Parse the command line, run it, return the exit code."""
    options = _parser().parse_args(arguments)
    if options.verb == "list":
        for study in STUDIES.values():
            print(f"{study.name:<22}{study.question}")
        return 0
    try:
        if options.verb == "show":
            print(show(STUDIES[options.name], options.results / options.scale), flush=True)
            return 0
        for name in _in_order(options.name):
            run(STUDIES[name], options.scale, options.results / options.scale, options.only)
    except BrokenPipeError:  # whoever read the table has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("experiments: interrupted; the same command continues", file=sys.stderr)
        return 130
    except RegionsError as error:
        print(f"experiments: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _in_order(name):
    """The study with those it requires before it, or all studies."""
    if name == "all":
        return list(STUDIES)
    return [*STUDIES[name].requires, name]


def _parser():
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="print the studies")
    run_verb = verbs.add_parser("run", help="compute the rows that a table still misses")
    run_verb.add_argument("name", choices=[*STUDIES, "all"], metavar="NAME", help="a study, or all")
    run_verb.add_argument("--only", metavar="TEXT", help="only tasks whose label contains TEXT")
    show_verb = verbs.add_parser("show", help="print a finished table in short")
    show_verb.add_argument("name", choices=STUDIES, metavar="NAME", help="a study")
    for verb in (run_verb, show_verb):
        verb.add_argument("--scale", choices=SCALES, default="quick")
        verb.add_argument(
            "--results", type=Path, default=RESULTS, metavar="FOLDER", help="where the tables are"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
