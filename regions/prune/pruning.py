"""`prune_network`: set weights of a trained network to zero where its loss notices least."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..deadline import now
from ..entry import (
    read_choice,
    read_network,
    read_positive,
    read_seed,
    read_whole,
)
from ..errors import InputError, UnsupportedError
from ..network import ConvolutionalNetwork, Network
from ..network.slopes import require_relu
from ..result import About, Result
from ..typing import NetworkLike
from .curvature import Blocks, Fisher
from .local_search import search, smallest
from .update import surgeon_update, woodfisher_costs, woodfisher_update
from .weights import Examples, by_layer, layer_slices, weight_vector, with_weights

METHODS = {
    "magnitude": "the smallest weights go, the others stay as they are (MP)",
    "woodfisher-selection": "those go that others could replace most cheaply one by one (WF-S)",
    "cbs-selection": "the set that costs least as a whole goes, by local search (CBS-S)",
    "woodfisher": "woodfisher-selection, then the sum of the updates for single weights (WF)",
    "cbs": "cbs-selection, then the best update for the whole set (CBS)",
}

BLOCKS = ("layers", "network")


@dataclass(frozen=True, eq=False, repr=False)
class Pruning(Result):
    """A network with weights at zero, and what that did to its loss.

    Attributes
    ----------
    original, network
        What was given, and the pruned network, of the same shape.
    removed
        Per layer the Booleans that say which weights were removed, shaped like its weights.
    sparsity, method
        As asked for.
    modelled_increase
        Growth of the loss by the quadratic model, from original to pruned weights.
    loss_before, loss_after
        Mean cross-entropy on the sample of examples.
    seconds
        Wall time, without that of gradients and inverses that were there already.
    """

    kind: ClassVar[str] = "pruning"

    original: Network
    network: Network
    removed: tuple[np.ndarray, ...]
    sparsity: float
    method: str
    modelled_increase: float
    loss_before: float
    loss_after: float
    seconds: float

    @property
    def weights_removed(self) -> int:
        """How many weights were removed: the sparsity times their number, rounded up."""
        return sum(int(layer.sum()) for layer in self.removed)

    @property
    def about(self) -> About:
        """The original and the options, as `About`; there is no domain."""
        return About(self.original, None, {"sparsity": self.sparsity, "method": self.method})

    @property
    def status(self) -> str:
        """COMPLETE: a heuristic that ended; nothing is proved."""
        return "COMPLETE"

    def answer(self) -> dict[str, Any]:
        """``weights``, ``weights_removed``, the losses, ``digest_after``."""
        return {
            "weights": sum(layer.size for layer in self.removed),
            "weights_removed": self.weights_removed,
            "modelled_increase": self.modelled_increase,
            "loss_before": self.loss_before,
            "loss_after": self.loss_after,
            "digest_after": self.network.digest,
        }

    def lines(self) -> Iterable[str]:
        """What is gone, and what the loss makes of it."""
        layers = [
            f"  layer {number}: {layer.sum()} of {layer.size} weights removed"
            for number, layer in enumerate(self.removed, start=1)
        ]
        return [str(self), self._title(), *layers]

    def __str__(self):
        weights = sum(layer.size for layer in self.removed)
        return (
            f"{self.original.architecture}: {self.weights_removed} of {weights} weights removed "
            f"({self.method}), loss {self.loss_before:.4g} -> {self.loss_after:.4g}"
        )


OPTIONS = ("gradients", "sample", "damping", "blocks", "search", "seed")
"""What else `prune_network` may be told."""


class Surgeon:
    """What pruning needs to know of a network, computed once for any number of cuts.

    Parameters are those of `prune_network`.
    """

    def __init__(
        self,
        network,
        inputs,
        labels,
        *,
        gradients=1000,
        sample=5000,
        damping=1e-3,
        blocks="layers",
        search=None,
        seed=0,
    ):
        self.network = read_network(network)
        require_relu(self.network, "prune_network")
        if isinstance(self.network, ConvolutionalNetwork):
            raise UnsupportedError(
                f"{self.network!r} has convolutions, whose weights are shared; pruning takes networks of "
                "dense layers, for instance its head"
            )
        if blocks not in BLOCKS:
            raise InputError(f"blocks={blocks!r} is unknown; choose one of {', '.join(BLOCKS)}")
        damping = read_positive("damping", damping)
        gradients = read_whole("gradients", gradients, least=1)
        sample = read_whole("sample", sample, least=1)
        examples = Examples(self.network, inputs, labels)
        rng = np.random.default_rng(read_seed(seed))
        self._for_gradients, self._sample = (examples.draw(n, rng) for n in (gradients, sample))
        self._damping, self._blocks, self._search, self._seed = damping, blocks, search, seed
        self._weights = weight_vector(self.network)
        self._selections = {}

    def prune(self, sparsity, method="cbs"):
        """As `prune_network`, with the network, the examples and the options of this surgeon."""
        start = now()
        if method not in METHODS:
            raise InputError(f"method={method!r} is unknown; choose one of {', '.join(METHODS)}")
        removed = self._select(method, removal_count(sparsity, len(self._weights)))
        weights = self._update(method, removed)
        return Pruning(
            original=self.network,
            network=with_weights(self.network, weights),
            removed=tuple(by_layer(self.network, removed)),
            sparsity=sparsity,
            method=method,
            modelled_increase=self._fisher.increase(weights - self._weights),
            loss_before=self._sample.loss(self._weights),
            loss_after=self._sample.loss(weights),
            seconds=now() - start,
        )

    def _select(self, method, count):
        """The set that a method removes; the two methods of one rule share it."""
        rule = method.partition("-")[0]
        if (rule, count) not in self._selections:
            self._selections[rule, count] = self._selected(rule, count)
        return self._selections[rule, count]

    def _selected(self, rule, count):
        if rule == "magnitude":
            return smallest(np.abs(self._weights), count)
        if rule == "woodfisher":
            return smallest(woodfisher_costs(self._weights, self._inverse), count)
        return search(
            self._removal,
            self._weights,
            count,
            judge=lambda removed: self._sample.loss(np.where(removed, 0.0, self._weights)),
            seed=self._seed,
            settings=self._search,
        )

    def _update(self, method, removed):
        if method == "woodfisher":
            return woodfisher_update(self._weights, removed, self._inverse)
        if method == "cbs":
            return surgeon_update(self._weights, removed, self._blocked, self._damping)
        return np.where(removed, 0.0, self._weights)

    @cached_property
    def _fisher(self):
        return Fisher(self._for_gradients.gradients(self._weights))

    @cached_property
    def _removal(self):
        return self._fisher.removal(self._weights)

    @cached_property
    def _blocked(self):
        if self._blocks == "network":
            return self._fisher
        return Blocks.of(self._fisher, layer_slices(self.network))

    @cached_property
    def _inverse(self):
        return self._blocked.inverse(self._damping)


def prune_network(
    network: NetworkLike,
    inputs: ArrayLike,
    labels: ArrayLike,
    sparsity: float,
    *,
    method: str = "cbs",
    **options: Any,
) -> Pruning:
    """Set a share of the weights of a trained classifier to zero, where its loss notices least.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes; its outputs are scores of classes, its
        loss the cross-entropy. The model of the loss is made for weights at a minimum.
    inputs, labels
        Training examples: shapes (m, n0) and (m,), labels 0, ..., n_out - 1.
    sparsity
        Share of the weights to remove, in [0, 1), rounded up to whole weights. Biases are kept as
        they are.
    method
        A key of `METHODS`.
    **options
        Those of `Surgeon`: ``gradients`` and ``sample``, how many of the examples are drawn for the Fisher
        matrix, and for the loss that the local search compares its candidates by (all, if there are fewer).
        ``damping`` is added to the diagonal of the Fisher matrix before it is inverted. ``blocks="layers"``
        neglects curvature between layers in inverses and updates, as the papers do; ``"network"`` keeps it
        (selection by ``cbs`` always has all of it). ``search`` is a `Search`, the parameters of the local search;
        ``seed`` that of the draws of examples and of the starts of the local search.

    Returns
    -------
    Pruning
        With a network of the same shape, to be counted, bounded or compressed like any other.

    Raises
    ------
    InputError
        A sparsity outside [0, 1), an unknown method, examples that do not fit the network.
    UnsupportedError
        A network with convolutions.

    Notes
    -----
    Magnitude and WoodFisher (Singh, Alistarh 2020) judge each weight alone; the combinatorial brain
    surgeon (Yu, Serra, Ramalingam, Zhe 2022) judges the set, since weights can cancel one another.
    To prune one network in several ways, ``Surgeon(network, inputs, labels).prune(sparsity, method)``
    computes gradients and inverses once. The update of ``cbs`` can hurt at extreme sparsities, far
    from where the quadratic model holds.

    Examples
    --------
    Two inputs are always equal: their large weights cancel, and cost nothing together.

    >>> network = Network.of(([[2.0, -2.0, 1.0], [0.0, 0.0, 0.0]], None))
    >>> x = np.random.default_rng(0).normal(size=(200, 3))
    >>> x[:, 1] = x[:, 0]
    >>> labels = network.forward(x).argmax(axis=1)
    >>> pruning = prune_network(network, x, labels, 0.8, method="cbs-selection")
    >>> pruning.network.layers[0].weight
    array([[0., 0., 1.],
           [0., 0., 0.]])
    >>> pruning.loss_after - pruning.loss_before
    0.0
    """
    for name in options:
        read_choice("the option", name, OPTIONS)
    return Surgeon(network, inputs, labels, **options).prune(sparsity, method)


def removal_count(sparsity, weights):
    """The sparsity times the number of weights, rounded up; the share is read as its decimals.

    >>> removal_count(0.7, 10), removal_count(0.55, 100), removal_count(0.5, 3)
    (7, 55, 2)
    """
    if not isinstance(sparsity, Real) or not 0 <= sparsity < 1:
        raise InputError(
            f"a sparsity of {sparsity} is outside [0, 1); give the share of weights to remove, 0.9 for 90 %"
        )
    # 0.55 * 100 is a little more than 55 in doubles, and would round up to 56
    return ceil(Fraction(repr(float(sparsity))) * weights)
