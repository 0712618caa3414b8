"""Study: regions of trained networks beside the bounds of their shape (Serra et al. 2018, Figure 5b).

The figures `counts_and_bounds` and `regions_and_accuracy` are both drawn from this table.
"""

from dataclasses import dataclass

from regions.domain import Box

from . import networks
from .columns import bound_columns, count_columns
from .plan import Study, table_path
from .table import Table


@dataclass(frozen=True)
class CountTask:
    """Count one trained network on the box of all images, [0, 1]^n0.

    ``output_relu`` counts the output layer as a ReLU layer too, as Serra et al. 2018 do.
    ``time_limit`` is in seconds; None waits for the whole count.
    """

    source: str
    data_digest: str
    architecture: str
    seed: int
    digest: str
    training_key: str
    output_relu: bool = False
    counted: str = "cells"
    time_limit: float | None = None

    @property
    def label(self):
        return f"{self.architecture} seed {self.seed}"


def tasks(scale, results):
    """One count for every network that `experiments.networks` has trained."""
    return [
        CountTask(
            training.source,
            training.data_digest,
            row["architecture"],
            training.seed,
            row["digest"],
            row["key"],
        )
        for training, row in networks.finished(scale, results)
    ]


def answer(batch, results):
    """Count the one network of ``batch`` and bound its shape."""
    (task,) = batch
    row = next(
        r for r in Table(table_path(results, "networks")).rows() if r["key"] == task.training_key
    )
    trained = networks.network(task, row, results)
    counted = trained.with_output_relu() if task.output_relu else trained
    domain = Box.cube(trained.n0, 0, 1)
    return [
        {
            "accuracy": row["accuracy"],
            **count_columns(counted, domain, task.counted, task.time_limit),
            **bound_columns(counted.n0, counted.widths),
        }
    ]


STUDY = Study(
    name="counts_and_bounds",
    question="how many regions have trained networks, and how many does theory allow?",
    version=2,
    tasks=tasks,
    answer=answer,
    requires=("networks",),
)
