"""The command ``regions``: parse, run one verb, print, and turn errors into exit codes."""

import codecs
import json
import os
import sys
import traceback
import unicodedata
import warnings
from contextlib import contextmanager, nullcontext

from ..errors import InputError, RegionsError
from .interruption import end_at_once, libraries_on_stderr, patience
from .parser import parse
from .verb import INTERRUPTED

FAULT = 70  # EX_SOFTWARE of sysexits.h; Python's own 1 would be taken for a partial answer
TRACEBACK = "REGIONS_TRACEBACK"  # this variable set to 1 shows where a fault of ours is


def console():
    """The process ``regions``: `main`, and an end without waiting for threads that Ctrl-C left at work."""
    code = main()
    if code == INTERRUPTED:
        end_at_once(code)
    sys.exit(code)


@contextmanager
def _process():
    with patience(), libraries_on_stderr():
        yield


def main(argv=None):
    """Run the command line ``argv`` (default: that of the process) and return its exit code.

    0 done, 1 ran but the answer is only partial, 2 bad input, 3 a solver or its licence is missing,
    70 a fault of this program, 130 interrupted. Errors are one line on stderr.
    """
    try:
        with _long_integers(), _warnings_in_a_line(), _any_console():
            options = parse(sys.argv[1:] if argv is None else argv)
            if options.print_completion:
                return _completion(options.print_completion)
            with _process() if argv is None else nullcontext():
                answer = options.run(options)
            printed = _print(json.dumps(answer.data) if options.json else answer.text)
            if answer.note:
                _fail(answer.note, None)
            answer.save()  # what was computed is on the screen by now, whatever the disk says
            return answer.exit_code if printed else InputError.exit_code
    except RegionsError as error:
        return _fail(error, error.exit_code)
    except KeyboardInterrupt as error:
        return _fail(str(error) or "interrupted", INTERRUPTED)
    except Exception as error:
        return _fault(error)


def _completion(shell):
    from .completion import completion  # imports every verb

    return 0 if _print(completion(shell)) else InputError.exit_code


def _print(text):
    """Print the answer; False if that failed, which must not keep it from being saved."""
    try:
        print(text, flush=True)
    except BrokenPipeError:  # whoever read it has read enough, as in `regions bound ... | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # Python tries again at its end
        _fail(f"the answer cannot be printed ({error.strerror})", None)
        return False
    return True


def _fault(error):
    """One line on an exception that nobody here raised on purpose."""
    if isinstance(error, OSError) and error.filename is not None:
        return _fail(f"{error.filename}: {error.strerror}", InputError.exit_code)
    if os.environ.get(TRACEBACK, "0") not in ("", "0"):
        traceback.print_exception(error)
    if isinstance(error, MemoryError):
        why = "there is not enough memory for this network on this domain"
    else:
        why = f"a fault of relu-regions, not of your input: {type(error).__name__}: {error}"
    return _fail(f"{why}; {TRACEBACK}=1 shows where", FAULT)


@contextmanager
def _any_console():
    """Characters that the console's encoding lacks are printed as their nearest plain ones."""
    codecs.register_error("plain", _plain)
    streams = [s for s in (sys.stdout, sys.stderr) if hasattr(s, "reconfigure")]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="plain")
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            stream.reconfigure(errors=errors)


def _plain(error):
    """What a codec prints for the part it cannot: letters without their accents, else question marks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = unicodedata.normalize("NFKD", error.object[error.start : error.end])
    letters = "".join(c for c in part if not unicodedata.combining(c))
    return letters.encode("ascii", "replace").decode("ascii"), error.end


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
