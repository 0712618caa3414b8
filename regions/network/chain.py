"""The chain that readers build: affine maps and ReLUs in the order in which they are met.

Every reader reports what it meets; the rules by which that becomes a `Network` are here, once.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from ..errors import ReadError
from .affine import Affine, compose
from .network import Layer, Network, real_array


class ReadWarning(UserWarning):
    """The network read is not, weight for weight, what the file holds; the message says where."""


@dataclass
class Chain:
    """Collects maps from input to output; `network` makes a `Network` of them.

    Notes
    -----
    ReLU of ReLU is ReLU. A network that begins with a ReLU gets an identity layer before it, one that
    ends with a ReLU an identity output layer. Affine maps without a ReLU between them are composed,
    each entry rounded once; if that rounds anything, a `ReadWarning` says which ones, and the network
    read is the composed one.

    Examples
    --------
    >>> chain = Chain()
    >>> chain.affine("hidden", [[1.0], [-1.0]], [0.0, 1.0])
    >>> chain.relu()
    >>> chain.network().architecture
    '1-2-2'
    """

    maps: list[Affine] = field(default_factory=list)
    names: list[list[str]] = field(default_factory=list)
    after_relu: bool = False
    leading_relu: bool = False
    end: str | None = None

    @property
    def width(self):
        """Number of values that leave the last map; None before the first."""
        return len(self.maps[-1].bias) if self.maps else None

    def affine(self, name, weight, bias=None, exact=True):
        """Add ``x -> weight @ x + bias``; None stands for the identity or for zeros, not both.

        ``weight`` may be sparse. ``exact`` False says that the arrays were rounded on their way from
        the file.
        """
        self.go_on(name)
        step = Affine(*_checked(name, weight, bias), exact)
        takes = len(step.bias) if step.weight is None else step.weight.shape[1]
        if self.width not in (None, takes):
            raise ReadError(
                f"{name} takes {takes} values but {' + '.join(self.names[-1])} before it gives "
                f"{self.width}; the layers of a network must chain"
            )
        if not self.maps and self.leading_relu:
            self._append("input ReLU", Affine(None, np.zeros(takes)))
        if self.maps and not self.after_relu:
            self.maps[-1] = compose(self.maps[-1], step)
            self.names[-1].append(name)
        else:
            self._append(name, step)
        self.after_relu = False

    def relu(self):
        """Add a ReLU."""
        self.go_on("a ReLU")
        self.after_relu = True
        self.leading_relu |= not self.maps

    def leave_out(self, name):
        """Note a function at the end that is no part of the network, such as a softmax.

        It moves no boundary between the regions of what it is given; `network` warns.
        """
        self.go_on(name)
        self.end = name

    def go_on(self, name):
        """Raise unless ``name`` may follow."""
        if self.end is not None:
            raise ReadError(
                f"{self.end} is followed by {name}: it is no end, and inside a network it cannot be read; "
                "only ReLU can"
            )

    def network(self):
        """The network of what was added; warns with `ReadWarning` if it is not that of the file."""
        warn_left_out(self.end)
        if not self.maps:
            raise ReadError("no layer with weights was found; a network needs at least one")
        warn_rounded(self.rounded)
        return self.finished()

    def finished(self):
        """The network of what was added, without a word on rounding."""
        network = Network(self.layers())
        return network.with_output_relu() if self.after_relu else network

    @property
    def rounded(self):
        """The names of the maps that are not exactly what was added."""
        return [" + ".join(n) for n, m in zip(self.names, self.maps, strict=True) if not m.exact]

    def layers(self):
        """The affine maps between the ReLUs as `Layer`s."""
        return tuple(Layer(*m.dense()) for m in self.maps)

    def _append(self, name, step):
        self.maps.append(step)
        self.names.append([name])


def warn_left_out(end):
    """Warn with `ReadWarning` if there is a function ``end`` that was left out."""
    if end is not None:
        warnings.warn(
            f"{end} is left out: outputs of the network read are what it is given, whose regions are the "
            "same",
            ReadWarning,
            stacklevel=5,
        )


def warn_rounded(names):
    """Warn with `ReadWarning` if there are any ``names`` of maps that were rounded."""
    if names:
        warnings.warn(
            f"folded into one affine map each, with rounding: {'; '.join(names)}. The network read is the "
            "folded one",
            ReadWarning,
            stacklevel=4,
        )


def _checked(name, weight, bias):
    """``weight`` and ``bias`` as finite float64 arrays that fit each other."""
    if sparse.issparse(weight):
        real_array(f"the weight of {name}", weight.data)
    elif weight is not None:
        weight = real_array(f"the weight of {name}", weight)
        if weight.ndim != 2 or 0 in weight.shape:
            raise ReadError(
                f"the weight of {name} has shape {weight.shape}; only matrices of shape (out, in) can "
                "be read"
            )
    bias = np.zeros(weight.shape[0]) if bias is None else bias
    bias = real_array(f"the bias of {name}", bias)
    if bias.ndim != 1 or (weight is not None and len(bias) != weight.shape[0]):
        raise ReadError(
            f"the bias of {name} has shape {bias.shape}; it needs one entry per output of the layer"
        )
    return weight, bias
