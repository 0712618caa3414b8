"""Where tasks run: our own threads, an executor, or executors made one after another as they break.

A worker may die: killed for its memory, its machine gone. What it was doing is then done again elsewhere. A task's
result counts when it arrives and only then, so nothing is lost and nothing counted twice.
"""

import inspect
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor

from ..errors import InputError, RegionsError, WorkerError

# How often one task may be handed out again. A task that kills its worker every time, for want of memory say, would
# otherwise go round for ever.
RETRIES = 3


class Workers:
    """``submit`` tasks, and ``collect`` each future's result or what is to be done again; a context manager.

    Parameters
    ----------
    workers
        Threads when ``executor`` is None; else how many workers it has, so that each finds something to do.
    executor
        A `concurrent.futures.Executor`, which belongs to the caller, or a function that makes one: such an executor
        is closed here at the end, and replaced when it breaks.
    """

    def __init__(self, workers, executor):
        self.slots = workers if executor is None else 4 * workers
        self._threads = executor is None
        self._make = _maker(workers, executor)
        # someone else's executor is not ours to close
        self._owned = self._make is not None
        self._executor = self._make() if self._owned else executor
        self._failures, self._running = {}, set()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        late = [future for future in self._running if not future.cancel()]
        if self._owned:
            # what is late may be late for ever: its worker is given up, not waited for
            _end(self._executor, wait=all(future.done() for future in late))

    def submit(self, function, *arguments, **options):
        """A future of the call."""
        future = self._submitted(function, *arguments, **options)
        self._running.add(future)
        return future

    def _submitted(self, function, *arguments, **options):
        try:
            return self._executor.submit(function, *arguments, **options)
        except BrokenExecutor as error:
            if self._make is None:
                raise WorkerError(
                    f"the executor is broken: a worker was killed ({error}); give a function that makes an "
                    "executor, executor=lambda: ProcessPoolExecutor(2), and it is replaced; with a journal "
                    "the same call resumes"
                ) from error
            _end(self._executor, wait=False)
            self._executor = self._make()
            return self._executor.submit(function, *arguments, **options)

    def collect(self, task, future):
        """The result of ``task``; None when its worker failed and it is to be handed out again.

        Raises
        ------
        WorkerError
            It failed more than `RETRIES` times.
        """
        self._running.discard(future)
        try:
            found = future.result()
        except RegionsError:
            raise  # an answer: it would be the same anywhere
        except Exception as error:
            if self._threads:  # an error of our own, not of a worker that died
                raise
            failures = self._failures.setdefault(id(task), [])
            failures.append(error)
            if len(failures) > RETRIES:
                raise WorkerError(
                    f"a part of the search failed {len(failures)} times on the executor, the last time with "
                    f"{type(error).__name__}: {error}; look at the memory and the logs of its workers"
                ) from error
            return None
        self._failures.pop(id(task), None)
        return found


def _maker(workers, executor):
    """The function that makes an executor, or None when ``executor`` is one."""
    if executor is None:
        return lambda: ThreadPoolExecutor(workers)  # the kernels release the interpreter's lock
    if hasattr(executor, "submit") and not isinstance(executor, type):  # a class makes one, too
        return None
    if not callable(executor):
        raise _no_executor(executor)

    def make():
        made = executor()
        if not hasattr(made, "submit"):
            raise _no_executor(made)
        return made

    return make


def _no_executor(value):
    return InputError(
        f"executor must be a concurrent.futures.Executor or a function that makes one; got {value!r}"
    )


def _end(executor, wait=True):
    """Shut ``executor`` down, whatever options its ``shutdown`` takes: only those of the standard library cancel."""
    shutdown = getattr(executor, "shutdown", None)
    if shutdown is None:
        return
    options = {"wait": wait, "cancel_futures": True}
    known = inspect.signature(shutdown).parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        options = {name: value for name, value in options.items() if name in known}
    shutdown(**options)
