"""The one clock of all answers, and when they have to be there.

The clock stands still while kernels are compiled: that happens once on a machine and is no part of any answer's
seconds, wherever in a verb it turns out to be needed.
"""

import math
import threading
import time

# Unit: seconds that a verb within a verb gets where none is left, for a limit of nothing is refused.
LEAST_SECONDS = 1e-3


class Late(Exception):  # an event, not an error: whoever catches it goes on with what is proved
    """The deadline came before this piece of work was done: it decided nothing."""


class Stopwatch:
    """Seconds for which something went on, in whatever thread: a context manager that may be entered anywhere.

    Examples
    --------
    >>> watch = Stopwatch()
    >>> with watch, watch:
    ...     pass
    >>> 0 <= watch.seconds < 60
    True
    """

    def __init__(self):
        self._lock, self._inside, self._since, self._total = threading.Lock(), 0, 0.0, 0.0

    def __enter__(self):
        with self._lock:
            if not self._inside:
                self._since = time.monotonic()
            self._inside += 1

    def __exit__(self, *error):
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._total += time.monotonic() - self._since

    @property
    def seconds(self):
        """Seconds until now."""
        with self._lock:
            going_on = time.monotonic() - self._since if self._inside else 0.0
            return self._total + going_on


COMPILATION = Stopwatch()


def now():
    """Seconds on a clock that only differences mean something of, and that stands still during `COMPILATION`."""
    return time.monotonic() - COMPILATION.seconds


class Deadline:
    """When an answer has to be there: ``seconds`` from now on the clock `now`, never for None.

    Examples
    --------
    >>> Deadline(60.0).passed, Deadline(-1.0).passed, Deadline(None).left
    (False, True, inf)
    >>> Deadline(60.0).sooner(5.0).left <= 5.0
    True
    """

    __slots__ = ("_at",)

    def __init__(self, seconds=None):
        self._at = math.inf if seconds is None else now() + seconds

    @property
    def left(self):
        """Seconds until then: negative when it has passed, inf if it never comes."""
        return self._at - now() if self._at < math.inf else math.inf

    @property
    def passed(self):
        """Whether it has come."""
        return self.left <= 0

    @property
    def time_limit(self):
        """What is left as the ``time_limit`` of another verb: None without end, and never nothing."""
        left = self.left
        return None if left == math.inf else max(left, LEAST_SECONDS)

    def check(self):
        """Raise `Late` when it has come."""
        if self.passed:
            raise Late

    def sooner(self, seconds):
        """The `Deadline` of a part that gets ``seconds`` at most (None: all that is left)."""
        return self if seconds is None or seconds >= self.left else Deadline(seconds)

    def before(self, seconds):
        """The `Deadline` that is ``seconds`` before this one."""
        return self if self._at == math.inf else Deadline(self.left - seconds)


# Deadlines of work that has all the time, and none.
NEVER = Deadline()
PASSED = Deadline(-math.inf)
