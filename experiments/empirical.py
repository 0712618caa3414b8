"""Study: what can be said of trained networks without counting them, beside what was counted.

The networks and their counts are those of `experiments.counts_and_bounds`.
"""

from dataclasses import dataclass

from regions.domain import Box
from regions.empirical import REFINEMENTS, empirical_bound
from regions.estimate import estimate_regions

from . import counts_and_bounds, networks
from .columns import bound_columns
from .plan import Study, table_path
from .table import Table
from .training import TrainingTask

# Columns of a count that are repeated here, so that a figure needs one table.
COUNT = ("accuracy", "counted", "engine", "status", "value", "at_least", "at_most")

# Of the tree: logarithms to the base of 10. Of the parities: at least 2^exponent.
ESTIMATES = (
    *("tree_log10", "tree_low", "tree_high", "tree_samples", "tree_seconds"),
    *("mipbound_exponent", "mipbound_confidence", "mipbound_rounds", "mipbound_seconds"),
)


@dataclass(frozen=True)
class EmpiricalTask(TrainingTask):
    """Bound one trained network, known by its digest, on the box of all images, [0, 1]^n0.

    ``count_key`` is the row of its count. ``method`` finds the units that never switch. Where
    ``estimated``, the count is also estimated by random descents until half the interval is
    ``relative_width`` of the estimate, and bounded from below by ``rounds`` of random constraints on
    the parity of ``parity`` units; ``time_limit`` is in seconds, for each of the two.
    """

    digest: str = ""
    count_key: str = ""
    method: str = "relaxation"
    estimated: bool = True
    relative_width: float = 0.05
    rounds: int = 20
    parity: int = 3
    time_limit: float = 600.0
    random_seed: int = 0


def tasks(scale, results):
    """One for every network that was counted; at quick scale one of each shape is estimated."""
    return [
        EmpiricalTask(
            **vars(task.training),
            digest=task.digest,
            count_key=row["key"],
            estimated=scale == "paper" or task.seed == 0,
        )
        for task, row in counts_and_bounds.finished(scale, results)
    ]


def answer(batch, results):
    """Bound and estimate the one network of ``batch``; one column for each refinement of the bound."""
    (task,) = batch
    network = networks.network(task.training, task.digest, results)
    domain = Box.cube(network.n0, 0, 1)
    found = empirical_bound(network, domain, method=task.method, seed=task.random_seed)
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
            **_estimates(task, network, domain),
        }
    ]


def _estimates(task, network, domain):
    """Columns of both methods, empty where nothing is estimated."""
    if not task.estimated:
        return dict.fromkeys(ESTIMATES, "")
    options = {"seed": task.random_seed, "time_limit": task.time_limit}
    tree = estimate_regions(
        network, domain, relative_width=task.relative_width, counting=False, **options
    )
    least = estimate_regions(
        network, domain, method="mipbound", samples=task.rounds, parity=task.parity, **options
    )
    cells = (
        *(tree.log10_value, tree.ci_low, tree.ci_high, tree.samples, round(tree.seconds, 4)),
        *(least.exponent, least.confidence, least.samples, round(least.seconds, 4)),
    )
    return dict(zip(ESTIMATES, ("" if c is None else c for c in cells), strict=True))


def _counts(results):
    """The rows of the counts by their keys."""
    rows = Table(table_path(results, counts_and_bounds.STUDY.name)).rows()
    return {row["key"]: row for row in rows}


STUDY = Study(
    name="empirical",
    question="how near to the count do bounds and estimates come that need no count?",
    version=4,
    tasks=tasks,
    answer=answer,
    requires=("networks", "counts_and_bounds"),
)
