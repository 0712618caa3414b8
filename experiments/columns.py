"""Columns that several studies share: the bounds of a shape and the answer of a count."""

import bounds
from regions import count_regions

UPPER = ("montufar_2014", "montufar_2017", "layered", "hinz_2021")


def bound_columns(n0, widths):
    """Upper bounds of a shape as decimal strings, which no reader turns into rounded floats.

    >>> bound_columns(2, (2, 2, 2))["bound_layered"]
    '30'
    """
    return {f"bound_{name}": str(getattr(bounds, name)(n0, widths)) for name in UPPER}


def count_columns(network, domain, counted, time_limit):
    """Count with the engine that `regions` chooses, and say which one that was."""
    found = count_regions(network, domain, counted=counted, time_limit=time_limit)
    return {
        "engine": found.engine,
        "status": found.status.name,
        "value": found.value,
        "at_least": "" if found.at_least is None else found.at_least,
        "at_most": "" if found.at_most is None else found.at_most,
        "seconds": round(found.seconds, 4),
    }
