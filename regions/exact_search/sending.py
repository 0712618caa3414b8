"""A problem goes to a worker once and is prepared there once; a task then takes some hundred bytes.

Nobody can tell which worker of an executor will get a task, so a task comes with the problem's key alone. A worker
that does not know the key says so, and the task is handed out again with the problem itself.
"""

import hashlib
import pickle
from dataclasses import dataclass

from .explore import explore

# So many problems stay prepared in a worker: one that serves several searches at once would prepare them in turn.
MOST_PREPARED = 4
# Of this process, by key. Only a worker's own memory outlasts a task.
_PREPARED: dict = {}


@dataclass(frozen=True)
class Parcel:
    """A problem's key, and its pickled ``content`` or None."""

    key: str
    content: bytes | None = None


class Unknown:
    """What a worker answers that has not got the problem."""


class Sender:
    """Hands one problem to the workers of an executor; a context manager."""

    def __init__(self, problem):
        self._problem, self._asked = problem, set()
        self._content = pickle.dumps(problem)
        self._key = hashlib.sha256(self._content).hexdigest()

    def __enter__(self):
        # an executor may run tasks here, or in processes that are forked from this one
        _keep(self._key, self._problem)
        return self

    def __exit__(self, *error):
        _PREPARED.pop(self._key, None)

    def call(self, task):
        """``(function, first argument)`` of the call for ``task``: the problem itself only where a worker asked for it."""
        return explore_sent, Parcel(self._key, self._content if id(task) in self._asked else None)

    def understood(self, task, found):
        """Whether ``found`` is an answer; if not, ``task`` is to be handed out again."""
        if isinstance(found, Unknown):
            self._asked.add(id(task))
            return False
        self._asked.discard(id(task))
        return True


class Threads:
    """The same for threads of this process, which have the problem."""

    def __init__(self, problem):
        self._problem = problem

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def call(self, task):
        """``(function, first argument)`` of the call for ``task``."""
        return explore, self._problem

    def understood(self, task, found):
        """Always."""
        return True


def explore_sent(parcel, task, budget, **options):
    """`explore` for the problem in ``parcel``, or `Unknown`."""
    problem = _PREPARED.get(parcel.key)
    if problem is None:
        if parcel.content is None:
            return Unknown()
        problem = pickle.loads(parcel.content)
        _keep(parcel.key, problem)
    return explore(problem, task, budget, **options)


def _keep(key, problem):
    while len(_PREPARED) >= MOST_PREPARED:
        _PREPARED.pop(next(iter(_PREPARED)), None)
    _PREPARED[key] = problem
