"""The journal of a search: one JSON line for each task that was closed.

A line says what the task gave and which smaller tasks it left, so the lines so far determine what is
still open. A run that is killed loses the tasks it was working on and nothing else; the same call
reads the journal and goes on. `SealedFile` sees to it that nobody else wrote a line or changed one.
"""

import base64
import hashlib
import math
from dataclasses import fields

import numpy as np

from ..errors import InputError
from ..version import __version__
from .sealed_file import SealedFile
from .tasks import Task

FORMAT = 2
# What a line says of its task in numbers, as `regions.exact_search.explore.Found` names them.
COUNTS = ("cells", "nodes", "programs", "exact")
# What must be the same when a search goes on, and the word for it. All else in a heading is for people.
QUESTION = {
    "version": "version of relu-regions",
    "digest": "network",
    "domain_digest": "domain",
    "counted": "definition of region",
    "certify": "choice of certify",
    "known_signs": "choice of presolve, or what it found,",
}
# Of this call only.
HERE = ("journal", "progress")
# Shares of the prefix space are powers of two; they add up but for rounding where powers far apart meet.
ROUNDING = 1e-9


class Journal:
    """An append-only file for one search.

    Parameters
    ----------
    path
        Made when it does not exist.
    heading
        What is searched for, as `heading` says it: a journal of another search is refused.
    root
        The task that the search began with.

    Attributes
    ----------
    tasks
        The tasks that are open after the lines that were there.
    found
        The sums of `COUNTS` over these lines, a dict.

    Raises
    ------
    InputError
        The file cannot be written, is in use, is no journal, belongs to another search or is damaged.
    """

    def __init__(self, path, heading, root):
        self._open = {_name(root): root}
        self.found = dict.fromkeys(COUNTS, 0)
        self._file = SealedFile(path, "journal", heading)
        try:
            self._check(heading)
            for number, record in self._file.records():
                self._replay(number, record)
        except BaseException:
            self._file.close()
            raise
        self.tasks = list(self._open.values())

    def enter(self, task, found):
        """Record that ``task`` was closed with ``found``."""
        self._close(task, found.left)
        self._file.append(
            {
                "closed": _name(task),
                **{name: getattr(found, name) for name in COUNTS},
                "share": task.weight - sum(left.weight for left in found.left),
                "left": [_plain(left) for left in found.left],
            }
        )

    def close(self):
        """Close the file."""
        self._file.close()

    def _check(self, heading):
        found = self._file.heading
        for name, word in QUESTION.items():
            if found.get(name) != heading[name]:
                raise InputError(
                    f"the journal {self._file.path} is of another {word} ({_short(found.get(name))}, not "
                    f"{_short(heading[name])}); choose another file"
                )

    def _replay(self, number, record):
        try:
            task = self._open[record["closed"]]
            left = [_task(plain) for plain in record["left"]]
            if not _divides(task, left, record["share"]):
                raise ValueError
            self._close(task, left)
            for name in COUNTS:
                self.found[name] += int(record[name])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(
                f"line {number} of the journal {self._file.path} closes what is not open, or leaves other shares "
                "than it takes; remove the file"
            ) from error

    def _close(self, task, left):
        del self._open[_name(task)]
        self._open |= {_name(part): part for part in left}


def heading(question, run, root, **options):
    """The first line of the journal of a search for the cells of ``question`` from the task ``root``, with all options."""
    hull, domain = question.domain.polyhedron(), hashlib.sha256()
    domain.update(type(question.domain).__name__.encode())
    for array in (hull.origin, hull.directions, hull.rows, hull.offsets, hull.lower, hull.upper):
        domain.update(repr(array.shape).encode() + array.tobytes())
    told = {field.name: getattr(run, field.name) for field in fields(run) if field.name not in HERE}
    return {
        "journal": FORMAT,
        "version": __version__,
        "network": question.network.architecture,
        "digest": question.network.digest,
        "domain": repr(question.domain),
        "domain_digest": domain.hexdigest(),
        "counted": question.counted,
        "certify": run.certify,
        "known_signs": hashlib.sha256(_signs(root).encode()).hexdigest(),
        "options": {
            name: value if isinstance(value, (bool, int, float, type(None))) else str(value)
            for name, value in (told | options).items()
        },
    }


def _name(task):
    """What the task is: its signs, those unknown at the end left out."""
    return _signs(task).rstrip("0")


def _divides(task, parts, share):
    """Whether ``parts`` lie in ``task``, apart from each other, and take all of its share but ``share``."""
    if any(len(part.signs) != len(task.signs) for part in parts):
        return False
    signs = np.array([part.signs for part in parts], dtype=float).reshape(
        len(parts), len(task.signs)
    )
    known = task.signs != 0
    inside = (signs[:, known] == task.signs[known]).all()
    # the product of the signs of a unit is -1 where it tells two parts apart
    met = (signs != 0).astype(float)
    apart = (signs @ signs.T < met @ met.T) | np.eye(len(parts), dtype=bool)
    whole = share + sum(part.weight for part in parts)
    adds_up = share >= 0 and math.isclose(whole, task.weight, rel_tol=ROUNDING)
    return bool(inside and apart.all() and adds_up)


def _plain(task):
    point = None if task.point is None else base64.b64encode(task.point.tobytes()).decode()
    return {
        "layer": task.layer,
        "signs": _signs(task),
        "split": "".join("01"[flag] for flag in task.split.tolist()),
        "reason": task.reason,
        "unit": task.unit,
        "weight": task.weight,
        "point": point,
    }


def _task(plain):
    point = plain["point"]
    if point is not None:
        # a copy may be written to, as all points may: the kernels would be compiled again for another kind of array
        point = np.frombuffer(base64.b64decode(point)).copy()
    signs = np.array(["-0+".index(sign) - 1 for sign in plain["signs"]], dtype=np.int8)
    split = np.array([flag == "1" for flag in plain["split"]], dtype=np.bool_)
    return Task(
        plain["layer"], signs, split, plain["reason"], plain["unit"], plain["weight"], point
    )


def _signs(task):
    return "".join("0+-"[sign] for sign in task.signs.tolist())  # -1 is the last of the three


def _short(value):
    return value[:12] if isinstance(value, str) else value
