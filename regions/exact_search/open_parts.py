"""How many cells may be in the parts of a search that are still open: Theorem 1, part by part."""

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bounds import layered, zaslavsky
from bounds.active_sets import Kind, by_active_sets, steps

from ..deadline import NEVER
from ..preactivations.active_sets import both_sides, sized_kinds
from ..preactivations.ranges import Ranges, direct_ranges
from ..preactivations.shared import planes_of_ties, planes_of_weights

# Unit: steps of `bounds.active_sets`; above, Theorem 1 of the widths is quicker.
MOST_STEPS = 1_000_000


class Known(NamedTuple):
    """What weights and domain say before any search: ``signs`` (N,) of units that never switch, 0 for the others.

    ``kinds`` has for each hidden layer what the sets of active units before it leave it to decide. Units that share a
    hyperplane are one there: ``planes`` has the `Planes` of each layer, ``both`` how many of them have units on either
    side.
    """

    signs: np.ndarray
    kinds: list
    planes: list
    both: list


def nothing_known(planes):
    """`Known` of any network whose units share these hyperplanes, `Planes` of each layer: what remains is Theorem 1."""
    both = [int(own.both().sum()) for own in planes]
    kinds = (
        [Kind(k, own.count, own.count) for k in range(least, before.count + 1)]
        for (before, own), least in zip(pairwise(planes), both, strict=False)
    )
    units = sum(len(own.plane) for own in planes)
    return Known(np.zeros(units, dtype=np.int8), [[], *kinds], planes, both)


def known(network, domain, ties=None, deadline=NEVER):
    """`Known` of the certified ranges of ``network`` on ``domain``, by back-substitution until the ``deadline``.

    ``ties`` are those of `structure.ties` there; None: what the stored numbers say of hyperplanes that coincide.

    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, 1.0]), ([[1.0] * 3], None))
    >>> known(network, Box.cube(1, 0, 1)).signs
    array([ 1, -1,  1], dtype=int8)
    """
    planes = planes_of_weights(network) if ties is None else planes_of_ties(ties, network.widths)
    if not domain.bounded or network.slopes is not None:
        return nothing_known(planes)
    ranges = direct_ranges(network, domain, method="relaxation", deadline=deadline)
    lower, upper = np.concatenate(ranges.lower), np.concatenate(ranges.upper)
    if ties is not None:
        always = network.n_units + 1
        lower = np.where(ties == always, np.maximum(lower, 0.0), lower)
        upper = np.where(ties == -always, np.minimum(upper, 0.0), upper)
    # a unit that is never negative is on, or zero on a whole cell: either way it does not cut
    signs = np.where(upper <= 0, -1, np.where(lower >= 0, 1, 0)).astype(np.int8)
    ends = np.cumsum(network.widths)[:-1]
    ranges = Ranges(*(tuple(np.split(values, ends)) for values in (lower, upper)))
    if deadline.passed:
        return nothing_known(planes)._replace(signs=signs)
    return Known(signs, sized_kinds(network, ranges, planes), planes, both_sides(ranges, planes))


def most_cells(network, dimension, tasks, known=None):
    """An upper bound on the number of cells in ``tasks``, open parts of a search over ``network``.

    Parameters
    ----------
    network
        Whose cells are searched.
    dimension
        That of the domain.
    tasks
        With ``layer`` and ``signs`` as `regions.exact_search.tasks.Task` has them: all units of earlier layers known, of
        this one some.
    known
        The `Known` of this network on the domain that is searched; None: nothing.

    Notes
    -----
    A task is a convex part of the domain on which the outputs of the known layers are one affine function, of rank at
    most d, the least of the dimension and the numbers of active units. The u unknown units of its layer cut it into cells
    with at most u + a active units, where a are known to be on; units that share a hyperplane are one, and one that has
    units on both sides always is active. That is where the theorem of `bounds.active_sets` may begin, whose proof asks
    for no more than a convex set of dimension at most d. It says that where few units are on, the next layer sees few
    dimensions, which is so for ReLUs only. With slopes a cell keeps its dimension, and each layer cuts each of its cells
    at most as the hyperplanes of its unknown units do.

    Examples
    --------
    >>> from regions.exact_search.tasks import Task
    >>> from regions.network import Network
    >>> network = Network.of((np.eye(2), None), (np.eye(2), None), (np.eye(2), None))
    >>> root = Task.root(4)
    >>> most_cells(network, 2, [root]), theorem_1(planes_of_weights(network), 2)
    (11, 11)
    >>> off = root.with_sign(0, -1, split=True, weight=0.5)
    >>> most_cells(network, 2, [off])  # the second unit on: 3 cells at most; off: all is constant
    4
    """
    known = nothing_known(planes_of_weights(network)) if known is None else known
    if network.slopes is not None:
        return _by_dimension(network, dimension, tasks)
    return sum(
        by_active_sets(dimension, kinds, both=known.both[len(known.both) - len(kinds) :])
        for kinds in _begun(dimension, tasks, known)
    )


def all_cells(network, planes, dimension):
    """The bound of all cells on any domain of this dimension: `theorem_1` for ReLUs, `any_slopes` for others."""
    return (theorem_1 if network.slopes is None else any_slopes)(planes, dimension)


def any_slopes(planes, dimension):
    """The bound of Montúfar 2017, which needs no unit to be zero: a product over the layers, in numbers of hyperplanes.

    The dimension that a layer sees is at most the number of units before it, not of hyperplanes: two units max(g, s g)
    on one hyperplane may be two functions.

    >>> from regions.network import Network
    >>> leaky = Network([(np.eye(2), None), (np.ones((5, 2)), range(5)), (np.ones((1, 5)), None)], slopes=0.1)
    >>> any_slopes(planes_of_weights(leaky), 2)
    64
    """
    cells = 1
    for own in planes:
        cells *= zaslavsky(own.count, dimension)
        dimension = min(dimension, len(own.plane))
    return cells


def _by_dimension(network, dimension, tasks):
    """`most_cells` whatever the slopes: Zaslavsky's number for the unknown units of each layer, multiplied."""
    starts, most = np.cumsum((0, *network.widths)), 0
    for task in tasks:
        d, cells = dimension, 1
        for layer, (start, stop) in enumerate(pairwise(starts)):
            if layer >= task.layer:
                cells *= zaslavsky(int((task.signs[start:stop] == 0).sum()), d)
            d = min(d, int(stop - start))
        most += cells
    return most


def theorem_1(planes, dimension):
    """The bound of all cells on any domain of this dimension, of ReLU networks with hyperplanes shared as ``planes`` say.

    n_l is the number of distinct hyperplanes of layer l; quick for any network.

    >>> from regions.network import Network
    >>> twice = np.concatenate([np.eye(4), -np.eye(4)])
    >>> network = Network.of((twice, None), (np.ones((1, 8)), None))
    >>> theorem_1(planes_of_weights(network), 4)  # not layered(4, [8]), which is 163
    16
    """
    counts = [own.count for own in planes]
    if all(own.single for own in planes):
        return layered(dimension, counts)
    known = nothing_known(planes)
    start = [[Kind(dimension, counts[0], counts[0], 1)], *known.kinds[1:]]
    if steps(dimension, start) <= MOST_STEPS:
        return by_active_sets(dimension, start, both=known.both)
    # one with units on either side, as two
    return layered(dimension, [n + b for n, b in zip(counts, known.both, strict=True)])


def effort(network, dimension, tasks, known=None):
    """About how many steps `most_cells` takes; a million of them are a few seconds."""
    if network.slopes is not None:
        return len(tasks) * len(network.widths)
    known = nothing_known(planes_of_weights(network)) if known is None else known
    return sum(steps(dimension, kinds) for kinds in _begun(dimension, tasks, known))


def _begun(dimension, tasks, known):
    """The kinds of `by_active_sets` for the tasks of each layer together."""
    starts = np.cumsum((0, *(len(own.plane) for own in known.planes)))
    begun = {}
    for task in tasks:
        signs = np.where(task.signs == 0, known.signs, task.signs)
        layers = [signs[start:stop] for start, stop in pairwise(starts[: task.layer + 2])]
        *before, here = (_numbers(*pair) for pair in zip(layers, known.planes, strict=False))
        rank = min([dimension, *(on + unknown for on, unknown in before)])
        begun.setdefault(task.layer, Counter())[rank, sum(here), here[1]] += 1
    return [
        [[Kind(*kind, sets) for kind, sets in found.items()], *known.kinds[layer + 1 :]]
        for layer, found in begun.items()
    ]


def _numbers(signs, planes):
    """``(active, unknown)`` planes of a layer by the signs of its units; with units on both sides, active unless unknown."""
    unknown = planes.every(signs == 0)
    on = planes.some(signs > 0) | planes.both()
    return int((on & ~unknown).sum()), int(unknown.sum())
