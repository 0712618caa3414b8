"""The pre-activations of a network on a domain as rational rows.

Doubles are rationals, so a network with stored weights on a domain with stored bounds is an exact object.
"""

from flint import fmpq_mat

from ..arithmetic.linear_programme import exact_hull
from ..arithmetic.rationals import ZERO, rational, rational_matrix


class ExactProblem:
    """A network on a polyhedron in rational arithmetic.

    Rows are lists of k + 1 ``fmpq``: coefficients of the coordinates y, then the constant. Built
    from the raw weights and bounds, never from rounded products.
    """

    def __init__(self, network, domain):
        hull = exact_hull(domain)
        self.lower, self.upper, self.domain_rows = hull.lower, hull.upper, hull.rows
        self._one = hull.one
        self._layers = [
            (rational_matrix(layer.weight), [rational(b) for b in layer.bias])
            for layer in network.hidden
        ]
        self.widths = network.widths
        # the inputs themselves, as rows: what the first layer acts on
        self._inputs = fmpq_mat(hull.inputs)

    def rows(self, signs, stop):
        """Pre-activation rows of the hidden layers before index ``stop``, under ``signs`` (N,)."""
        out, g, h, active = [], [], self._inputs, iter(signs)
        for weight, bias in self._layers[:stop]:
            if out:
                zero = [ZERO] * len(self._one)
                h = fmpq_mat([row if next(active) > 0 else zero for row in g])
            product = weight * h
            g = [
                [product[i, d] + b * one for d, one in enumerate(self._one)]
                for i, b in enumerate(bias)
            ]
            out.extend(g)
        return out
