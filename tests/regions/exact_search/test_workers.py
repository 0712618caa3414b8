"""Workers that die cost time, never the count."""

import os
import signal
import threading
import time
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from multiprocessing import get_context

import pytest

from regions import Box, Cells, Status, count_regions
from regions.errors import InputError, WorkerError
from regions.exact_search.workers import RETRIES
from tests.ladder import random_network

NETWORK, BOX = random_network(5, 2, 15, 15, 1), Box.cube(2, -1, 1)
SPAWN = get_context("spawn")


class Flaky(Executor):
    """Runs at once, in this process, but the first ``deaths`` times that it sees a task it fails with ``error``."""

    def __init__(self, deaths, error):
        self._deaths, self._error, self.seen = deaths, error, {}

    def submit(self, function, *arguments, **options):
        future, (_, task, _) = Future(), arguments
        _, times = self.seen.get(
            id(task), (task, 0)
        )  # the task is kept, so that its id stays its own
        self.seen[id(task)] = task, times + 1
        if times < self._deaths:
            future.set_exception(self._error)
        else:
            future.set_result(function(*arguments, **options))
        return future


def counted(**options):
    return count_regions(NETWORK, BOX, engine=Cells(budget=5), **options)


@pytest.fixture(scope="module")
def right():
    return count_regions(NETWORK, BOX).value


@pytest.mark.parametrize("error", [ConnectionError("gone"), MemoryError(), CancelledError()])
def test_a_failed_task_is_handed_out_again(right, error):
    executor = Flaky(RETRIES, error)
    count = counted(executor=executor)
    assert (count.value, count.status) == (right, Status.CERTIFIED)
    assert len(executor.seen) > 10
    assert {times for _, times in executor.seen.values()} == {RETRIES + 1}


def test_a_task_that_always_fails_ends_in_one_line():
    with pytest.raises(WorkerError, match=f"failed {RETRIES + 1} times.*ConnectionError: gone"):
        counted(executor=Flaky(RETRIES + 1, ConnectionError("gone")))


def test_an_answer_that_is_an_error_is_not_asked_for_again():
    executor = Flaky(1, InputError("no such network"))
    with pytest.raises(InputError, match="no such network"):
        counted(executor=executor)
    assert [times for _, times in executor.seen.values()] == [1]


def test_an_executor_of_the_caller_stays_open(right):
    with ThreadPoolExecutor(2) as executor:
        assert counted(executor=executor).value == right
        assert executor.submit(int).result() == 0


class Bare(Executor):
    """Runs at once; its ``shutdown`` takes what loky's and Dask's take and no more."""

    closed = False

    def submit(self, function, *arguments, **options):
        future = Future()
        future.set_result(function(*arguments, **options))
        return future

    def shutdown(self, wait=True, kill_workers=False):
        self.closed = True


class Barer:
    """No `Executor` by name, and nothing to shut down."""

    submit = Bare.submit


def test_an_executor_made_by_a_function_is_shut_down_as_it_can_be(right):
    made = []
    assert counted(executor=lambda: made.append(Bare()) or made[-1]).value == right
    assert made[-1].closed
    assert counted(executor=Barer).value == right


@pytest.mark.parametrize("executor", [3, "dask", lambda: 3])
def test_what_is_no_executor_is_refused(executor):
    with pytest.raises(InputError, match="executor must be a concurrent"):
        counted(executor=executor)


def test_loky_by_object_and_by_function(right):
    loky = pytest.importorskip("joblib.externals.loky")
    executor = loky.get_reusable_executor(max_workers=1)
    for options in ({"executor": executor}, {"executor": lambda: executor}):
        assert counted(**options).value == right


def test_dask_by_object_and_by_function(right):
    distributed = pytest.importorskip("distributed")
    with distributed.Client(processes=False, n_workers=1, dashboard_address=None) as client:
        assert counted(executor=client.get_executor()).value == right
        assert counted(executor=client.get_executor).value == right


def test_a_worker_that_hangs_is_not_waited_for():
    class Hanging(Bare):
        def submit(self, function, *arguments, **options):
            future = Future()
            future.set_running_or_notify_cancel()
            return future

        def shutdown(self, wait=True, *, cancel_futures=False):
            waited.append(wait)

    waited, start = [], time.monotonic()
    count = counted(executor=Hanging, time_limit=0.1)
    assert count.status is Status.AT_LEAST
    assert waited == [False]
    assert time.monotonic() - start < 5


def victim_killer(processes, killed, after=0.0):
    """Kill the first worker that ``processes()`` shows; a thread."""

    def run():
        time.sleep(after)
        while not killed:
            for process in processes():
                os.kill(process, signal.SIGKILL)
                killed.append(process)
                break
            time.sleep(0.005)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_broken_pool_is_replaced_when_a_function_makes_it(right):
    pools, killed = [], []

    def make():
        pools.append(ProcessPoolExecutor(2, mp_context=SPAWN))
        return pools[-1]

    killer = victim_killer(lambda: list(pools[0]._processes or ()) if pools else (), killed)
    count = counted(executor=make)
    killer.join()
    assert killed
    assert len(pools) == 2
    assert (count.value, count.status) == (right, Status.CERTIFIED)


def test_a_broken_pool_of_the_caller_ends_in_one_line():
    killed = []
    with ProcessPoolExecutor(1, mp_context=SPAWN) as executor:
        killer = victim_killer(lambda: list(executor._processes or ()), killed)
        with pytest.raises(WorkerError, match="give a function that makes an executor"):
            counted(executor=executor)
        killer.join()


@pytest.mark.slow
def test_a_dask_cluster_that_loses_a_worker(right, tmp_path):
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "local_directory": tmp_path}
    with (
        distributed.LocalCluster(**options, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        seen, killed = [], []

        def progress(found, fraction):
            seen.append(fraction)
            if len(seen) == 3:  # in the middle of the search
                victim = next(iter(client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)

        count = counted(executor=client.get_executor(), workers=2, progress=progress)
    assert killed
    assert len(seen) > 10
    assert (count.value, count.status) == (right, Status.CERTIFIED)
