"""`ConvolutionalNetwork`: a `Network` that knows the convolutions its layers come from."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ..errors import InputError
from .chain import Chain
from .image_steps import Convolution, Pooling, Relu
from .network import Network
from .slopes import require_relu


@dataclass(frozen=True, eq=False, repr=False)
class ConvolutionalNetwork(Network):
    """A network on images: steps on the image, then a plain network on what they give, flattened.

    Everything that takes a `Network` takes this one: ``layers`` are its steps lowered to matrices,
    composed where no ReLU stands between them. Make one with `of` or `regions.load`.

    Attributes
    ----------
    input_shape
        (channels, height, width); n0 is their product, inputs are images read row by row.
    steps
        `Convolution`, `Pooling` and `Relu`, never two of the last in a row.
    head
        A `Network` of the flattened image that the steps give.

    Notes
    -----
    Lowered layers are dense arrays: 90 MB for LeNet-5. Each ends a step `Relu` or a hidden layer of
    the head, in this order.

    Examples
    --------
    >>> import numpy as np
    >>> blur = Convolution(np.full((1, 1, 2, 2), 0.25), [-0.5])
    >>> head = Network.of((np.ones((1, 4)), None))
    >>> network = ConvolutionalNetwork.of((1, 3, 3), (blur, Relu()), head)
    >>> network.architecture, network.forward(np.ones(9)), network.image_shapes
    ('9-4-1', array([2.]), ((1, 2, 2),))
    """

    input_shape: tuple[int, ...]
    steps: tuple
    head: Network

    @classmethod
    def of(  # type: ignore[override]  # other parts make it
        cls,
        input_shape: Sequence[int],
        steps: Iterable[Convolution | Pooling | Relu],
        head: Network,
    ) -> Self:
        """Lower ``steps`` and ``head``; each entry of a composition is rounded at most once.

        Raises
        ------
        InputError
            Steps that do not fit the image, a head that does not take what they give.
        """
        layers = lowered(input_shape, steps, head).layers()
        return cls(layers, tuple(input_shape), tuple(steps), head)

    @property
    def image_shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shape of the image at each `Relu`, one for each hidden layer that is made of channels."""
        shapes, shape = [], self.input_shape
        for step in self.steps:
            if isinstance(step, Relu):
                shapes.append(shape)
            else:
                shape = step.output_shape(shape)
        return tuple(shapes)

    @property
    def stored_weights(self) -> tuple[np.ndarray, ...]:
        """The weights as they are stored: kernels, then the matrices of the head."""
        kernels = [step.weight for step in self.steps if isinstance(step, Convolution)]
        return (*kernels, *(layer.weight for layer in self.head.layers))

    def plain(self) -> Network:
        """The lowered `Network` alone: compression then removes single units, not channels."""
        return Network(self.layers, slopes=self.slopes)

    def __repr__(self):
        return f"ConvolutionalNetwork({self.architecture}, digest={self.digest[:12]})"


def lowered(input_shape, steps, head):
    """The `Chain` of the affine maps of ``steps`` and ``head``, with a ReLU after each but the last.

    Its ``rounded`` names the compositions that a double does not hold exactly.
    """
    require_relu(head, "a network on images")
    chain, shape = Chain(), tuple(input_shape)
    for step in steps:
        if isinstance(step, Relu):
            chain.relu()
        else:
            chain.affine(step.name, *step.affine(shape))
            shape = step.output_shape(shape)
    if head.n0 != math.prod(shape):
        raise InputError(
            f"the image has shape {shape} where it is flattened, {math.prod(shape)} numbers, but the "
            f"layer that follows takes {head.n0}; check the input shape {tuple(input_shape)}"
        )
    for k, layer in enumerate(head.layers, start=1):
        if k > 1:
            chain.relu()
        chain.affine(f"linear layer {k}", *layer)
    return chain
