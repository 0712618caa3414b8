"""The command ``regions``: parse, run one verb, print, and turn errors into exit codes."""

import argparse
import json
import os
import re
import sys
import warnings
from contextlib import contextmanager

from .. import __version__
from ..errors import InputError, RegionsError
from .verbs import VERBS

INTERRUPTED = 130
NUMBER = re.compile(r"-(\d|\.\d|inf|nan)")


def main(argv=None):
    """Run the command line ``argv`` (default: that of the process) and return its exit code.

    0 done, 1 ran but the answer is only partial, 2 bad input, 3 a solver or its licence is missing,
    130 interrupted. Errors are one line on stderr.
    """
    arguments = [_shield(a) for a in (sys.argv[1:] if argv is None else argv)]
    try:
        with _long_integers(), _warnings_in_a_line():
            options = _parser().parse_args(arguments)
            answer = options.run(options)
            print(json.dumps(answer.data) if options.json else answer.text, flush=True)
            return answer.exit_code
    except RegionsError as error:
        return _fail(error, error.exit_code)
    except (
        BrokenPipeError
    ):  # whoever read our output has read enough, as in `regions bound ... | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(error, InputError.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)


class _Parser(argparse.ArgumentParser):
    """argparse prints its usage on an error; here an error is one line like any other."""

    def error(self, message):
        raise InputError(f"{message}; see {self.prog} --help")


def _parser():
    parser = _Parser(
        prog="regions",
        description="Count, bound and remove: the linear regions of ReLU networks.",
    )
    parser.add_argument("--version", action="version", version=f"relu-regions {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        verb.module.arguments(sub)
        sub.add_argument("--json", action="store_true", help="one JSON object on stdout")
        sub.set_defaults(run=verb.module.run)
    return parser


def _shield(argument):
    """Keep argparse from taking -1e-3 for an option: it never looks at words with a blank."""
    return f" {argument}" if NUMBER.match(argument) else argument


def _fail(error, code):
    line = " ".join(str(error).split())
    print(f"regions: {line}", file=sys.stderr)
    return code


@contextmanager
def _long_integers():
    """Bounds may have more digits than Python prints by default."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


@contextmanager
def _warnings_in_a_line():
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: _fail(f"warning: {message}", None)
        yield
