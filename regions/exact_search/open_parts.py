"""How many cells may be in the parts of a search that are still open: Theorem 1, part by part."""

from functools import cache
from itertools import pairwise
from math import comb

import numpy as np

from bounds import layered


def most_cells(network, dimension, tasks):
    """An upper bound on the number of cells in ``tasks``, open parts of a search over ``network``.

    Parameters
    ----------
    network
        Whose cells are searched.
    dimension
        That of the domain.
    tasks
        With ``layer`` and ``signs`` as `regions.exact_search.tasks.Task` has them: all units of earlier layers known, of this
        one some.

    Notes
    -----
    A task is a convex part of the domain on which the outputs of the known layers are one affine function, of rank at most
    d, the least of the dimension and the numbers of active units. The u unknown units of its layer cut it into
    at most sum_{j <= d} C(u, j) cells, of which at most sum_{j <= i} C(u, j) have no more than i of them off. The bound
    on later layers grows with the number of active units, so the worst is that C(u, j) cells have j of them
    off; together with the a units known to be on, u - j + a outputs are not zero. That is the recurrence of
    Theorem 1 (Serra, Tjandraatmadja, Ramalingam 2018) begun in the middle.

    Examples
    --------
    >>> from regions.exact_search.tasks import Task
    >>> from regions.network import Network
    >>> network = Network.of((np.eye(2), None), (np.eye(2), None), (np.eye(2), None))
    >>> root = Task.root(4)
    >>> most_cells(network, 2, [root]), layered(2, [2, 2])
    (11, 11)
    >>> off = root.with_sign(0, -1, split=True, weight=0.5)
    >>> most_cells(network, 2, [off])  # the second unit on: 3 cells at most; off: all is constant
    4
    """
    starts = np.cumsum((0, *network.widths))
    total = 0
    for task in tasks:
        rank = dimension
        for start, stop in pairwise(starts[: task.layer + 1]):
            rank = min(rank, int((task.signs[start:stop] > 0).sum()))
        here = task.signs[starts[task.layer] : starts[task.layer + 1]]
        unknown, on = int((here == 0).sum()), int((here > 0).sum())
        total += _most(rank, unknown, on, network.widths[task.layer + 1 :])
    return total


@cache
def _most(rank, unknown, on, later):
    return sum(
        comb(unknown, off) * _later(min(rank, unknown - off + on), later)
        for off in range(min(rank, unknown) + 1)
    )


def _later(rank, widths):
    """Theorem 1; outputs of rank 0 are constant."""
    return layered(rank, widths) if rank and widths else 1
