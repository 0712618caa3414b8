"""`iterate_regions`: the cells of a network one by one."""

from collections.abc import Iterator
from typing import Any, SupportsIndex

import numpy as np

from ..arithmetic.powers import times_power
from ..count import count_regions
from ..count.engines.cells import Cells
from ..count.status import Status
from ..deadline import Deadline
from ..entry import read_question, read_time_limit, read_whole, read_workers
from ..exact_search.problem import Problem
from ..exact_search.run import search
from ..exact_search.warm_up import compile_for
from ..preactivations.scaling import ordinary
from ..typing import DomainLike, NetworkLike, TimeLimit
from .exact_cell import ExactCell
from .region import Region

# Cells per task: the stream holds a few tasks at a time, and each of its cells has n0 coordinates.
BUDGET = 2_000


class Regions(Iterator):
    """A stream of `Region`; ``status`` says whether it has come to its end.

    ``status`` is `Status.AT_LEAST` while regions may be missing, for good when the time limit ended the
    stream, and `Status.CERTIFIED` once all were handed out.
    """

    def __init__(self, problem: Any, single: Any, **options: Any) -> None:
        self.status = Status.AT_LEAST
        self._regions = self._single(problem, single) if single else self._all(problem, **options)

    def __next__(self) -> Region:
        return next(self._regions)

    def _single(self, problem, count):
        for pattern, witness in zip(count.patterns, count.witnesses, strict=True):
            yield Region(problem.network, problem.domain, _frozen(pattern), _frozen(witness))
        self.status = count.status

    def _all(self, problem, **options):
        is_open = 1
        for _, found in search(problem, [problem.root], keep=True, **options):
            is_open += len(found.left) - 1
            visible = (_replayed(problem, found.points) == (found.signs > 0)).all(axis=1)
            for signs, point, seen in zip(found.signs, found.points, visible, strict=True):
                if not seen:  # rounded across a side: another point may be better
                    better = ExactCell(problem.network, problem.domain, signs > 0).inner_point()
                    point = point if better is None else better
                yield Region(problem.network, problem.domain, _frozen(signs > 0), _frozen(point))
        if not is_open:
            self.status = Status.CERTIFIED


def iterate_regions(
    network: NetworkLike,
    domain: DomainLike,
    *,
    time_limit: TimeLimit = None,
    workers: SupportsIndex = 1,
    budget: SupportsIndex = BUDGET,
) -> Regions:
    """The linear regions (cells) of ``network`` on ``domain``, one by one.

    Each cell comes once, proved as in `regions.count.engines.cells.Cells`; their order is that of the search
    and, with several workers, of chance. Memory does not grow with their number.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` of dimension n0.
    time_limit
        Seconds of wall time, your own work between regions included.
    workers
        Threads.
    budget
        Cells per task: what is found before the first region appears, and what is held in memory.

    Returns
    -------
    Regions
        An iterator of `Region`; its ``status`` tells a stream that is complete from one that was cut.

    Raises
    ------
    InputError
        A network or domain that breaks a rule, dimensions that do not agree, a domain without interior.

    Examples
    --------
    >>> from regions import Box, Network
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
    >>> regions = iterate_regions(network, Box.cube(1, -10, 10))
    >>> sorted(r.vertices().ravel().tolist() for r in regions)
    [[-10.0, -0.5], [-0.5, 0.0], [0.0, 0.5], [0.5, 1.0], [1.0, 10.0]]
    >>> regions.status.name
    'CERTIFIED'
    """
    time_limit, workers = read_time_limit(time_limit), read_workers(workers)
    budget = read_whole("budget", budget, least=1)
    network, domain = read_question(network, domain)
    problem = Problem.presolved(network, domain)
    if network.n_units == 0 or problem.hull.dimension == 0:
        return Regions(problem, count_regions(network, domain, engine=Cells(), keep_patterns=True))
    problem.check_interior()
    compile_for(problem)  # no part of its time
    return Regions(problem, None, deadline=Deadline(time_limit), workers=workers, budget=budget)


@np.errstate(over="ignore", invalid="ignore")
def _replayed(problem, points):
    """Patterns of inputs in floating point, in ordinary numbers."""
    found = ordinary(problem.network, problem.domain)
    if found is None:
        return problem.network.pattern(points)
    network, _, scaling = found
    return network.pattern(times_power(points, -scaling.inputs))


def _frozen(array):
    array = np.array(array)  # a copy: the region must not hold all of its task in memory
    array.setflags(write=False)
    return array
