"""Our models of HiGHS beside those of the caller, and what HiGHS says when it says little."""

import _thread
import threading
import time
from types import SimpleNamespace

import highspy
import numpy as np
import pytest

from regions.domain import Box
from regions.errors import SolverError
from regions.network import Network
from regions.solvers.highs_lp import Simplex
from regions.solvers.highs_quiet import QuietHighs, Said
from regions.stability import stable_units


def in_a_thread(function):
    """Its result in a thread that ends with it, for the scheduler of HiGHS is a thread's own."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


def foreign(threads):
    """Whether a model that somebody else makes here with so many threads runs."""
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("threads", threads)
    solver.addVar(0.0, 1.0)
    return solver.run() == highspy.HighsStatus.kOk


def hidden_cancellation():
    """g = relu(x) + relu(1 - x) - 1.75 on [-0.5, 1] is at most 1.5 - 1.75 < 0; intervals say 2.5 - 1.75."""
    layers = ([[1.0], [-1.0]], [0.0, 1.0]), ([[1.0, 1.0]], [-1.75]), ([[1.0]], None)
    return Network.of(*layers), Box.cube(1, -0.5, 1)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("method", ["auto", "lp", "milp", "isa"])
def test_models_of_the_caller_have_any_number_of_threads(threads, method):
    def both():
        before = foreign(threads)
        found = stable_units(*hidden_cancellation(), method=method, solver="highs")
        return before, found.off[1].tolist(), found.claimed, foreign(threads)

    assert in_a_thread(both) == (True, [True], (), True)


def test_the_caller_may_come_second():
    def both():
        stable_units(*hidden_cancellation(), method="milp", solver="highs")
        return foreign(3)

    assert in_a_thread(both)


def test_nothing_is_printed(capfd):
    solver = QuietHighs()
    solver.take(np.eye(2), [0, 0], [1, 1], [-9, -9], [9, 9], whole=[0])
    assert solver.say() is Said.OPTIMAL
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("end", "said"), [(0.0, Said.OPTIMAL), (1.0, Said.INFEASIBLE)])
def test_rows_without_columns_are_read(end, said):
    solver = QuietHighs()
    solver.take(np.zeros((1, 0)), [end], [np.inf], [], [])
    assert solver.say() is said


def test_refused_numbers_are_no_answer_and_good_ones_are_one_again():
    solver = QuietHighs()
    solver.take([[1e300]], [0], [1], [0], [1])  # HiGHS takes entries up to 1e15
    assert solver.say() is Said.UNDECIDED
    solver.take([[1.0]], [0], [1], [0], [1])
    assert solver.say() is Said.OPTIMAL
    for bad in (np.inf, np.nan):
        solver.costs(np.array([bad]))
        assert solver.say() is Said.UNDECIDED
        assert not solver.getSolution().dual_valid
    solver.costs(np.array([1.0]))
    assert solver.say() is Said.OPTIMAL
    solver.bounds(np.array([np.nan]), np.array([1.0]))
    assert solver.say() is Said.UNDECIDED


def test_an_option_that_is_none_is_an_error():
    with pytest.raises(SolverError, match="threads=-1"):
        QuietHighs(threads=-1)


def test_an_interruption_ends_the_run_within_seconds():
    """Five equations in sixty binaries (market split, Cornuejols and Dawande 1998): nobody solves that soon."""
    rows = np.random.default_rng(0).integers(0, 100, size=(5, 60))
    half = rows.sum(axis=1) // 2
    solver = QuietHighs()
    solver.take(rows, half, half, np.zeros(60), np.ones(60), whole=range(60))
    timer = threading.Timer(0.3, _thread.interrupt_main)
    start = time.perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        solver.say(seconds=60)
    assert time.perf_counter() - start < 3


def test_a_ray_is_found_beside_a_foreign_scheduler():
    """HiGHS may solve again for the ray; in a thread where others' models ran it would refuse, and say so to nobody."""
    foreign = highspy.Highs()
    foreign.setOptionValue("output_flag", False)
    foreign.setOptionValue("threads", 2)
    foreign.addVariable(lb=0.0, ub=1.0)
    foreign.run()
    # the row asks for 3 of two columns that have 2 at most
    model = SimpleNamespace(
        rows=np.ones((1, 2)),
        row_lower=np.array([3.0]),
        row_upper=np.array([np.inf]),
        lower=np.zeros(2),
        upper=np.ones(2),
    )
    found = Simplex(model).maximise(np.zeros(2), model.lower, model.upper)
    assert not found.feasible
    assert found.multipliers[0] != 0
