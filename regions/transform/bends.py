"""What a continuous piecewise affine function is beside an affine one: lines and corners, exactly."""

from dataclasses import dataclass, field

from ..arithmetic.rationals import ZERO, evaluate
from ..arithmetic.rows import canonical, opposite


@dataclass(frozen=True)
class Corner:
    """``sign * max(0, base + factor * max(0, line))`` added to one output; ``base`` and ``line`` are rows."""

    output: int
    sign: int
    base: tuple
    line: tuple
    factor: object

    def value(self, point):
        """The value at a point."""
        bent = self.factor * max(ZERO, evaluate(self.line, point))
        return self.sign * max(ZERO, evaluate(self.base, point) + bent)


@dataclass(frozen=True)
class Bends:
    """``lines`` maps a row to the factor of ``max(0, row)`` in each output; ``corners`` is a list."""

    n_out: int
    lines: dict = field(default_factory=dict)
    corners: list = field(default_factory=list)

    def bend(self, row, output, jump):
        """Add ``jump * max(0, row)`` up to an affine function: which side is the positive one is free."""
        line, size = undirected(row)
        self.lines.setdefault(line, [ZERO] * self.n_out)[output] += jump * abs(size)

    def corner(self, output, sign, base, row, factor):
        """Add ``sign * max(0, base + factor * max(0, row))``."""
        line, size = undirected(row)
        self.lines.setdefault(line, [ZERO] * self.n_out)
        if size < 0:  # max(0, row) = |size| max(0, line) + row
            base = [b + factor * r for b, r in zip(base, row, strict=True)]
        self.corners.append(Corner(output, sign, tuple(base), line, factor * abs(size)))

    def value(self, point):
        """The outputs at a point, a list."""
        total = [ZERO] * self.n_out
        for line, factors in self.lines.items():
            height = max(ZERO, evaluate(line, point))
            total = [t + f * height for t, f in zip(total, factors, strict=True)]
        for corner in self.corners:
            total[corner.output] += corner.value(point)
        return total


def undirected(row):
    """``(line, size)`` with ``row = size * line``; a row and its opposite have the same line.

    >>> from flint import fmpq
    >>> line, size = undirected((fmpq(-2), fmpq(1), fmpq(4)))
    >>> line == (1, fmpq(-1, 2), -2), size
    (True, -2)
    """
    line = canonical(row)
    size = next(abs(v) for v in row if v != 0)
    if next(v for v in line if v != 0) < 0:
        return opposite(line), -size
    return line, size
