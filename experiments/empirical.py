"""Study: what can be said of trained networks without counting them, beside what was counted.

The networks and their counts are those of `experiments.counts_and_bounds`.
"""

from dataclasses import dataclass

from regions.domain import Box
from regions.empirical import REFINEMENTS, empirical_bound

from . import counts_and_bounds, networks
from .columns import bound_columns
from .plan import Study, table_path
from .table import Table
from .training import TrainingTask

# Columns of a count that are repeated here, so that a figure needs one table.
COUNT = ("accuracy", "counted", "engine", "status", "value", "at_least", "at_most")


@dataclass(frozen=True)
class EmpiricalTask(TrainingTask):
    """Bound one trained network, known by its digest, on the box of all images, [0, 1]^n0.

    ``count_key`` is the row of its count. ``method`` finds the units that never switch.
    """

    digest: str = ""
    count_key: str = ""
    method: str = "relaxation"
    seed_of_search: int = 0


def tasks(scale, results):
    """One for every network that was counted."""
    counted = {counts_and_bounds.STUDY.key(t): t for t in counts_and_bounds.tasks(scale, results)}
    return [
        EmpiricalTask(**vars(task.training), digest=task.digest, count_key=key)
        for key, task in counted.items()
        if key in _counts(results)
    ]


def answer(batch, results):
    """Bound the one network of ``batch``; one column for each refinement of the bound."""
    (task,) = batch
    network = networks.network(task.training, task.digest, results)
    found = empirical_bound(
        network, Box.cube(network.n0, 0, 1), method=task.method, seed=task.seed_of_search
    )
    count = _counts(results)[task.count_key]
    known = dict(found.refinements)
    return [
        {
            "architecture": network.architecture,
            **{name: count[name] for name in COUNT},
            "count_seconds": count["seconds"],
            **bound_columns(network.n0, network.widths),
            **{f"empirical_{name}": str(known.get(name, "")) for name in REFINEMENTS},
            "empirical": str(found.value),
            "empirical_seconds": round(found.seconds, 4),
        }
    ]


def _counts(results):
    """The rows of the counts by their keys."""
    rows = Table(table_path(results, counts_and_bounds.STUDY.name)).rows()
    return {row["key"]: row for row in rows}


STUDY = Study(
    name="empirical",
    question="how near to the count do bounds and estimates come that need no count?",
    version=1,
    tasks=tasks,
    answer=answer,
    requires=("networks", "counts_and_bounds"),
)
