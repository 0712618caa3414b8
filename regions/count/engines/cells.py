"""`Cells`: the exact engine. Its count is a theorem."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar

from ...deadline import Deadline, now
from ...errors import Interrupted, UnsupportedError
from ...exact_search.homogeneous import problem_in_space
from ...exact_search.problem import Problem
from ...exact_search.run import BUDGET, search
from ...exact_search.warm_up import compile_for
from ..answer import Count
from ..maps_and_pieces import BUDGET as BUDGET_OF_MAPS
from ..maps_and_pieces import check_options
from ..question import Question, Run
from .account import Account, tally_of
from .occurring import count_patterns

# Unit: seconds before a rival is asked. What ends by then is not worth a comparison.
TRIAL = 0.5


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Count cells by a depth-first search that proves each of its answers.

    A cell is counted when a witness point replays with an error bound; a side of a unit is left out only
    when multipliers prove it empty, again with an error bound. What floating point cannot
    settle goes to rational arithmetic, which always decides. So ``at_least == at_most``.

    Parameters
    ----------
    budget
        Cells per task: how often the search hands over, reports and looks at the clock.
    """

    name: ClassVar[str] = "cells"

    budget: int = BUDGET

    def count(
        self, question: Question, run: Run, *, rival: Callable[..., Any] | None = None
    ) -> Count:
        """Answer ``question``; see `regions.count.count_regions`.

        ``rival(cells, seconds, cpu)`` is called once, where the search is not over after `TRIAL` seconds: the `Count`
        that it returns is the answer, and with None the search goes on.
        """
        check_options(question.counted, run)
        if run.journal is not None and run.keep_patterns:
            raise UnsupportedError(
                "a journal records counts, not patterns; drop journal or keep_patterns"
            )
        start, deadline = now(), Deadline(run.time_limit)
        if question.counted == "patterns":
            return count_patterns(question, run, self.name, start, deadline)
        given = question.network, question.domain, run.certify
        problem = problem_in_space(Problem(*given))
        if problem is None:
            problem = (Problem.presolved if run.presolve else Problem)(*given)
        if run.executor is None:
            # no part of the answer's time; an executor's workers do it where they are
            spent = now() - start
            compile_for(problem)
            start, deadline = now() - spent, Deadline(run.time_limit).before(spent)
        tally = tally_of(question)
        with closing(Account(run, problem, question, tally, deadline)) as account:
            options = {
                "budget": self.budget if tally is None else min(self.budget, BUDGET_OF_MAPS),
                "keep": run.keep_patterns or tally is not None,
                "workers": run.workers,
                "executor": run.executor,
                "meanwhile": account.early_end.meanwhile,
            }
            tasks = account.begin(problem, budget=self.budget)
            try:
                if rival is not None:
                    cpu = time.process_time()
                    trial = deadline.sooner(TRIAL)
                    for task, found in search(problem, tasks, deadline=trial, **options):
                        account.enter(task, found)
                    tasks = account.open_tasks
                    spent = now() - start, time.process_time() - cpu
                    answer = rival(account.cells, *spent) if tasks else None
                    if answer is not None:
                        return answer
                for task, found in search(problem, tasks, deadline=deadline, **options):
                    account.enter(task, found)
            except Interrupted:
                raise  # by faces, which had taken over
            except KeyboardInterrupt:
                answer = account.answer(question, self.name, now() - start)
                raise Interrupted(answer) from None
            return account.answer(question, self.name, now() - start)
