"""The network: affine layers with ReLU between them, immutable and checked once.

Everything in this package takes a `Network`; `regions.load` makes one from a file or from the
object of a training framework.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..arithmetic.doubles import as_doubles
from ..arithmetic.rounding import QUIET
from ..errors import InputError
from .slopes import checked_slopes, factors, outputs


class Layer(NamedTuple):
    """One affine map ``h -> weight @ h + bias``; ``weight`` has shape (out, in), ``bias`` (out,)."""

    weight: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True, eq=False)
class Network:
    """A feed-forward network: a ReLU, or max(g, s g), after every layer but the last, which is linear.

    Parameters
    ----------
    layers
        Pairs ``(weight, bias)`` from input to output, ``weight`` of shape (out, in). ``None`` as a
        bias stands for zeros. Arrays are copied to read-only float64, which is exact for every
        shorter float and for integers up to 2**53.
    slopes
        None for ReLU units. Else one number for all, or for each hidden layer a number or an array of shape (n_l,):
        unit i is max(g, s_i g) with s_i < 1, see `regions.network.slopes`.

    Raises
    ------
    InputError
        No layer, shapes that do not chain, a layer without units, NaN or infinite entries, slopes of 1 and above.

    Notes
    -----
    Notation of Serra et al. 2018: input dimension ``n0``, hidden ``widths`` (n1, ..., nL), and for
    each hidden layer the pre-activation g = W h + b and the output h = max(0, g), or max(g, s g).

    Examples
    --------
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[1.0, 1.0]], None))
    >>> network.n0, network.widths, network.n_out
    (1, (2,), 1)
    >>> network.forward([0.25])
    array([1.])
    >>> network.pattern([0.25])
    array([ True,  True])
    >>> Network((([[1.0]], None), ([[1.0]], None)), slopes=-1).forward([-0.25])  # the absolute value
    array([0.25])
    """

    layers: tuple[Layer, ...]
    slopes: tuple[np.ndarray, ...] | None = field(default=None, kw_only=True)

    if TYPE_CHECKING:  # arrays are made of whatever NumPy makes them of

        def __init__(
            self,
            layers: Iterable[Sequence[ArrayLike | None]],
            *,
            slopes: float | Iterable[ArrayLike | None] | None = None,
        ) -> None: ...

    def __post_init__(self):
        layers = tuple(_checked(k, *layer) for k, layer in enumerate(self.layers, start=1))
        if not layers:
            raise InputError("a network needs at least its output layer; got no layer at all")
        for k, (before, after) in enumerate(pairwise(layers), start=1):
            if after.weight.shape[1] != len(before.bias):
                raise InputError(
                    f"layer {k} has {len(before.bias)} outputs but W{k + 1} has shape "
                    f"{after.weight.shape}; weights are (out, in): transpose or reorder the layers"
                )
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "slopes", checked_slopes(self.slopes, self.widths))

    @classmethod
    def of(cls, *layers: Sequence[ArrayLike | None]) -> "Network":
        """Build a network from ``(weight, bias)`` pairs given one by one."""
        return cls(layers)

    @property
    def n0(self) -> int:
        """Input dimension."""
        return self.layers[0].weight.shape[1]

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of units of the hidden layers, (n1, ..., nL)."""
        return tuple(len(layer.bias) for layer in self.hidden)

    @property
    def n_out(self) -> int:
        """Output dimension."""
        return len(self.layers[-1].bias)

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """The layers followed by a ReLU, or by units with slopes: all but the last."""
        return self.layers[:-1]

    @cached_property
    def leaks(self) -> tuple[np.ndarray | None, ...]:
        """For each hidden layer the slopes of its units (n_l,), or None where all of them are ReLUs."""
        if self.slopes is None:
            return (None,) * len(self.hidden)
        return tuple(slopes if slopes.any() else None for slopes in self.slopes)

    @property
    def n_units(self) -> int:
        """N, the number of hidden units: the length of an activation pattern."""
        return sum(self.widths)

    @property
    def architecture(self) -> str:
        """How the field writes the network, input and output included.

        >>> Network.of(([[1.0], [1.0]], None), ([[1.0, 1.0]], None)).architecture
        '1-2-1'
        """
        return "-".join(str(n) for n in (self.n0, *self.widths, self.n_out))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of shapes and weights: two networks with equal digests are the same function."""
        state = hashlib.sha256(b"relu-regions network 1")
        for layer in self.layers:
            for array in layer:
                state.update(repr(array.shape).encode())
                # adding 0.0 turns -0.0 into 0.0: the same number must have one digest
                state.update((array + 0.0).astype("<f8").tobytes())
        for slopes in self.slopes or ():
            state.update(b"slopes" + repr(slopes.shape).encode() + slopes.astype("<f8").tobytes())
        return state.hexdigest()

    @np.errstate(**QUIET)
    def forward(self, x: ArrayLike) -> np.ndarray:
        """Network outputs: ``x`` of shape (..., n0) gives shape (..., n_out)."""
        h = self._points(x)
        for (weight, bias), leak in zip(self.hidden, self.leaks, strict=True):
            h = outputs(h @ weight.T + bias, leak)
        weight, bias = self.layers[-1]
        return h @ weight.T + bias

    @np.errstate(**QUIET)
    def preactivations(self, x: ArrayLike) -> list[np.ndarray]:
        """Pre-activations g of every hidden layer: a list of arrays of shape (..., n_l)."""
        h, out = self._points(x), []
        for (weight, bias), leak in zip(self.hidden, self.leaks, strict=True):
            g = h @ weight.T + bias
            out.append(g)
            h = outputs(g, leak)
        return out

    def pattern(self, x: ArrayLike) -> np.ndarray:
        """Activation pattern: ``x`` of shape (..., n0) gives booleans of shape (..., N).

        A unit is active iff its pre-activation is strictly positive, in floating point; a tie is
        inactive (Serra et al. 2018, section 2).
        """
        x = self._points(x)
        signs = [g > 0.0 for g in self.preactivations(x)]
        return np.concatenate([np.zeros((*x.shape[:-1], 0), dtype=bool), *signs], axis=-1)

    def affine_map(self, pattern: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """The affine map ``(A, c)`` that the network computes where ``pattern`` is active.

        ``pattern`` has shape (N,); ``A`` has shape (n_out, n0) and ``c`` shape (n_out,).
        """
        pattern = np.asarray(pattern, dtype=bool)
        if pattern.shape != (self.n_units,):
            raise InputError(
                f"a pattern of this network has {self.n_units} units, not {pattern.shape}"
            )
        A, c = np.eye(self.n0), np.zeros(self.n0)
        starts = np.cumsum((0, *self.widths))
        parts = zip(self.hidden, pairwise(starts), self.leaks, strict=True)
        for (weight, bias), (start, stop), leak in parts:
            passed = factors(pattern[start:stop], leak)
            A = (weight @ A) * passed[:, None]
            c = (weight @ c + bias) * passed
        weight, bias = self.layers[-1]
        return weight @ A, weight @ c + bias

    def with_output_relu(self) -> "Network":
        """The same network with a ReLU on its output, so that output units count as hidden units.

        The counts of Serra et al. 2018 treat the output layer this way. The linear output layer
        that every `Network` ends with becomes the identity.
        """
        identity = Layer(np.eye(self.n_out), np.zeros(self.n_out))
        slopes = None if self.slopes is None else (*self.slopes, np.zeros(self.n_out))
        return Network((*self.layers, identity), slopes=slopes)

    def _points(self, x: ArrayLike) -> np.ndarray:
        x = np.asarray(x, dtype=np.float64)
        if x.ndim == 0 or x.shape[-1] != self.n0:
            raise InputError(
                f"inputs must have shape (..., {self.n0}), the n0 of the network; got {x.shape}"
            )
        return x

    def __eq__(self, other):
        return isinstance(other, Network) and self.digest == other.digest

    def __hash__(self):
        return hash(self.digest)

    def __repr__(self):
        slopes = "" if self.slopes is None else "slopes, "
        return f"Network({self.architecture}, {slopes}digest={self.digest[:12]})"


def _checked(k, weight, bias):
    """Layer ``k`` as read-only float64 arrays, or the reason why it is none."""
    weight = real_array(f"W{k}", weight)
    if weight.ndim != 2 or 0 in weight.shape:
        raise InputError(
            f"W{k} must be a matrix of shape (out, in) with units in it; got shape {weight.shape}"
        )
    bias = real_array(f"b{k}", np.zeros(len(weight)) if bias is None else bias)
    if bias.shape != weight.shape[:1]:
        raise InputError(
            f"b{k} must have shape ({len(weight)},), one entry per row of W{k}; got {bias.shape}"
        )
    return Layer(weight, bias)


def real_array(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as a read-only float64 array of finite numbers; ``name`` says whose they are."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(
            f"{name} must be an array, all of its rows of one length; NumPy says: {error}"
        ) from error
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must hold real numbers; got dtype {array.dtype}")
    array = as_doubles(name, array)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise InputError(
            f"{name}{list(where)} is {array[where]}; weights and biases must be finite: "
            "check the training run or the export"
        )
    array.setflags(write=False)
    return array
