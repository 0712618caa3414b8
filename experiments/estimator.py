"""Study: how narrow the intervals of the tree estimator get with time, how often they cover, what a count costs."""

import math
from dataclasses import dataclass
from functools import lru_cache

from regions import Box, estimate_regions

from .columns import count_columns
from .plan import Study, shape
from .tightness import SIDE, RandomNetwork


@dataclass(frozen=True)
class EstimatorTask:
    """Estimate the cells of one random network with ``samples`` descents from ``seed``."""

    n0: int
    widths: tuple[int, ...]
    samples: int
    seed: int
    counted: str = "cells"
    confidence: float = 0.95

    @property
    def label(self):
        return f"n0={self.n0} {shape(*self.widths)} {self.samples} descents seed {self.seed}"


def tasks(scale, results):
    """Networks that can be counted, by both kinds of kernel, with ever more descents."""
    networks, samples, seeds = {
        "quick": (((5, (11, 11)), (8, (8, 10))), (64, 256, 1024), 10),
        "paper": (((5, (14, 14)), (8, (12, 12)), (40, (9, 12))), (64, 256, 1024, 4096), 40),
    }[scale]
    return [
        EstimatorTask(n0, widths, count, seed)
        for n0, widths in networks
        for count in samples
        for seed in range(seeds)
    ]


def answer(batch, results):
    """Estimate the network of the one task of ``batch``; its count is shared by all its tasks."""
    (task,) = batch
    network, count = _counted(task.n0, task.widths)
    found = estimate_regions(
        network,
        _box(task.n0),
        samples=task.samples,
        seed=task.seed,
        confidence=task.confidence,
        time_limit=None,
        counting=False,
    )
    truth = math.log10(count["value"])
    return [
        {
            "source": "random",
            "architecture": network.architecture,
            "digest": network.digest,
            "log10_value": found.log10_value,
            "ci_low": found.ci_low,
            "ci_high": found.ci_high,
            "log10_at_least": found.log10_at_least,
            "covered": found.ci_low <= truth <= found.ci_high,
            "estimate_seconds": round(found.seconds, 4),
            **count,
        }
    ]


STUDY = Study(
    name="estimator",
    question="how good is an estimate for its time, and how often does its interval cover?",
    version=3,
    tasks=tasks,
    answer=answer,
)


def _box(n0):
    return Box.cube(n0, -SIDE, SIDE)


@lru_cache(maxsize=8)
def _counted(n0, widths):
    network = RandomNetwork(n0, widths, seed=0).network()
    return network, count_columns(network, _box(n0), "cells", None)
