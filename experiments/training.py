"""The networks of a plan: each is trained once and kept as an npz file under the key of its task."""

import os
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from regions.formats.load import load, save

from .attack import worst_images
from .data import digits
from .plan import key_of, shape
from .train import Recipe, accuracy, outputs, train

VERSION = 2  # raised by hand when the same task would now give another network


@dataclass(frozen=True)
class TrainingTask:
    """Train one network; a study adds fields that say what is then asked of it.

    Tasks that differ in their seed alone are trained in one run.
    """

    source: str
    data_digest: str
    widths: tuple[int, ...]
    seed: int
    recipe: Recipe

    @property
    def label(self):
        return f"{shape(*self.widths)} seed {self.seed}"

    @property
    def training(self):
        """The training alone, without what a study asks of the network."""
        return TrainingTask(*(getattr(self, field.name) for field in fields(TrainingTask)))


def together(task):
    """What the tasks of one training run have in common: everything but the seed."""
    return replace(task, seed=0)


def trained(tasks, results):
    """The networks of ``tasks``, which differ in their seed alone, in their order.

    They come from their files in the folder ``results``. Where one is lost, all of ``tasks`` are
    trained again: the last bits of a network depend on those that it is trained with.
    """
    paths = [network_path(task, results) for task in tasks]
    if not all(path.exists() for path in paths):
        first, seeds = tasks[0], [task.seed for task in tasks]
        found = train(images_of(first.source), first.widths, seeds, first.recipe)
        for one, path in zip(found, paths, strict=True):
            if not path.exists():
                _keep(one.network, path)
    return [load(path) for path in paths]


def network_path(task, results):
    """Where the network of ``task`` is kept in the folder ``results`` of a scale."""
    name = f"{shape(*task.widths)}-seed{task.seed}-{key_of('training', VERSION, task.training)}.npz"
    return Path(results) / "networks" / name


def accuracy_of(network, source):
    """The share of the test images of ``source`` that ``network`` gets right."""
    images = images_of(source)
    return accuracy(network, images.test_images, images.test_labels)


def robust_accuracy_of(network, source, attack, seed):
    """The share of the test images of ``source`` that ``network`` gets right under ``attack``.

    An upper bound on the share that no perturbation of its radius turns: the attack is a search.
    ``seed`` is that of its random starts.
    """
    digits = images_of(source)
    images = torch.from_numpy(np.array(digits.test_images))[None]
    labels = torch.from_numpy(digits.test_labels)[None]
    weights, biases = (
        [torch.tensor(part, dtype=images.dtype)[None] for part in parts]
        for parts in zip(
            *((layer.weight, layer.bias[None]) for layer in network.layers), strict=True
        )
    )
    worst = worst_images(
        lambda some: outputs(weights, biases, some),
        images,
        labels,
        attack,
        [np.random.default_rng(seed)],
    )
    return accuracy(network, worst[0].numpy(), digits.test_labels)


@lru_cache(maxsize=1)
def images_of(source):
    """`experiments.data.digits`, read once a process."""
    return digits(source)


def _keep(network, path):
    """Under another name first: a file that has its name is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"new-{path.name}")
    save(network, fresh)
    os.replace(fresh, path)
