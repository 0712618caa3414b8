"""Constraints on the binaries of a formulation that are added while a solver runs."""

import itertools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Parity:
    """The number of ones among ``z[columns]`` is odd (``bit`` 1) or even (``bit`` 0).

    >>> odd = Parity((0, 2), 1)
    >>> odd.holds(np.array([[1, 0, 0], [1, 1, 1]])), len(odd.rows())
    (array([ True, False]), 2)
    """

    columns: tuple[int, ...]
    bit: int

    def holds(self, z):
        """Whether assignments ``z`` (..., n) satisfy it."""
        return np.asarray(z)[..., list(self.columns)].sum(axis=-1) % 2 == self.bit

    def rows(self):
        """Rows ``(columns, coefficients, rhs)``, coefficients @ z[columns] <= rhs: one per wrong corner."""
        corners = itertools.product((0, 1), repeat=len(self.columns))
        return [_without(self.columns, corner) for corner in corners if sum(corner) % 2 != self.bit]

    def compact(self):
        """``(columns, bit, highest)``: sum of z[columns] = 2 y + bit, y whole from 0 to highest."""
        return self.columns, self.bit, len(self.columns) // 2


@dataclass(frozen=True)
class Without:
    """Any assignment but this one."""

    assignment: tuple[int, ...]

    def holds(self, z):
        """As `Parity.holds`."""
        return (np.asarray(z) != self.assignment).any(axis=-1)

    def rows(self):
        """As `Parity.rows`: a single one."""
        return [_without(range(len(self.assignment)), self.assignment)]


def _without(columns, corner):
    return list(columns), np.where(np.array(corner) > 0, 1.0, -1.0), sum(corner) - 1.0
