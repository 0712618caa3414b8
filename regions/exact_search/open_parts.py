"""How many cells may be in the parts of a search that are still open: Theorem 1, part by part."""

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from bounds import layered
from bounds.active_sets import Kind, by_active_sets, steps

from ..preactivations.active_sets import sized_kinds
from ..preactivations.ranges import direct_ranges


class Known(NamedTuple):
    """What weights and domain say before any search: ``signs`` (N,) of units that never switch, 0 for the others.

    ``kinds`` has for each hidden layer what the sets of active units before it leave it to decide.
    """

    signs: np.ndarray
    kinds: list


def nothing_known(network):
    """`Known` of any network of this shape: what remains is Theorem 1."""
    kinds = ([Kind(k, n, n) for k in range(m + 1)] for m, n in pairwise(network.widths))
    return Known(np.zeros(network.n_units, dtype=np.int8), [[], *kinds])


def known(network, domain):
    """`Known` of the certified ranges of ``network`` on ``domain``, by back-substitution.

    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, 1.0]), ([[1.0] * 3], None))
    >>> known(network, Box.cube(1, 0, 1)).signs
    array([ 1, -1,  1], dtype=int8)
    """
    if not domain.bounded:
        return nothing_known(network)
    ranges = direct_ranges(network, domain, method="relaxation")
    lower, upper = np.concatenate(ranges.lower), np.concatenate(ranges.upper)
    # a unit that is never negative is on, or zero on a whole cell: either way it does not cut
    signs = np.where(upper <= 0, -1, np.where(lower >= 0, 1, 0)).astype(np.int8)
    return Known(signs, sized_kinds(network, ranges))


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
    A task is a convex part of the domain on which the outputs of the known layers are one affine function, of rank at most
    d, the least of the dimension and the numbers of active units. The u unknown units of its layer cut it into cells with at
    most u + a active units, where a are known to be on. That is where the theorem of `bounds.active_sets` may begin, whose
    proof asks for no more than a convex set of dimension at most d.

    Examples
    --------
    >>> from regions.exact_search.tasks import Task
    >>> from regions.network import Network
    >>> network = Network.of((np.eye(2), None), (np.eye(2), None), (np.eye(2), None))
    >>> root = Task.root(4)
    >>> most_cells(network, 2, [root]), theorem_1(network, 2)
    (11, 11)
    >>> off = root.with_sign(0, -1, split=True, weight=0.5)
    >>> most_cells(network, 2, [off])  # the second unit on: 3 cells at most; off: all is constant
    4
    """
    return sum(
        by_active_sets(dimension, kinds) for kinds in _begun(network, dimension, tasks, known)
    )


def theorem_1(network, dimension):
    """The bound of all cells on any domain of this dimension, whatever the weights: quick for any network."""
    return layered(dimension, network.widths)


def effort(network, dimension, tasks, known=None):
    """About how many steps `most_cells` takes; a million of them are a few seconds."""
    return sum(steps(dimension, kinds) for kinds in _begun(network, dimension, tasks, known))


def _begun(network, dimension, tasks, known):
    """The kinds of `by_active_sets` for the tasks of each layer together."""
    known = nothing_known(network) if known is None else known
    starts = np.cumsum((0, *network.widths))
    begun = {}
    for task in tasks:
        signs = np.where(task.signs == 0, known.signs, task.signs)
        layers = [signs[start:stop] for start, stop in pairwise(starts[: task.layer + 2])]
        *before, here = ((int((layer > 0).sum()), int((layer == 0).sum())) for layer in layers)
        rank = min([dimension, *(on + unknown for on, unknown in before)])
        begun.setdefault(task.layer, Counter())[rank, sum(here), here[1]] += 1
    return [
        [[Kind(*kind, sets) for kind, sets in found.items()], *known.kinds[layer + 1 :]]
        for layer, found in begun.items()
    ]
