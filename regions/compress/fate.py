"""What became of each unit, and how activation patterns of the smaller network are read back."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from ..errors import InputError


class Fate(Enum):
    """What was done to one unit of the original; the value of each member is its explanation.

    >>> print(Fate.INACTIVE)
    inactive on the whole domain: removed
    """

    KEPT = "kept, with the same sign at every point"
    INACTIVE = "inactive on the whole domain: removed"
    CONSTANT = "of constant output: removed, its output is in the next bias"
    SILENT = "without any path of non-zero weights to an output: removed"
    PROPORTIONAL = "a positive multiple of another unit: merged into it"
    MERGED = "active on the whole domain: merged with others of its layer"
    FOLDED = "active on the whole domain like all of its layer: the layer is folded into the next"

    def __str__(self):
        return self.value


REMOVALS = (Fate.INACTIVE, Fate.CONSTANT, Fate.SILENT)
MERGERS = (Fate.PROPORTIONAL, Fate.MERGED)


class Record:
    """The fates of all units, numbered 0..N-1 through the hidden layers, while they are decided."""

    def __init__(self, on):
        self.fates = [Fate.KEPT] * len(on)
        self.on = np.array(on, dtype=bool)  # the sign of a unit that is gone, where it is known
        self.known = self.on.copy()
        self.leader = np.arange(len(on))  # the unit whose sign it shares

    def set(self, units, fate, on=None):
        """Note ``fate`` for the original ``units``; ``on`` is their sign on the domain, if known."""
        for unit in units:
            if unit < 0:  # made here, no unit of the original
                continue
            self.fates[unit] = fate
            if on is not None:
                self.on[unit], self.known[unit] = on, True

    def follow(self, unit, leader):
        """``unit`` is a positive multiple of ``leader``."""
        self.set([unit], Fate.PROPORTIONAL)
        self.leader[unit] = leader

    def lift(self, kept):
        """The `Lift` when the compressed network has the original units ``kept`` (-1: a new one)."""
        place = np.full(len(self.fates), -1)
        place[kept[kept >= 0]] = np.flatnonzero(kept >= 0)
        leader = self.leader
        while (leader[leader] != leader).any():
            leader = leader[leader]
        known = self.known | self.known[leader]
        on = np.where(self.known, self.on, self.on[leader])
        return Lift(place[leader], on, known, len(kept))


@dataclass(frozen=True, eq=False)
class Lift:
    """The map from patterns of the compressed network to patterns of the original.

    For each original unit: ``place`` in the compressed pattern or -1, and where it has none whether
    it is ``on``, which is ``known`` or not. ``width`` is the length of a compressed pattern.
    """

    place: np.ndarray
    on: np.ndarray
    known: np.ndarray
    width: int

    @property
    def undetermined(self):
        """Booleans (N,): units that could switch but reach no output; their sign is lost."""
        return (self.place < 0) & ~self.known

    def __call__(self, patterns):
        """Patterns of shape (..., width) as patterns (..., N); undetermined units are inactive."""
        patterns = np.asarray(patterns, dtype=bool)
        if patterns.shape[-1:] != (self.width,):
            raise InputError(
                f"patterns of the compressed network have shape (..., {self.width}); got {patterns.shape}"
            )
        lifted = np.broadcast_to(self.on & self.known, (*patterns.shape[:-1], len(self.on))).copy()
        has_place = self.place >= 0
        lifted[..., has_place] = patterns[..., self.place[has_place]]
        return lifted
