"""Files: written whole or not at all, and read only where they are files of the size that they claim."""

import contextlib
import os
import stat
import tempfile
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np

from .errors import InputError, ReadError

# Unit: bytes that may be claimed for one byte that is stored. Deflate makes 1,032 of one at the utmost,
# of a matrix full of zeros; trained weights that were pruned to a tenth give about 20.
LARGEST_EXPANSION = 100
# Unit: bytes. Below it no expansion does harm.
SMALL_ENOUGH = 64 * 2**20
# What reading a damaged or a foreign .npy or .npz may raise, one layer or another.
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    MemoryError,
    SyntaxError,  # NumPy's parser of headers, below Python's
    zipfile.BadZipFile,
    zlib.error,
)


class SaveWarning(UserWarning):
    """What was computed is returned, but a file that was to hold some of it was not written."""


@contextmanager
def written(path):
    """A binary file to write ``path`` by: it takes the name of ``path`` when all is in it, or never.

    Until then a file of that name stays as it was, and a run that is killed leaves no half of one.
    Devices such as ``/dev/null`` are written as they are.

    Raises
    ------
    InputError
        The file cannot be written, now or in the middle; the message names it.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with written(folder / "answer") as file:
    ...     _ = file.write(b"42")
    >>> (folder / "answer").read_text(), [p.name for p in folder.iterdir()]
    ('42', ['answer'])
    """
    check_writable(path)
    target = Path(os.path.realpath(path))  # a link goes on pointing to it
    try:
        if target.exists() and not target.is_file():
            with open(target, "wb") as file:
                yield file
            return
        with _beside(target) as file:
            yield file
    except OSError as error:
        raise _cannot_be_written(path, error.strerror or error) from error


@contextmanager
def _beside(target):
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(target))
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _mode(target):
    """The permissions of the file that is replaced, or those that a new file would have."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


StrPath: TypeAlias = str | os.PathLike[str]
"""What names a file."""


def path_of(path):
    """``path`` as a `Path`; `InputError` for what names no file.

    >>> path_of(3)
    Traceback (most recent call last):
    ...
    regions.errors.InputError: 3 is no path of a file; give a string or a pathlib.Path
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"{path!r} is no path of a file; give a string or a pathlib.Path")
    return Path(os.fspath(path))


def check_writable(path, *, sources=()):
    """Raise `InputError` unless ``path`` can be written; ``sources`` are files that it must not replace.

    >>> check_writable("no-such-folder/answer.npz")
    Traceback (most recent call last):
    ...
    regions.errors.InputError: no-such-folder/answer.npz cannot be written: the folder no-such-folder
    does not exist; make it first
    """
    path = path_of(path)
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise InputError(
            f"{path} cannot be written: the folder {path.parent} does not exist; make it first"
        )
    if path.is_dir():
        raise InputError(f"{path} cannot be written: it is a folder; give the path of a file in it")
    if path.is_fifo() or path.is_socket():
        raise _cannot_be_written(path, "it is a pipe")
    allowed = os.access(path, os.W_OK) if path.exists() else os.access(folder, os.W_OK)
    if not allowed:
        raise _cannot_be_written(path, "permission denied")
    for source in sources:
        if path.exists() and os.path.exists(source) and os.path.samefile(path, source):
            raise InputError(
                f"{path} is what is read here and would be replaced; write to another file"
            )


def _cannot_be_written(path, why):
    return InputError(f"{path} cannot be written ({why}); choose another file")


def warn_unwritten(error):
    """Say that a file was not written: what it was to hold is returned all the same."""
    warnings.warn(f"{error}; the answer is returned without it", SaveWarning, stacklevel=3)


@contextmanager
def regular(path):
    """``path`` opened for reading bytes: a pipe would be waited for, a device read without end.

    Raises
    ------
    ReadError
        It is no file, or cannot be opened.
    """
    path = Path(os.fspath(path))
    if not path.exists():
        raise ReadError(f"the file {path} does not exist; check the path")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or a device"
        raise ReadError(f"{path} is {kind}; give the path of a file")
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "rb"))
        except OSError as error:
            raise ReadError(
                f"{path} cannot be read ({error.strerror}); check its permissions"
            ) from error
        yield file


def check_expansion(claimed, stored, what):
    """Raise `ReadError` when ``what`` of so many ``stored`` bytes would fill memory with ``claimed`` ones."""
    if claimed > SMALL_ENOUGH and claimed > LARGEST_EXPANSION * stored:
        raise ReadError(
            f"{what} claims {claimed:,} bytes and stores {stored:,}; such files are made to fill the "
            "memory: write it again, uncompressed"
        )


def open_zip(file):
    """The zip archive in ``file``, open; its members are together no more than `check_expansion` allows."""
    archive = zipfile.ZipFile(file)
    stored = os.fstat(file.fileno()).st_size
    check_expansion(sum(member.file_size for member in archive.infolist()), stored, "the archive")
    return archive


def read_arrays(path, names=None):
    """The arrays of the .npz at ``path`` as a dict, ``names`` alone if given, without pickles.

    Raises
    ------
    ReadError
        `regular` and `check_expansion` say when.
    Exception
        One of `UNREADABLE`, for the caller to say what file was expected.
    """
    with _members(path) as (archive, members):
        missing = [name for name in names or () if name not in members]
        if missing:
            raise KeyError(f"no array {missing[0]!r} in it")
        return {name: _member(archive, members[name]) for name in names or members}


def array_names(path):
    """The names of the arrays in the .npz at ``path``; raises as `read_arrays` does."""
    with _members(path) as (_, members):
        return list(members)


@contextmanager
def _members(path):
    with regular(path) as file:
        if not zipfile.is_zipfile(file):  # NumPy would take it for a pickle and advise to trust it
            raise ValueError("it is no zip archive")
        with open_zip(file) as archive:
            yield archive, {m.filename.removesuffix(".npy"): m for m in archive.infolist()}


def read_array(path):
    """The array of the .npy at ``path``, without pickles; raises as `read_arrays` does."""
    with regular(path) as file:
        return _array(file, os.fstat(file.fileno()).st_size, str(path))


def _member(archive, member):
    with archive.open(member) as file:
        return _array(file, member.file_size, member.filename)


def _array(file, size, name):
    """The array in the ``size`` bytes of ``file``, whose header is believed only if it fits them."""
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else None
    header = header or np.lib.format.read_array_header_2_0
    shape, columns_first, dtype = header(file)
    count = int(np.prod([int(n) for n in shape], dtype=object)) if shape else 1
    if dtype.hasobject:
        raise ValueError(f"{name} holds Python objects, which are not read (allow_pickle)")
    if count * dtype.itemsize > size:
        raise ReadError(
            f"{name} claims {count * dtype.itemsize:,} bytes and stores {size:,}; the file is damaged: "
            "write it again"
        )
    data = file.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise ValueError(f"{name} is cut short")
    array = np.frombuffer(bytearray(data), dtype=dtype, count=count)
    if columns_first:
        return array.reshape(shape[::-1]).transpose()
    return array.reshape(shape)
