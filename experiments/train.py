"""Training many small networks of one shape at once, each as if it were alone.

The networks lie along the leading axis of every tensor and meet in no operation, so that network k
of a batch equals, bit for bit where the linear algebra library treats the members of a batch alike,
the network trained alone from the same seed. Its seed decides its first weights, the order of its
images and the random starts of its attacks; nothing else is random, and one thread computes, so
that sums are always taken in the same order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional

from regions.errors import InputError
from regions.network import Network

from .attack import Attack, losses, worst_images
from .data import Digits

WEIGHTS, ORDER, STARTS = range(3)  # independent random streams of one seed


@dataclass(frozen=True)
class Recipe:
    """How networks are trained; the defaults are the published recipe of the compression papers.

    Stochastic gradient descent on the mean cross-entropy. The learning rate falls to a tenth after
    5/12 and again after 10/12 of the epochs. Weights start Kaiming normal, biases at zero.

    Parameters
    ----------
    l1
        Factor of the sum of absolute weights (biases are free) that is added to the loss.
    proximal
        How the l1 term is followed. True: soft-threshold the weights after every step, which yields
        exact zeros. False: its subgradient, as the papers do, which only comes near to zero.
    attack
        Train on the worst images of this attack, found anew for each network in every step.
    """

    epochs: int = 40
    batch: int = 128
    rate: float = 0.01
    momentum: float = 0.9
    l1: float = 0.0
    proximal: bool = False
    attack: Attack | None = None

    def rate_in(self, epoch):
        """The learning rate of ``epoch``, counted from 1.

        >>> [Recipe(epochs=12).rate_in(epoch) for epoch in (5, 6, 11)]
        [0.01, 0.001, 0.0001]
        """
        falls = sum(12 * (epoch - 1) >= twelfths * self.epochs for twelfths in (5, 10))
        return self.rate / 10**falls


@dataclass(frozen=True)
class Trained:
    """A network with what is to be known of it: ``accuracy`` on the test images as a share of one,
    ``loss`` the mean cross-entropy on the training images, ``epoch`` 0 before any training."""

    network: Network
    seed: int
    epoch: int
    accuracy: float
    loss: float


def train(digits: Digits, widths, seeds, recipe=None, *, biases=True) -> list[Trained]:
    """Train one network for every seed; returns them in the order of ``seeds``.

    Parameters
    ----------
    digits
        Images and labels, see `experiments.data.digits`.
    widths
        Hidden layers (n1, ..., nL); the output layer has one unit for each of the ten digits.
    seeds
        Whole numbers >= 0, one network each.
    recipe
        A `Recipe`; default ``Recipe()``.
    biases
        Whether biases learn; without, they stay at zero.

    Raises
    ------
    InputError
        No seed, a repeated seed, a width below 1.

    Notes
    -----
    The weights are float32 while training; the `Network` holds the same numbers as float64, and
    accuracy and loss are those of that network.
    """
    recipe = recipe or Recipe()
    every = max(recipe.epochs, 1)
    *_, last = snapshots(digits, widths, seeds, recipe, every=every, biases=biases)
    return last


def snapshots(
    digits: Digits, widths, seeds, recipe, every=1, *, biases=True
) -> Iterator[list[Trained]]:
    """The networks of `train` while they learn: before training, then after every ``every`` epochs."""
    seeds = _checked(widths, seeds)
    with _one_thread():
        run = _Run(digits, widths, seeds, recipe, biases)
        first = run.trained(0)
    yield first
    for epoch in range(1, recipe.epochs + 1):
        with _one_thread():  # left before each yield: the setting belongs to the caller
            run.learn(epoch)
            due = epoch % every == 0 or epoch == recipe.epochs
            found = run.trained(epoch) if due else None
        if due:
            yield found


class _Run:
    """The state of one batched training run: parameters, momentum, random streams."""

    def __init__(self, digits, widths, seeds, recipe, biases):
        self.digits, self.seeds, self.recipe = digits, seeds, recipe
        self.images = torch.from_numpy(np.array(digits.train_images))
        self.labels = torch.from_numpy(np.array(digits.train_labels))
        sizes = (digits.n0, *widths, 10)
        self.weights, self.biases = _first_parameters(sizes, seeds)
        self.orders = [np.random.default_rng([seed, ORDER]) for seed in seeds]
        self.starts = [np.random.default_rng([seed, STARTS]) for seed in seeds]
        learning = [*self.weights, *self.biases] if biases else self.weights
        self.optimizer = torch.optim.SGD(learning, lr=recipe.rate, momentum=recipe.momentum)

    def learn(self, epoch):
        """One pass over the training images, each network in its own order."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_in(epoch)
        order = np.stack([rng.permutation(len(self.labels)) for rng in self.orders])
        for chosen in torch.from_numpy(order).split(self.recipe.batch, dim=1):
            self._step(self.images[chosen], self.labels[chosen])

    def _step(self, images, labels):
        recipe = self.recipe
        if recipe.attack:
            images = worst_images(self.outputs, images, labels, recipe.attack, self.starts)
        loss = losses(self.outputs, images, labels).mean(dim=1).sum()
        if recipe.l1 and not recipe.proximal:
            loss = loss + recipe.l1 * sum(weight.abs().sum() for weight in self.weights)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if recipe.l1 and recipe.proximal:
            self._soft_threshold()

    @torch.no_grad()
    def _soft_threshold(self):
        """The proximal map of the l1 term: nearer to zero by ``reach``, at most to zero.

        With momentum m a steady gradient moves a weight by rate / (1 - m) times its size, so the
        threshold needs the same factor for both terms to balance where their sum is smallest.
        """
        recipe = self.recipe
        reach = self.optimizer.param_groups[0]["lr"] * recipe.l1 / (1 - recipe.momentum)
        for weight in self.weights:
            weight.copy_(functional.softshrink(weight, reach))

    def outputs(self, images):
        """Outputs of shape (networks, images, 10) for ``images`` (networks, images, n0)."""
        h = images
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(bias, torch.relu(h) if layer else h, weight.transpose(1, 2))
        return h

    def trained(self, epoch):
        return [self._one(k, seed, epoch) for k, seed in enumerate(self.seeds)]

    def _one(self, k, seed, epoch):
        network = Network(
            tuple(
                (weight[k].detach().numpy(), bias[k, 0].detach().numpy())
                for weight, bias in zip(self.weights, self.biases, strict=True)
            )
        )
        digits = self.digits
        scores = torch.from_numpy(network.forward(digits.train_images))
        return Trained(
            network,
            seed,
            epoch,
            accuracy=accuracy(network, digits.test_images, digits.test_labels),
            loss=float(functional.cross_entropy(scores, self.labels)),
        )


def accuracy(network, images, labels):
    """The share of ``images`` whose largest output is that of their label."""
    return float((network.forward(images).argmax(axis=1) == labels).mean())


def _first_parameters(sizes, seeds):
    """Kaiming normal weights (networks, out, in) and zero biases (networks, 1, out)."""
    streams = [np.random.default_rng([seed, WEIGHTS]) for seed in seeds]
    weights, biases = [], []
    for fan_in, fan_out in pairwise(sizes):
        deviation = np.sqrt(2.0 / fan_in)
        drawn = np.stack([rng.normal(0.0, deviation, (fan_out, fan_in)) for rng in streams])
        weights.append(torch.from_numpy(drawn.astype(np.float32)).requires_grad_())
        biases.append(torch.zeros(len(seeds), 1, fan_out, requires_grad=True))
    return weights, biases


def _checked(widths, seeds):
    seeds = tuple(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise InputError(f"seeds {seeds} must be distinct whole numbers, at least one")
    if any(width < 1 for width in widths):
        raise InputError(f"hidden widths {tuple(widths)} must all be at least 1")
    return seeds


@contextmanager
def _one_thread():
    """One thread of torch while networks of this size train: more only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
