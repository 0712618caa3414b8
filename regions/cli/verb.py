"""What every verb is made of: its answer, its description, and the options that verbs share."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from ..domain import Box, WholeSpace
from ..errors import Interrupted

PARTIAL = 1
INTERRUPTED = 130
BETWEEN = "\0"
"""Stands between the words of ``--box`` where they are one word; no argument of a process can hold it."""


def _nothing():
    """Saves nothing."""


class Answer(NamedTuple):
    """What a verb found: ``data`` for --json, ``text`` for people; ``save()`` once it is printed; ``note`` for stderr."""

    data: dict
    text: str
    exit_code: int = 0
    save: Callable[[], object] = _nothing
    note: str = ""


def answered(ask, build, go_on):
    """The `Answer` that ``build(found)`` makes of what ``ask()`` finds, or of what it had found when Ctrl-C came.

    ``go_on`` says what to do for more than that.
    """
    try:
        return build(ask())
    except Interrupted as stopped:
        note = f"interrupted; {go_on}"
        if stopped.answer is None:
            raise Interrupted(note=note) from None
        return build(stopped.answer)._replace(exit_code=INTERRUPTED, note=note)
    except KeyboardInterrupt:
        raise Interrupted(note=f"interrupted; {go_on}") from None


class Verb(NamedTuple):
    """One verb: a module of its name, whose ``arguments(parser)`` declares and ``run(options)`` gives an `Answer`."""

    name: str
    help: str

    @property
    def module(self):
        """Imported when the verb is the one asked for."""
        return import_module(f".{self.name}", __package__)


def file_name(word):
    """``word``, which names a file: what a shell completes as one."""
    return word


def question_arguments(parser, *, required=True, several=False):
    """NET, or ``several`` of them, and the domain, which may be ``required``."""
    group = parser.add_argument_group("network and domain")
    group.add_argument(
        "networks" if several else "network",
        nargs="+" if several else None,
        metavar="NET",
        type=file_name,
        help=".npz .onnx .pt .safetensors .keras .h5 .nnet .mat",
    )
    domain_arguments(group, required=required)
    return group


def domain_arguments(group, *, required):
    """The options --box and --whole-space, one of which may be ``required``, and --output-relu."""
    either = group.add_mutually_exclusive_group(required=required)
    either.add_argument(
        "--box",
        type=_box_words,
        metavar="LO HI",
        help="the box [LO, HI]^n0, or one .npz with arrays lower and upper",
    )
    either.add_argument("--whole-space", action="store_true", help="all of R^n0")
    group.add_argument(
        "--output-relu", action="store_true", help="output units are hidden ReLU units too"
    )


def method_group(parser):
    """Where options of how to answer belong."""
    return parser.add_argument_group("method")


def presolve_argument(group):
    """--no-presolve."""
    words = "search all of the network, units that never switch too"
    group.add_argument("--no-presolve", dest="presolve", action="store_false", help=words)


def limit_arguments(
    parser, *, time_limit="seconds of wall time", default=None, seed=None, workers=None
):
    """--time-limit and, where there is a word on what they do, --seed and --workers."""
    group = parser.add_argument_group("limits and randomness")
    group.add_argument("--time-limit", type=float, default=default, metavar="S", help=time_limit)
    if workers is not None:
        group.add_argument("--workers", type=int, default=1, metavar="N", help=workers)
    if seed is not None:
        group.add_argument("--seed", type=int, default=0, metavar="N", help=seed)
    return group


def file_group(parser):
    """Where options of files to write belong."""
    return parser.add_argument_group("files")


def _box_words(word):
    """One path, or two numbers."""
    words = word.split(BETWEEN)
    try:
        numbers = [float(w) for w in words]
    except ValueError:
        numbers = []
    if len(numbers) == 2 or (not numbers and len(words) == 1):
        return words
    raise ArgumentTypeError(
        f"{' '.join(w.strip() for w in words)} is not LO HI; give two numbers, or one .npz with lower and upper"
    )


def read_network(options):
    """The network that the options name."""
    from ..formats.load import load  # slow, and the bounds of a shape do without

    network = load(options.network)
    return network.with_output_relu() if options.output_relu else network


def read_domain(options, network):
    """The domain that the options name, of the network's dimension; None when they name none."""
    if options.whole_space:
        return WholeSpace(network.n0)
    if options.box is None:
        return None
    domain = _box(options.box, network.n0)
    return domain.check(network)


def _box(words, n0):
    if len(words) == 1:
        from ..entry import stored_box  # slow, and only a file needs it

        return stored_box(words[0])
    return Box.cube(n0, *map(float, words))
