"""Sets of activation patterns, packed to bits and kept in one canonical order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, ReadError
from ..files import UNREADABLE, StrPath, read_arrays, written


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
    def of(cls, patterns: ArrayLike, width: int | None = None) -> Self:
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
    def load(cls, path: StrPath) -> Self:
        """Read what `save` wrote; `ReadError` if it is something else, or damaged."""
        try:
            return cls._stored(**read_arrays(path, ("packed", "width")))
        except UNREADABLE as error:
            if isinstance(error, ReadError):
                raise
            raise ReadError(
                f"{path} is no set of patterns ({error}); write one with PatternSet.save or "
                "regions count --save-patterns"
            ) from None

    @classmethod
    def _stored(cls, packed, width):
        """The set of arrays of a file, which may be any."""
        if width.shape or width.dtype.kind not in "iu" or width < 0:
            raise ValueError("its width is no number of units")
        width = int(width)
        if packed.dtype != np.uint8 or packed.ndim != 2 or packed.shape[1] != (width + 7) // 8:
            raise ValueError(f"its packed bits are not of {width} units")
        if width % 8 and len(packed) and (packed[:, -1] & (0xFF >> width % 8)).any():
            raise ValueError(f"it has bits beyond its {width} units")
        return cls._canonical(packed, width)

    def save(self, path: StrPath) -> None:
        """Write a compressed npz with arrays ``packed`` and ``width``."""
        with written(path) as file:
            np.savez_compressed(file, packed=self.packed, width=self.width)

    def matrix(self) -> np.ndarray:
        """The patterns as booleans of shape (count, N)."""
        return np.unpackbits(self.packed, axis=1, count=self.width).astype(bool)

    def __len__(self) -> int:
        return len(self.packed)

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter(self.matrix())

    def __contains__(self, pattern: ArrayLike) -> bool:
        pattern = np.asarray(pattern, dtype=bool)
        if pattern.shape != (self.width,):  # packed bits alone do not tell (1, 0) from (1, 0, 0)
            return False
        return bool((self.packed == np.packbits(pattern)).all(axis=1).any())

    def __or__(self, other: "PatternSet") -> "PatternSet":
        self._same_width(other)
        return self._canonical(np.concatenate([self.packed, other.packed]), self.width)

    def __and__(self, other: "PatternSet") -> "PatternSet":
        return self._filter(other, wanted=True)

    def __sub__(self, other: "PatternSet") -> "PatternSet":
        return self._filter(other, wanted=False)

    def __eq__(self, other):
        return (
            isinstance(other, PatternSet)
            and self.width == other.width
            and np.array_equal(self.packed, other.packed)
        )

    def __hash__(self):
        return hash((self.width, self.packed.tobytes()))

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
