"""`stable_units`: which hidden units can never switch on a domain, each with its evidence."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .errors import InputError
from .ledger import NEVER, Evidence, Ledger
from .load import load
from .ranges import Ranges, enclosing_box, unit_ranges

METHODS = {
    "interval": "interval arithmetic",
}


class UnitEvidence(NamedTuple):
    """Why a unit is what it is: `Evidence` about positive and about negative pre-activations."""

    positive: Evidence | None
    negative: Evidence | None


@dataclass(frozen=True, eq=False)
class Stability:
    """Which units are stable on a domain, as far as it is proved.

    Attributes
    ----------
    on, off
        Per hidden layer Booleans of shape (n_l,). On: the pre-activation is >= 0 on the whole
        domain and not identically zero. Off: it is <= 0 on the whole domain. Both are theorems
        about the stored numbers; a tie at 0 changes nothing in the function.
    unstable
        Both signs occur, at certified witnesses.
    ranges
        Certified `Ranges` of the pre-activations, as tight as the method made them.
    evidence
        Per layer a tuple of `UnitEvidence`.
    claimed
        Triples (layer, unit, sign): a solver says that this sign never occurs, but no proof was
        found. No part of ``on`` and ``off``.
    certified
        Whether every unit is settled by a proof: on, off or unstable.
    seconds, method, stats
        Wall time, the method, and what it has to tell (solver, numbers of programmes).
    """

    on: tuple[np.ndarray, ...]
    off: tuple[np.ndarray, ...]
    unstable: tuple[np.ndarray, ...]
    ranges: Ranges
    evidence: tuple[tuple[UnitEvidence, ...], ...]
    claimed: tuple[tuple[int, int, int], ...]
    seconds: float
    method: str
    stats: dict = field(default_factory=dict)

    @property
    def certified(self):
        return all(
            (on | off | unstable).all()
            for on, off, unstable in zip(self.on, self.off, self.unstable, strict=True)
        )

    @property
    def undecided(self):
        """Booleans per layer: neither on nor off, be it unstable or not settled."""
        return tuple(~(on | off) for on, off in zip(self.on, self.off, strict=True))

    @property
    def layers(self):
        """Per layer a dict of the lists of units ``on``, ``off`` and ``undecided``."""
        names = ("on", "off", "undecided")
        return [
            {name: np.flatnonzero(mask).tolist() for name, mask in zip(names, masks, strict=True)}
            for masks in zip(self.on, self.off, self.undecided, strict=True)
        ]


def stable_units(network, domain, *, method="interval"):
    """Which hidden units of ``network`` are stable on ``domain``."""
    start = time.perf_counter()
    network = load(network)
    if method not in METHODS:
        raise InputError(f"method={method!r} is unknown; choose one of {', '.join(METHODS)}")
    enclosing_box(domain.check(network))
    ledger = Ledger(network.widths)
    ranges = unit_ranges(network, domain)
    for layer, ends in enumerate(zip(ranges.lower, ranges.upper, strict=True)):
        ledger.tighten(layer, *ends, "interval")
    return _stability(ledger, method, start, {})


def _stability(ledger, method, start, stats):
    pairs = zip(ledger.answers[1], ledger.answers[-1], strict=True)
    return Stability(
        on=ledger.on,
        off=ledger.off,
        unstable=tuple((up > NEVER) & (down > NEVER) for up, down in pairs),
        ranges=ledger.ranges,
        evidence=tuple(
            tuple(UnitEvidence(up.get(i), down.get(i)) for i in range(n))
            for n, up, down in zip(ledger.widths, *ledger.evidence.values(), strict=True)
        ),
        claimed=tuple(
            (*unit, sign) for sign, units in ledger.claims.items() for unit in sorted(units)
        ),
        seconds=time.perf_counter() - start,
        method=method,
        stats=stats,
    )
