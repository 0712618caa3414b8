"""`reduce_network`: the steps one after the other, as far as the loss allows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from ..deadline import now
from ..entry import read_kind, read_nonnegative, read_seed, read_whole
from ..errors import InputError
from ..result import About, Result
from ..typing import DomainLike
from .stack import StackNetwork
from .steps import Step, cluster_units, keep_strongest, remove_outside

if TYPE_CHECKING:  # slow to import, or not there
    import pandas


@dataclass(frozen=True, eq=False, repr=False)
class Reduction(Result):
    """The ``original`` network and the ``steps`` that made it smaller; ``seconds`` of wall time."""

    kind: ClassVar[str] = "reduction"

    original: StackNetwork
    steps: tuple[Step, ...]
    seconds: float | None = None

    @property
    def about(self) -> About:
        """The original, as `About`."""
        return About(self.original)

    @property
    def status(self) -> str:
        """COMPLETE: every step says for itself what is still the same function."""
        return "COMPLETE"

    def answer(self) -> dict[str, Any]:
        """``units_before``, ``units_after``, and the ``steps`` with what each is sure of."""
        return {
            "units_before": self.original.n_units,
            "units_after": self.network.n_units,
            "steps": [
                {
                    "name": step.name,
                    "widths": list(step.network.widths),
                    "removed": list(step.removed),
                    "reading": list(step.reading),
                    "loss": step.loss,
                }
                for step in self.steps
            ],
            "digest_after": self.network.digest,
        }

    def lines(self) -> Iterable[str]:
        """How many units are left, then step by step."""
        return str(self).splitlines()

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each step."""
        import pandas as pd  # an extra: who asks for a frame has it

        return pd.DataFrame(self.answer()["steps"])

    def __repr__(self):
        return f"Reduction({str(self).splitlines()[0]})"

    @property
    def network(self) -> StackNetwork:
        """The network after the last step."""
        return self.steps[-1].network

    @property
    def share_removed(self) -> float:
        """The share of the ReLU units that are gone."""
        return 1.0 - self.network.n_units / self.original.n_units

    def __str__(self):
        units = f"{self.original.n_units} -> {self.network.n_units} units"
        return "\n".join([f"{units} ({self.share_removed:.1%} removed)", *map(str, self.steps)])


def reduce_network(
    network: StackNetwork,
    loss: Callable,
    *,
    points: ArrayLike | None = None,
    domain: DomainLike | None = None,
    slack: float = 0.02,
    retrain: Callable | None = None,
    rounds: SupportsIndex = 1,
    seed: SupportsIndex = 0,
) -> Reduction:
    """Reduce a network of stacks: units outside, weak units, clusters, and training again, in rounds.

    Parameters
    ----------
    network
        A `StackNetwork`.
    loss
        Function ``loss(network) -> float``, for instance the mean squared error on the training points; it
        decides how far weak units and clusters may go.
    points, domain
        Where units count as outside: see `remove_outside`. One of the two.
    slack
        The share by which the steps of one round together may raise the loss. Half of it is for weak units,
        half for clusters, each divided evenly among the stacks.
    retrain
        Function ``retrain(network) -> network`` of yours, called after the clusters; None for none.
    rounds
        How often all of it is done.
    seed
        Seed of the clusters.

    Returns
    -------
    Reduction
        Every `Step` says what is still true of the network and what the loss is.

    Raises
    ------
    InputError
        A negative slack, less than one round, a loss that is not finite; see also `remove_outside`.

    References
    ----------
    Heiss, Stockinger, Teichmann 2021, *Reducing the number of neurons of deep ReLU networks based on the
    current theory of regularization*. There tolerances and numbers of clusters are chosen by hand: for that,
    call `remove_weak` and `cluster_units`. Here each is the most that the loss allows, by bisection.

    Examples
    --------
    >>> from .stack import Stack
    >>> wide = Stack([[1.0]] * 3, [0.0, 1e-3, 9.0], [[1.0] * 3], [0.0], ([[0.0]],))
    >>> x = np.linspace(-1, 1, 101)[:, None]
    >>> target = 2 * np.maximum(x, 0) + x + 9 + 0.1 * np.sin(9 * x)
    >>> loss = lambda network: ((network.forward(x) - target) ** 2).mean()
    >>> print(reduce_network(StackNetwork((wide,)), loss, points=x))
    3 -> 1 units (66.7% removed)
    outside: 2 units, loss 0.005151 (hull)
    weak: 2 units, loss 0.005151 (unchanged)
    clusters: 1 units, loss 0.005151 (approximate)
    """
    network = read_kind("network", network, StackNetwork, "load_stacks makes one of a module")
    slack, rounds = read_nonnegative("slack", slack), read_whole("rounds", rounds, least=1)
    seed = read_seed(seed)
    if not callable(loss):
        raise InputError(
            f"loss={loss!r} is no function; give one of a network, loss(network) -> float"
        )

    def clustered(network, kept):
        return cluster_units(network, [max(1, count) for count in kept], seed=seed)

    began = now()
    steps, current = [], network
    for _ in range(rounds):
        start = loss(current)
        if not np.isfinite(start):
            raise InputError(f"the loss of the network is {start}; it must be a finite number")
        outside = remove_outside(current, points, domain=domain)
        weak = _most(outside.network, keep_strongest, loss, start, (0.0, slack / 2))
        clusters = _most(weak.network, clustered, loss, start, (slack / 2, slack))
        for step in (outside, weak, clusters):
            steps.append(replace(step, loss=float(loss(step.network))))
        current = clusters.network
        if retrain is not None:
            current = retrain(current)
            removed = (0,) * len(current.stacks)
            reading = ("approximate",) * len(current.stacks)
            steps.append(Step("retrained", current, reading, removed, float(loss(current))))
    return Reduction(network, tuple(steps), now() - began)


def _most(network, step, loss, start, slack):
    """Apply ``step(network, kept)`` stack by stack with the fewest kept units that the loss allows.

    The limit of the loss rises evenly from stack to stack between both ends of ``slack``. Bisection: the
    loss need not be monotone in the number kept, but the number returned keeps to the limit.
    """
    kept = list(network.widths)
    for k in range(len(kept)):
        low, high = slack
        limit = start * (1 + low + (high - low) * (k + 1) / len(kept))

        def allowed(count, k=k, limit=limit):
            return loss(step(network, [*kept[:k], count, *kept[k + 1 :]]).network) <= limit

        kept[k] = _fewest(allowed, kept[k])
    return step(network, kept)


def _fewest(allowed, most):
    """The smallest number from 0 to ``most`` that bisection finds to be allowed."""
    least = 0
    while least < most:
        middle = (least + most) // 2
        if allowed(middle):
            most = middle
        else:
            least = middle + 1
    return most
