"""Many tasks, one after another or side by side, until none is left or the time is up."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager

from .explore import explore

# Cells per call: long enough that hand-over does not show, short enough that a time limit, the
# journal and idle workers do not wait.
BUDGET = 20_000


def search(problem, tasks, *, budget=BUDGET, keep=False, workers=1, executor=None, deadline=None):
    """Explore ``tasks`` and all that they leave; yield ``(task, Found)`` as each one is done.

    Depth first, so that few tasks are open at a time. With an executor several run at once. Stops quietly at ``deadline`` (`time.monotonic`): a
    caller knows by keeping account of the tasks.
    """
    stack = list(tasks)
    with _executor(workers, executor) as (submit, slots):
        running = {}
        while stack or running:
            if deadline is not None and time.monotonic() > deadline:
                for future in running:
                    future.cancel()
                return
            while stack and len(running) < slots:
                task = stack.pop()
                running[submit(explore, problem, task, budget, keep=keep)] = task
            done, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                task, found = running.pop(future), future.result()
                stack.extend(found.left)
                yield task, found


@contextmanager
def _executor(workers, executor):
    if executor is not None:
        yield executor.submit, 4 * max(workers, 1)
    else:
        # threads: the kernels release the interpreter's lock
        with ThreadPoolExecutor(workers) as own:
            yield own.submit, workers
