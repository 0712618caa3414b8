"""Study: regions of trained networks beside the bounds of their shape (Serra et al. 2018, Figure 5b).

The figures `counts_and_bounds` and `regions_and_accuracy` are both drawn from this table.
"""

from dataclasses import dataclass

from regions.domain import Box

from . import networks
from .columns import bound_columns, count_columns
from .plan import Study, table_path
from .summary import COUNTS, summarised
from .table import Table
from .training import TrainingTask, accuracy_of


@dataclass(frozen=True)
class CountTask(TrainingTask):
    """Count one trained network, known by its digest, on the box of all images, [0, 1]^n0.

    ``output_relu`` counts the output layer as a ReLU layer too, as Serra et al. 2018 do.
    ``time_limit`` is in seconds; None waits for the whole count.
    """

    digest: str = ""
    output_relu: bool = False
    counted: str = "cells"
    time_limit: float | None = None


def tasks(scale, results):
    """One count for every network that `experiments.networks` has trained."""
    return [
        CountTask(**vars(training), digest=row["digest"])
        for training, row in networks.finished(scale, results)
    ]


def answer(batch, results):
    """Count the one network of ``batch`` and bound its shape."""
    (task,) = batch
    trained = networks.network(task.training, task.digest, results)
    counted = trained.with_output_relu() if task.output_relu else trained
    domain = Box.cube(trained.n0, 0, 1)
    return [
        {
            "architecture": trained.architecture,
            "accuracy": accuracy_of(trained, task.source),
            **count_columns(counted, domain, task.counted, task.time_limit),
            **bound_columns(counted.n0, counted.widths),
        }
    ]


def summary(table):
    """Mean and standard error by shape, beside the bounds of the shape."""
    return summarised(
        table,
        by=COUNTS | {"bound_montufar_2017": "Montúfar 2017"},
        columns={"accuracy": "accuracy", "value": "regions", "seconds": "seconds"},
    )


STUDY = Study(
    name="counts_and_bounds",
    question="how many regions have trained networks, and how many does theory allow?",
    version=3,
    tasks=tasks,
    answer=answer,
    requires=("networks",),
    summary=summary,
)


def finished(scale, results):
    """Pairs of a task and its row, for every network of the plan that is counted."""
    rows = {row["key"]: row for row in Table(table_path(results, STUDY.name)).rows()}
    asked = ((task, STUDY.key(task)) for task in tasks(scale, results))
    return [(task, rows[key]) for task, key in asked if key in rows]
