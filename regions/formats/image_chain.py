"""The chain that readers build when a network begins with images: steps on them, then plain maps."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from ..errors import ReadError
from ..network import Convolution, ConvolutionalNetwork, Network, Relu
from ..network.chain import Chain, warn_left_out, warn_rounded
from ..network.convolutional import lowered

NO_SHAPE = (
    "works on images, whose size the module does not tell; pass input_shape=(channels, height, width) "
    "to regions.load"
)


@dataclass
class ImageChain(Chain):
    """Collects steps on images of ``input_shape``, then maps and ReLUs as `Chain` does.

    As long as no map has come the value is an image. Without any step the network is a plain one.

    Examples
    --------
    >>> chain = ImageChain(input_shape=(1, 2, 2))
    >>> chain.step(Convolution(np.ones((3, 1, 2, 2))))
    >>> chain.relu()
    >>> chain.affine("linear", [[1.0, -1.0, 1.0]])
    >>> chain.network().architecture
    '4-3-1'
    """

    input_shape: tuple[int, int, int] | None = None
    steps: list = field(default_factory=list)
    folded: list[str] = field(default_factory=list)
    is_flat: bool = False
    pending: list = field(default_factory=list)

    @property
    def shape(self):
        """Shape of the image after the steps so far."""
        shape = self.input_shape
        for step in self.steps:
            shape = shape if isinstance(step, Relu) else step.output_shape(shape)
        return shape

    @property
    def features(self):
        """How many numbers the value has; None while that is not known."""
        shape = self.shape
        return self.width if self.maps or shape is None else math.prod(shape)

    def affine(self, name, weight, bias=None, exact=True):
        """Add a map, as `Chain.affine` does, after the entries that waited for the size of their value."""
        pending, self.pending = self.pending, []
        for title, factor, shift, is_exact in pending:
            size = len(bias) if weight is None else weight.shape[1]
            self._scale(title, size, factor, shift, is_exact)
        super().affine(name, weight, bias, exact)

    def entries(self, name, factor, shift, exact=True):
        """Add ``factor * x + shift`` entry by entry, numbers or vectors; they may stand before all layers."""
        sizes = {np.size(values) for values in (factor, shift)} - {1}
        size = max(sizes, default=self.features)
        if self.features not in (None, size):
            raise ReadError(
                f"{name} combines {self.features} numbers with a constant of {size}; give one for each"
            )
        if size is None:
            if self.after_relu:
                raise ReadError(f"{name} stands after a ReLU of unknown size; pass input_shape")
            self.go_on(name)
            self.pending.append((name, factor, shift, exact))
        elif self.maps or self.is_flat or not self.shape or sizes:
            self._scale(name, size, factor, shift, exact)
        else:
            self._scale_channels(name, factor, shift, exact)

    def _scale(self, name, size, factor, shift, exact):
        factor, shift = (np.broadcast_to(np.asarray(v, float), size) for v in (factor, shift))
        weight = None if (factor == 1.0).all() else sparse.diags_array(factor).tocsr()
        super().affine(name, weight, shift, exact)

    def _scale_channels(self, name, factor, shift, exact):
        """The same number for every pixel, as a step."""
        channels = self.shape[0]
        kernel, bias = np.full((channels, 1, 1, 1), factor), np.full(channels, shift)
        self.step(Convolution(kernel, bias, groups=channels, name=name))
        if not exact:
            self.folded.append(name)

    def step(self, step):
        """Add a `Convolution` or a `Pooling`."""
        self.go_on(step.name)
        if self.is_flat or self.maps:
            raise ReadError(
                f"{step.name} comes after the image was flattened; convolutions and pooling can be read "
                "at the beginning of a network only"
            )
        if self.input_shape is None:
            raise ReadError(f"{step.name} {NO_SHAPE}")
        pending, self.pending = self.pending, []
        for title, factor, shift, exact in pending:
            self._scale_channels(title, factor, shift, exact)
        if self.leading_relu and not self.steps:
            # it stands before this step now, and no longer before the first map of the head
            self.steps.append(Relu())
            self.leading_relu = self.after_relu = False
        step.output_shape(self.shape)  # says what does not fit
        self.steps.append(step)

    def normalise(self, name, factor, shift):
        """Add ``x -> factor * x + shift`` with one entry of each per channel.

        It is folded, in double precision, into a convolution just before it; `network` says so.
        """
        last = self.steps[-1] if self.steps else None
        if isinstance(last, Convolution):
            weight, bias = last.weight * factor[:, None, None, None], last.bias * factor + shift
            self.steps[-1] = replace(last, weight=weight, bias=bias)
            self.folded.append(f"{last.name} + {name}")
        else:
            self.folded.append(name)
            kernel = factor.reshape(-1, 1, 1, 1)
            self.step(Convolution(kernel, shift, groups=len(kernel), name=name))

    def normalise_features(self, name, factor, shift):
        """The same for numbers that are no image, one entry each."""
        self.affine(name, sparse.diags_array(factor).tocsr(), shift, exact=False)

    def relu(self):
        """Add a ReLU."""
        self.go_on("a ReLU")
        if self.pending:
            raise ReadError(
                f"{self.pending[0][0]} scales a value of unknown size before a ReLU; pass input_shape"
            )
        if self.maps or not self.steps:
            super().relu()
        elif not isinstance(self.steps[-1], Relu):
            self.steps.append(Relu())

    def flatten(self):
        """The value is an image no longer."""
        self.is_flat = True

    def network(self):
        """The network of what was added; warns with `ReadWarning` if it is not that of the file."""
        if not self.steps:
            network = super().network()
            if self.input_shape is not None and math.prod(self.input_shape) != network.n0:
                raise ReadError(
                    f"input_shape {self.input_shape} has {math.prod(self.input_shape)} numbers, the first layer "
                    f"takes {network.n0}; give the shape of one sample, or none"
                )
            return network
        warn_left_out(self.end)
        identity = Network.of((np.eye(math.prod(self.shape)), None))
        head = self.finished() if self.maps else identity
        chain = lowered(self.input_shape, self.steps, head)
        warn_rounded([*self.folded, *self.rounded, *chain.rounded])
        return ConvolutionalNetwork(chain.layers(), self.input_shape, tuple(self.steps), head)
