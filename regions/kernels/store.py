"""Where compiled kernels are kept between processes: one folder for each state of their sources.

numba's own cache looks only at the file of the function that is called, not at those of the functions inside it, so
after an edit of an inner loop it would go on with the old one, and a count would be certified by code that is no longer
there. Here the digest of all sources is in the name of the folder. Each file carries its own digest too: one that
is damaged is thrown away and made again. Files are pickles, as numba's are: they belong where only you write.
"""

import contextlib
import functools
import hashlib
import os
import pickle
import shutil
import sys
import tempfile
import uuid
from pathlib import Path

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

HERE = Path(__file__).parent
# What else compiled code depends on.
VERSIONS = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
DIGEST_BYTES = hashlib.sha256().digest_size
# How much of a digest tells states and signatures apart in a name.
NAME_LENGTH = 20


def njit(**options):
    """`numba.njit`, the code of which is kept as this module says; call it with options."""

    def compiled(function):
        dispatcher = numba.njit(**options)(function)
        dispatcher._cache = Store(function)
        return dispatcher

    return compiled


class Store(_Cache):
    """The files of one function, in the place of numba's cache."""

    def __init__(self, function):
        # the state of the sources now: an edit after this import is not in the code that will be kept
        self._folders, self._enabled = folders(Path(function.__code__.co_filename)), True
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"

    @property
    def cache_path(self):
        """The first folder that code is looked for in."""
        return str(next(iter(self._folders), ""))

    def load_overload(self, sig, target_context):
        """The compiled code for a signature, or None."""
        target_context.refresh()
        if not self._enabled:
            return None
        name = self._file_name(sig, target_context.codegen())
        for folder in self._folders:
            if (payload := _read(folder / name)) is not None:
                if folder != self._folders[0]:
                    # a place that was named holds all that is used: it may be taken elsewhere
                    _write(self._folders[0] / name, payload)
                return CompileResult._rebuild(target_context, *pickle.loads(payload))
        _announce()
        return None

    def save_overload(self, sig, data):
        """Keep compiled code in the first folder that can be written, if any."""
        if self._enabled and not data.lifted and not data.library.has_dynamic_globals:
            payload = dumps(data._reduce())
            name = self._file_name(sig, data.codegen)
            any(_write(folder / name, payload) for folder in self._folders)

    def enable(self):
        """Keep code from now on."""
        self._enabled = True

    def disable(self):
        """Keep no code from now on."""
        self._enabled = False

    def flush(self):
        """Forget what is kept of this function."""
        for folder in self._folders:
            for file in folder.glob(f"{self._name}-*.code"):
                file.unlink(missing_ok=True)

    def _file_name(self, sig, codegen):
        key = repr((str(sig), codegen.magic_tuple(), VERSIONS))
        return f"{self._name}-{hashlib.sha256(key.encode()).hexdigest()[:NAME_LENGTH]}.code"


def folders(file=HERE):
    """Folders in which the code of a function of source ``file`` may lie, the best first.

    ``NUMBA_CACHE_DIR`` when it is set, beside the source, the user's cache; none where the sources cannot be read
    and so may be of any state, in a zip file say.
    """
    home = HERE if file == HERE else file.parent
    digest = _digest(home)
    if digest is None:
        return ()
    places = [Path(config.CACHE_DIR) / "relu-regions"] if config.CACHE_DIR else []
    places.append(home / "__pycache__")
    with contextlib.suppress(RuntimeError):  # there may be no home
        places.append(_user_cache() / "relu-regions")
    return tuple(place / f"compiled-{digest[:NAME_LENGTH]}" for place in places)


@functools.cache
def _digest(home):
    """The digest of all kernels and of all sources in the folder ``home``, or None when they cannot be read."""
    sources = [
        path for folder in dict.fromkeys((HERE, home)) for path in sorted(folder.glob("*.py"))
    ]
    try:
        content = b"".join(path.read_bytes() for path in sources)
    except OSError:
        return None
    return hashlib.sha256(content).hexdigest() if content else None


def _user_cache():
    if sys.platform == "win32" and "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _read(path):
    """What `_write` put there, or None; a file that is damaged is removed."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, payload = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    if hashlib.sha256(payload).digest() == digest:
        return payload
    with contextlib.suppress(OSError):
        path.unlink()
    return None


def _write(path, payload):
    """Whether the file is there now: whole, or not at all."""
    draft = path.with_name(f"{uuid.uuid4().hex}.draft")
    try:
        _make(path.parent)
        draft.write_bytes(hashlib.sha256(payload).digest() + payload)
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        return False
    return True


def _make(folder):
    """Make a folder; what older sources left beside them, where only this copy of them writes, goes."""
    if folder.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    if folder.parent.name == "__pycache__":
        for old in {*folder.parent.glob("compiled-*")} - {folder}:
            shutil.rmtree(old, ignore_errors=True)


@functools.cache
def _announce():
    """Say on stderr, once in a process, that compiling begins, and whether this is the last time."""
    place = next((folder for folder in folders() if _writable(folder)), None)
    kept = (
        "in every process, as no folder can be written; NUMBA_CACHE_DIR=FOLDER names one that can"
    )
    if place is not None:
        kept = f"once on this machine; kept in {place}"
    print(f"regions: compiling the search, 5 to 30 s of CPU, {kept}", file=sys.stderr, flush=True)


def _writable(folder):
    try:
        _make(folder)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
