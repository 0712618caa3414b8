"""``regions doctor``."""

from .. import report
from .installation import diagnose
from .verb import Answer


def arguments(parser):
    """``regions doctor`` has no options of its own."""


def run(options):
    """Run ``regions doctor``."""
    found = diagnose()
    return Answer(found, report.doctor_text(found))
