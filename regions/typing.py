"""What may stand for what in a call: the types that the signatures of the verbs are written in.

`regions.entry` turns each of them into the one type that the rest of the package works with.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, SupportsFloat, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .domain import Domain
from .files import StrPath as StrPath
from .network import Network


class TorchModule(Protocol):
    """A module of PyTorch, which need not be installed where this is read."""

    def named_modules(self) -> Any:
        """What its parts are called."""


class KerasModel(Protocol):
    """A model of Keras."""

    def get_config(self) -> Any:
        """What it is made of."""


class Perceptron(Protocol):
    """A fitted perceptron of scikit-learn."""

    coefs_: Any
    intercepts_: Any


Pair: TypeAlias = Sequence[ArrayLike | None]
"""``(W, b)``; None for a bias of zeros."""

NetworkLike: TypeAlias = (
    Network
    | StrPath
    | Sequence[Pair]
    | Sequence[ArrayLike]
    | Mapping[str, Any]
    | TorchModule
    | KerasModel
    | Perceptron
)
"""Whatever `regions.load` takes."""

DomainLike: TypeAlias = (
    Domain | StrPath | Sequence[ArrayLike] | Mapping[str, ArrayLike] | np.ndarray
)
"""A domain; ``(lower, upper)``, each a number or n0 of them; an .npz or a mapping with these two."""


class Engine(Protocol):
    """A way to count: a frozen dataclass of its options."""

    @property
    def name(self) -> str:
        """The word that stands for it."""

    def count(self, question: Any, run: Any) -> Any:
        """The `Count` that answers a `Question`, as far as a `Run` lets it."""


EngineLike: TypeAlias = str | Engine | type | None
"""An engine, its class or its name; None is ``"auto"``."""

TimeLimit: TypeAlias = SupportsFloat | None
"""Seconds of wall time; None for no limit."""

Progress: TypeAlias = bool | Callable[[int, float], object] | None
"""True for a bar on a terminal; a function of how much is done and of the state; None or False for silence."""
