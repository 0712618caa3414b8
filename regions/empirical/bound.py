"""`empirical_bound`: an upper bound on the regions of one network, from its weights and its domain."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex

import numpy as np

from bounds import layered
from bounds.active_sets import by_active_sets, steps
from bounds.bound import Bound, short

from ..arithmetic.dyadic import Dyadic
from ..arithmetic.rank import rank, row_basis, seconds_for_basis
from ..count import count_regions
from ..count.status import Status
from ..deadline import Deadline, now
from ..domain import Domain
from ..entry import read_question, read_seed, read_time_limit, read_whole
from ..errors import Interrupted
from ..network import Layer, Network
from ..network.slopes import require_relu
from ..preactivations.active_sets import (
    active_set_kinds,
    both_sides,
    coarser,
    counted_kinds,
    largest_by_size,
    stable_kinds,
)
from ..preactivations.ranges import Ranges
from ..preactivations.scaling import ordinary
from ..preactivations.shared import planes_of_weights
from ..result import About, Result
from ..stability import stable_units
from ..typing import DomainLike, NetworkLike, TimeLimit

if TYPE_CHECKING:  # slow to import, or not there
    import pandas

REFINEMENTS = {
    "layered": "Theorem 1 of the shape",
    "stability": "dimension of the domain; units that never switch on it, by certified ranges, or share a hyperplane",
    "ranks": "exact ranks of the weight matrices",
    "sizes": "what the weights let switch, at worst, when k units before are active",
    "sets": "how many sets of k active units let how much switch",
    "histograms": "activation histograms (Hinz 2021) in place of binomials",
    "cells": "the cells of the first layers, counted where they are few",
}

# Unit: steps of `bounds.active_sets`; a million take seconds.
MOST_STEPS = 2_000_000

# Unit: of these steps, how many surely take less than a second.
STEPS_A_SECOND = 200_000

# Unit: cells of the first layers; the exact engine counts so many in seconds.
MOST_CELLS = 10_000

# Unit: kinds of each size. Where all would take too many steps, similar ones are put together.
COARSENESS = (None, 32, 8, 2)

# Unit: entries of a weight matrix whose rank is looked for; above, it is taken to be full.
MOST_RANKED = 1_000_000

REFERENCE = "derived and proved in bounds.active_sets; after Serra, Ramalingam 2020 and Hinz 2021"
ASSUMPTIONS = "this network on this domain; full-dimensional activation regions"


class Refinement(NamedTuple):
    """A step to the bound: ``name`` is a key of `REFINEMENTS`, ``value`` the best bound up to it."""

    name: str
    value: int


@dataclass(frozen=True, eq=False, repr=False)
class EmpiricalBound(Result, Bound):
    """A `Bound` of one network that says what each refinement bought.

    Attributes
    ----------
    refinements
        A tuple of `Refinement`, from Theorem 1 down to ``value``; none is above the one before.
    left_out
        Names of the refinements that there was no time for.
    seconds
        Wall time.
    """

    refinements: tuple[Refinement, ...]
    left_out: tuple[str, ...]
    seconds: float
    about: About | None = None

    @property
    def status(self) -> str:
        """CERTIFIED: the bound is a theorem, whatever was left out."""
        return "CERTIFIED"

    def record(self) -> dict[str, Any]:
        """As `Result.record`; ``kind`` is that of the answer, ``bound`` that of the bound."""
        return {**super().record(), "kind": "empirical_bound"}

    def answer(self) -> dict[str, Any]:
        """``value``, ``bound`` (upper), ``reference``, ``assumptions``, ``refinements``, ``left_out``."""
        return {
            "value": self.value,
            "bound": self.kind,
            "reference": self.reference,
            "assumptions": self.assumptions,
            "refinements": [step._asdict() for step in self.refinements],
            "left_out": list(self.left_out),
        }

    def lines(self) -> Iterable[str]:
        """The number, then what each refinement bought."""
        return [str(self), *([] if self.about is None else [self._title()]), *self.steps()]

    def steps(self) -> Iterable[str]:
        """A line for each refinement: its bound, and what it looks at."""
        lines = [
            f"  {name:<13}{short(value)} ({REFINEMENTS[name]})" for name, value in self.refinements
        ]
        return [*lines, *(f"  {name:<13}left out: too much to do" for name in self.left_out)]

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each refinement: ``name``, ``value``."""
        import pandas as pd  # an extra: who asks for a frame has it

        return pd.DataFrame(self.refinements, columns=Refinement._fields, dtype=object)


def empirical_bound(
    network: NetworkLike,
    domain: DomainLike,
    *,
    method: str = "quick",
    most_cells: SupportsIndex = MOST_CELLS,
    time_limit: TimeLimit = None,
    seed: SupportsIndex = 0,
) -> EmpiricalBound:
    """An upper bound on the cells of ``network`` on ``domain`` that uses the weights.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` of dimension n0. On one that fits in no box only signs and ranks count.
    method, seed
        How units that never switch are found: see `regions.stable_units`. ``"quick"`` takes seconds
        where ``"auto"``, which finds more of them, may take minutes.
    most_cells
        The first layers are counted exactly, as many of them as have no more cells than this by
        their own bound. Never all hidden layers; 0 counts nothing.
    time_limit
        Seconds of wall time for all of it. What is proved by then is kept, refinements whose turn did not
        come and a count that did not end are left out.

    Returns
    -------
    EmpiricalBound
        A theorem about the stored weights, whatever the method, and never above Theorem 1 for the
        shape of the network nor, with all refinements, above `bounds.hinz_2021`.

    Raises
    ------
    InputError
        A domain of another dimension or an empty one, an unknown method.

    Notes
    -----
    Units that never switch cut nothing. Of the others in layer l, a set S of active units in layer
    l - 1 lets some switch and not others, by the signs of weights and biases and by the ranges of
    the active units: `regions.preactivations.active_sets` sorts all sets by what they allow, and the theorem of
    `bounds.active_sets` sums the worst that such sets can do. The idea is that of Serra and
    Ramalingam 2020 (Empirical bounds on linear regions of deep rectifier networks), whose theorem
    was not at hand. The gain is largest where layers are narrow and inputs or cells are few.

    Examples
    --------
    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> first = [[2.0, 1.0], [1.0, 2.0], [0.0, 1.0]], [1.0, -1.0, -1.0]
    >>> second = [[-1.0, -1.0, 1.0], [1.0, -1.0, 0.0], [1.0, -1.0, 1.0]], [-1.0, 0.0, 1.0]
    >>> network = Network.of(first, second, ([[1.0, 1.0, 1.0]], None))
    >>> bound = empirical_bound(network, Box.cube(2, -1, 1))
    >>> for name, value in bound.refinements:
    ...     print(name, value)
    layered 40
    stability 7
    ranks 7
    sizes 5
    sets 5
    histograms 5
    cells 4
    """
    start = now()
    network, domain = read_question(network, domain)
    require_relu(network, "empirical_bound", "without a domain regions bound gives what holds")
    time_limit, seed = read_time_limit(time_limit), read_seed(seed)
    deadline = Deadline(time_limit)
    most_cells = read_whole("most_cells", most_cells, least=0)
    asked = network, domain
    options = {"method": method, "most_cells": most_cells, "time_limit": time_limit, "seed": seed}
    dimension = domain.polyhedron().dimension
    network, domain, *_ = ordinary(network, domain) or (network, domain)
    facts = _Facts(network, domain, dimension, method, most_cells, deadline, seed)
    known: dict[str, int | None] = {"layered": layered(network.n0, network.widths)}
    interrupted = False
    try:
        for name, step in facts.steps().items():
            known[name] = None  # until it is done
            if name == "stability" or not deadline.passed:
                known[name] = step()
    except KeyboardInterrupt:
        interrupted = True
    known = {name: known.get(name) for name in ("layered", *facts.steps())}
    done = {name: value for name, value in known.items() if value is not None}
    # kinds that had to be put together may say less than a step before
    found = tuple(map(Refinement, done, accumulate(done.values(), min)))
    left_out = tuple(name for name in known if name not in done)
    seconds = now() - start
    value = found[-1].value
    about = About(*asked, options)
    answer = EmpiricalBound(value, "upper", ASSUMPTIONS, REFERENCE, found, left_out, seconds, about)
    if interrupted:
        raise Interrupted(answer)
    return answer


@dataclass(frozen=True, eq=False)
class _Facts:
    """What the refinements build on, found when it is first needed."""

    network: Network
    domain: Domain
    dimension: int
    method: str
    most_cells: int
    deadline: Deadline
    seed: int

    @property
    def most_steps(self):
        """Steps of a sum that there is time for."""
        return min(MOST_STEPS, STEPS_A_SECOND * max(self.deadline.left, 0.0))

    def sum(self, kinds, ranks=None, **options):
        """`_sum` in the time that is left."""
        return _sum(self.dimension, kinds, ranks, most=self.most_steps, **options)

    def steps(self):
        """The refinements after Theorem 1 as functions, in their order; None is a bound that cannot be summed."""
        steps = {
            "stability": lambda: self.of_stable(),
            "ranks": lambda: self.of_stable(self.ranks),
            "sizes": lambda: self.sum(self.sizes, self.ranks, both=self.both),
            "sets": lambda: self.sum(self.kinds, self.ranks, both=self.both),
            "histograms": lambda: self.sum(self.kinds, self.ranks, both=self.both, histograms=True),
        }
        if len(self.network.hidden) > 1:
            steps["cells"] = lambda: _from_counted_cells(self)
        return steps

    @cached_property
    def ranges(self):
        return _ranges(self.network, self.domain, self.method, self.deadline.time_limit, self.seed)

    def of_stable(self, ranks=None):
        """The bound of the units that never switch and of hyperplanes that are shared."""
        d, both = self.dimension, self.both
        bound = self.sum(self.stable, ranks, both=both)
        return _by_widths(d, self.stable, both, ranks) if bound is None else bound

    @cached_property
    def planes(self):
        return planes_of_weights(self.network)

    @cached_property
    def both(self):
        return both_sides(self.ranges, self.planes)

    @cached_property
    def stable(self):
        return stable_kinds(self.network, self.ranges, self.planes)

    @cached_property
    def kinds(self):
        return active_set_kinds(self.network, self.ranges, self.planes, self.deadline)

    @cached_property
    def sizes(self):
        return [*self.kinds[:1], *map(largest_by_size, self.kinds[1:])]

    @cached_property
    def ranks(self):
        return _ranks(self.network, self.ranges, self.deadline)


def _sum(dimension, kinds, ranks=None, *, both=None, histograms=False, most=MOST_STEPS):
    """The bound of these kinds, made coarser until they can be summed; None if that is not enough."""
    for share in COARSENESS:
        some = kinds if share is None else [coarser(layer, share) for layer in kinds]
        if steps(dimension, some) <= most:
            return by_active_sets(dimension, some, ranks=ranks, both=both, histograms=histograms)
    return None


def _from_counted_cells(facts):
    """The bound from the cells of the first layers on; None where these are too many to count.

    As many layers are counted as have at most ``most_cells`` cells by this very bound, so that the
    work is known beforehand; the last layer never is, for then it would be a count.
    """
    network, dimension, kinds, ranks = facts.network, facts.dimension, facts.kinds, facts.ranks
    planes, both = facts.planes, facts.both
    for layers in range(len(kinds) - 1, 0, -1):
        bound = facts.sum(kinds[:layers], ranks[:layers], both=both[:layers], histograms=True)
        if bound is None or bound > facts.most_cells:
            continue
        first = Network((*network.hidden[:layers], _total(network.widths[layers - 1])))
        count = count_regions(
            first, facts.domain, keep_patterns=True, time_limit=facts.deadline.time_limit
        )
        if count.status is not Status.CERTIFIED:
            return None
        patterns = count.patterns.matrix()
        parts = np.split(patterns, np.cumsum(first.widths)[:-1], axis=1)
        sizes = [own.some(part).sum(axis=1) for own, part in zip(planes, parts, strict=False)]
        dimensions = np.minimum(np.min(sizes, axis=0), min(dimension, *ranks[:layers]))
        cells = counted_kinds(network, facts.ranges, patterns, dimensions, planes)
        left = [cells, *kinds[layers + 1 :]]
        return facts.sum(left, ranks[layers:], both=both[layers:], histograms=True)
    return None


def _total(units):
    """An output layer that adds the units up: regions of hidden layers do not depend on it."""
    return Layer(np.ones((1, units)), np.zeros(1))


def _by_widths(dimension, stable, both, ranks=None):
    """Theorem 1 of the hyperplanes that can be active, those with units on either side twice: weaker, and quick."""
    counts = [layer[0].can_be_active + own for layer, own in zip(stable, both, strict=True)]
    widths = [max(1, n) for n in counts]
    return layered(max(1, dimension), widths, ranks=ranks)


def _ranges(network, domain, method, time_limit, seed):
    """Certified ranges; on a domain without a box, what the signs of weights and biases say."""
    if domain.bounded:
        found = stable_units(network, domain, method=method, time_limit=time_limit, seed=seed)
        return found.ranges
    lower, upper = [], []
    low, high = np.full(network.n0, -np.inf), np.full(network.n0, np.inf)
    for weight, bias in network.hidden:
        rises = ((weight > 0) & (high > 0)) | ((weight < 0) & (low < 0))
        falls = ((weight < 0) & (high > 0)) | ((weight > 0) & (low < 0))
        upper.append(np.where(rises.any(axis=1), np.inf, bias))
        lower.append(np.where(falls.any(axis=1), -np.inf, bias))
        low, high = np.zeros(len(bias)), np.maximum(upper[-1], 0.0)
    return Ranges(tuple(lower), tuple(upper))


def _ranks(network, ranges, deadline):
    """Upper bounds on the ranks of the weight matrices between units that can be active."""
    ranks, before = [], np.ones(network.n0, dtype=bool)
    for (weight, _), upper in zip(network.hidden, ranges.upper, strict=True):
        active = upper > 0
        ranks.append(_rank(weight[np.ix_(active, before)], deadline.left))
        before = active
    return ranks


def _rank(weight, seconds):
    """The exact rank of a matrix, or the number of its rows or columns where it has many entries or time is short."""
    full = min(weight.shape)
    if not full or weight.size > MOST_RANKED:
        return full
    exact = Dyadic.of(weight)
    least = rank(exact)
    # a rank modulo a prime is never above the true one, so a full one needs no further proof
    if least == full or seconds_for_basis(exact, least) > seconds:
        return full
    return len(row_basis(exact).rows)
