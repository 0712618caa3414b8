"""CBS-S: which weights to remove, by swaps under the quadratic model (Yu et al. 2022, section 4)."""

from dataclasses import dataclass

import numpy as np

SMALL = 100
"""Up to this many weights every start is searched from: a search costs milliseconds there."""


@dataclass(frozen=True)
class Search:
    """Parameters of the local search; the defaults are those of Yu et al. 2022.

    Attributes
    ----------
    least_gain
        A swap must lower twice the modelled loss by this much (epsilon, in units of the loss).
    window
        The weight at place k of those that may return is paired with places k - window to
        k + window of those that may go (rho).
    failures
        Weights without a partner that end a step (tau).
    steps, patience
        Most steps, and steps without a lower judged loss that end the search.
    starts
        Draws of the randomised magnitude start; the first is plain magnitude.
    head
        Where the weight that most wants to return has no partner, all pairs of this many of each
        side are looked at. Not in the paper, which stops there.
    """

    least_gain: float = 1e-4
    window: int = 10
    failures: int = 20
    steps: int = 50
    patience: int = 5
    starts: int = 50
    head: int = 500


def smallest(scores, count):
    """The ``count`` smallest scores, as Booleans of shape (N,); of equal ones the first.

    >>> smallest(np.array([3.0, 1.0, 2.0]), 2)
    array([False,  True,  True])
    """
    chosen = np.zeros(len(scores), dtype=bool)
    chosen[np.argsort(scores, kind="stable")[:count]] = True
    return chosen


def search(removal, weights, count, *, judge=None, seed=0, settings=None):
    """A set of ``count`` weights whose removal costs little, by local search; never worse than magnitude.

    Parameters
    ----------
    removal
        A `Removal`: what sets of weights cost.
    weights
        Shape (N,), for the starts.
    count
        How many to remove, 0 to N.
    judge
        Function from a set to a loss, which chooses among the sets on the way; default: the model's
        own cost. The paper takes the network's loss on a sample.
    seed, settings
        Seed of the random starts, and a `Search`.

    Returns
    -------
    Booleans of shape (N,): of the sets met, the one of least judged loss among those that cost no
    more than the ``count`` smallest weights do.

    Notes
    -----
    Algorithms 1 and 2 of Yu et al. 2022, with three differences. Where their search stops because the
    first weight has no partner, the best pair of the heads is swapped: without it the example below
    stops at magnitude. With up to `SMALL` weights all starts are searched from, not the best alone.
    And no weight is lost as in their code, whose start holds large negative ones in neither part.

    Examples
    --------
    Weights that cancel one another: magnitude would remove the third.

    >>> from regions.prune.curvature import Hessian
    >>> weights = np.array([1.0, 1.0, 0.5])
    >>> hessian = Hessian([[1, -1, 0], [-1, 1, 0], [0, 0, 1]])
    >>> search(hessian.removal(weights), weights, 2)
    array([ True,  True, False])
    """
    settings, judge = settings or Search(), judge or removal.cost
    rng = np.random.default_rng(seed)
    starts = sorted(_distinct(_starts(weights, count, settings.starts, rng)), key=judge)
    met = []
    for start in starts if removal.size <= SMALL else starts[:1]:
        met += _descent(removal, start, judge, settings)
    plain = smallest(np.abs(weights), count)
    limit = removal.cost(plain)
    met.sort(key=lambda pair: pair[0])
    return next((chosen for _, chosen in met if removal.cost(chosen) <= limit), plain)


def _distinct(sets):
    return {chosen.tobytes(): chosen for chosen in sets}.values()


def _starts(weights, count, starts, rng):
    """Plain magnitude first, then magnitude within random buckets (Algorithm 2)."""
    size = np.abs(weights)
    yield smallest(size, count)
    for _ in range(starts - 1):
        yield _smallest_of_buckets(size, count, rng)


def _smallest_of_buckets(size, count, rng):
    """The smallest of every bucket of a random partition, in equal shares; ``count`` in all."""
    n = len(size)
    buckets = min(int(np.sqrt(n)), 1000)
    bucket = rng.permutation(n) * buckets // n
    ends = np.searchsorted(np.sort(bucket), np.arange(buckets + 1))
    quota = np.diff(ends * count // n)
    order = np.lexsort((size, bucket))
    rank = np.arange(n) - ends[bucket[order]]
    chosen = np.zeros(n, dtype=bool)
    chosen[order] = rank < quota[bucket[order]]
    return chosen


def _descent(removal, chosen, judge, settings):
    """The sets on the way down from a start, as pairs (judged loss, set)."""
    met = [(judge(chosen), chosen)]
    best, waited = met[0][0], 0
    for _ in range(settings.steps):
        chosen = _step(removal, chosen, settings)
        if chosen is None:
            break
        loss = judge(chosen)
        met.append((loss, chosen))
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited >= settings.patience:
            break
    return met


def _step(removal, chosen, settings):
    """The set after one round of swaps, or None when no pair in sight gains enough."""
    total = removal.total(chosen)
    # twice the change of the cost when one weight leaves the set (minus alpha) or joins it (beta)
    twice, alone = 2 * (removal.left @ total), removal.alone
    leave, join = alone - twice, alone + twice
    inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    if not len(inside) or not len(outside):
        return None
    inside = inside[np.argsort(leave[inside], kind="stable")]
    change = leave[inside[0]] + join[outside] - 2 * removal.row(inside[0])[outside]
    if change.min() <= -settings.least_gain:
        order = np.argsort(change, kind="stable")
        return _walk(removal, chosen, total, inside, outside[order], settings)
    outside = outside[np.argsort(join[outside], kind="stable")]
    return _best_pair(removal, chosen, leave, join, inside, outside, settings)


def _best_pair(removal, chosen, leave, join, inside, outside, settings):
    """The set after the best single swap between the heads of both orders, or None."""
    inside, outside = inside[: settings.head], outside[: settings.head]
    change = leave[inside, None] + join[outside] - 2 * removal.block(inside, outside)
    i, j = np.unravel_index(change.argmin(), change.shape)
    if change[i, j] > -settings.least_gain:
        return None
    chosen = chosen.copy()
    chosen[inside[i]], chosen[outside[j]] = False, True
    return chosen


def _walk(removal, chosen, total, inside, outside, settings):
    """Pair the weights of the set in their order with near ones outside; each swap counts at once."""
    chosen, free = chosen.copy(), np.ones(len(outside), dtype=bool)
    failures = 0
    for k, i in enumerate(inside):
        near = np.arange(max(0, k - settings.window), min(k + settings.window + 1, len(outside)))
        near = near[free[near]]
        left, right = (part[outside[near]] - part[i] for part in (removal.left, removal.right))
        change = 2 * (left @ total) + np.einsum("nd,nd->n", left, right)
        good = np.flatnonzero(change <= -settings.least_gain)
        if len(good):
            partner = near[good[0]]
            chosen[i], chosen[outside[partner]], free[partner] = False, True, False
            total = total + right[good[0]]
        else:
            failures += 1
            if failures == settings.failures:
                break
    return chosen
