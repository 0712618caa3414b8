"""How large a network is, by the measures of the papers and by ours."""

from dataclasses import dataclass

from ..network import ConvolutionalNetwork


@dataclass(frozen=True)
class Size:
    """How large a network is: hidden units, and weights (entries of all matrices, without biases).

    ``weights_beyond_input`` leaves out the first matrix, as the papers' "connections" do. The weights
    of a convolution are those of its kernel. A constant has none: its matrix of zeros is not counted.
    """

    units: int
    weights: int
    weights_beyond_input: int

    @classmethod
    def of(cls, network):
        """The size of a `Network`.

        >>> from regions.network import Network
        >>> Size.of(Network.of(([[1.0, 2.0]], None), ([[3.0]], None)))
        Size(units=1, weights=3, weights_beyond_input=1)
        """
        if isinstance(network, ConvolutionalNetwork):
            return cls.sum(network.n_units, network.stored_weights)
        return cls.sum(network.n_units, [layer.weight for layer in network.layers])

    @classmethod
    def sum(cls, units, weights):
        """The size of ``units`` hidden units with these arrays of weights, the first at the input."""
        if len(weights) == 1 and not weights[0].any():
            return cls(units, 0, 0)
        first, *rest = (weight.size for weight in weights)
        return cls(units, first + sum(rest), sum(rest))

    def within(self, other):
        """Whether it is at most ``other`` by every measure."""
        return (
            self.units <= other.units
            and self.weights <= other.weights
            and self.weights_beyond_input <= other.weights_beyond_input
        )
