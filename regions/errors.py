"""What can go wrong, as types: each error names the value, the rule and the remedy in one line.

The command line turns the class into its exit code and prints the message, never a traceback.
"""

from typing import Any


class RegionsError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 2


class InputError(RegionsError, ValueError):
    """A value breaks a rule: a NaN weight, shapes that do not chain, ``lower > upper``."""


class ReadError(InputError):
    """A file or an object is not a network that this package can read."""


class UnsupportedError(InputError):
    """A valid question that the chosen engine or method cannot answer; the message names one that can."""


class SolverError(RegionsError, RuntimeError):
    """A solver is not installed, its licence is missing or too small, or it failed."""

    exit_code = 3


class PackageError(RegionsError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""

    exit_code = 3


class WorkerError(RegionsError, RuntimeError):
    """The workers that were to search died, again and again."""

    exit_code = 3


class Interrupted(KeyboardInterrupt):
    """Ctrl-C in a function of this package: ``answer`` is what was proved by then.

    It is of the kind that the function returns, or None where there is nothing yet.
    """

    def __init__(self, answer: Any = None, note: str = "interrupted") -> None:
        super().__init__(note)
        self.answer = answer
