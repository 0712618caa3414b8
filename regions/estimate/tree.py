"""Rounds of independent descents, each with a larger population, until the interval is narrow enough."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ..engines.explore import explore
from ..engines.tasks import Task
from .descent import Descent, Growth, TimeUpError, descend, whole
from .intervals import anytime_lower, lognormal_interval

# Independent descents of a round: enough to see their variance, few enough for large populations.
REPLICATES = 16
# So many of a round that the clock ended still make an interval.
FEWEST = 8
# The next population grows by this power of the narrowing that is needed (2 would do for
# independent nodes; a larger population is also better spread), and at most so much.
POWER, FASTEST = 1.5, 16
# A round is planned to be so much narrower than asked, so that it rarely has to be thrown away.
AMBITION = 0.75
# A round that was not planned to be the last one is, if it is so much narrower than asked. Taking it as
# soon as it looks narrow enough would pick the rounds whose spread, and with it the estimate, came out low.
LUCK = 0.5
# A network of no more cells than so many small subtrees have is counted: that is quicker than guessing,
# and a population that is nearly the whole tree leaves odd distributions.
SMALL = 256
# Share of the time that this may take.
SMALL_SHARE = 0.05
# Share of the time left that a round may be planned to take.
PLANNED = 0.9


@dataclass
class Rounds:
    """What the descents of one estimate have found so far."""

    problem: object
    confidence: float
    seed: int
    workers: int
    deadline: float
    progress: object
    growth: Growth = None
    all_logs: list = field(default_factory=list)
    last: list = field(default_factory=list)
    population: int = 0
    planned: bool = False
    exact: int | None = None  # the count itself, if nothing was left to chance
    rounds: int = 0
    descents: int = 0
    steps: int = 0

    def __post_init__(self):
        self.growth = Growth.unknown(self.problem.network.n_units)

    def count(self):
        """Count a small network whole; whether it was one and there was time for it."""
        now, cells = time.monotonic(), 0
        deadline = now + SMALL_SHARE * (self.deadline - now)
        stack, budget = [Task.root(self.problem.network.n_units)], whole(self.problem)
        while stack and cells < SMALL * budget and time.monotonic() < deadline:
            found = explore(self.problem, stack.pop(), budget)
            stack += found.left
            cells += found.cells
        self.exact = None if stack else cells
        return not stack

    def run(self, population):
        """One round; whether the clock let it end."""
        self.rounds += 1
        self.all_logs.append([])
        done: list[Descent] = []
        start = time.monotonic()
        with ThreadPoolExecutor(self.workers) as pool:
            growth = self.growth  # the same for the whole round: its descents are alike
            futures = [pool.submit(self._descend, population, growth, k) for k in range(REPLICATES)]
            # in the order of their numbers up to the first that was cut: a choice among those that
            # are done would prefer the small ones
            for future in futures:
                try:
                    done.append(future.result())
                except TimeUpError:
                    break
                self.descents += population
                self.steps += done[-1].steps
                self.growth = self.growth + done[-1].growth
                self.all_logs[-1].append(done[-1].log_estimate)
                if self.progress:
                    self.progress(self.descents, self.half_width)
        ended = len(done) == REPLICATES
        if ended or len(done) >= FEWEST or not self.last:
            self.last, self.population = done, population
            self.exact = next((one.exact for one in done if one.exact is not None), None)
        self.seconds = time.monotonic() - start
        return ended

    @property
    def logs(self):
        """Logarithms of the estimates of the last round."""
        return [one.log_estimate for one in self.last]

    @property
    def log_value(self):
        """Logarithm of the mean of the last round."""
        return float(np.logaddexp.reduce(self.logs)) - math.log(len(self.logs))

    @property
    def interval(self):
        """Interval of the logarithm of the count."""
        if len(self.last) < 2:
            return -math.inf, math.inf
        return lognormal_interval(self.logs, self.confidence)

    @property
    def half_width(self):
        """Half the interval's width over the estimate: 0.05 says plus or minus five percent."""
        if self.exact is not None:
            return 0.0
        if len(self.last) < 2:
            return math.inf
        low, high = (end - self.log_value for end in self.interval)
        # far out of any interest, and of the range of floats
        return math.inf if high > 100 else (math.exp(high) - math.exp(low)) / 2

    @property
    def log_lower(self):
        """Logarithm of a count that is reached with the stated confidence, as a theorem."""
        return anytime_lower(self.all_logs, self.confidence)

    def narrow(self, relative_width):
        """Whether the last round may be the last."""
        return self.half_width <= relative_width * (1.0 if self.planned else LUCK)

    def next_population(self, relative_width):
        """A population that should reach ``relative_width`` in the time that is left; 0 if none will."""
        need = (self.half_width / (AMBITION * relative_width)) ** POWER
        self.planned = need <= FASTEST
        wanted = math.ceil(self.population * min(max(need, 2.0), FASTEST))
        left = self.deadline - time.monotonic()
        if math.isinf(left):
            return wanted
        affordable = int(PLANNED * left / self.seconds * self.population)
        return 0 if affordable < self.population else min(wanted, affordable)

    def _descend(self, population, growth, replicate):
        rng = np.random.default_rng([self.seed, self.rounds, replicate])
        return descend(self.problem, population, growth, rng, deadline=self.deadline)


def estimate_by_tree(problem, *, relative_width, samples, **options):
    """The `Rounds` of an estimate, and whether its stopping rule was met.

    A small network is counted. Else the first round has populations of 1 (Knuth's estimator) and teaches the next how units split. With
    ``samples`` one more round has so many descents in all; else rounds follow until half the
    interval's width is at most ``relative_width`` of the estimate.
    """
    rounds = Rounds(problem, **options)
    if rounds.count():
        return rounds, True
    ended = rounds.run(1)
    if samples is not None:
        return rounds, ended and rounds.run(max(samples // REPLICATES, 1))
    while ended and not rounds.narrow(relative_width):
        population = rounds.next_population(relative_width)
        if not population:
            break
        ended = rounds.run(population)
    return rounds, rounds.half_width <= relative_width
