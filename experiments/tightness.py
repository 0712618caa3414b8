"""Study: how close random networks come to Theorem 1, by depth and input dimension."""

from dataclasses import dataclass

import numpy as np

from regions.domain import Box
from regions.network import Network

from .columns import bound_columns, count_columns
from .plan import Study, shape
from .summary import COUNTS, summarised

SIDE = 10.0  # half the side of the box; the biases have deviation 1, so most vertices lie inside


@dataclass(frozen=True)
class RandomNetwork:
    """A network with Kaiming normal weights and standard normal biases, counted on [-10, 10]^n0."""

    n0: int
    widths: tuple[int, ...]
    seed: int
    counted: str = "cells"
    side: float = SIDE
    time_limit: float | None = None

    @property
    def label(self):
        return f"n0={self.n0} {shape(*self.widths)} seed {self.seed}"

    def network(self):
        """The network itself: random weights from the seed, one output that sums the last layer."""
        rng = np.random.default_rng([self.seed, self.n0, *self.widths])
        layers, fan_in = [], self.n0
        for width in self.widths:
            weight = rng.normal(0.0, np.sqrt(2.0 / fan_in), (width, fan_in))
            layers.append((weight, rng.normal(0.0, 1.0, width)))
            fan_in = width
        return Network((*layers, (np.ones((1, fan_in)), None)))


def tasks(scale, results):
    """Layers of one width: 5 units in quick, 6 in paper scale."""
    width, inputs, depths, seeds = {
        "quick": (5, (1, 2, 3, 4), (1, 2, 3), 8),
        "paper": (6, (1, 2, 3, 4, 6), (1, 2, 3, 4), 30),
    }[scale]
    return [
        RandomNetwork(n0, (width,) * depth, seed)
        for n0 in inputs
        for depth in depths
        for seed in range(seeds)
    ]


def answer(batch, results):
    """Count the one network of ``batch`` and bound its shape."""
    (task,) = batch
    network = task.network()
    return [
        {
            "source": "random",
            "architecture": network.architecture,
            "digest": network.digest,
            "depth": len(task.widths),
            **count_columns(
                network, Box.cube(task.n0, -task.side, task.side), task.counted, task.time_limit
            ),
            **bound_columns(task.n0, task.widths),
        }
    ]


def summary(table):
    """Mean and standard error by inputs and widths, beside Theorem 1."""
    return summarised(table, by=COUNTS, columns={"value": "regions", "seconds": "seconds"})


STUDY = Study(
    name="tightness",
    question="how much of Theorem 1 do random networks reach?",
    version=2,
    tasks=tasks,
    answer=answer,
    summary=summary,
)
