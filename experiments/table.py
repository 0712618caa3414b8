"""A CSV file to which finished rows are appended whole, or not at all."""

import csv
import io
import os
from pathlib import Path

from regions.errors import InputError


class Table:
    """The rows of one study on disk, as dictionaries of strings.

    A row is one write to the end of the file, synchronised before `append` returns. A run that is
    killed in the middle of that write leaves a line without its end, which the next `Table` removes.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._mend()

    def rows(self):
        """All rows; of two with one key (two runs at the same time) the first."""
        if not self.path.exists():
            return []
        with self.path.open(newline="", encoding="utf-8") as file:
            first = {}
            for row in csv.DictReader(file):
                first.setdefault(row["key"], row)
        return list(first.values())

    def keys(self):
        """The keys of the finished rows."""
        return {row["key"] for row in self.rows()}

    def append(self, rows):
        """Add ``rows``, dictionaries of the same columns as those that are there."""
        columns = self._columns() or list(rows[0])
        for row in rows:
            if list(row) != columns:
                raise InputError(
                    f"{self.path.name} has the columns {', '.join(columns)}, a new row has "
                    f"{', '.join(row)}; raise the method version of the study"
                )
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        if not self.path.exists():
            writer.writeheader()
        writer.writerows(rows)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            file.write(text.getvalue().encode())
            os.fsync(file.fileno())

    def set_aside(self, keys):
        """Move the rows whose key is not in ``keys`` to a numbered file beside; return how many.

        They answer questions that the plan no longer asks, and a figure must not show them.
        """
        rows = self.rows()
        stale = [row for row in rows if row["key"] not in keys]
        if stale:
            columns = self._columns()
            _write(self._aside(), columns, stale)
            kept = [row for row in rows if row["key"] in keys]
            if kept:
                _write(self.path, columns, kept)
            else:
                self.path.unlink()
        return len(stale)

    def _aside(self):
        number = 1
        while (path := self.path.with_suffix(f".superseded-{number}.csv")).exists():
            number += 1
        return path

    def _columns(self):
        if not self.path.exists():
            return None
        with self.path.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file))

    def _mend(self):
        if not self.path.exists():
            return
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole == 0:  # not even the header was finished
            self.path.unlink()
        elif whole < len(data):
            os.truncate(self.path, whole)


def _write(path, columns, rows):
    """Write a whole file under another name first: a kill leaves the old or the new one."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
