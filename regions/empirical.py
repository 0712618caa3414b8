"""`empirical_bound`: an upper bound on the regions of one network, from its weights and its domain."""

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bounds import layered
from bounds.active_sets import by_active_sets, steps
from bounds.bound import Bound

from .compress.basis import rank, row_basis
from .compress.dyadic import Dyadic
from .freedom import active_set_kinds, coarser, largest_by_size, stable_kinds
from .load import load
from .ranges import Ranges
from .stability import stable_units

REFINEMENTS = {
    "layered": "Theorem 1 of the shape",
    "stability": "dimension of the domain; units that never switch on it, by certified ranges",
    "ranks": "exact ranks of the weight matrices",
    "sizes": "what the weights let switch, at worst, when k units before are active",
    "sets": "how many sets of k active units let how much switch",
    "histograms": "activation histograms (Hinz 2021) in place of binomials",
}

# Unit: steps of `bounds.active_sets`; a million take seconds.
MOST_STEPS = 2_000_000

# Unit: kinds of each size. Where all would take too many steps, similar ones are put together.
COARSENESS = (None, 32, 8, 2)

# Unit: entries of a weight matrix whose rank is looked for; above, it is taken to be full.
MOST_RANKED = 1_000_000

REFERENCE = "derived and proved in bounds.active_sets; after Serra, Ramalingam 2020 and Hinz 2021"
ASSUMPTIONS = "this network on this domain; full-dimensional activation regions"


class Refinement(NamedTuple):
    """A step to the bound: ``name`` is a key of `REFINEMENTS`, ``value`` the bound with all up to it."""

    name: str
    value: int


@dataclass(frozen=True)
class EmpiricalBound(Bound):
    """A `Bound` of one network that says what each refinement bought.

    Attributes
    ----------
    refinements
        A tuple of `Refinement`, from Theorem 1 down to ``value``; none is above the one before.
    left_out
        Names of the refinements that would have taken too long.
    seconds
        Wall time.
    """

    refinements: tuple[Refinement, ...]
    left_out: tuple[str, ...]
    seconds: float


def empirical_bound(network, domain, *, method="relaxation", time_limit=None, seed=0):
    """An upper bound on the cells of ``network`` on ``domain`` that uses the weights.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load.load` takes.
    domain
        A `Domain` of dimension n0. On one that fits in no box only signs and ranks count.
    method, time_limit, seed
        How units that never switch are found: see `regions.stable_units`. ``"relaxation"`` takes
        seconds where ``"auto"``, which finds more of them, may take minutes; a time limit keeps what
        is proved by then.

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
    the active units: `regions.freedom` sorts all sets by what they allow, and the theorem of
    `bounds.active_sets` sums the worst that such sets can do. The idea is that of Serra and
    Ramalingam 2020 (Empirical bounds on linear regions of deep rectifier networks), whose theorem
    was not at hand. The gain is largest where layers are narrow.

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
    stability 11
    ranks 10
    sizes 8
    sets 7
    histograms 7
    """
    start = time.perf_counter()
    network = load(network)
    dimension = domain.check(network).polyhedron().dimension
    ranges = _ranges(network, domain, method, time_limit, seed)
    stable, kinds = stable_kinds(network, ranges), active_set_kinds(network, ranges)
    ranks = _ranks(network, ranges)
    found, left_out = [Refinement("layered", layered(network.n0, network.widths))], []
    for name, known, options in (
        ("stability", stable, {}),
        ("ranks", stable, {"ranks": ranks}),
        ("sizes", [largest_by_size(layer) for layer in kinds], {"ranks": ranks}),
        ("sets", kinds, {"ranks": ranks}),
        ("histograms", kinds, {"ranks": ranks, "histograms": True}),
    ):
        value = _sum(dimension, known, **options)
        if value is None and known is stable:
            value = _by_widths(dimension, stable, **options)
        if value is None:
            left_out.append(name)
        else:
            found.append(Refinement(name, value))
    seconds = time.perf_counter() - start
    value = found[-1].value
    return EmpiricalBound(
        value, "upper", ASSUMPTIONS, REFERENCE, tuple(found), tuple(left_out), seconds
    )


def _sum(dimension, kinds, *, ranks=None, histograms=False):
    """The bound of these kinds, made coarser until they can be summed; None if that is not enough."""
    for most in COARSENESS:
        some = kinds if most is None else [coarser(layer, most) for layer in kinds]
        if steps(dimension, some) <= MOST_STEPS:
            return by_active_sets(dimension, some, ranks=ranks, histograms=histograms)
    return None


def _by_widths(dimension, stable, ranks=None):
    """Theorem 1 of the units that can be active: a little weaker, quick for layers of any width."""
    widths = [max(1, layer[0].can_be_active) for layer in stable]
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


def _ranks(network, ranges):
    """Upper bounds on the ranks of the weight matrices between units that can be active."""
    ranks, before = [], np.ones(network.n0, dtype=bool)
    for (weight, _), upper in zip(network.hidden, ranges.upper, strict=True):
        active = upper > 0
        ranks.append(_rank(weight[np.ix_(active, before)]))
        before = active
    return ranks


def _rank(weight):
    """The exact rank of a matrix, or the number of its rows or columns where it has many entries."""
    full = min(weight.shape)
    if not full or weight.size > MOST_RANKED:
        return full
    exact = Dyadic.of(weight)
    # a rank modulo a prime is never above the true one, so a full one needs no further proof
    return full if rank(exact) == full else len(row_basis(exact).rows)
