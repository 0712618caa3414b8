"""What every verb is made of: its answer, its description, and the options that verbs share."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from ..domain import Box, WholeSpace
from ..errors import InputError, Interrupted

PARTIAL = 1
INTERRUPTED = 130


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


def network_argument(parser):
    """The positional NET and how to read it."""
    parser.add_argument(
        "network", metavar="NET", help=".npz .onnx .pt .safetensors .keras .h5 .nnet .mat"
    )
    output_relu_argument(parser)


def output_relu_argument(parser):
    """The option that makes the output layer a hidden one."""
    parser.add_argument(
        "--output-relu", action="store_true", help="count output units as hidden ReLU units too"
    )


def domain_arguments(parser, *, required=True):
    """The options --box and --whole-space, one of which is needed."""
    either = parser.add_mutually_exclusive_group(required=required)
    either.add_argument(
        "--box",
        nargs="+",
        metavar=("LO", "HI"),
        help="the box [LO, HI]^n0, or one .npz with lower and upper; after NET",
    )
    either.add_argument("--whole-space", action="store_true", help="all of R^n0")


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
    try:
        low, high = map(float, words)
    except ValueError:
        raise InputError(
            f"--box {' '.join(words)} is not LO HI; give two numbers, or one .npz with lower and upper"
        ) from None
    return Box.cube(n0, low, high)
