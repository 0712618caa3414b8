"""HiGHS: silent from its first word, beside other models of the process, and open to Ctrl-C.

The scheduler of HiGHS belongs to a thread of the process, and every model in that thread must agree with it about
the number of threads, or is refused. Ours run in threads of their own, so that neither we nor the caller's models
meet a scheduler that the other started. The caller waits meanwhile, which Python can interrupt.
"""

import enum
import os
import threading
from queue import SimpleQueue
from typing import ClassVar

import highspy
import numpy as np
from scipy import sparse

from ..deadline import Late, now
from ..errors import SolverError

# Unit: seconds between two looks at whether a signal came; Windows sees none in an endless wait.
WAKE = 0.2

# Unit: seconds that HiGHS has to come to its end after its time or an interruption. Presolve and cuts of large models do
# not look at the clock for a minute; then its thread is left to itself.
PATIENCE = 1.0


class Said(enum.Enum):
    """What one run of HiGHS has to say; whoever needs a proof makes it from the point or the multipliers."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped by a limit of time, of memory or of the objective"
    UNDECIDED = "no word: it refused the numbers, or lost its way in them"


_WORDS = {
    "kOptimal": Said.OPTIMAL,
    "kInfeasible": Said.INFEASIBLE,
    "kTimeLimit": Said.STOPPED,
    "kMemoryLimit": Said.STOPPED,
    "kIterationLimit": Said.STOPPED,
    "kSolutionLimit": Said.STOPPED,
    "kObjectiveBound": Said.STOPPED,
    "kObjectiveTarget": Said.STOPPED,
    "kInterrupt": Said.STOPPED,
    "kHighsInterrupt": Said.STOPPED,
    "kUnknown": Said.UNDECIDED,
    "kUnbounded": Said.UNDECIDED,
    "kUnboundedOrInfeasible": Said.UNDECIDED,
    "kSolveError": Said.UNDECIDED,
    "kPresolveError": Said.UNDECIDED,
    "kPostsolveError": Said.UNDECIDED,
}


class QuietHighs(highspy.Highs):
    """A model of HiGHS on one thread; ``options`` are its own, ``seed`` any whole number.

    Examples
    --------
    >>> solver = QuietHighs(presolve="off")
    >>> solver.take([[1.0, 1.0]], [-np.inf], [1.5], [0, 0], [1, 1], costs=[-1.0, -1.0])
    >>> solver.say(), solver.getInfo().objective_function_value
    (<Said.OPTIMAL: 'optimal'>, -1.5)
    """

    def __init__(self, *, seed=0, **options):
        # not `super().__init__()`: that installs callbacks, which print the banner first
        super(highspy.Highs, self).__init__()
        self._refused, self.left_alone = {}, False
        options = {"output_flag": False, "threads": 1, "random_seed": seed % 2**31, **options}
        for name, value in options.items():
            self.option(name, value)

    def option(self, name, value):
        """Set an option; `SolverError` where HiGHS does not know it or its value."""
        if self.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS does not take the option {name}={value!r}")

    def take(self, rows, row_lower, row_upper, lower, upper, *, costs=None, whole=()):
        """Take a programme: ``row_lower <= rows @ v <= row_upper``, ``lower <= v <= upper``, minimised.

        ``rows`` (m, k) are dense or sparse; the columns with the indices ``whole`` are integers. HiGHS may
        refuse the numbers (entries above 1e15); then every answer is `Said.UNDECIDED`.
        """
        rows = sparse.csr_array(rows)
        costs = np.zeros(rows.shape[1]) if costs is None else costs
        ends = [np.asarray(end, dtype=float) for end in (row_lower, row_upper, lower, upper)]
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = rows.shape
        model.col_cost_ = costs
        model.row_lower_, model.row_upper_, model.col_lower_, model.col_upper_ = ends
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = rows.indptr
        model.a_matrix_.index_ = rows.indices
        model.a_matrix_.value_ = rows.data
        if len(whole):
            kinds = np.full(rows.shape[1], highspy.HighsVarType.kContinuous)
            kinds[whole] = highspy.HighsVarType.kInteger
            model.integrality_ = list(kinds)
        sound = np.isfinite(rows.data).all() and not any(np.isnan(end).any() for end in ends)
        self._note("programme", sound, self.passModel(model))
        self._note("costs", np.isfinite(costs).all())
        self._note("bounds", sound)

    def costs(self, costs):
        """Replace the costs of all columns."""
        columns = np.arange(len(costs), dtype=np.int32)
        changed = self.changeColsCost(len(costs), columns, costs)
        self._note("costs", np.isfinite(costs).all(), changed)

    def bounds(self, lower, upper):
        """Replace the bounds of all columns."""
        columns = np.arange(len(lower), dtype=np.int32)
        changed = self.changeColsBounds(len(lower), columns, lower, upper)
        self._note("bounds", not np.isnan([lower, upper]).any(), changed)

    def say(self, *, seconds=None):
        """Run for at most ``seconds`` and return what HiGHS says, a `Said`.

        Raises `Late` where it does not end with them; then it is ``left_alone`` and must not be touched any more.
        """
        if any(self._refused.values()):
            self.clearSolver()  # or it would hand out the last programme's point
            return Said.UNDECIDED
        # HiGHS adds up the time of all runs of one instance
        limit = np.inf if seconds is None else self.getRunTime() + min(max(seconds, 0.0), 1e9)
        self.option("time_limit", limit)
        last = np.inf if seconds is None else now() + max(seconds, 0.0) + PATIENCE
        running = _Thread.run(self.run)
        try:
            while running.outcome is None and now() < last:
                running.wait(WAKE)
        except BaseException:
            self.setOptionValue("time_limit", 0.0)  # read by HiGHS while it runs: it stops
            running.wait(PATIENCE)
            self.left_alone = running.outcome is None
            raise
        if running.outcome is None:
            self.left_alone = True
            raise Late
        returned, error = running.outcome
        if error is not None:
            raise error
        return self._word(returned)

    def ray(self):
        """The multipliers of the rows, for minimisation, that show the last programme to have no point; None without.

        In a thread of ours like a run: HiGHS may have to solve once more for it.
        """
        running = _Thread.run(self.getDualRay)
        while running.outcome is None:
            running.wait(WAKE)
        found, error = running.outcome
        if error is not None:
            raise error
        _, exists, ray = found
        return np.array(ray) if exists else None

    def _word(self, returned):
        status = self.getModelStatus().name
        if status == "kModelEmpty":  # no columns: HiGHS does not look at the rows
            model = self.getLp()
            holds = np.less_equal(model.row_lower_, 0) & np.greater_equal(model.row_upper_, 0)
            return Said.OPTIMAL if holds.all() else Said.INFEASIBLE
        if status not in _WORDS:
            raise SolverError(f"HiGHS does not run: status {returned.name}, {status}")
        return _WORDS[status]

    def _note(self, what, sound, status=highspy.HighsStatus.kOk):
        """HiGHS solves with a NaN, or a cost without end, as if they were numbers."""
        self._refused[what] = not sound or status == highspy.HighsStatus.kError


class _Run:
    """One call in a thread: ``outcome`` is None, then ``(what it returned, what it raised)``.

    A `concurrent.futures.Future` is no good here: Ctrl-C inside its condition variable was seen to leave it locked for
    good, or to end in a RuntimeError. A lock is acquired in one step.
    """

    def __init__(self, function):
        self.function, self.outcome = function, None
        self._going_on = threading.Lock()
        self._going_on.acquire()

    def call(self):
        """Called in the thread, once."""
        try:
            outcome = self.function(), None
        except BaseException as error:
            outcome = None, error
        self.function = None  # which holds the model
        return outcome

    def end(self, outcome):
        """Called in the thread, with what `call` returned."""
        self.outcome = outcome
        self._going_on.release()

    def wait(self, seconds):
        """Until there is an outcome, for at most ``seconds``."""
        if self.outcome is None:
            self._going_on.acquire(timeout=seconds)


class _Thread:
    """A thread that runs what it is given, again and again; the end of the process does not wait for it."""

    idle: ClassVar[list] = []

    def __init__(self):
        self._given = SimpleQueue()
        threading.Thread(target=self._serve, name="highs", daemon=True).start()

    @classmethod
    def run(cls, function):
        """The `_Run` of calling ``function``, in a thread that does nothing else."""
        try:
            thread = cls.idle.pop()
        except IndexError:
            thread = cls()
        run = _Run(function)
        thread._given.put(run)
        return run

    def _serve(self):
        while True:
            run = self._given.get()
            outcome = run.call()
            self.idle.append(self)  # free before whoever waits asks for the next
            run.end(outcome)
            del run, outcome


if hasattr(os, "register_at_fork"):  # threads do not come along
    os.register_at_fork(after_in_child=_Thread.idle.clear)
