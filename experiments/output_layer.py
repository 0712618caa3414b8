"""Study: what is added when the output layer is counted as ReLU too, as Serra et al. 2018 count.

The networks are those of `experiments.counts_and_bounds`. An estimate says which of the counts are feasible.
"""

from dataclasses import dataclass

from regions.domain import Box
from regions.estimate import estimate_regions

from . import counts_and_bounds, networks
from .columns import bound_columns, count_columns
from .plan import Study
from .training import TrainingTask

COUNT = ("engine", "status", "value", "at_least", "at_most", "seconds")


@dataclass(frozen=True)
class OutputTask(TrainingTask):
    """Estimate the regions of one trained network with its output layer as ReLU; count them if they are few.

    ``hidden`` is the certified number for the hidden layers alone. The network, known by its ``digest``, is counted
    on [0, 1]^n0 when the upper end of the estimate's interval is at most ``feasible`` cells. The estimate has
    ``estimate_limit`` seconds.
    """

    digest: str = ""
    hidden: str = ""
    counted: str = "cells"
    feasible: int = 100_000
    estimate_limit: float = 60.0


def tasks(scale, results):
    """One network of each shape that was counted with proof; at paper scale three."""
    networks_, feasible = {"quick": (1, 50_000), "paper": (3, 1_000_000)}[scale]
    return [
        OutputTask(
            **vars(task.training), digest=task.digest, hidden=row["value"], feasible=feasible
        )
        for task, row in counts_and_bounds.finished(scale, results)
        if task.seed < networks_ and row["status"] == "CERTIFIED"
    ]


def answer(batch, results):
    """Estimate the one network of ``batch``, and count it where that is feasible."""
    (task,) = batch
    network = networks.network(task.training, task.digest, results).with_output_relu()
    domain = Box.cube(network.n0, 0, 1)
    limit = {"relative_width": 0.1, "time_limit": task.estimate_limit}
    found = estimate_regions(network, domain, counting=False, **limit)
    feasible = found.ci_high is not None and 10**found.ci_high <= task.feasible
    count = (
        count_columns(network, domain, task.counted, None) if feasible else dict.fromkeys(COUNT, "")
    )
    return [
        {
            "architecture": network.architecture,
            "log10_estimate": found.log10_value,
            "log10_low": "" if found.ci_low is None else found.ci_low,
            "log10_high": "" if found.ci_high is None else found.ci_high,
            "estimate_seconds": round(found.seconds, 4),
            **count,
            **bound_columns(network.n0, network.widths),
        }
    ]


STUDY = Study(
    name="output_layer",
    question="how many regions more are there when the output layer is counted as ReLU?",
    version=2,
    tasks=tasks,
    answer=answer,
    requires=("networks", "counts_and_bounds"),
)
