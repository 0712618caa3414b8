"""``regions doctor``."""

import os
import sys

from ..exact_search.warm_up import compile_kernels
from ..kernels.store import folders
from .installation import diagnose, doctor_text
from .verb import Answer


def arguments(parser):
    """Options of ``regions doctor``."""
    parser.add_argument(
        "--compile",
        action="store_true",
        help="compile all kernels of the exact search now, side by side, instead of at its first use",
    )


def run(options):
    """Run ``regions doctor``."""
    if options.compile:
        compile_kernels(processes=os.cpu_count() or 1)
        place = next(
            (folder for folder in folders() if folder.exists()), "no folder: none can be written"
        )
        print(f"regions: compiled code is in {place}", file=sys.stderr)
    found = diagnose()
    return Answer(found, doctor_text(found))
