"""A finished table in short, for people: ``python -m experiments show NAME``."""

import pandas as pd

from regions.errors import InputError

from .plan import table_path
from .table import Table

# How the names of columns end that are there for the program, not for people.
BOOKKEEPING = ("study", "key", "schema", "version", "digest")


def show(study, results):
    """The summary of the table of ``study`` in the folder ``results``, as aligned text.

    Raises
    ------
    InputError
        The table has no rows yet.
    """
    path = table_path(results, study.name)
    rows = Table(path).rows()
    if not rows:
        raise InputError(
            f"{path} has no rows; make them with: python -m experiments run {study.name}"
        )
    table = pd.DataFrame(rows)
    if study.summary:
        return study.summary(table).to_string(index=False)
    return _telling(table)


def _telling(table):
    """What differs between rows, below a line of what is the same in all; without keys and digests."""
    table = table.drop(columns=[name for name in table if name.endswith(BOOKKEEPING)])
    same = [name for name in table if (table[name] == table[name].iloc[0]).all()]
    first = table.iloc[0]
    common = ", ".join(f"{name} {first[name]}" for name in same if first[name] != "")
    return f"in all rows: {common}\n{table.drop(columns=same).to_string(index=False)}"
