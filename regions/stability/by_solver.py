"""Stability by mixed-integer programmes: two for each unit, or one for all units at once.

Both are published methods, with one difference: a solver's "never" is only a claim until
`branching.Prover` proves it, and a solver's point counts only when it replays.
"""

from contextlib import ExitStack, contextmanager

import numpy as np

from ..deadline import now
from ..errors import SolverError
from ..milp.bounding_model import mixed, scaled_row
from ..solvers.gurobi import accepts, environment
from ..solvers.highs_lp import Cover, Verdict
from ..solvers.highs_mixed import HighsMixed
from .harvest import harvest

SOLVERS = ("auto", "gurobi", "highs")


class Asking:
    """Asks mixed-integer solvers about the open questions of ``prover.ledger``.

    ``nodes`` is what a proof of one claim may cost. ``stats`` counts programmes and names the
    solvers, with the reason where it is not the one that was asked for.
    """

    def __init__(self, prover, *, solver, seed, nodes):
        self.prover, self.ledger, self.replay = prover, prover.ledger, prover.replay
        self.solver, self.seed, self.nodes = solver, seed, nodes
        self.stats = {"solver": "none needed", "solver_programmes": 0, "solver_seconds": 0.0}

    def one_by_one(self, layer, *, seconds=None):
        """One programme for each open question of ``layer``: Serra, Kumar and Ramalingam 2020.

        ``seconds`` is what each may take at most.
        """
        questions = self.ledger.unclaimed(layer)
        if not questions or not self.time_left():
            return
        model = self._model(layer)
        with self._solver(model, wishes=0) as solver:
            for question in questions:
                if self.ledger.is_open(*question) and self.time_left():
                    self._ask(solver, model, question, seconds)

    def all_at_once(self):
        """One programme, with cuts on the way, for all open questions: Serra et al. 2021 (ISA)."""
        model = self._model(len(self.replay.network.hidden))
        index = {unit: j for j, unit in enumerate(model.units)}
        asked = {
            (index[layer, unit], sign): (layer, unit, sign)
            for layer, unit, sign in self.ledger.open()
            if (layer, unit) in index
        }
        if not asked or not self.time_left():
            return
        waiting = dict(asked)

        def see(point):
            self._replay(point[None])
            answered = [key for key, q in waiting.items() if not self.ledger.is_open(*q)]
            for key in answered:
                del waiting[key]
            return answered

        with self._solver(model, wishes=len(asked)) as solver:
            start = now()
            survivors = self._word(
                Cover(None), lambda: solver.cover(list(asked), see, seconds=self.seconds())
            )
            self._count(start, survivors.trouble)
        for key in survivors.never or ():
            self.ledger.claim(*asked[key])

    def prove_claims(self):
        """Prove what solvers claim, layer by layer; what resists stays a claim."""
        claims = {(k, i, s) for s, units in self.ledger.claims.items() for k, i in units}
        for question in sorted(claims):
            if self.ledger.is_open(*question) and self.time_left():
                self.prover.prove(*question, nodes=self.nodes)

    def _ask(self, solver, model, question, most=None):
        layer, unit, sign = question
        row, constant, _ = scaled_row(self.replay.network, layer, unit, sign)
        start = now()
        seconds = min((s for s in (most, self.seconds()) if s is not None), default=None)
        nothing = Verdict(False, np.zeros((0, 0)))
        objective = model.objective(row, layer)
        verdict = self._word(nothing, lambda: solver.maximise(objective, constant, seconds=seconds))
        self._count(start, verdict.trouble)
        if len(verdict.points):
            self._replay(verdict.points)
        if verdict.never and self.ledger.is_open(*question):
            self.ledger.claim(*question)

    def _word(self, nothing, ask):
        """What ``ask()`` returns; where the solver fails and was not asked for by name, ``nothing``."""
        try:
            return ask()
        except SolverError as error:
            if self.solver != "auto":
                raise
            return nothing._replace(trouble=str(error))

    def _replay(self, points):
        harvest(self.ledger, self.replay, self.replay.domain.into_box(points))

    def _model(self, stop):
        return mixed(self.replay.network, self.replay.domain, self.ledger.ranges, stop)

    @contextmanager
    def _solver(self, model, wishes):
        with solver_for(model, self.solver, seed=self.seed, wishes=wishes) as (solver, reason):
            self.stats["solver"] = solver.name
            if reason:
                self.stats["not_gurobi"] = reason
            yield solver

    def _count(self, start, trouble):
        if trouble:
            troubles = self.stats.setdefault("solver_without_word", {})
            troubles[trouble] = troubles.get(trouble, 0) + 1
        self.stats["solver_programmes"] += 1
        self.stats["solver_seconds"] += now() - start

    def time_left(self):
        """Whether the time limit has not passed."""
        return not self.prover.deadline.passed

    def seconds(self):
        """What is left of the time limit, or None."""
        left = self.prover.deadline.left
        return None if np.isinf(left) else left


@contextmanager
def solver_for(model, solver="auto", *, seed=0, wishes=0):
    """A solver that takes ``model`` and ``wishes`` further columns and rows; why not Gurobi, or "".

    ``"auto"`` is Gurobi where it is installed and its licence is large enough, else HiGHS.
    """
    with ExitStack() as stack:
        yield _chosen(stack, model, solver, seed, wishes)


def _chosen(stack, model, solver, seed, wishes):
    """The solver entered on ``stack``, and why it is not Gurobi although that would be preferred."""
    if solver == "highs":
        return stack.enter_context(HighsMixed(model, seed=seed)), ""
    try:
        env = stack.enter_context(environment())
        _check_size(env, model, wishes)
    except SolverError as error:
        if solver == "gurobi":
            raise
        return stack.enter_context(HighsMixed(model, seed=seed)), str(error)
    from ..solvers.gurobi_mixed import GurobiMixed  # needs gurobipy, which may be absent

    return stack.enter_context(GurobiMixed(model, env, seed=seed)), ""


def _check_size(env, model, wishes):
    rows, variables = (n + wishes for n in model.rows.shape)
    if not accepts(env, variables=variables, rows=rows):
        raise SolverError(
            f"the model has {variables} variables and {rows} rows, more than the Gurobi licence in "
            "use allows; choose solver 'highs', which has no limit"
        )
