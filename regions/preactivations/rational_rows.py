"""The pre-activations of a network on a domain as rational rows.

Doubles are rationals, so a network with stored weights on a domain with stored bounds is an exact object.
"""

from ..arithmetic.integers import Row, WholeBox, telling
from .whole_rows import WholeRows


class ExactProblem:
    """A network on a polyhedron in rational arithmetic.

    Rows are lists of k + 1 ``fmpq``: coefficients of the coordinates y, then the constant. Built
    from the raw weights and bounds, never from rounded products.
    """

    def __init__(self, network, domain):
        hull = domain.exact_hull()
        self.lower, self.upper, self.domain_rows = hull.lower, hull.upper, hull.rows
        self.widths = network.widths
        # the same as whole numbers: what a search asks for
        self.box = WholeBox(hull.lower, hull.upper)
        sides = [Row.of(row) for row in hull.rows]
        self.telling = telling(sides)
        self.sides = [sides[i] for i in self.telling]
        self._rows = WholeRows(network, hull)

    def row(self, signs, unit):
        """The `Row` of one unit under the ``signs`` (N,) of the layers before its own."""
        return self._rows.row(signs, unit)

    def rows(self, signs, stop):
        """Pre-activation rows of the hidden layers before index ``stop``, under ``signs`` (N,)."""
        return self._rows.fractions(signs, stop)
