"""The journal of a search: one JSON line for each task that was closed.

A line says what the task gave and which smaller tasks it left, so the lines so far determine what is
still open. A run that is killed loses the tasks it was working on and nothing else; the same call
reads the journal and goes on.
"""

import base64
import hashlib
import json
import os
from pathlib import Path

import numpy as np

from ..errors import InputError
from .tasks import Task

FORMAT = 1


class Journal:
    """An append-only file for one question.

    Parameters
    ----------
    path
        Made when it does not exist.
    fingerprint
        What the question is (`fingerprint`): a journal of another one is refused.

    Raises
    ------
    InputError
        The file cannot be written, is no journal, or belongs to another question.
    """

    def __init__(self, path, fingerprint):
        self._path = Path(path)
        self._names, self._next = {}, 0
        if self._path.exists() and not self._path.is_file():  # a device may be read without end
            raise InputError(
                f"the journal {self._path} cannot be written (no regular file); choose another file"
            )
        try:
            lines = self._path.read_text().splitlines() if self._path.exists() else []
            self._records = _records(self._path, lines, fingerprint)
            self._file = self._path.open("a")
            if not self._records:
                self._file.truncate(0)
        except OSError as error:
            raise InputError(
                f"the journal {self._path} cannot be written ({error.strerror}); choose another file"
            ) from error
        if not self._records:
            self._write({"journal": FORMAT, "question": fingerprint})

    def replay(self, root):
        """``(records so far, tasks still open)`` for a search that began with ``root``."""
        tasks = {self._name(root): root}
        for record in self._records[1:]:
            del tasks[record["closed"]]
            for left in record["left"]:
                task = _task(left)
                tasks[self._name(task)] = task
        return self._records[1:], list(tasks.values())

    def enter(self, task, found):
        """Record that ``task`` was closed with ``found``."""
        record = {
            "closed": self._names.pop(id(task)),
            "cells": found.cells,
            "nodes": found.nodes,
            "programs": found.programs,
            "exact": found.exact,
            "left": [_plain(left) for left in found.left],
        }
        for left in found.left:
            self._name(left)
        self._write(record)

    def close(self):
        """Close the file."""
        self._file.close()

    def _name(self, task):
        # the same order when written and when replayed, so the same names
        self._names[id(task)] = name = self._next
        self._next += 1
        return name

    def _write(self, record):
        try:
            self._file.write(json.dumps(record) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise InputError(
                f"the journal {self._path} cannot be written ({error.strerror}); make room and give the same "
                "call, which resumes, or choose another file"
            ) from error


def fingerprint(question, certify):
    """SHA-256 of everything that the answer depends on."""
    state = hashlib.sha256(f"{FORMAT} {question.counted} {certify}".encode())
    state.update(question.network.digest.encode())
    state.update(type(question.domain).__name__.encode())
    hull = question.domain.polyhedron()
    for array in (hull.origin, hull.directions, hull.rows, hull.offsets, hull.lower, hull.upper):
        state.update(repr(array.shape).encode() + array.tobytes())
    return state.hexdigest()


def _records(path, lines, fingerprint):
    """The complete lines; a last one torn by a kill is dropped from the file."""
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError as error:
            if number < len(lines):
                raise InputError(
                    f"line {number} of the journal {path} is no JSON; remove it"
                ) from error
    if records and records[0] != {"journal": FORMAT, "question": fingerprint}:
        raise InputError(
            f"the journal {path} is of another network, domain, definition or format; "
            "remove it or choose another file"
        )
    if lines and len(records) < len(lines):
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return records


def _plain(task):
    point = None if task.point is None else base64.b64encode(task.point.tobytes()).decode()
    return {
        "layer": task.layer,
        "signs": "".join("-0+"[sign + 1] for sign in task.signs),
        "split": "".join("01"[int(flag)] for flag in task.split),
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
