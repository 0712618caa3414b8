"""What a transformation is: a shallower network, and where it equals the original."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..compress import Compression, compress_network
from ..domain import Box, Domain
from ..entry import read_domain, read_kind, read_network
from ..errors import InputError
from ..network import Network
from ..network.slopes import require_relu
from ..result import About, Result
from ..typing import DomainLike, NetworkLike

# Unit: share of the largest output. Two float64 forward passes of the same function, one of them through
# a penalty K times a distance, differ by rounding; this is some hundred thousand units in the last place.
ROUNDING = 1e-10
CONFIDENCE = 0.99


@dataclass(frozen=True)
class Share:
    """A share found by sampling: ``value``, and the ends of its exact (Clopper-Pearson) 99 % interval."""

    value: float
    low: float
    high: float
    samples: int

    @classmethod
    def of(cls, hits):
        """The share of True in Booleans."""
        from scipy.stats import binomtest  # slow to import, and nothing else needs it

        hits = np.asarray(hits, dtype=bool)
        test = binomtest(int(hits.sum()), len(hits))
        low, high = test.proportion_ci(confidence_level=CONFIDENCE, method="exact")
        return cls(float(hits.mean()), float(low), float(high), len(hits))


@dataclass(frozen=True, eq=False, repr=False)
class Transformation(Result):
    """A shallower network and what it has to do with the original.

    Attributes
    ----------
    original, domain, network
        What was given, and the network with one or two hidden layers.
    pieces
        Number of convex sets that it is made of.
    proved_share
        On at least this share of the domain's volume the networks differ by at most
        ``max_difference``, over the real numbers. None where nothing is proved: dimension above 3.
    max_difference
        See ``proved_share``; it comes from rounding weights and is not the difference elsewhere.
    seconds
        Wall time, that of finding the pieces included.
    """

    kind: ClassVar[str] = "transformation"

    original: Network
    domain: Domain
    network: Network
    pieces: int
    proved_share: float | None
    max_difference: float
    seconds: float

    def equal_at(self, points: ArrayLike) -> np.ndarray:
        """Booleans (...) for ``points`` (..., n0): both forward passes agree, up to `ROUNDING`."""
        expected, found = self.original.forward(points), self.network.forward(points)
        allowed = self.max_difference + ROUNDING * max(1.0, np.abs(expected).max(initial=0.0))
        return np.abs(expected - found).max(axis=-1) <= allowed

    def sampled_share(self, *, samples: int = 100_000, seed: int = 0) -> "Share":
        """The share of random points of the domain at which both agree, as a `Share`."""
        if samples < 1:
            raise InputError(f"samples must be at least 1; got {samples}")
        return Share.of(self.equal_at(self.domain.sample(samples, seed)))

    @property
    def about(self) -> About:
        """The original and the domain, as `About`."""
        return About(self.original, self.domain)

    @property
    def status(self) -> str:
        """CERTIFIED where a share is proved, else COMPLETE."""
        return "COMPLETE" if self.proved_share is None else "CERTIFIED"

    def answer(self) -> dict[str, Any]:
        """``widths_after``, ``pieces``, ``proved_share``, ``max_difference``, ``digest_after``."""
        return {
            "widths_after": list(self.network.widths),
            "pieces": self.pieces,
            "proved_share": self.proved_share,
            "max_difference": self.max_difference,
            "digest_after": self.network.digest,
        }

    def lines(self) -> Iterable[str]:
        """The shapes, and where both networks are the same function."""
        return [str(self), self._title(), f"{self.pieces} pieces"]

    def __str__(self):
        return f"{self.original.architecture} -> {self.network.architecture}, {self._where()}"

    def _where(self):
        if self.proved_share is None:
            return "nothing proved; see sampled_share"
        where = "the whole domain"
        if self.proved_share < 1:  # rounded down: it is a lower bound
            where = f"at least {math.floor(1e6 * self.proved_share) / 1e4:.4f}% of the domain"
        return f"equal on {where} up to {self.max_difference:.3g}"


def local_equivalent(
    network: NetworkLike, x: ArrayLike, radius: ArrayLike, *, within: DomainLike | None = None
) -> Compression:
    """The network on the box of half-width ``radius`` around ``x``: a `Compression`, exact there.

    The smaller the box, the more units are stable on it, and the more units and layers go.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    x
        The centre, shape (n0,).
    radius
        Half the side, a number or shape (n0,).
    within
        A `Box` to which the small one is cut, for instance that of valid inputs.

    Raises
    ------
    InputError
        Dimensions that do not agree, a negative radius, an ``x`` so far outside ``within`` that
        nothing is left.

    References
    ----------
    Kumar, Serra, Ramalingam 2019, *Equivalent and approximate transformations of deep neural networks*.

    Examples
    --------
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], None))  # |x|
    >>> local_equivalent(network, [0.5], 0.1).network.architecture
    '1-1'
    """
    if np.asarray(radius).dtype.kind not in "fiu" or not np.all(np.asarray(radius) >= 0):
        raise InputError(f"radius must be at least 0, half the side of the box; got {radius!r}")
    network = read_network(network)
    require_relu(network, "local_equivalent")
    if within is not None:
        within = read_kind("within", read_domain(within, network), Box, "a box is cut to a box")
    return compress_network(network, Box.around(x, radius, within=within))
