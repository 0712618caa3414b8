"""Sets of activation patterns, packed to bits and kept in one canonical order."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError


@dataclass(frozen=True, eq=False)
class PatternSet:
    """A set of activation patterns of one network: no pattern twice, lexicographic order.

    ``packed`` has shape (count, ceil(width / 8)), dtype uint8, first unit in the highest bit, so
    that byte order is pattern order. ``width`` is N, the number of hidden units.

    Examples
    --------
    >>> some = PatternSet.of([[1, 0], [0, 1], [1, 0]])
    >>> len(some), [1, 0] in some, [1, 1] in some
    (2, True, False)
    >>> some.matrix().astype(int)
    array([[0, 1],
           [1, 0]])
    >>> len(some | PatternSet.of([[1, 1]])), len(some - PatternSet.of([[0, 1]]))
    (3, 1)
    """

    packed: np.ndarray
    width: int

    @classmethod
    def of(cls, patterns, width=None):
        """The set of the rows of ``patterns``, booleans of shape (count, N); repeats are dropped."""
        matrix = np.asarray(patterns, dtype=bool)
        if matrix.size == 0 and matrix.ndim < 2:
            matrix = matrix.reshape(0, width or 0)
        if matrix.ndim != 2 or (width is not None and matrix.shape[1] != width):
            raise InputError(
                f"patterns must have shape (count, {width or 'N'}); got {matrix.shape}"
            )
        return cls._canonical(np.packbits(matrix, axis=1), matrix.shape[1])

    @classmethod
    def load(cls, path):
        """Read what `save` wrote."""
        with np.load(path) as data:
            return cls._canonical(data["packed"], int(data["width"]))

    def save(self, path):
        """Write a compressed npz with arrays ``packed`` and ``width``."""
        np.savez_compressed(path, packed=self.packed, width=self.width)

    def matrix(self):
        """The patterns as booleans of shape (count, N)."""
        return np.unpackbits(self.packed, axis=1, count=self.width).astype(bool)

    def __len__(self):
        return len(self.packed)

    def __iter__(self):
        return iter(self.matrix())

    def __contains__(self, pattern):
        pattern = np.asarray(pattern, dtype=bool)
        if pattern.shape != (self.width,):  # packed bits alone do not tell (1, 0) from (1, 0, 0)
            return False
        return bool((self.packed == np.packbits(pattern)).all(axis=1).any())

    def __or__(self, other):
        self._same_width(other)
        return self._canonical(np.concatenate([self.packed, other.packed]), self.width)

    def __and__(self, other):
        return self._filter(other, wanted=True)

    def __sub__(self, other):
        return self._filter(other, wanted=False)

    def __eq__(self, other):
        return (
            isinstance(other, PatternSet)
            and self.width == other.width
            and np.array_equal(self.packed, other.packed)
        )

    __hash__ = None

    def __repr__(self):
        return f"PatternSet({len(self)} patterns of {self.width} units)"

    def _filter(self, other, wanted):
        self._same_width(other)
        theirs = {row.tobytes() for row in other.packed}
        keep = [(row.tobytes() in theirs) is wanted for row in self.packed]
        return PatternSet(self.packed[np.array(keep, dtype=bool)], self.width)

    def _same_width(self, other):
        if self.width != other.width:
            raise InputError(
                f"pattern sets of {self.width} and {other.width} units belong to different networks"
            )

    @classmethod
    def _canonical(cls, packed, width):
        if width == 0:  # one pattern at most: the empty one
            return cls(packed[:1], width)
        return cls(np.unique(packed, axis=0), width)
