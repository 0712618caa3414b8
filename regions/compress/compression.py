"""`compress_network`: a smaller network that is provably the same function on a domain."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from ..deadline import PASSED, Deadline, now
from ..domain import Domain
from ..entry import read_choice, read_question, read_time_limit
from ..errors import InputError, Interrupted
from ..network import ConvolutionalNetwork, Network
from ..network.slopes import require_relu
from ..preactivations.ranges import Ranges
from ..result import About, Result
from ..stability import Stability, stable_units
from ..typing import DomainLike, NetworkLike, TimeLimit
from .channels import compress_channels
from .check import Check, largest_difference
from .draft import Draft
from .fate import MERGERS, REMOVALS, Fate, Lift
from .passes import RULES, rewrite
from .size import Size

if TYPE_CHECKING:  # slow to import, or not there
    import pandas

# Share of the time limit for finding stable units; without them nothing can be merged.
SIGNS_SHARE = 0.75


@dataclass(frozen=True, eq=False, repr=False)
class Compression(Result):
    """A smaller network, and what it has to do with the original.

    Attributes
    ----------
    original, domain, network
        What was given, and the smaller network.
    before, after
        Their `Size`.
    max_difference
        No output of ``network`` differs from the original's by more than this at any point of the
        domain, over the real numbers; exactly 0.0 when no rounding was needed.
    proof
        How that is known, in a sentence.
    certified
        Whether it is a theorem: every unit used as stable has a certified range that says so.
    unsettled
        Number of units of which it is not known whether they are stable: some might go, too.
    fates
        Per hidden layer of the original a tuple with the `Fate` of each unit.
    lift
        A `Lift`: ``lift(patterns)`` turns patterns of ``network`` into those of the original.
    rule, seconds
        The rule, and wall time, that of finding the stable units included.
    complete
        Whether the rule was applied until nothing changed; False where the time limit came first.
    """

    kind: ClassVar[str] = "compression"

    original: Network
    domain: Domain
    network: Network
    max_difference: float
    proof: str
    certified: bool
    unsettled: int
    fates: tuple[tuple[Fate, ...], ...]
    lift: Lift
    rule: str
    seconds: float
    complete: bool = True

    @property
    def before(self) -> Size:
        """The `Size` of the original."""
        return Size.of(self.original)

    @property
    def after(self) -> Size:
        """The `Size` of the compressed network."""
        return Size.of(self.network)

    @property
    def removed(self) -> tuple[tuple[int, ...], ...]:
        """Per hidden layer of the original: units removed because they do not matter."""
        return self._with(REMOVALS)

    @property
    def merged(self) -> tuple[tuple[int, ...], ...]:
        """Per hidden layer of the original: units merged with others."""
        return self._with(MERGERS)

    @property
    def folded(self) -> tuple[tuple[int, ...], ...]:
        """Per hidden layer of the original: all units of a folded layer that were left by then."""
        return self._with((Fate.FOLDED,))

    def check(self, *, time_limit: TimeLimit = None) -> Check:
        """A second opinion on ``max_difference`` by mixed-integer programming: see `Check`."""
        return largest_difference(self.original, self.network, self.domain, time_limit=time_limit)

    @property
    def about(self) -> About:
        """The original, the domain and the options, as `About`."""
        return About(self.original, self.domain, {"rule": self.rule})

    @property
    def status(self) -> str:
        """CERTIFIED where `certified`, else COMPLETE."""
        return "CERTIFIED" if self.certified else "COMPLETE"

    def answer(self) -> dict[str, Any]:
        """Widths and sizes before and after, ``max_difference`` with its ``proof``, ``certified``, ``unsettled``."""
        before, after = self.before, self.after
        return {
            "widths_before": list(self.original.widths),
            "widths_after": list(self.network.widths),
            "units_removed": before.units - after.units,
            "weights_removed": before.weights - after.weights,
            "weights_beyond_input_removed": before.weights_beyond_input
            - after.weights_beyond_input,
            "removed": _numbers(self.removed),
            "merged": _numbers(self.merged),
            "folded": _numbers(self.folded),
            "max_difference": self.max_difference,
            "proof": self.proof,
            "certified": self.certified,
            "unsettled": self.unsettled,
            "digest_after": self.network.digest,
        }

    def lines(self) -> Iterable[str]:
        """What is left, then how far it may differ."""
        before, after = self.before, self.after
        sizes = (
            ("units", before.units, after.units),
            ("weights", before.weights, after.weights),
            ("weights beyond the input", before.weights_beyond_input, after.weights_beyond_input),
        )
        return [
            str(self),
            *(
                f"  {name}: {old} -> {new} ({_share(old - new, old)} removed)"
                for name, old, new in sizes
            ),
            f"  units not known to be stable or unstable: {self.unsettled}",
            f"  certified: {self.certified}, rule {self.rule}, {self.seconds:.2f} s",
        ]

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each hidden unit of the original: ``layer``, ``unit``, ``fate``."""
        import pandas as pd  # an extra: who asks for a frame has it

        units = [
            (number, unit, fate.name.lower())
            for number, fates in enumerate(self.fates, start=1)
            for unit, fate in enumerate(fates)
        ]
        return pd.DataFrame(units, columns=["layer", "unit", "fate"])

    def _with(self, fates):
        return tuple(tuple(i for i, f in enumerate(layer) if f in fates) for layer in self.fates)

    def __str__(self):
        return (
            f"{self.original.architecture} -> {self.network.architecture}, outputs differ by at most "
            f"{self.max_difference:.3g} ({self.proof})"
        )


def _share(part, whole):
    return f"{part / whole:.1%}" if whole else "0.0%"


def _numbers(layers):
    return [list(units) for units in layers]


def compress_network(
    network: NetworkLike,
    domain: DomainLike,
    *,
    rule: str = "two-sided",
    stability: Stability | None = None,
    time_limit: TimeLimit = None,
) -> Compression:
    """A smaller network that computes the same function on ``domain``, with a proof.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` of dimension n0; small ones, such as ``Box.around(x, radius)``, let most go. On
        the whole space only what the signs of the weights decide is stable.
    rule
        A key of `RULES`. ``"two-sided"`` never removes less than ``"published"``, be it units or
        weights, and much more from networks trained with an l1 term, whose rows have full rank.
    stability
        A `Stability` of the same network and domain; None calls `stable_units` with its defaults.
    time_limit
        Seconds of wall time, three quarters of them for `stable_units`: units not settled by then are taken as
        unstable, and merging that would come too late is left out (``complete``).

    Returns
    -------
    Compression
        ``network`` is the original where nothing could be removed; of a `ConvolutionalNetwork` it
        is one again, see `channels`, unless it is a constant.

    Raises
    ------
    InputError
        An unknown rule, a stability of another architecture, dimensions that do not agree.

    Notes
    -----
    Method: remove inactive and constant units; merge always-active ones (`merging`), which with
    ``"two-sided"`` includes what `rules` says of silent and proportional units; fold layers of
    always-active units when that leaves no more weights; repeat until nothing changes. A layer whose
    units all go makes the network a constant.

    Guarantee: dropping rows and columns changes no number. Other steps compute the new weights in
    exact arithmetic, round once, take the residual in exact arithmetic, and multiply it with the
    certified ranges of its inputs, rounded outward; the sum over all steps, carried to the outputs,
    is ``max_difference``. Ranges are widened by it, so that no later step builds on an old one.

    References
    ----------
    Serra, Kumar, Ramalingam 2020, *Lossless compression of deep neural networks*; Serra, Yu, Kumar,
    Ramalingam 2021, *Scaling up exact neural network compression by ReLU stability*. The two-sided
    rule and the bound on the difference are derived here.

    Examples
    --------
    >>> from regions.domain import Box
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [1.0, -1.0, 3.0]), ([[1.0, 5.0, 1.0]], None))
    >>> small = compress_network(network, Box.cube(1, 0, 1))
    >>> print(small)
    1-3-1 -> 1-1, outputs differ by at most 0 (nothing was rounded: the same function)
    >>> small.removed, small.folded, small.network.forward([0.5])
    (((1,),), ((0, 2),), array([5.5]))
    """
    start = now()
    network, domain = read_question(network, domain)
    require_relu(network, "compress_network")
    read_choice("rule", rule, RULES)
    time_limit = read_time_limit(time_limit)
    deadline = Deadline(time_limit)
    interrupted = False
    try:
        if stability is None:
            signs = _found(network, domain, time_limit)
        else:
            signs = _checked(stability, network)
    except Interrupted as stopped:
        signs, interrupted, deadline = stopped.answer, True, PASSED
    try:
        smaller, draft = _rewritten(network, domain, signs, rule, deadline)
    except KeyboardInterrupt:
        interrupted = True
        smaller, draft = _rewritten(network, domain, signs, rule, PASSED)
    kept = np.concatenate([np.zeros(0, dtype=int), *draft.units])
    difference = float(draft.difference.max())
    answer = Compression(
        original=network,
        domain=domain,
        network=smaller,
        max_difference=difference,
        proof=_proof(network, difference),
        certified=_by_ranges(signs),
        unsettled=_unsettled(signs),
        fates=_by_layer(draft.record.fates, network.widths),
        lift=draft.record.lift(kept),
        rule=rule,
        seconds=now() - start,
        complete=not draft.hurried,
    )
    if interrupted:
        raise Interrupted(answer)
    return answer


def _rewritten(network, domain, signs, rule, deadline):
    """The smaller network and its `Draft`; a ``deadline`` in the past leaves what takes no time."""
    if isinstance(network, ConvolutionalNetwork):
        return compress_channels(network, domain, signs, rule, deadline)
    draft = rewrite(lambda: Draft.of(network, domain, signs, deadline), rule)
    return draft.network(), draft


class _Signs(NamedTuple):
    """The part of a `Stability` that matters here."""

    on: tuple[np.ndarray, ...]
    off: tuple[np.ndarray, ...]
    unstable: tuple[np.ndarray, ...]
    ranges: Ranges


def _found(network, domain, time_limit):
    if domain.bounded:
        seconds = None if time_limit is None else SIGNS_SHARE * time_limit
        return stable_units(network, domain, time_limit=seconds)
    nothing = tuple(np.zeros(n, dtype=bool) for n in network.widths)
    unlimited = tuple(np.full(n, np.inf) for n in network.widths)
    return _Signs(nothing, nothing, nothing, Ranges(tuple(-u for u in unlimited), unlimited))


def _checked(stability, network):
    if not hasattr(stability, "on"):
        raise InputError(f"stability={stability!r} is none; give what stable_units found, or None")
    widths = tuple(map(len, stability.on))
    if widths != network.widths:
        raise InputError(
            f"the stability is of hidden widths {widths} but the network has {network.widths}; pass "
            "the one that stable_units found for this network and domain"
        )
    return stability


def _by_ranges(signs):
    """Whether the certified ranges alone say what ``signs`` says."""
    on = (low[u] >= 0 for low, u in zip(signs.ranges.lower, signs.on, strict=True))
    off = (high[u] <= 0 for high, u in zip(signs.ranges.upper, signs.off, strict=True))
    return all(bool(part.all()) for part in (*on, *off))


def _unsettled(signs):
    layers = zip(signs.on, signs.off, signs.unstable, strict=True)
    return sum(int((~(on | off | unstable)).sum()) for on, off, unstable in layers)


def _by_layer(fates, widths):
    starts = np.cumsum((0, *widths))
    return tuple(tuple(fates[a:b]) for a, b in pairwise(starts))


def _proof(network, difference):
    if not network.hidden:
        return "no hidden layer: nothing to remove"
    if difference == 0.0:
        return "nothing was rounded: the same function"
    return "residuals in exact arithmetic, carried to the outputs with outward rounding"
