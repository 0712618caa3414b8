"""A finished table in short, for people: ``python -m experiments show NAME``."""

import pandas as pd

from regions.errors import InputError

from .plan import table_path
from .table import Table


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
    return (study.summary(table) if study.summary else table).to_string(index=False)
