"""What every public verb takes: one reading of network, domain, engine, limits, workers and seed.

The same words mean the same everywhere, and what cannot be meant is refused here in one line, before
any work. Verbs call these functions first; further in, values have the types of this package.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from os import PathLike, cpu_count, fspath
from typing import Any, TypeVar

import numpy as np

from .domain import Box, Domain
from .domain.base import HasInputs
from .errors import InputError, ReadError
from .files import UNREADABLE, read_arrays
from .formats.load import load
from .network import Network
from .typing import DomainLike, Engine, NetworkLike, StrPath

T = TypeVar("T")

ANOTHER_DOMAIN = (
    "give a pair (lower, upper) of numbers or arrays, or a Box, Polytope, WholeSpace or AffineSlice"
)
# Unit: one more than the largest seed that every solver takes.
SEEDS = 2**31


def read_question(network: NetworkLike, domain: DomainLike) -> tuple[Network, Domain]:
    """``(Network, Domain)`` of whatever may stand for the two; they fit each other.

    Raises
    ------
    InputError
        `read_network` and `read_domain` say when.

    Examples
    --------
    >>> read_question([([[1.0, 2.0]], [0.0]), ([[1.0]], [0.0])], (0, 1))
    (Network(2-1-1, digest=...), Box.cube(2, 0, 1))
    """
    network = read_network(network)
    return network, read_domain(domain, network)


def read_network(network: NetworkLike) -> Network:
    """The `Network` that ``network`` is, names or holds: whatever `regions.load` takes."""
    return load(network)


def read_domain(domain: DomainLike, network: HasInputs) -> Domain:
    """The `Domain` that ``domain`` stands for, of the dimension of ``network``.

    A `Domain`; a pair ``(lower, upper)``, each a number or n0 of them; a mapping with ``lower`` and
    ``upper``; or the path of an .npz with these two arrays.

    Raises
    ------
    InputError
        It is none of these, has another dimension, or could be meant in two ways.

    Examples
    --------
    >>> from regions.network import Network
    >>> network = Network.of(([[1.0, 1.0]], None), ([[1.0]], None))
    >>> read_domain(([0.0, -1.0], 1), network).lower
    array([ 0., -1.])
    >>> read_domain([(0, 1), (2, 5)], network)
    Traceback (most recent call last):
    ...
    regions.errors.InputError: the domain [(0, 1), (2, 5)] may be (lower, upper) or two intervals, one for
    each input; say which: Box(lower, upper)
    """
    if isinstance(domain, str | PathLike):
        return stored_box(domain).check(network)
    if not isinstance(domain, Domain):
        return _box(domain, network.n0).check(network)
    return domain.check(network)


def stored_box(path: StrPath) -> Box:
    """The `Box` in an .npz with arrays ``lower`` and ``upper``."""
    try:
        return Box(**read_arrays(path, ("lower", "upper")))
    except UNREADABLE as error:
        if isinstance(error, InputError):
            raise ReadError(f"{fspath(path)}: {error}") from None
        raise ReadError(
            f"{fspath(path)} is no .npz with arrays lower and upper ({error}); write one with "
            "numpy.savez(path, lower=..., upper=...), or give --box LO HI"
        ) from None


def _box(pair: Any, n0: int) -> Box:
    shown = _shown(pair)
    if isinstance(pair, Mapping) and {"lower", "upper"} == set(pair):
        pair = pair["lower"], pair["upper"]
    if not isinstance(pair, Sequence | np.ndarray) or len(pair) != 2:
        intervals = "; for one interval each: Box(*numpy.transpose(intervals))"
        many = isinstance(pair, Sequence | np.ndarray) and len(pair) == n0
        raise InputError(f"{shown} is no domain; {ANOTHER_DOMAIN}{intervals if many else ''}")
    if _two_intervals(pair, n0):
        raise InputError(
            f"the domain {shown} may be (lower, upper) or two intervals, one for each input; say which: "
            "Box(lower, upper)"
        )
    return Box.cube(n0, *pair)


def _two_intervals(pair, n0):
    """Whether lists ``[(lo, hi), (lo, hi)]`` can be one interval for each of two inputs."""
    if n0 != 2 or any(isinstance(side, np.ndarray) or np.ndim(side) == 0 for side in pair):
        return False
    with suppress(TypeError, ValueError):  # what is no number will be refused as such
        (a, b), (c, d) = pair
        return bool(a < b and c < d)
    return False


def read_engine(engine: Any, engines: Mapping[str, Any]) -> Engine:
    """The engine that ``engine`` is or names; ``engines`` maps names to classes, None is ``"auto"``.

    Raises
    ------
    InputError
        An unknown name, or no engine.
    """
    known = f"choose one of {', '.join(engines)}, or a value such as Cells()"
    if engine is None:
        engine = "auto"
    if isinstance(engine, str):
        if engine not in engines:
            raise InputError(f"engine={engine!r} is unknown; {known}")
        return engines[engine]()
    if isinstance(engine, type) and engine in engines.values():
        return engine()
    if not isinstance(getattr(engine, "name", None), str) or not callable(
        getattr(engine, "count", None)
    ):
        raise InputError(f"engine={_shown(engine)} is no engine; {known}")
    return engine


def read_choice(name: str, value: object, known: Iterable[str]) -> str:
    """``value`` if it is one of the names ``known``, else `InputError` with all of them."""
    if not isinstance(value, str) or value not in known:
        raise InputError(f"{name}={_shown(value)} is unknown; choose one of {', '.join(known)}")
    return value


def read_time_limit(time_limit: object) -> float | None:
    """``time_limit`` as a float of seconds, or None for no limit.

    >>> read_time_limit("1 hour")
    Traceback (most recent call last):
    ...
    regions.errors.InputError: time_limit must be a positive number of seconds, or None; got '1 hour'
    """
    if time_limit is None:
        return None
    seconds = _real(time_limit)
    if seconds is None or not seconds > 0:
        raise InputError(
            f"time_limit must be a positive number of seconds, or None; got {_shown(time_limit)}"
        )
    return None if math.isinf(seconds) else seconds


def read_workers(workers: object) -> int:
    """``workers`` as an int of at least 1."""
    try:
        return read_whole("workers", workers, least=1)
    except InputError as error:
        raise InputError(f"{error} (this machine has {cpu_count()} cores)") from None


def read_seed(seed: object) -> int:
    """``seed`` as an int that every solver takes.

    >>> read_seed(None)
    Traceback (most recent call last):
    ...
    regions.errors.InputError: seed must be a whole number from 0 to 2147483647; got None
    """
    return read_whole("seed", seed, least=0, most=SEEDS - 1)


def read_whole(name: str, value: Any, *, least: int, most: int | None = None) -> int:
    """``value`` as an int from ``least`` to ``most``, whatever integer type it is of."""
    try:
        number = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least or (most is not None and number > most):
        span = f"at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"{name} must be a whole number {span}; got {_shown(value)}")
    return number


def read_positive(name: str, value: Any) -> float:
    """``value`` as a float above 0, and finite.

    >>> read_positive("K", "two")
    Traceback (most recent call last):
    ...
    regions.errors.InputError: K must be positive; got 'two'
    """
    number = _real(value)
    if number is None or not 0 < number < math.inf:
        raise InputError(f"{name} must be positive; got {_shown(value)}")
    return number


def read_nonnegative(name: str, value: Any) -> float:
    """``value`` as a float of at least 0, and finite."""
    number = _real(value)
    if number is None or not 0 <= number < math.inf:
        raise InputError(f"{name} must be a number of at least 0; got {_shown(value)}")
    return number


def read_points(points: Any, n0: int, shape: str = "(m, n0)") -> np.ndarray:
    """``points`` as doubles of ``shape``, whose last entry is the number ``n0`` of inputs.

    >>> read_points([[1.0], [2.0, 3.0]], 1)
    Traceback (most recent call last):
    ...
    regions.errors.InputError: points must have shape (m, n0) with n0 = 1, the inputs of the network; got
    [[1.0], [2.0, 3.0]]
    """
    try:
        found = np.asarray(points, dtype=float)
    except (TypeError, ValueError):
        found = None
    if found is None or found.ndim != shape.count(",") + 1 or found.shape[-1] != n0:
        raise InputError(
            f"points must have shape {shape} with n0 = {n0}, the inputs of the network; got "
            f"{_shown(points) if found is None else found.shape}"
        )
    return found


def read_kind(name: str, value: Any, kind: type[T], remedy: str) -> T:
    """``value`` if it is of the class ``kind``; ``remedy`` says what makes one.

    >>> read_kind("ranges", 3, Box, "unit_ranges makes them")
    Traceback (most recent call last):
    ...
    regions.errors.InputError: ranges=3 is no Box; unit_ranges makes them
    """
    if not isinstance(value, kind):
        raise InputError(f"{name}={_shown(value)} is no {kind.__name__}; {remedy}")
    return value


def read_progress(progress: Any) -> Any:
    """``progress`` if it is True, False, None or a function, else `InputError`."""
    if progress is None or isinstance(progress, bool | Callable):
        return progress
    raise InputError(
        f"progress={_shown(progress)} is neither True, False nor a function progress(found, fraction)"
    )


def _real(value):
    """A finite or infinite real number as a float, None for anything else."""
    if isinstance(value, bool | np.bool_ | str | bytes):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _shown(value):
    """``value`` on one line that a message can hold."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"a {type(value).__name__} {text[:50]}..."
