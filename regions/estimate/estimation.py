"""`estimate_regions`: how many cells there are about, or probably at least."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, SupportsIndex

from ..deadline import Deadline, now
from ..entry import (
    read_choice,
    read_positive,
    read_progress,
    read_question,
    read_seed,
    read_time_limit,
    read_whole,
    read_workers,
)
from ..errors import InputError, Interrupted
from ..exact_search.problem import Problem
from ..exact_search.warm_up import compile_for
from ..network.slopes import require_relu
from ..progress import reporting
from ..result import About, Result
from ..text import indented
from ..typing import DomainLike, NetworkLike, Progress, TimeLimit
from .intervals import check_confidence
from .tree import estimate_by_tree

METHODS = {
    "tree": "unbiased estimate with an interval, from random descents of the exact engine's tree",
    "mipbound": "probable lower bound, from random parity constraints on a mixed-integer model",
}


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Result):
    """What random choices say about the number of cells. All logarithms are to the base of 10.

    Attributes
    ----------
    log10_value
        Of the estimate; for ``mipbound`` of the lower bound.
    ci_low, ci_high
        Ends of the interval, as logarithms; None where there is none.
    log10_at_least
        The count is at least ``10**log10_at_least`` with the stated confidence: a theorem about the
        random choices, not an approximation.
    exponent
        The greatest whole k for which that is at least ``2**k``; None when not even 1 is shown.
    confidence
        Of the interval and of the lower bound, each on its own.
    method, samples, seconds
        A key of `METHODS`; how many descents (or rounds of parities) the value rests on; wall time.
    complete
        Whether the stopping rule was met before the time was up.
    stats
        Whatever the method wants to tell.
    about
        The network, the domain and the options, as `About`.
    """

    kind: ClassVar[str] = "estimate"

    log10_value: float
    ci_low: float | None
    ci_high: float | None
    log10_at_least: float | None
    exponent: int | None
    confidence: float
    method: str
    samples: int
    seconds: float
    complete: bool
    stats: dict = field(default_factory=dict)
    about: About | None = None

    @property
    def status(self) -> str:
        """COMPLETE when the rule to stop was met, else STOPPED."""
        return "COMPLETE" if self.complete else "STOPPED"

    def answer(self) -> dict[str, Any]:
        """The logarithms (base 10), ``exponent``, ``confidence``, ``method``, ``samples``, ``complete``, ``stats``."""
        names = ("log10_value", "ci_low", "ci_high", "log10_at_least", "exponent", "confidence")
        also = ("method", "samples", "complete", "stats")
        return {"counted": "cells", **{name: getattr(self, name) for name in (*names, *also)}}

    def lines(self) -> Iterable[str]:
        """The number, then what is a theorem about it."""
        least = "nothing yet" if self.exponent is None else f"2^{self.exponent}"
        stopped = [] if self.complete else ["the time was up before the rule to stop was met"]
        return [
            str(self),
            self._title(),
            f"at least {least} with confidence {self.confidence:g}: a theorem about the random choices",
            *stopped,
            *indented(self.stats),
        ]

    def __str__(self):
        least = "" if self.exponent is None else f"at least 2^{self.exponent}"
        if self.method == "mipbound":
            return f"{least or 'nothing shown'} cells with confidence {self.confidence:g} (method mipbound)"
        if self.ci_low is None:
            between = "no interval yet"
        elif self.ci_low == self.ci_high:
            return (
                f"{power_of_ten(self.log10_value)} cells (nothing was left to chance; method tree)"
            )
        else:
            ends = " to ".join(power_of_ten(end) for end in (self.ci_low, self.ci_high))
            between = f"{self.confidence:.0%} interval {ends}"
        return f"about {power_of_ten(self.log10_value)} cells ({between}; method tree)"


def power_of_ten(exponent):
    """10 to a real ``exponent``, for people: as a whole number up to seven digits.

    >>> power_of_ten(2.0), power_of_ten(53.1)
    ('100', '1.259e+53')
    """
    if exponent < 7:
        return f"{10**exponent:,.0f}"
    whole = math.floor(exponent)
    return f"{10 ** (exponent - whole):.3f}e+{whole}"


def estimate_regions(
    network: NetworkLike,
    domain: DomainLike,
    *,
    method: str = "tree",
    seed: SupportsIndex = 0,
    relative_width: float | None = 0.05,
    time_limit: TimeLimit = 60.0,
    samples: SupportsIndex | None = None,
    confidence: float = 0.95,
    counting: bool = True,
    workers: SupportsIndex = 1,
    progress: Progress = False,
    parity: SupportsIndex = 3,
    solver: str = "auto",
    presolve: bool = True,
) -> Estimate:
    """Estimate the number of cells of ``network`` on ``domain``, or bound it from below.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` of dimension n0.
    method
        A key of `METHODS`.
    seed
        A whole number >= 0. The same seed gives the same answer, but for rounds that the clock cuts
        or sizes: give ``samples`` or ``time_limit=None`` where every bit matters.
    relative_width
        Stop when half the width of the interval is at most this share of the estimate (``tree``).
    time_limit
        Seconds of wall time, or None.
    samples
        ``tree``: so many descents, in place of ``relative_width``. ``mipbound``: the number of rounds
        (default 20), fixed before the first is drawn.
    confidence
        Of the interval and of the lower bound.
    counting
        Whether a network is counted where that looks quicker than random descents (``tree``): the estimate
        is then the count. False guesses all the same, as studies of the estimator need it.
    workers
        Threads (``tree``).
    progress
        True for a bar on a terminal's stderr, or a function ``progress(samples, fraction)``.
    parity, solver
        ``mipbound``: units in a parity constraint, and gurobi, highs, scip or auto.
    presolve
        Whether units that never switch are taken out first (``tree``), as in `count_regions`.

    Returns
    -------
    Estimate
        For ``tree`` with an interval whose coverage is measured (README), and a lower bound that is a
        theorem; for ``mipbound`` the lower bound only.

    Raises
    ------
    InputError
        A network, domain or option that breaks a rule.
    SolverError
        ``mipbound``: a solver or its licence is missing or too small.

    Examples
    --------
    >>> from regions import Box, Network
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
    >>> print(estimate_regions(network, Box.cube(1, -10, 10)))
    5 cells (nothing was left to chance; method tree)
    """
    read_choice("method", method, METHODS)
    time_limit, workers, seed = (
        read_time_limit(time_limit),
        read_workers(workers),
        read_seed(seed),
    )
    if samples is not None:
        samples = read_whole("samples", samples, least=1)
    if relative_width is not None:
        relative_width = read_positive("relative_width", relative_width)
    parity = read_whole("parity", parity, least=1)
    check_confidence(confidence)
    network, domain = read_question(network, domain)
    require_relu(network, "estimate_regions")
    start, deadline = now(), Deadline(time_limit)
    if method == "tree":
        problem = (Problem.presolved if presolve else Problem)(network, domain)
        spent = now() - start
        compile_for(problem, descents=True)  # no part of the answer's time
        start, deadline = now() - spent, Deadline(time_limit).before(spent)
    unit, words = BARS[method]
    with reporting(read_progress(progress), unit, words) as report:
        options = {"seed": seed, "confidence": confidence, "deadline": deadline, "progress": report}
        if method == "mipbound":
            fields = _by_parities(network, domain, samples or 20, parity, solver, options)
        else:
            options |= {"samples": samples, "relative_width": relative_width}
            options |= {"counting": counting, "workers": workers}
            fields = _by_tree(problem, options)
    asked: dict[str, Any] = {
        "seed": seed,
        "confidence": confidence,
        "time_limit": time_limit,
        "samples": samples,
    }
    if method == "tree":
        asked |= {"relative_width": relative_width, "counting": counting, "workers": workers}
        asked |= {"presolve": presolve}
    else:
        asked |= {"parity": parity, "solver": solver}
    interrupted = fields.pop("interrupted", False)
    answer = Estimate(
        **fields,
        confidence=confidence,
        method=method,
        seconds=now() - start,
        about=About(network, domain, asked),
    )
    if interrupted:
        raise Interrupted(answer)
    return answer


def _by_tree(problem, options):
    if problem.network.n_units == 0 or problem.hull.dimension == 0:
        return _known(1, samples=0, stats={"exact": True})
    problem.check_interior()
    rounds, complete = estimate_by_tree(problem, **options)
    if not rounds.last and rounds.exact is None:
        if rounds.interrupted:
            raise Interrupted
        raise InputError(
            "time_limit ended before the first random descent; give more seconds, or None"
        )
    samples = len(rounds.last) * rounds.population
    stats = {
        "exact": rounds.exact is not None,
        "rounds": rounds.rounds,
        "replicates": len(rounds.last),
        "population": rounds.population,
        "descents": rounds.descents,
        "steps": rounds.steps,
    }
    if rounds.exact is not None:
        return _known(rounds.exact, samples, stats)
    low, high = (_base_ten(end) for end in rounds.interval)
    least = _base_ten(rounds.log_lower)
    return {
        "log10_value": _base_ten(rounds.log_value),
        "ci_low": low,
        "ci_high": high,
        "log10_at_least": least,
        "exponent": _exponent(least),
        "samples": samples,
        "complete": complete,
        "stats": stats,
        "interrupted": rounds.interrupted,
    }


def _known(count, samples, stats):
    """The fields of an estimate that turned out to be the count."""
    value = math.log10(count)
    ends = dict.fromkeys(("log10_value", "ci_low", "ci_high", "log10_at_least"), value)
    exponent = count.bit_length() - 1
    return {**ends, "exponent": exponent, "samples": samples, "complete": True, "stats": stats}


def _by_parities(network, domain, rounds, parity, solver, options):
    from .mipbound import mipbound  # solvers are slow to import

    found = mipbound(network, domain, rounds=rounds, parity=parity, solver=solver, **options)
    value = found.exponent * math.log10(2) if found.exponent is not None else 0.0
    return {
        "log10_value": value,
        "ci_low": value,
        "ci_high": None,
        "log10_at_least": value,
        "exponent": found.exponent,
        "samples": rounds,
        "complete": found.complete,
        "stats": found.stats,
        "interrupted": found.interrupted,
    }


def _base_ten(log):
    return log / math.log(10) if math.isfinite(log) else None


def _exponent(log10):
    """The greatest whole k with 2^k at most 10^log10, rounding against us; None below 1."""
    exponent = math.floor(log10 / math.log10(2) - 1e-9)
    return exponent if exponent >= 0 else None


def _width(width, seconds):
    return f"+-{width:.0%}" if math.isfinite(width) else "no interval yet"


# What a bar counts for each method, and what it says besides.
BARS = {"tree": ("descents", _width), "mipbound": ("rounds", lambda width, seconds: "")}
