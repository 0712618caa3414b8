"""``regions count`` of several networks: one answer each, a row of a table for each as soon as it is there."""

import csv
from argparse import Namespace
from contextlib import contextmanager

from ..errors import InputError, RegionsError
from ..files import check_writable
from .verb import INTERRUPTED, PARTIAL, Answer, read_domain, read_network

# Columns of the table: keys of the record, dotted where one is inside another.
COLUMNS = (
    *("value", "at_least", "at_most", "status", "counted", "engine", "seconds"),
    *("n0", "widths", "network.architecture", "digest", "domain.kind", "domain.digest"),
    *("options.certify", "options.time_limit", "options.workers", "options.seed", "version"),
)


def each(options, run):
    """The `Answer` to ``run(options)`` for each of ``options.networks``; ``options.csv`` may name a table.

    What cannot be read is refused before the first is run. One that fails, or Ctrl-C, ends the row of them: what
    was found before is the answer.
    """
    single = [Namespace(**{**vars(options), "network": path}) for path in options.networks]
    if options.csv is not None:
        check_writable(options.csv, sources=(*options.networks, *(options.box or ())))
    if len(single) > 1:
        _refuse_files_of_one(options)
    if len(single) > 1 or options.csv is not None:
        for one in single:
            read_domain(one, read_network(one))
    found, note, code = [], "", 0
    with _table(options.csv) as write:
        for one in single:
            try:
                answer = run(one)
            except (RegionsError, KeyboardInterrupt) as error:
                if not found:
                    raise
                code = getattr(error, "exit_code", INTERRUPTED)
                note = f"{one.network}: {str(error) or 'interrupted'}"
                break
            found.append((one.network, answer))
            write(one.network, answer.data)
            code, note = max(code, answer.exit_code), answer.note
            if answer.exit_code == INTERRUPTED:
                break
    if len(single) == 1:
        return found[0][1]
    data = {"counts": [{"file": path, **answer.data} for path, answer in found]}
    return Answer(data, _text(found, options.csv), code, note=note)


def _refuse_files_of_one(options):
    for name in ("journal", "save_patterns", "save_certificate"):
        if getattr(options, name) is not None:
            raise InputError(
                f"--{name.replace('_', '-')} names a file of one network; count the {len(options.networks)} "
                "networks one by one, or leave it out"
            )


def _text(found, path):
    if path is None:
        return "\n\n".join(f"{name}\n{answer.text}" for name, answer in found)
    partial = sum(answer.exit_code == PARTIAL for _, answer in found)
    lines = [f"{name}: {answer.text.splitlines()[0]}" for name, answer in found]
    open_ones = f", {partial} of them partial" if partial else ""
    return "\n".join([*lines, f"{path}: {len(found)} rows{open_ones}"])


@contextmanager
def _table(path):
    """A function that writes one row, on the disk when it returns."""
    if path is None:
        yield lambda *_: None
        return
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)

        def write(*cells):
            rows.writerow(cells)
            file.flush()

        write("file", *(name.replace(".", "_") for name in COLUMNS))
        yield lambda name, data: write(name, *(_cell(data, column) for column in COLUMNS))


def _cell(data, column):
    """An entry of the record as one cell: empty for what is unknown, lists as their members.

    >>> _cell({"widths": [8, 8], "domain": {"kind": "Box"}}, "widths")
    '8 8'
    >>> _cell({"widths": [8, 8], "domain": {"kind": "Box"}}, "domain.kind")
    'Box'
    """
    for key in column.split("."):
        data = data[key]
    if isinstance(data, list):
        return " ".join(map(str, data))
    return "" if data is None else data
