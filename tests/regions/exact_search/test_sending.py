"""A worker gets the problem once, and hands over after a while."""

import pickle
import time
from concurrent.futures import Executor, Future

import numpy as np
import pytest

from regions import Box, Cells, Status, count_regions
from regions.exact_search import sending
from regions.exact_search.explore import explore
from regions.exact_search.problem import Problem
from regions.exact_search.tasks import Task
from tests.ladder import random_network

NETWORK, BOX = random_network(5, 2, 15, 15, 1), Box.cube(2, -1, 1)


class Elsewhere(Executor):
    """Runs each task as a process of its own would: from bytes, with a memory of its own."""

    def __init__(self, forgets=False):
        self.memory, self.forgets, self.sizes = {}, forgets, []

    def submit(self, function, *arguments, **options):
        call = pickle.dumps((function, arguments, options))
        self.sizes.append(len(call))
        here = dict(sending._PREPARED)
        sending._PREPARED.clear()
        sending._PREPARED.update({} if self.forgets else self.memory)
        try:
            function, arguments, options = pickle.loads(call)
            future = Future()
            future.set_result(pickle.loads(pickle.dumps(function(*arguments, **options))))
        finally:
            self.memory = dict(sending._PREPARED)
            sending._PREPARED.clear()
            sending._PREPARED.update(here)
        return future


@pytest.mark.parametrize("forgets", [False, True])
def test_a_worker_asks_for_the_problem_and_keeps_it(forgets):
    executor = Elsewhere(forgets)
    count = count_regions(NETWORK, BOX, engine=Cells(budget=5), executor=executor)
    assert (count.value, count.status) == (count_regions(NETWORK, BOX).value, Status.CERTIFIED)
    whole = len(pickle.dumps(Problem(NETWORK, BOX)))
    sent = sum(size > whole for size in executor.sizes)
    assert sent == (len(executor.sizes) // 2 if forgets else 1)
    assert not sending._PREPARED  # this process keeps nothing when the search is over


def test_a_task_for_images_is_small():
    # 130 kB when the network went with it
    problem = Problem(random_network(0, 784, 18, 18, 10), Box.cube(784, 0, 1))
    found = explore(problem, Task.root(36), 50)
    with sending.Sender(problem) as sender:
        sizes = [len(pickle.dumps((sender.call(task), task))) for task in found.left]
    assert max(sizes) < 8 * 784 + 1000  # the point inside, and some hundred bytes
    assert len(pickle.dumps(problem)) > 100_000


def test_a_worker_remembers_a_few_problems_only():
    for seed in range(2 * sending.MOST_PREPARED):
        sending._keep(str(seed), seed)
    assert list(sending._PREPARED.values()) == list(range(4, 8))
    sending._PREPARED.clear()


def test_a_task_is_handed_over_after_its_grain():
    problem = Problem(random_network(0, 20, 20, 20, 1), Box.cube(20, -1, 1))
    explore(problem, Task.root(40), 1)  # compiled
    start = time.monotonic()
    found = explore(problem, Task.root(40), 10**9, grain=0.05)
    assert time.monotonic() - start < 5
    assert found.cells > 0
    assert found.left


@pytest.mark.parametrize("n0", [2, 6, 20])
def test_the_grain_changes_no_count(n0):
    problem = Problem(random_network(5, n0, 7, 7, 1), Box.cube(n0, -1, 1))
    whole = explore(problem, Task.root(14), 10**9)
    stack, cells = [Task.root(14)], 0
    while stack:
        found = explore(problem, stack.pop(), 10**9, grain=1e-3)
        cells += found.cells
        stack += found.left
    assert not whole.left
    assert cells == whole.cells
    assert np.isfinite(problem.pace["cells"])
