"""``python -m experiments run NAME|all --scale quick|paper``, ``show NAME`` and ``list``."""

import argparse
import os
import sys
from pathlib import Path

from regions.errors import RegionsError

from .plan import SCALES
from .registry import studies, with_required
from .runner import run
from .show import show

STUDIES = studies()
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
        for name in STUDIES if options.name == "all" else with_required(STUDIES, options.name):
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
