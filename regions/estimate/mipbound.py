"""MIPBound: a lower bound with a confidence, from random parities on a mixed-integer model.

Serra and Ramalingam 2020 (*Empirical bounds on linear regions of deep rectifier networks*), after the
MBound of Gomes, Sabharwal and Selman 2006; the text of the algorithm was not at hand, so this is derived from its
idea. A random parity constraint keeps any given pattern with probability 1/2, so s of them leave one of
at most 2^(s-1) patterns with probability at most 1/2. If more rounds than a fair coin would allow still have
a pattern after s parities, there were more than 2^(s-1).
"""

import math
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..count import Question
from ..deadline import NEVER, Late
from ..errors import InputError, SolverError, UnsupportedError
from ..milp.counting_model import formulate
from ..milp.inner_points import inner_points
from ..preactivations.replay import Replay
from ..preactivations.unit_maps import unit_maps
from ..solvers.gurobi import accepts, environment
from ..solvers.parities import Parity, Without
from .intervals import successes_needed, successes_needed_by_chernoff

SOLVERS = ("auto", "gurobi", "highs", "scip")
# Random inputs whose patterns are known before a solver is asked.
KNOWN = 2048
# What a seed draws: the known inputs, and the parities of a round.
INPUTS, PARITIES = 0, 1


@dataclass(frozen=True)
class ParityBound:
    """More than ``2**exponent`` cells; None when not even that of one is shown."""

    exponent: int | None
    complete: bool
    stats: dict
    interrupted: bool = False


def mipbound(
    network, domain, *, rounds, parity, solver, seed, confidence, deadline=NEVER, progress=None
):
    """A `ParityBound` of the number of cells of ``network`` on ``domain``.

    Parameters
    ----------
    rounds
        How many times parities are drawn until no cell is left; fixed beforehand, or the statement
        would not hold.
    parity
        Units in a parity constraint, published with 2 to 5: few make a weaker bound, many a slow one.
    solver
        One of `SOLVERS`.

    Raises
    ------
    InputError, UnsupportedError, SolverError
        See `regions.estimate.estimate_regions`.

    Notes
    -----
    A round survives s parities only if a pattern that satisfies them is in hand whose point replays with
    error bounds. "Infeasible", a time-out or a point that does not replay is never evidence, so a wrong
    answer of a solver can weaken the bound and cannot break it. Survival is nested in s: the largest s that
    passes needs no correction for having been chosen.
    """
    needed = _checked(domain, rounds, parity, solver, confidence)
    model = formulate(network, domain, counted="cells")
    known = _Known(Question(network, domain), model, deadline)
    known.sample(np.random.default_rng([seed, INPUTS]))
    survived, done = [], 0
    with ExitStack() as stack:
        search, name = _search(stack, model, solver)
        interrupted = False
        for r in range(rounds):
            round_ = _Round(known, parity, np.random.default_rng([seed, PARITIES, r]))
            try:
                if len(model.binary) and not interrupted:
                    done += round_.run(search, seed + r, deadline)
            except KeyboardInterrupt:
                interrupted = (
                    True  # the other rounds survive nothing, which is no evidence either way
                )
            survived.append(round_.survived)
            if progress:
                progress(r + 1, (r + 1) / rounds)
    complete = done == rounds or not len(model.binary)
    stats = {
        "solver": name,
        "parity": parity,
        "successes_needed": needed,
        "successes_needed_by_chernoff": successes_needed_by_chernoff(rounds, confidence),
        "survived": sorted(survived),
        "rounds_cut": rounds - done if len(model.binary) else 0,
        "witnessed": len(known.z),
    }
    return ParityBound(_passed(survived, needed), complete, stats, interrupted)


def _passed(survived, needed):
    """The exponent of the largest s that at least ``needed`` rounds survived."""
    s = sorted(survived, reverse=True)[needed - 1]
    return s - 1 if s else None


class _Round:
    """Parities drawn one by one until no pattern satisfies them all."""

    def __init__(self, known, parity, rng):
        self.known, self.rng = known, rng
        self.size = min(parity, known.z.shape[1])
        self.parities, self.survived = [], 0

    def run(self, search, seed, deadline):
        """Whether the solver came to its end."""
        drawn = self._draw()
        try:
            return not deadline.passed and search(
                drawn, self._see, seconds=deadline.left, seed=seed
            )
        except Late:
            return False

    def _see(self, x, z):
        """Constraints that exclude a solver's solution: parities if it is proved, else itself."""
        if all(p.holds(z) for p in self.parities) and self.known.add(x, z):
            return self._draw()
        return [Without(tuple(z.tolist()))]

    def _draw(self):
        """Draw until no known pattern is left; return what was drawn."""
        drawn, alive = [], np.ones(len(self.known.z), dtype=bool)
        for p in self.parities:
            alive &= p.holds(self.known.z)
        while alive.any():
            self.survived = len(self.parities) + len(drawn)
            columns = self.rng.choice(self.known.z.shape[1], self.size, replace=False)
            drawn.append(Parity(tuple(columns.tolist()), int(self.rng.integers(2))))
            alive &= drawn[-1].holds(self.known.z)
        self.parities += drawn
        return drawn


class _Known:
    """Patterns with a proved point: ``z`` (count, n) holds the undecided units of each."""

    def __init__(self, question, model, deadline):
        self.question, self.model, self.deadline = question, model, deadline
        self.replay = Replay(question.network, question.domain)
        self.z = np.zeros((0, len(model.binary)), dtype=np.int8)

    def sample(self, rng):
        """Take the patterns of random inputs."""
        try:
            x = self.question.domain.sample(KNOWN, rng, deadline=self.deadline)
        except Late:
            return
        patterns = self.question.network.pattern(x)
        proved = self._proved(x, patterns)
        self.z = np.unique(patterns[proved][:, self.model.units].astype(np.int8), axis=0)

    def add(self, x, z):
        """Take the pattern of a solver's ``z`` if its point, or a better one, is proved to have it."""
        pattern = self.model.patterns(z[None])
        box = self.question.domain.enclosing_box()
        points = [np.clip(x, box.lower, box.upper)]
        if not self._proved(points[0][None], pattern)[0]:
            points = inner_points(self.question, pattern[0], self.deadline)
            if not any(self._proved(point[None], pattern)[0] for point in points):
                return False
        self.z = np.append(self.z, z[None].astype(np.int8), axis=0)
        return True

    def _proved(self, points, patterns):
        """Whether each point (m, n0) is proved to lie inside the cell of its pattern (m, N)."""
        signs = np.concatenate(self.replay.signs(points), axis=1)
        agree = np.where(patterns, signs > 0, signs < 0)
        for i in np.flatnonzero(
            ~agree.all(axis=1) & (np.where(patterns, signs, 0) >= 0).all(axis=1)
        ):
            A, c = unit_maps(self.question.network, patterns[i])
            # identically zero there, hence off: no input of it is on
            agree[i] |= ~patterns[i] & (signs[i] == 0) & (c == 0) & ~A.any(axis=1)
        return agree.all(axis=1)


def _checked(domain, rounds, parity, solver, confidence):
    """How many rounds must survive."""
    if domain.has_coordinates or not domain.bounded:
        raise UnsupportedError(
            f"mipbound takes a Box or a Polytope, not {domain!r}; choose method tree"
        )
    if parity < 1:
        raise InputError(f"parity must be at least 1 unit; got {parity}")
    if solver not in SOLVERS:
        raise InputError(f"solver={solver!r} is unknown; choose one of {', '.join(SOLVERS)}")
    needed = successes_needed(rounds, confidence)
    if needed is None:
        raise InputError(
            f"{rounds} rounds cannot show anything with confidence {confidence:g}: a coin shows as many "
            f"heads too often; give samples of at least {math.ceil(-math.log2(1 - confidence))}"
        )
    return needed


def _search(stack, model, solver):
    """The search function of a solver that takes ``model``, and the solver's name."""
    if solver in ("auto", "gurobi"):
        try:
            env = stack.enter_context(environment())
            variables, rows = model.size
            if solver == "gurobi" or accepts(env, variables=variables, rows=max(rows, 1)):
                from ..solvers.gurobi_cuts import search  # needs gurobipy, which may be absent

                return partial(search, model, env=env), "gurobi"
        except SolverError:
            if solver == "gurobi":
                raise
    if solver == "scip":
        from ..solvers.scip_cuts import search  # needs pyscipopt, which may be absent
    else:
        from ..solvers.highs_cuts import search  # slow to import, and the others do without
    return partial(search, model), "scip" if solver == "scip" else "highs"
