"""Training networks of stacks: a wide ReLU layer to a bottleneck, with an affine path (Heiss et al. 2021)."""

import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from regions.reduce import StackNetwork, load_stacks

from .train import one_thread


class StackModule(nn.Module):
    """One stack, in the form that `regions.reduce.load_stacks` reads."""

    def __init__(self, d_in, width, d_out):
        super().__init__()
        middle = min(d_in, d_out)
        self.wide = nn.Linear(d_in, width)
        self.bottleneck = nn.Linear(width, d_out)
        self.inner = nn.Linear(d_in, middle, bias=False)
        self.outer = nn.Linear(middle, d_out, bias=False)

    def forward(self, z):
        return self.bottleneck(torch.relu(self.wide(z))) + self.outer(self.inner(z))


@dataclass(frozen=True)
class StackRecipe:
    """How a network of stacks is trained: Adam, first without regularisation, then with it.

    Parameters
    ----------
    plain, regularised
        Numbers of epochs without and with regularisation.
    batch, rate
        Images a step (0: all of them), and the learning rate; it falls to zero along a cosine in both
        parts, and is ten times as large for the affine path, as in the paper.
    l2, l2_affine
        Factors of the sum of squares of all parameters but the bottlenecks' biases, and of the affine path.
    """

    plain: int
    regularised: int
    batch: int
    rate: float
    l2: float
    l2_affine: float


def train_stacks(dimensions, widths, points, targets, loss, recipe, seed, start=None):
    """Train a `StackNetwork` on float arrays; everything random is decided by ``seed``.

    Parameters
    ----------
    dimensions
        (n0, d_1, ..., d_J): input, bottlenecks, output.
    widths
        ReLU units of each stack.
    points, targets, loss
        Inputs, and what ``loss(outputs, targets)`` of torch compares the outputs with.
    recipe
        A `StackRecipe`.
    start
        A `StackNetwork` to start from, in place of a random one; only the regularised part is then run.
    """
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        shapes = zip(pairwise(dimensions), widths, strict=True)
        with warnings.catch_warnings():  # a reduced stack may have no unit left, which is fine
            warnings.filterwarnings("ignore", "Initializing zero-element tensors")
            module = nn.Sequential(*(StackModule(a, width, b) for (a, b), width in shapes))
        if start is not None:
            _copy(start, module)
        data = torch.tensor(points, dtype=torch.float32), torch.as_tensor(targets)
        if start is None:
            _descend(module, data, loss, recipe, recipe.plain, 0.0, seed)
        _descend(module, data, loss, recipe, recipe.regularised, 1.0, seed + 1)
        return load_stacks(module)


def _descend(module, data, loss, recipe, epochs, strength, seed):
    """``epochs`` passes over the data, with ``strength`` times the regularisation."""
    order = np.random.default_rng(seed)
    count = len(data[0])
    batch = recipe.batch or count
    affine = [p for s in module for p in (s.inner.weight, s.outer.weight)]
    curved = [p for s in module for p in (s.wide.weight, s.wide.bias, s.bottleneck.weight)]
    free = [s.bottleneck.bias for s in module]
    optimizer = torch.optim.Adam(
        [{"params": curved + free, "lr": recipe.rate}, {"params": affine, "lr": 10 * recipe.rate}]
    )
    steps = max(1, epochs * -(-count // batch))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(epochs):
        for chosen in torch.from_numpy(order.permutation(count)).split(batch):
            value = loss(module(data[0][chosen]), data[1][chosen])
            if strength:
                value = value + recipe.l2 * _squares(curved) + recipe.l2_affine * _squares(affine)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()


def _squares(parameters):
    return sum((p**2).sum() for p in parameters)


@torch.no_grad()
def _copy(network: StackNetwork, module):
    for stack, part in zip(network.stacks, module, strict=True):
        for parameter, array in (
            (part.wide.weight, stack.V),
            (part.wide.bias, stack.b),
            (part.bottleneck.weight, stack.W),
            (part.bottleneck.bias, stack.c),
            (part.inner.weight, stack.skip[0]),
            (part.outer.weight, stack.skip[1]),
        ):
            parameter.copy_(torch.tensor(array, dtype=torch.float32))
