"""Where tasks run: our own threads, an executor, or executors made one after another as they break.

A worker may die: killed for its memory, its machine gone. What it was doing is then done again elsewhere. A task's
result counts when it arrives and only then, so nothing is lost and nothing counted twice.
"""

from concurrent.futures import BrokenExecutor, ThreadPoolExecutor

from ..errors import RegionsError, WorkerError

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
        self._failures = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._owned:
            self._executor.shutdown(cancel_futures=True)

    def submit(self, function, *arguments, **options):
        """A future of the call."""
        try:
            return self._executor.submit(function, *arguments, **options)
        except BrokenExecutor as error:
            if self._make is None:
                raise WorkerError(
                    f"the executor is broken: a worker was killed ({error}); give a function that makes an "
                    "executor, executor=lambda: ProcessPoolExecutor(2), and it is replaced; with a journal "
                    "the same call resumes"
                ) from error
            self._executor.shutdown(wait=False)
            self._executor = self._make()
            return self._executor.submit(function, *arguments, **options)

    def collect(self, task, future):
        """The result of ``task``; None when its worker failed and it is to be handed out again.

        Raises
        ------
        WorkerError
            It failed more than `RETRIES` times.
        """
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
    if executor is None:
        return lambda: ThreadPoolExecutor(workers)  # the kernels release the interpreter's lock
    return None if hasattr(executor, "submit") else executor
