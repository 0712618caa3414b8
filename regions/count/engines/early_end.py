"""What can be said of a search that ends before it is done: cells that random points show, bounds on what is open.

Nothing of this is done for a search that ends by itself well before its time.
"""

from functools import cached_property

from ...deadline import NEVER, Deadline
from ...exact_search.open_parts import all_cells, effort, known, most_cells
from ...exact_search.random_cells import RandomCells
from ...exact_search.tasks import Task

# Unit: seconds before the end, or a share of all time where that is more, in which random points are looked at; never
# more than a quarter of the time.
SECONDS, SHARE, MOST_SHARE = 2.0, 0.02, 0.25
# Unit: points that are looked at in any case, and seconds that they may take when time is up.
ENOUGH, UNFORESEEN = 20_000, 0.3
# Unit: steps of `bounds.active_sets`; at most a second.
MOST_STEPS = 1_000_000


class EarlyEnd:
    """Knows `cells` and `at_most` of a search over ``problem`` that ends early.

    Parameters
    ----------
    problem
        What is searched.
    deadline
        The `regions.deadline.Deadline` of the search.
    seed, keep_points
        Those of `RandomCells`.
    """

    def __init__(self, problem, deadline=NEVER, *, seed=0, keep_points=False):
        self._problem, self._seed, self._keep = problem, seed, keep_points
        self._end, left = deadline, deadline.left
        self._start = deadline.before(min(max(SECONDS, SHARE * left), MOST_SHARE * left))

    def meanwhile(self):
        """Called while workers search: what is worth doing before the end; True when there is more of it."""
        if not self._start.passed:
            return False
        self._known  # noqa: B018  # now, not when time is up
        return self._shown.grow()

    def cells(self, tasks):
        """``(patterns, points)`` of cells in the open ``tasks``, which are not counted yet."""
        self._look()
        return self._shown.inside(tasks)

    def patterns(self):
        """Patterns that occur, Booleans of shape (m, N), none twice."""
        self._look()
        return self._shown.inside([Task.root(self._problem.network.n_units)])[0]

    def _look(self):
        stop = Deadline(UNFORESEEN)
        while self._shown.tried < ENOUGH and not stop.passed and self._shown.grow():
            pass

    def at_most(self, found, tasks):
        """An upper bound on all cells, of which ``found`` are outside the open ``tasks``."""
        network, dimension = self._problem.network, self._problem.hull.dimension
        bounds = [all_cells(network, self._known.planes, dimension)]
        for parts, more in (([Task.root(network.n_units)], 0), (tasks, found)):
            if effort(network, dimension, parts, self._known) <= MOST_STEPS:
                bounds.append(more + most_cells(network, dimension, parts, self._known))
        return min(bounds)

    @cached_property
    def _known(self):
        problem = self._problem
        return known(problem.network, problem.domain, problem.ties, self._end)

    @cached_property
    def _shown(self):
        return RandomCells(self._problem, seed=self._seed, keep_points=self._keep)
