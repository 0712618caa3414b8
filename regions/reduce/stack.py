"""Stacks: a wide ReLU layer down to a bottleneck, and an affine path beside it; networks of such stacks."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..domain import Domain
from ..errors import InputError
from ..network import Layer, Network, real_array
from ..preactivations.ranges import direct_ranges


@dataclass(frozen=True, eq=False)
class Stack:
    """``z -> W @ max(0, V @ z + b) + c + skip[-1] @ ... @ skip[0] @ z``, immutable and checked.

    Parameters
    ----------
    V, b
        The wide layer, shapes (n, d_in) and (n,); n may be 0.
    W, c
        The bottleneck, shapes (d_out, n) and (d_out,); its units are the identity.
    skip
        The affine path: one matrix of shape (d_out, d_in), or two of shapes (r, d_in) and (d_out, r), as
        in the paper with r = min(d_in, d_out), which represents every affine map.

    Raises
    ------
    InputError
        Shapes that do not chain, entries that are not finite.

    Examples
    --------
    >>> stack = Stack([[1.0], [-1.0]], [0.0, 0.0], [[1.0, 1.0]], [0.0], ([[1.0]],))  # |z| + z
    >>> stack.forward([[2.0], [-2.0]])
    array([[4.], [0.]])
    """

    V: np.ndarray
    b: np.ndarray
    W: np.ndarray
    c: np.ndarray
    skip: tuple[np.ndarray, ...]

    def __post_init__(self):
        for name in ("V", "b", "W", "c"):
            object.__setattr__(self, name, real_array(name, getattr(self, name)))
        skip = tuple(real_array(f"skip[{i}]", matrix) for i, matrix in enumerate(self.skip))
        object.__setattr__(self, "skip", skip)
        if len(skip) not in (1, 2) or any(matrix.ndim != 2 for matrix in (self.V, self.W, *skip)):
            raise InputError("a stack needs matrices V and W, and one or two as its affine path")
        n, d_in = self.V.shape
        through = [d_in, *(matrix.shape[0] for matrix in skip)]
        taken = [matrix.shape[1] for matrix in skip]
        shapes = self.b.shape, self.W.shape, self.c.shape, tuple(taken), through[-1]
        d_out = len(self.W)
        if shapes != ((n,), (d_out, n), (d_out,), tuple(through[:-1]), d_out):
            raise InputError(
                f"the shapes of a stack do not chain: V {self.V.shape}, b {self.b.shape}, W "
                f"{self.W.shape}, c {self.c.shape}, affine path {[m.shape for m in skip]}; see Stack"
            )

    @property
    def width(self) -> int:
        """Number n of ReLU units."""
        return len(self.b)

    @property
    def affine(self) -> np.ndarray:
        """The matrix of the affine path, shape (d_out, d_in)."""
        return self.skip[0] if len(self.skip) == 1 else self.skip[1] @ self.skip[0]

    def preactivations(self, z: ArrayLike) -> np.ndarray:
        """``V @ z + b`` for points of shape (..., d_in)."""
        return z @ self.V.T + self.b

    def forward(self, z: ArrayLike) -> np.ndarray:
        """Bottleneck values of shape (..., d_out) for points ``z`` of shape (..., d_in)."""
        z = np.asarray(z, dtype=np.float64)
        passed = z
        for matrix in self.skip:
            passed = passed @ matrix.T
        return np.maximum(self.preactivations(z), 0.0) @ self.W.T + self.c + passed

    def keeping(self, units: np.ndarray) -> "Stack":
        """The stack with the ReLU ``units`` (Booleans or places) alone."""
        return replace(self, V=self.V[units], b=self.b[units], W=self.W[:, units])

    def adding(self, matrix: np.ndarray, constant: np.ndarray) -> "Stack":
        """The stack plus ``z -> matrix @ z + constant``; two affine factors are factored anew."""
        total = self.affine + matrix
        skip = (total,) if len(self.skip) == 1 else factored(total)
        return replace(self, c=self.c + constant, skip=skip)


def factored(matrix):
    """Two balanced factors ``(inner, outer)`` with ``outer @ inner == matrix`` up to rounding, by its SVD.

    >>> inner, outer = factored(np.array([[4.0, 0.0]]))
    >>> inner.shape, outer.shape, (outer @ inner).round(12)
    ((1, 2), (1, 1), array([[4., 0.]]))
    """
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return np.sqrt(values)[:, None] * right, left * np.sqrt(values)


@dataclass(frozen=True, eq=False)
class StackNetwork:
    """A sequence of `Stack`: the bottleneck of each is the input of the next.

    Examples
    --------
    >>> fold = Stack([[1.0], [-1.0]], [0.0, 0.0], [[1.0, 1.0]], [-1.0], ([[0.0]],))  # |z| - 1
    >>> network = StackNetwork((fold, fold))
    >>> network.widths, network.forward([[0.0], [0.75]])
    ((2, 2), array([[ 0.  ], [-0.75]]))
    """

    stacks: tuple[Stack, ...]

    def __post_init__(self):
        stacks = tuple(self.stacks)
        object.__setattr__(self, "stacks", stacks)
        if not stacks:
            raise InputError("a network of stacks needs at least one stack; got none")
        for k, (before, after) in enumerate(pairwise(stacks), start=1):
            if len(before.c) != after.V.shape[1]:
                raise InputError(
                    f"stack {k} gives {len(before.c)} values but stack {k + 1} takes "
                    f"{after.V.shape[1]}; the stacks must chain"
                )

    @property
    def n0(self) -> int:
        """Input dimension."""
        return self.stacks[0].V.shape[1]

    @property
    def n_out(self) -> int:
        """Output dimension."""
        return len(self.stacks[-1].c)

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of ReLU units of the stacks."""
        return tuple(stack.width for stack in self.stacks)

    @property
    def n_units(self) -> int:
        """All ReLU units."""
        return sum(self.widths)

    @property
    def architecture(self) -> str:
        """The widths of all layers: inputs, the ReLU units of each stack, outputs."""
        return "-".join(map(str, (self.n0, *self.widths, self.n_out)))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all matrices: two networks with equal digests are the same function."""
        state = hashlib.sha256(b"relu-regions stacks 1")
        for stack in self.stacks:
            for array in (stack.V, stack.b, stack.W, stack.c, *stack.skip):
                state.update(repr(array.shape).encode())
                state.update((array + 0.0).astype("<f8").tobytes())
        return state.hexdigest()

    def inputs(self, x: ArrayLike) -> list[np.ndarray]:
        """What each stack is given for points ``x`` of shape (..., n0), and last the outputs."""
        values = [np.asarray(x, dtype=np.float64)]
        if values[0].ndim == 0 or values[0].shape[-1] != self.n0:
            raise InputError(f"points must have shape (..., {self.n0}); got {values[0].shape}")
        for stack in self.stacks:
            values.append(stack.forward(values[-1]))
        return values

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Outputs of shape (..., n_out) for points ``x`` of shape (..., n0)."""
        return self.inputs(x)[-1]

    def plain(self, domain: Domain) -> Network:
        """The same function on a bounded ``domain`` as a `Network`, to be counted or compressed.

        Its hidden layers are the wide layers, each with the affine path appended as units that are on all
        over the domain: shifted by a certified lower end of their range, so they bend nothing and no
        region is counted twice. The matrices between are products, rounded.

        Raises
        ------
        UnsupportedError
            An unbounded domain, on which no shift is enough.
        """
        before, offset = np.eye(self.n0), np.zeros(self.n0)
        layers: list[tuple[np.ndarray, np.ndarray]] = []
        for stack in self.stacks:
            inner, outer = _passage(stack)
            weight = np.concatenate([stack.V, inner]) @ before
            bias = np.concatenate([stack.b, np.zeros(len(inner))])
            bias = bias + np.concatenate([stack.V, inner]) @ offset
            passing = slice(stack.width, None)
            low = _least(layers, Layer(weight, bias), domain)[passing]
            bias[passing] -= low
            layers.append(Layer(weight, bias))
            # passing units hold inner @ z - shift, in terms of the bias as it is stored
            shift = inner @ offset - bias[passing]
            before, offset = np.concatenate([stack.W, outer], axis=1), stack.c + outer @ shift
        return Network((*layers, Layer(before, offset)))

    def __repr__(self):
        dimensions = [self.n0, *(len(stack.c) for stack in self.stacks)]
        return f"StackNetwork({'-'.join(map(str, dimensions))}, ReLU units {self.widths})"


def _passage(stack):
    """The affine path as two factors with as few rows between as its matrices allow."""
    if len(stack.skip) == 2:
        return stack.skip
    (matrix,) = stack.skip
    rows, columns = matrix.shape
    return (matrix, np.eye(rows)) if rows <= columns else (np.eye(columns), matrix)


def _least(layers, layer, domain):
    """Certified lower ends of the pre-activations of ``layer`` after ``layers``."""
    last = Layer(np.zeros((1, len(layer.bias))), np.zeros(1))
    return direct_ranges(Network((*layers, layer, last)), domain, method="relaxation").lower[-1]
