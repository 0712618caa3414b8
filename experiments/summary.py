"""Tables in short: mean and standard error over the networks that differ in their seed alone."""

import numpy as np
import pandas as pd

# What makes a group in tables of counts, beside the bound of the shape.
COUNTS = {
    "architecture": "network",
    "counted": "counted",
    "status": "status",
    "bound_layered": "Theorem 1",
}


def summarised(table, by, columns):
    """A row for each group of ``table``, whose cells are texts.

    ``by`` and ``columns`` are dictionaries from columns of the table to headings: of those that make
    a group, and of those whose mean and error is taken. A further column counts the networks.
    """
    rows = []
    for names, group in table.groupby(list(by), sort=False):
        row = dict(zip(by.values(), names, strict=True)) | {"networks": len(group)}
        rows.append(row | {text: mean_and_error(group[name]) for name, text in columns.items()})
    return pd.DataFrame(rows)


def mean_and_error(numbers):
    """Mean and standard error of the mean, as text to the error's first digit.

    >>> mean_and_error([95.61, 95.67, 95.73]), mean_and_error(["3.0"])
    ('95.67 ± 0.03', '3')
    """
    numbers = np.asarray(numbers, dtype=float)
    mean, count = numbers.mean(), len(numbers)
    error = numbers.std(ddof=1) / np.sqrt(count) if count > 1 else 0.0
    if error == 0.0:
        return f"{mean:.4g}"
    digits = max(0, -int(np.floor(np.log10(error))))
    return f"{mean:.{digits}f} ± {error:.{digits}f}"
