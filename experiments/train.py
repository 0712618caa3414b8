"""Training many small networks of one shape at once, each as if it were alone.

The networks lie along the leading axis of every tensor and share nothing but the images of each
step, so that the first layers of all of them are one matrix product. Network k of a batch is the
network trained alone from the same seed, up to the order in which float32 sums are taken; one
thread computes, so the same batch gives the same bits. The seed of a network decides its first
weights and the random starts of its attacks, `Recipe.order` the order of the images; nothing else
is random.
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

from .attack import Attack, cross_entropy, losses, worst_images
from .data import Digits

WEIGHTS, ORDER, STARTS = range(3)  # independent random streams of one seed
CHUNK = 4096  # images measured at a time, which bounds the memory of their float64 copy


@dataclass(frozen=True)
class Recipe:
    """How networks are trained; the defaults are the published recipe of the compression papers.

    Stochastic gradient descent on the mean cross-entropy. The learning rate falls to a tenth after
    5/12 and again after 10/12 of the epochs. Biases start at zero.

    Parameters
    ----------
    l1
        Factor of the sum of absolute weights (biases are free) that is added to the loss.
    proximal
        How the l1 term is followed. True: soft-threshold the weights after every step, which yields
        exact zeros. False: its subgradient, as the papers do, which only comes near to zero.
    attack
        Train on the worst images of this attack, found anew for each network in every step. None,
        or an attack of radius 0, trains on the images themselves.
    order
        Seed of the order of the images, which is drawn anew for every epoch.
    """

    epochs: int = 40
    batch: int = 128
    rate: float = 0.01
    momentum: float = 0.9
    l1: float = 0.0
    proximal: bool = False
    attack: Attack | None = None
    order: int = 0

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


def train(digits: Digits, widths, seeds, recipe=None, **options) -> list[Trained]:
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
    options
        ``biases`` (default True): whether biases learn; without, they stay at zero. ``start``: how the
        first weights are drawn, a key of `FIRST_WEIGHTS` (default ``"kaiming"``).

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
    *_, last = snapshots(digits, widths, seeds, recipe, every=every, **options)
    return last


def snapshots(
    digits: Digits, widths, seeds, recipe, every=1, *, biases=True, start="kaiming"
) -> Iterator[list[Trained]]:
    """The networks of `train` while they learn: before training, then after every ``every`` epochs."""
    seeds = _checked(widths, seeds)
    with one_thread():
        run = _Run(digits, widths, seeds, recipe, biases, start)
        first = run.trained(0)
    yield first
    for epoch in range(1, recipe.epochs + 1):
        with one_thread():  # left before each yield: the setting belongs to the caller
            run.learn(epoch)
            due = epoch % every == 0 or epoch == recipe.epochs
            found = run.trained(epoch) if due else None
        if due:
            yield found


class _Run:
    """The state of one batched training run: parameters, momentum, random streams."""

    def __init__(self, digits, widths, seeds, recipe, biases, start):
        self.digits, self.seeds, self.recipe = digits, seeds, recipe
        self.images = torch.from_numpy(np.array(digits.train_images))
        self.labels = torch.from_numpy(np.array(digits.train_labels))
        sizes = (digits.n0, *widths, 10)
        self.weights, self.biases = _first_parameters(sizes, seeds, start)
        self.order = np.random.default_rng([recipe.order, ORDER])
        self.starts = [np.random.default_rng([seed, STARTS]) for seed in seeds]
        learning = [*self.weights, *self.biases] if biases else self.weights
        self.optimizer = torch.optim.SGD(
            learning, lr=recipe.rate, momentum=recipe.momentum, fused=True
        )

    def learn(self, epoch):
        """One pass over the training images, in one order for all networks."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_in(epoch)
        attack = self.recipe.attack
        attacked = bool(attack and attack.radius and epoch > attack.warmup)
        order = torch.from_numpy(self.order.permutation(len(self.labels)))
        for chosen in order.split(self.recipe.batch):
            self._step(self.images[chosen], self.labels[chosen], attacked=attacked)

    def _step(self, images, labels, attacked):
        recipe, labels = self.recipe, labels.expand(len(self.seeds), -1)
        if attacked:
            images = images.expand(len(self.seeds), -1, -1)
            images = worst_images(self.outputs, images, labels, recipe.attack, self.starts)
        loss = losses(self.outputs, images, labels).mean(dim=1).sum()
        self.optimizer.zero_grad()
        loss.backward()
        if recipe.l1 and not recipe.proximal:
            for weight in self.weights:
                weight.grad.add_(weight.detach().sign(), alpha=recipe.l1)
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
        """Outputs (networks, images, 10) for ``images`` as the function `outputs` takes them."""
        return outputs(self.weights, self.biases, images)

    def trained(self, epoch):
        networks = [
            Network(
                tuple(
                    (weight[k].detach().numpy(), bias[k, 0].detach().numpy())
                    for weight, bias in zip(self.weights, self.biases, strict=True)
                )
            )
            for k in range(len(self.seeds))
        ]
        shares, _ = self._measured(
            torch.from_numpy(np.array(self.digits.test_images)),
            torch.from_numpy(np.array(self.digits.test_labels)),
        )
        _, means = self._measured(self.images, self.labels)
        return [
            Trained(network, seed, epoch, accuracy=float(share), loss=float(mean))
            for network, seed, share, mean in zip(networks, self.seeds, shares, means, strict=True)
        ]

    @torch.no_grad()
    def _measured(self, images, labels):
        """Share of right answers and mean cross-entropy of each network, in float64."""
        weights, biases = ([p.double() for p in some] for some in (self.weights, self.biases))
        right, loss = torch.zeros(2, len(self.seeds), dtype=torch.float64)
        for some, known in zip(images.split(CHUNK), labels.split(CHUNK), strict=True):
            scores = outputs(weights, biases, some.double())
            right += (scores.argmax(dim=2) == known).sum(dim=1)
            loss += cross_entropy(scores, known.expand(len(self.seeds), -1)).sum(dim=1)
        return right / len(labels), loss / len(labels)


def outputs(weights, biases, images):
    """Outputs (networks, images, 10) for ``images`` of shape (images, n0), which all networks see, or
    (networks, images, n0)."""
    first = weights[0]
    if images.dim() == 2:  # one product for all networks: half the time of a product for each
        h = functional.linear(images, first.flatten(0, 1)).unflatten(1, first.shape[:2])
        h = h.transpose(0, 1) + biases[0]
    else:
        h = torch.baddbmm(biases[0], images, first.transpose(1, 2))
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        h = torch.baddbmm(bias, torch.relu(h), weight.transpose(1, 2))
    return h


def accuracy(network, images, labels):
    """The share of ``images`` whose largest output is that of their label."""
    return float((network.forward(images).argmax(axis=1) == labels).mean())


def _first_parameters(sizes, seeds, start):
    """Random weights (networks, out, in) and zero biases (networks, 1, out)."""
    streams = [np.random.default_rng([seed, WEIGHTS]) for seed in seeds]
    weights, biases = [], []
    for fan_in, fan_out in pairwise(sizes):
        drawn = np.stack([FIRST_WEIGHTS[start](rng, fan_out, fan_in) for rng in streams])
        weights.append(torch.from_numpy(drawn.astype(np.float32)).requires_grad_())
        biases.append(torch.zeros(len(seeds), 1, fan_out, requires_grad=True))
    return weights, biases


def _kaiming(rng, fan_out, fan_in):
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_out, fan_in))


def _uniform(rng, fan_out, fan_in):
    return rng.uniform(-1.0, 1.0, (fan_out, fan_in)) / np.sqrt(fan_in)


# By name: normal of variance 2 / fan-in (He et al. 2015); what `torch.nn.Linear` starts with, of a sixth of that.
FIRST_WEIGHTS = {"kaiming": _kaiming, "uniform": _uniform}


def _checked(widths, seeds):
    seeds = tuple(seeds)
    if not seeds or len(set(seeds)) < len(seeds):
        raise InputError(f"seeds {seeds} must be distinct whole numbers, at least one")
    if any(width < 1 for width in widths):
        raise InputError(f"hidden widths {tuple(widths)} must all be at least 1")
    return seeds


@contextmanager
def one_thread():
    """One thread of torch while networks of this size train: more only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
