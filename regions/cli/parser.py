"""The options of the command: read in any order, refused in one line that says what was meant."""

import argparse
import difflib
import re
import shutil

from ..errors import InputError
from ..version import __version__
from .verb import BETWEEN
from .verbs import VERBS

NUMBER = re.compile(r"-(\d|\.\d|inf|nan)")
BOX = re.compile(r"--b(ox?)?(=.*)?", re.DOTALL)
# Unit: columns. Wider pages are hard to read, and break in a terminal of the usual width.
WIDEST = 80
# Words that are answered without a verb.
ALONE = ("-h", "--help", "--version", "--print-completion")


def parse(arguments):
    """The options that the words ``arguments`` say; `InputError` for what they do not say.

    >>> parse(["bound", "2", "3"]).shape
    ['2', '3']
    >>> parse(["bund", "2", "3"])
    Traceback (most recent call last):
    ...
    regions.errors.InputError: 'bund' is no verb; did you mean bound? See regions --help
    """
    words = joined(verb_first(arguments))
    names = [verb.name for verb in VERBS]
    asked = words[0] if words else None
    if asked is not None and not asked.startswith("-") and asked not in names:
        raise InputError(f"{asked!r} is no verb; {_meant(asked, names)}See regions --help")
    return build([asked]).parse_args(words)


def build(asked):
    """The parser of the verbs ``asked``; others have their names only, as their modules take long to import."""
    parser = Parser(
        prog="regions",
        formatter_class=_formatter,
        description="Count, bound and remove: the linear regions of ReLU networks.",
        epilog="regions VERB --help says what a verb takes",
    )
    parser.add_argument("--version", action="version", version=f"relu-regions {__version__}")
    parser.add_argument(
        "--print-completion",
        choices=SHELLS,
        metavar="SHELL",
        help=f"print what completes words of this command in a shell: {', '.join(SHELLS)}",
    )
    verbs = parser.add_subparsers(
        dest="verb", metavar="VERB", title="verbs", parser_class=VerbParser
    )
    for verb in VERBS:
        sub = verbs.add_parser(
            verb.name, help=verb.help, description=verb.help, formatter_class=_formatter
        )
        if verb.name not in asked:
            continue
        verb.module.arguments(sub)
        output = sub.add_argument_group("answer")
        output.add_argument("--json", action="store_true", help="one JSON object on stdout")
        sub.set_defaults(run=verb.module.run)
    return parser


SHELLS = ("bash", "zsh", "tcsh")


class Parser(argparse.ArgumentParser):
    """argparse prints its usage on an error; here an error is one line like any other."""

    def parse_args(self, args=None, namespace=None):
        """The options; a verb is needed unless a word that stands alone was said."""
        options = super().parse_args(args, namespace)
        if options.verb is None and options.print_completion is None:
            self.error("a VERB is missing")
        return options

    def error(self, message):
        """Raise `InputError`."""
        raise InputError(f"{message}; see {self.prog} --help")

    def _check_value(self, action, value):
        if action.choices is not None and value not in action.choices:
            known = list(action.choices)
            name = action.option_strings[0] if action.option_strings else action.metavar
            raise InputError(
                f"{name} {value.strip()} is unknown; {_meant(value, known)}choose one of {', '.join(known)}"
            )


class VerbParser(Parser):
    """The parser of one verb: its network may stand before, between and after its options."""

    _within = False  # argparse parses the words of one line in two rounds, by this same method

    def parse_args(self, args=None, namespace=None):
        """As argparse has it."""
        return argparse.ArgumentParser.parse_args(self, args, namespace)

    def parse_known_args(self, args=None, namespace=None):
        """The options, and no word that is left."""
        if self._within:
            return super().parse_known_args(args, namespace)
        self._refuse_unknown(args)
        self._within = True
        try:
            options, left = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._within = False
        if left:
            self.error(f"{' '.join(word.strip() for word in left)} is one word too many")
        return options, left

    def _refuse_unknown(self, words):
        known = self._option_string_actions
        for word in words:
            if word == "--":
                return
            name = word.partition("=")[0]
            if not name.startswith("-") or name == "-" or any(k.startswith(name) for k in known):
                continue
            if name[1] != "-" and name[:2] in known:  # -oFILE
                continue
            meant = _meant(name, [k for k in known if k.startswith("--")])
            raise InputError(f"{name} is no option of {self.prog}; {meant}see {self.prog} --help")


def verb_first(arguments):
    """The words with their verb in front: ``regions --json count NET`` is meant as ``regions count NET --json``.

    >>> verb_first(["--json", "count", "net.npz"])
    ['count', '--json', 'net.npz']
    """
    names = {verb.name for verb in VERBS}
    if not arguments or not arguments[0].startswith("-") or arguments[0].startswith(ALONE):
        return list(arguments)
    place = next((i for i, word in enumerate(arguments) if word in names), 0)
    return [arguments[place], *arguments[:place], *arguments[place + 1 :]]


def joined(arguments):
    """The words with those of ``--box`` as one, and negative numbers so that argparse takes none for an option.

    Two numbers, or one file: what comes after them is not the box's.

    >>> [word.split(BETWEEN) for word in joined(["count", "--box", "-1", "1", "net.npz"])]
    [['count'], ['--box= -1', '1'], ['net.npz']]
    >>> joined(["count", "--box", "box.npz", "net.npz"])
    ['count', '--box=box.npz', 'net.npz']
    """
    words, found = list(arguments), []
    while words:
        word = words.pop(0)
        if word == "--":
            return [*found, word, *words]
        if not BOX.fullmatch(word):
            found.append(_shielded(word))
            continue
        _, given, first = word.partition("=")
        if not given and words and not _is_option(words[0]):
            given, first = "=", words.pop(0)
        if given and words and not _is_option(words[0]) and not first.lower().endswith(".npz"):
            first = f"{first}{BETWEEN}{words.pop(0)}"
        found.append(f"--box={_shielded(first)}" if given else "--box")
    return found


def _is_option(word):
    return word.startswith("-") and not NUMBER.match(word)


def _shielded(word):
    """Keep argparse from taking -1e-3 for an option: it never looks at words with a blank."""
    return f" {word}" if NUMBER.match(word) else word


def _meant(word, known):
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}? " if near else ""


def _formatter(prog):
    width = min(WIDEST, shutil.get_terminal_size().columns)
    return argparse.HelpFormatter(prog, width=width, max_help_position=26)
