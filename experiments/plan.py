"""What a study is: a list of tasks, each of which becomes one row of the study's table.

A task is a frozen dataclass whose fields say everything that its answer depends on. The key of its
row is a digest of those fields, of the study's method version and of the schema, so a finished row
is found again whatever else changes, and a commit that leaves the method alone stales no table.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

SCHEMA = 1  # raised when the meaning of the columns common to all tables changes
SCALES = ("quick", "paper")


@dataclass(frozen=True)
class Study:
    """One question with its tasks.

    Parameters
    ----------
    name, question
        The table's name, and what it answers in one line.
    version
        The method version: raised by hand when the same task would now give another row.
    tasks
        Function ``(scale, results) -> tasks``; a task has a ``label`` for people. ``results`` is the
        folder of the scale, where the tables of the studies named in ``requires`` are finished.
    answer
        Function ``(batch, results) -> rows``, one dictionary of measured columns for each task.
    batch
        Function ``task -> hashable``: tasks of equal value are answered together. By default each
        task is a batch of its own.
    requires
        Names of studies that must be run before this one.
    summary
        Function ``table -> data frame``: what ``python -m experiments show`` prints, from the rows
        as a data frame of strings. None where the rows speak for themselves.
    """

    name: str
    question: str
    version: int
    tasks: Callable
    answer: Callable
    batch: Callable | None = None
    requires: tuple[str, ...] = ()
    summary: Callable | None = None

    def key(self, task):
        """The digest by which the row of ``task`` is known."""
        return key_of(self.name, self.version, task)

    def row(self, task, answer):
        """The row of ``task``: who asked, what was asked, what was found."""
        return {
            "study": self.name,
            "key": self.key(task),
            "schema": SCHEMA,
            "version": self.version,
            **_flat(asdict(task)),
            **answer,
        }

    def batches(self, tasks):
        """The tasks in lists that are answered together, in the order of their first members."""
        together = {}
        for task in tasks:
            together.setdefault(self.batch(task) if self.batch else task, []).append(task)
        return list(together.values())


def key_of(study, version, task):
    """A digest of all fields of ``task``: 16 hexadecimal digits of SHA-256."""
    plan = {"study": study, "version": version, "schema": SCHEMA, **asdict(task)}
    written = json.dumps(plan, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def table_path(results, name):
    """Where the table of study ``name`` lies in the folder ``results`` of a scale."""
    return Path(results) / f"{name}.csv"


def shape(*widths):
    """Layer widths as one cell of a table.

    >>> shape(2, 3)
    '2-3'
    """
    return "-".join(map(str, widths))


def _flat(fields):
    """Nested dataclasses and tuples as cells: ``recipe.epochs`` gets a column of its own."""
    flat = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{inner}": cell for inner, cell in _flat(value).items()}
        else:
            flat[name] = shape(*value) if isinstance(value, tuple) else value
    return flat
