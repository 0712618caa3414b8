"""A file of JSON lines that only grows, one writer at a time, each line sealed with a checksum of all before it.

A line that a kill or a full disk cut short is dropped when the file is opened again; whatever else was changed, by
one byte or by a second writer, breaks the chain and is refused. Nothing is ever rewritten: bytes are added at the end,
or cut off there. A file that does not begin as such a file does is left as it is.
"""

import errno
import hashlib
import json
import os
import time
import weakref
from pathlib import Path

from ..errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    import msvcrt

# Unit: seconds. A run that was killed a moment ago may hold its lock until the system has cleared it away.
PATIENCE = 1.0
# What a file system says that has no locks. Two writers are then found out by the chain, when the file is read again.
LOCKLESS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL)
# Windows locks bytes, and nobody else may read them: this one lies behind the end of any file.
FAR = 1 << 40
# No heading is longer, whatever the name of its domain.
LONGEST_HEADING = 1 << 20


class SealedFile:
    """The file at ``path``, locked until `close`.

    Parameters
    ----------
    path
        Made when it does not exist.
    kind
        What the file is, a word: its first line begins with ``{"kind": format``.
    heading
        The first line as a dict; its first item is ``kind`` with the number of the format.

    Raises
    ------
    InputError
        The file cannot be written or is in use, is of no such kind, of another format, or its heading is damaged.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "log"
    >>> log = SealedFile(path, "log", {"log": 1})
    >>> log.append({"a": 1})
    >>> log.close()
    >>> again = SealedFile(path, "log", {"log": 1})
    >>> again.heading["log"], [(number, record["a"]) for number, record in again.records()]
    (1, [(2, 1)])
    >>> again.close()
    """

    def __init__(self, path, kind, heading):
        self.path, self._kind = Path(path), kind
        self._sum, self._size = b"", 0
        if self.path.exists() and not self.path.is_file():  # a device may be read without end
            raise self._unwritable("no regular file")
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            self._file = os.open(self.path, flags, 0o666)
        except OSError as error:
            raise self._unwritable(error.strerror) from error
        _OPEN.add(self)
        try:
            self._lock()
            self.heading = self._begin(heading)
        except BaseException:
            self.close()
            raise

    def records(self):
        """Yield ``(line number, record)`` for all lines below the heading, and cut off a torn end."""
        with open(self._file, "rb", closefd=False) as lines:
            lines.seek(self._size)
            for number, line in enumerate(lines, start=2):
                torn = not line.endswith(b"\n")
                line += b"\n" * torn
                if not self._fits(line):
                    if not torn:
                        raise self._damaged(number)
                    os.ftruncate(self._file, self._size)
                    return
                if torn:  # only its end was lost
                    self._write(b"\n")
                self._accept(line)
                yield number, self._parsed(line)
                if torn:
                    return

    def append(self, record):
        """Write one more line; it is on the disk when this returns."""
        line = self._sealed(json.dumps(record).encode())
        self._write(line)
        self._accept(line)

    def close(self):
        """Release the lock and close the file."""
        _OPEN.discard(self)
        if self._file is not None:
            if fcntl is None:
                _lock_byte(self._file, msvcrt.LK_UNLCK)
            os.close(self._file)  # and with it goes the lock
            self._file = None

    def _lock(self):
        last = time.monotonic() + PATIENCE
        while not _locked(self._file):
            if time.monotonic() > last:
                raise InputError(
                    f"the {self._kind} {self.path} is in use by another run; wait for its end, or choose another file"
                )
            time.sleep(PATIENCE / 20)

    def _begin(self, heading):
        """The heading of the file, which is written when there is nothing."""
        ours = self._sealed(json.dumps(heading).encode())
        start = f'{{"{self._kind}": '.encode()
        with open(self._file, "rb", closefd=False) as lines:
            line = lines.readline(LONGEST_HEADING)
        if line and not line.startswith(start):
            raise InputError(
                f"{self.path} is no {self._kind} and is left as it is; choose another file"
            )
        if ours.startswith(line) and line != ours:  # nothing, or torn while it was written
            os.ftruncate(self._file, 0)
            self._write(ours)
            line = ours
        found = self._parsed(line)
        number = found.get(self._kind) if isinstance(found, dict) else None
        if number is not None and number != heading[self._kind]:
            raise InputError(
                f"the {self._kind} {self.path} is of another version of relu-regions: its format is {number}, not "
                f"{heading[self._kind]}; go on with that version, or choose another file"
            )
        if found is None or not self._fits(line):
            raise self._damaged(1)
        self._accept(line)
        return found

    def _sealed(self, text):
        """The line of a JSON object, with its checksum as the last item."""
        digest = hashlib.sha256(self._sum + text).hexdigest()[:32]
        return text[:-1] + f', "sum": "{digest}"}}\n'.encode()

    def _fits(self, line):
        text = line[: line.rfind(b', "sum": "')] + b"}"
        return line == self._sealed(text)

    def _accept(self, line):
        self._sum = hashlib.sha256(self._sum + line).digest()
        self._size += len(line)

    def _write(self, data):
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._size)  # no half of a line stays
            raise InputError(
                f"the {self._kind} {self.path} cannot be written ({error.strerror}); make room and give the same "
                "call, which resumes, or choose another file"
            ) from error

    def _parsed(self, line):
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            return None

    def _unwritable(self, reason):
        return InputError(
            f"the {self._kind} {self.path} cannot be written ({reason}); choose another file"
        )

    def _damaged(self, number):
        remedy = (
            "remove it"
            if number == 1
            else f"cut it before that line (head -n {number - 1}), or remove it"
        )
        return InputError(
            f"line {number} of the {self._kind} {self.path} is damaged: its checksum does not fit; {remedy}"
        )


def _locked(file):
    """Whether the file could be locked; True also where there are no locks."""
    try:
        if fcntl is None:
            _lock_byte(file, msvcrt.LK_NBLCK)
        else:
            # unlike fcntl's own locks this one also holds between threads, and outlives other readers of this process
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in LOCKLESS
    return True


def _lock_byte(file, mode):
    os.lseek(file, FAR, os.SEEK_SET)
    msvcrt.locking(file, mode, 1)


# A forked worker has a copy of every open file and would hold the lock on when this process is gone.
_OPEN: weakref.WeakSet = weakref.WeakSet()


def _close_in_child():
    for file in list(_OPEN):
        file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)
