"""Many tasks, one after another or side by side, until none is left or the time is up."""

from concurrent.futures import FIRST_COMPLETED, wait

from ..deadline import NEVER
from .sending import Sender, Threads
from .workers import Workers

# Seconds that workers may be late before what they are doing is given up.
GRACE = 1.0
# Seconds after which whoever waits for workers looks at the clock again.
PAUSE = 0.1
# Cells per call: long enough that hand-over does not show, short enough that a time limit, the
# journal and idle workers do not wait.
BUDGET = 20_000
# Seconds per call, where these are over first: a record in the journal, and work for whoever is idle, at least so often.
GRAIN = 2.0


def search(
    problem,
    tasks,
    *,
    budget=BUDGET,
    keep=False,
    workers=1,
    executor=None,
    deadline=NEVER,
    meanwhile=None,
):
    """Explore ``tasks`` and all that they leave; yield ``(task, Found)`` as each one is done.

    Depth first, so that few tasks are open at a time. With an executor several run at once, and a task whose worker
    dies is handed out again (see `Workers`). Stops quietly at ``deadline``: a caller knows by keeping
    account of the tasks. ``meanwhile`` is called while workers work, and says whether it has more to do.
    """
    stack = list(tasks)
    sending = Threads(problem) if executor is None else Sender(problem)
    with Workers(workers, executor) as pool, sending:
        running = {}
        while stack or running:
            left = deadline.left
            if left < 0:
                stack.clear()
                running = {future: task for future, task in running.items() if not future.cancel()}
                if not running or left < -GRACE:
                    return
            while stack and len(running) < pool.slots:
                task = stack.pop()
                options = {"keep": keep, "seconds": left, "grain": GRAIN}
                future = pool.submit(*sending.call(task), task, budget, **options)
                running[future] = task
            busy = meanwhile is not None and meanwhile()
            done, _ = wait(running, timeout=0 if busy else PAUSE, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                found = pool.collect(task, future)
                if found is None or not sending.understood(task, found):
                    stack.append(task)
                    continue
                stack.extend(found.left)
                yield task, found
