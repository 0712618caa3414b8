"""What C libraries do to the command: they keep Ctrl-C waiting, and print on stdout."""

import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager

from .verb import INTERRUPTED

# Unit: seconds between Ctrl-C and the end of the process.
PATIENCE = 2.5


@contextmanager
def patience():
    """Within, an interrupted verb has `PATIENCE` seconds to answer with what it has; then the process ends.

    Python sees Ctrl-C between two steps of the main thread, and a library may keep it in one for minutes. What the
    operating system tells the process at once is heard by a thread of ours.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    answered = threading.Event()
    threading.Thread(target=_listen, args=(ours, answered), daemon=True).start()
    try:
        yield
    finally:
        answered.set()
        signal.set_wakeup_fd(before)
        theirs.close()


@contextmanager
def libraries_on_stderr():
    """Within, what C libraries print of their own accord (on Ctrl-C most do) goes to stderr: stdout is the answer's."""
    sys.stdout.flush()
    try:
        ours = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # closed, as in `regions ... >&-`
        yield
        return
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(ours, 1)
        os.close(ours)


def _listen(ours, answered):
    while numbers := ours.recv(16):
        if signal.SIGINT in numbers and not answered.wait(PATIENCE):
            print("regions: interrupted before there was an answer", file=sys.stderr)
            end_at_once(INTERRUPTED)
    ours.close()


def end_at_once(code):
    """End the process with its output written, and no thread waited for."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
