"""One unbiased estimate of the number of leaves of the exact engine's tree.

Knuth 1975 (*Estimating the efficiency of backtrack programs*) follows one random path and multiplies
what it did not follow. `follow_runs` does that for many paths at once, which share the sides of any three
units evenly: best where single paths agree on the magnitude.

Where they do not there is `descend`: a population of nodes goes down together, unit by unit, and is thinned
whenever it grows too large (Chen 1992, *Heterogeneous sampling*; Vaisman and Kroese 2017, *Stochastic
enumeration*). A node that is kept with probability q stands for 1/q nodes, so each sum over leaves
keeps its expectation whatever the probabilities are; good ones only make it vary less.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..deadline import NEVER
from ..exact_search.explore import explore
from ..exact_search.random_descent import follow, step
from .resampling import inclusion_probabilities, systematic_sample
from .sides import even_sides

# A subtree that is expected to have no more cells than this is counted whole: entering a task costs as
# much as that many cells by vertices, by half-spaces and on the image of wide inputs.
WHOLE_BY_VERTICES, WHOLE_BY_HALF_SPACES, WHOLE_WIDE = 64, 16, 4
# How much larger than expected such a subtree may be before it goes on at random.
SLACK = 8


@dataclass
class Growth:
    """How often each unit splits a node, learnt from descents: what a node is expected to grow to.

    ``visits`` and ``splits`` have shape (N,), one entry per hidden unit.
    """

    visits: np.ndarray
    splits: np.ndarray

    @classmethod
    def unknown(cls, n_units):
        """Nothing learnt yet."""
        return cls(np.zeros(n_units), np.zeros(n_units))

    def __add__(self, other):
        return Growth(self.visits + other.visits, self.splits + other.splits)

    @property
    def known(self):
        """Whether there were descents to learn from."""
        return bool(self.visits.any())

    def log_factors(self):
        """Per unit the logarithm of what it multiplies nodes by, 0 to log 2: shape (N,)."""
        # one imagined visit, half of which split: a unit seen once is neither 0 nor 1
        return np.log1p((self.splits + 0.5) / (self.visits + 1.0))


@dataclass(frozen=True)
class Descent:
    """``log_estimate`` of the count; ``exact`` is the count itself if no node was ever dropped."""

    log_estimate: float
    exact: int | None
    growth: Growth
    steps: int


def follow_runs(problem, runs, rng, *, deadline=NEVER):
    """Estimate the number of cells of ``problem`` by ``runs`` random paths, a power of two: a `Descent`.

    A path takes each side of a split with probability 1/2, so that 2 to the number of its splits is an
    unbiased estimate (Knuth), and so is the mean, whatever the paths have to do with each other. Raises `Late`.
    """
    n_units = problem.network.n_units
    on = even_sides(runs.bit_length() - 1, n_units, rng)
    total, cells = follow(problem, on, deadline=deadline)
    return Descent(math.log(total / runs), None, Growth.unknown(n_units), cells)


def descend(problem, population, growth, rng, *, deadline=NEVER):
    """Estimate the number of cells of ``problem`` by a population of nodes: a `Descent`.

    Parameters
    ----------
    problem
        A `regions.exact_search.problem.Problem` with at least one hidden unit.
    population
        How many nodes survive a thinning; 1 is Knuth's estimator.
    growth
        What earlier descents have learnt. It steers the thinning and cannot bias it.
    rng
        A `numpy.random.Generator`.
    deadline
        When to raise `Late`.

    Notes
    -----
    The expectation of ``exp(log_estimate)`` is the number of cells, exactly: a step is proved, and the
    probability of a random choice is known. Siblings come in random order and neighbours are thinned
    together, so that alike nodes do not survive together by chance.
    """
    walk = _Walk(problem, growth, rng, deadline)
    nodes = [(problem.root, 0.0)]
    for unit in range(problem.network.n_units + 1):
        nodes = walk.past(unit, nodes)
        if len(nodes) > population:
            nodes = walk.thinned(nodes, population)
    return walk.outcome()


class _Walk:
    """A population on its way: nodes are pairs of a task and the logarithm of its weight."""

    def __init__(self, problem, growth, rng, deadline):
        self.problem, self.rng, self.deadline = problem, rng, deadline
        n_units = problem.network.n_units
        self.log_factors = growth.log_factors() if growth.known else np.zeros(n_units)
        size = whole(problem)
        self.log_whole = math.log(size) if growth.known else -1.0
        self.budget = SLACK * size
        self.seen = Growth.unknown(n_units)
        self.log_cells, self.cells, self.steps, self.dropped = [], 0, 0, False

    def past(self, unit, nodes):
        """The nodes of the population with every unit up to ``unit`` settled; cells are entered."""
        after = []
        for node in nodes:
            stack = [node]
            while stack:
                task, log_weight = stack.pop()
                if _first_unknown(task) > unit:
                    after.append((task, log_weight))
                else:
                    stack += [(child, log_weight) for child in self._children(task, log_weight)]
        return after

    def thinned(self, nodes, population):
        """``population`` of ``nodes``, each kept in proportion to the cells expected below it."""
        self.dropped = True
        log_weights = np.array([log_weight for _, log_weight in nodes])
        unknown = np.array([task.signs == 0 for task, _ in nodes])
        log_scores = log_weights + unknown @ self.log_factors
        probabilities = inclusion_probabilities(np.exp(log_scores - log_scores.max()), population)
        kept = systematic_sample(probabilities, self.rng)
        log_weights -= np.log(probabilities)
        return [(nodes[i][0], log_weights[i]) for i in np.flatnonzero(kept)]

    def outcome(self):
        """The `Descent`."""
        exact = None if self.dropped else self.cells
        log_estimate = float(np.logaddexp.reduce(self.log_cells))
        return Descent(log_estimate, exact, self.seen, self.steps)

    def _children(self, task, log_weight):
        self.deadline.check()
        self.steps += 1
        if (task.signs == 0) @ self.log_factors <= self.log_whole:
            found = explore(self.problem, task, self.budget)
            cells, children = found.cells, found.left
        else:
            cells, children = step(self.problem, task)
            self._learn(task, children)
            if self.rng.random() < 0.5:
                children = children[::-1]
        if cells:
            self.cells += cells
            self.log_cells.append(log_weight + math.log(cells))
        return children

    def _learn(self, task, children):
        unknown = task.signs == 0
        if children:
            unknown &= children[0].signs != 0
            self.seen.splits += unknown & children[0].split
        self.seen.visits += unknown


def whole(problem):
    """Up to how many expected cells a subtree is counted whole."""
    if problem.by_vertices:
        return WHOLE_BY_VERTICES
    return WHOLE_BY_HALF_SPACES if problem.zonotope is None else WHOLE_WIDE


def _first_unknown(task):
    unknown = task.signs == 0
    return int(unknown.argmax()) if unknown.any() else len(unknown)
