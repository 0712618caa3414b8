"""Rounds of independent estimates, each of more descents, until the interval is narrow enough."""

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from ..deadline import Deadline, Late, now
from ..exact_search.explore import explore
from .descent import Descent, Growth, descend, follow_runs, whole
from .intervals import anytime_lower, lognormal_interval, student

# Independent descents of a round: enough to see their variance, few enough for large populations.
REPLICATES = 16
# So many of a round that the clock ended still make an interval.
FEWEST = 8
# Single paths whose estimates have no larger variance, as logarithms, are followed many at a time; with more
# the mean rests on the rare great ones, and a population finds those.
TAME = 8.0
# Paths that are followed together at first: so few do not cover the choices evenly yet, and more are
# hardly ever needed.
RUNS = 64
# Replicates of their first round: with fewer the variance is so badly known that more are asked for than needed,
# and intervals that happen to be narrow are taken too often.
FIRST = 12
# Beyond so many units 2 to the number of splits is no float.
MOST_UNITS = 1000
# More independent estimates than this are dearer than fewer of more paths each.
MOST = 48
# The next population grows by this power of the narrowing that is needed (2 would do for
# independent nodes; a larger population is also better spread), and at most so much.
POWER, FASTEST = 1.5, 16
# A round is planned to be so much narrower than asked, so that it rarely has to be thrown away.
AMBITION = 0.75
# A round that was not planned to be the last one is, if it is so much narrower than asked. Taking it as
# soon as it looks narrow enough would pick the rounds whose spread, and with it the estimate, came out low.
LUCK = 0.5
# A network of no more cells than so many small subtrees have is counted before anything else: that is quicker
# than guessing, and a population that is nearly the whole tree leaves odd distributions.
SMALL = 64
# Share of the time left that this may take, and that a count in place of a round may.
SMALL_SHARE, COUNT_SHARE = 0.05, 0.5
# Units of a compiled path that take as long as one cell of a count.
UNITS_A_CELL = 3
# So many times the expected cells are counted before random paths go on in place of a count.
UNEXPECTED = 4
# Share of the time left that a round may be planned to take.
PLANNED = 0.9


@dataclass
class Rounds:
    """What the descents of one estimate have found so far."""

    problem: object
    confidence: float
    seed: int
    workers: int
    deadline: Deadline
    progress: object
    growth: Growth | None = None
    all_logs: list = field(default_factory=list)
    last: list = field(default_factory=list)
    population: int = 0
    together: bool = False  # many paths in compiled code, else a population of nodes
    planned: bool = False
    exact: int | None = None  # the count itself, if nothing was left to chance
    rounds: int = 0
    descents: int = 0
    steps: int = 0
    interrupted: bool = False

    def __post_init__(self):
        self.growth = Growth.unknown(self.problem.network.n_units)

    def count(self, most, share):
        """Count ``most`` cells in that share of the time left; whether those were all."""
        seconds = share * self.deadline.left
        root = self.problem.root
        found = explore(self.problem, root, most, seconds=seconds)
        self.exact = None if found.left else found.cells
        return not found.left

    def count_sooner(self, population, replicates):
        """Count all cells if that looks quicker than the round described; whether it was done.

        Both are measured in cells, not by the clock: the same seed takes the same way.
        """
        if self.together:
            before = len(self.last) if population == self.population else 0
            path = self.problem.network.n_units / UNITS_A_CELL
            work = (replicates - before) * population * path
        else:
            steps = sum(one.steps for one in self.last) / len(self.last)
            work = replicates * population / self.population * steps * whole(self.problem)
        if self.log_value > math.log(work / self.workers):
            return False
        return self.count(math.ceil(UNEXPECTED * math.exp(self.log_value)), COUNT_SHARE)

    def run(self, population, replicates=REPLICATES):
        """One round; whether the clock let it end."""
        self.rounds += 1
        self.all_logs.append([])
        return self._draw(population, [], replicates)

    def extend(self, replicates):
        """The last round with so many replicates in all; whether the clock let it end."""
        return self._draw(self.population, self.last, replicates)

    def _draw(self, population, before, replicates):
        done: list[Descent] = list(before)
        start = now()
        interrupted = False
        try:
            with _threads(self.workers) as pool:
                growth = self.growth  # the same for the whole round: its descents are alike
                numbers = range(len(before), replicates)
                futures = [pool.submit(self._descend, population, growth, k) for k in numbers]
                # in the order of their numbers up to the first that was cut: a choice among those that
                # are done would prefer the small ones
                for future in futures:
                    self._enter(future.result(), population, done)
        except Late:
            pass
        except KeyboardInterrupt:
            interrupted = True
        ended = len(done) == replicates
        if ended or len(done) >= FEWEST or not self.last:
            self.last, self.population = done, population
            self.exact = next((one.exact for one in done if one.exact is not None), None)
        self.seconds = (now() - start) / max(len(done) - len(before), 1)
        if interrupted:
            raise KeyboardInterrupt
        return ended

    def _enter(self, descent, population, done):
        done.append(descent)
        self.descents += population
        self.steps += descent.steps
        self.growth = self.growth + descent.growth
        self.all_logs[-1].append(descent.log_estimate)
        if self.progress:
            self.progress(self.descents, self.half_width)

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
        """Interval of the logarithm of the count; it contains the estimate whatever was rounded."""
        if len(self.last) < 2:
            return -math.inf, math.inf
        paths = len(self.last) * self.population
        low, high = lognormal_interval(self.logs, self.confidence, paths)
        return min(low, self.log_value), max(high, self.log_value)

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

    def plan(self, relative_width):
        """``(population, replicates)`` of a round that should reach ``relative_width`` in the time that is left.

        The population of the last round stands for more replicates of that, 0 for no round at all.
        """
        if self.together:
            replicates = self._more_replicates(relative_width)
            if replicates <= len(self.last):
                return 0, 0
            if replicates <= MOST:
                self.planned = True
                return self.population, replicates
        population = self._larger_population(relative_width)
        if self.together and population:
            population = 1 << (population.bit_length() - 1)
        return population, REPLICATES

    def _larger_population(self, relative_width):
        need = (self.half_width / (AMBITION * relative_width)) ** POWER
        need *= len(self.last) / REPLICATES
        self.planned = need <= FASTEST
        wanted = math.ceil(self.population * min(max(need, 2.0), FASTEST))
        left = self.deadline.left
        if math.isinf(left):
            return wanted
        affordable = int(PLANNED * left / (REPLICATES * self.seconds) * self.population)
        return 0 if affordable < self.population else min(wanted, affordable)

    def _more_replicates(self, relative_width):
        left = max(PLANNED * self.deadline.left / self.seconds, 0)
        count = drawn = len(self.last)
        aim = relative_width / self.half_width * self._factor(drawn)
        while count < min(MOST + 1, drawn + left) and self._factor(count) > aim:
            count += 1
        return count

    def _factor(self, count):
        """Half the interval's width from ``count`` replicates, over their standard deviation."""
        return student(self.confidence, count) / math.sqrt(count)

    def _descend(self, population, growth, replicate):
        rng = np.random.default_rng([self.seed, self.rounds, replicate])
        if self.together:
            return follow_runs(self.problem, population, rng, deadline=self.deadline)
        return descend(self.problem, population, growth, rng, deadline=self.deadline)


@contextmanager
def _threads(workers):
    """Threads that are not waited for where Ctrl-C ends the round: a descent may go on for minutes."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(cancel_futures=True)


def estimate_by_tree(problem, *, relative_width, samples, counting, **options):
    """The `Rounds` of an estimate, and whether its stopping rule was met; ``interrupted`` tells of Ctrl-C.

    A small network is counted. Else a few single paths (Knuth's estimator) tell whether many paths
    together are enough. If so there are as many such estimates as the interval needs, else rounds of
    populations, of which the first are of 1 node and teach how units split; where a count looks quicker than
    the next round, the network is counted. With ``samples`` one more round has so many descents in all.
    """
    rounds = Rounds(problem, **options)
    try:
        return rounds, _estimated(rounds, problem, relative_width, samples, counting)
    except KeyboardInterrupt:
        rounds.interrupted = True
        return rounds, False


def _estimated(rounds, problem, relative_width, samples, counting):
    """Whether the stopping rule was met."""
    if counting and rounds.count(SMALL * whole(problem), SMALL_SHARE):
        return True
    ended = True
    if not problem.by_vertices and problem.network.n_units <= MOST_UNITS:
        rounds.together = True
        ended = rounds.run(1, FEWEST)
        if ended:
            rounds.together = np.var(rounds.logs, ddof=1) <= TAME
    if not rounds.together:
        ended = rounds.run(1)
    if samples is not None:
        return ended and _sampled(rounds, samples)
    if ended:
        run_until_narrow(rounds, relative_width, counting)
    return rounds.half_width <= relative_width


def _sampled(rounds, samples):
    """One round of ``samples`` descents in all; whether the clock let it end."""
    population = max(samples // REPLICATES, 1)
    if not rounds.together:
        return rounds.run(population)
    population = 1 << (population.bit_length() - 1)
    return rounds.run(population, max(samples // population, REPLICATES))


def run_until_narrow(rounds, relative_width, counting):
    """Rounds until the interval is narrow enough, a count is quicker or no more rounds fit into the time."""
    plan = (RUNS, FIRST) if rounds.together else None
    while plan or not rounds.narrow(relative_width):
        population, replicates = plan or rounds.plan(relative_width)
        if not population or (counting and rounds.count_sooner(population, replicates)):
            return
        more = population == rounds.population
        if not (rounds.extend(replicates) if more else rounds.run(population, replicates)):
            return
        plan = None
