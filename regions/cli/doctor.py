"""``regions doctor``."""

from .installation import diagnose, doctor_text
from .verb import Answer


def arguments(parser):
    """``regions doctor`` has no options of its own."""


def run(options):
    """Run ``regions doctor``."""
    found = diagnose()
    return Answer(found, doctor_text(found))
