"""Compile kernels before they are needed: the first minute on a machine, kept out of every answer's seconds."""

import functools
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import SupportsIndex

import numpy as np
from numba.core import event

from ..deadline import COMPILATION
from ..domain import Box
from ..entry import read_whole
from ..errors import InputError
from ..network import Network
from . import kernel_calls as calls
from .problem import Problem
from .tasks import Task

# A small network on a box that is searched in each of three ways: inputs, hidden units of two layers, outputs.
KINDS = {"vertices": (1, 2, 2, 1), "half_spaces": (6, 7, 2, 1), "wide": (7, 2, 2, 1)}


class _Clock(event.Listener):
    """Stops the clock of all answers while numba compiles, in whatever verb and thread it does."""

    def on_start(self, event):
        COMPILATION.__enter__()

    def on_end(self, event):
        COMPILATION.__exit__()


event.register("numba:compile", _Clock())


def compile_kernels(kinds: Sequence[str] = tuple(KINDS), *, processes: SupportsIndex = 1) -> None:
    """Compile the kernels of the exact search, or load them where that was done before.

    Every verb does this by itself for what it needs, once on a machine, with a line on stderr; its time is not in
    ``seconds`` and not in ``time_limit``. Call it where that is too late: while a container is built, once for each kind
    of node before a job, as the ``initializer`` of an executor's workers.

    Parameters
    ----------
    kinds
        Names of searches: ``vertices`` (up to five inputs), ``half_spaces`` (more), ``wide`` (more inputs than
        units in the first hidden layer).
    processes
        With 1 they are compiled or loaded in this process; with more in that many new ones, side by side, for
        later processes to load.

    Raises
    ------
    InputError
        A name that is none of these.

    Examples
    --------
    >>> from concurrent.futures import ProcessPoolExecutor
    >>> from regions import compile_kernels
    >>> executor = ProcessPoolExecutor(2, initializer=compile_kernels, initargs=(["vertices"],))
    >>> executor.shutdown()
    """
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"no search is called {kind!r}; choose from {', '.join(KINDS)}")
    at_once = read_whole("processes", processes, least=1)
    if at_once == 1:
        for kind in kinds:
            prepare(kind, descents=True)
        return
    context = multiprocessing.get_context("spawn")  # numba's threads do not survive a fork
    with ProcessPoolExecutor(min(at_once, len(kinds)), mp_context=context) as pool:
        for _ in pool.map(compile_kernels, [[kind] for kind in kinds]):
            pass


def compile_for(problem, *, descents=False):
    """Have compiled what searching ``problem`` takes, and random descents of its tree too if asked for."""
    if problem.network.n_units and problem.hull.dimension:
        prepare(problem.kind, descents)


@functools.cache
def prepare(kind, descents):
    """Call the kernels of one kind for the first time in this process."""
    with COMPILATION:  # which loading is a part of
        _call(kind, descents)


def _call(kind, descents):
    n0, *widths = KINDS[kind]
    rng = np.random.default_rng(0)
    sizes = zip([n0, *widths], widths, strict=False)
    network = Network.of(
        *((rng.normal(size=(n, before)), rng.normal(size=n)) for before, n in sizes)
    )
    problem = Problem(network, Box.cube(n0, -1, 1))
    root = Task.root(network.n_units)
    calls.run(problem, root, 0, False)
    if descents and not problem.by_vertices:
        calls.follow(problem, root, np.ones((1, network.n_units), dtype=np.bool_), 0)
