"""`boundary_pieces`: in how many flat pieces the decision between two classes changes."""

from typing import SupportsIndex

from ..arithmetic.linear_programme import interior_point, maximum
from ..arithmetic.rationals import ZERO
from ..arithmetic.rows import hyperplanes, restricted
from ..entry import read_question, read_whole
from ..errors import InputError
from ..network.slopes import require_relu
from ..preactivations.rational_rows import ExactProblem
from ..typing import DomainLike, NetworkLike
from .iterate import iterate_regions


def boundary_pieces(
    network: NetworkLike,
    domain: DomainLike,
    class_a: SupportsIndex,
    class_b: SupportsIndex,
    *,
    largest: bool = False,
) -> int:
    """The number of flat pieces of the boundary where ``f_a - f_b`` changes its sign; an int, exact.

    A piece is a (d - 1)-dimensional part of a hyperplane, d being the dimension of the domain, inside one
    cell or on the common facet of two, with ``f_a > f_b`` on one side of it and ``f_a < f_b`` on the other. Where the two
    outputs only touch, or agree on a whole cell, nothing changes and nothing is counted.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` of dimension n0.
    class_a, class_b
        Two different outputs, counted from 0.
    largest
        True counts only pieces on which no third output exceeds the two (on some part of the piece of dimension d - 1):
        the decision boundary of a classifier that answers with its largest output.

    Raises
    ------
    InputError
        Outputs that the network does not have, or the same one twice; what `iterate_regions` raises.

    Notes
    -----
    The cells come from the exact engine. On each the difference is one affine function, a rational row; two rational
    linear programmes tell which signs it takes inside. The network is continuous, so a sign that changes between two cells
    does so where both differences vanish on their common facet; such pairs are found as `Pieces` finds
    neighbours. A few milliseconds a cell; memory grows with the cells that have a facet on the boundary.

    Examples
    --------
    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> diamond = Network.of(  # |x| + |y| against 0.5
    ...     ([[1, 0], [-1, 0], [0, 1], [0, -1]], None), ([[1, 1, 1, 1], [0, 0, 0, 0]], [0, 0.5])
    ... )
    >>> boundary_pieces(diamond, Box.cube(2, -1, 1), 0, 1)
    4
    """
    network, domain = read_question(network, domain)
    require_relu(network, "boundary_pieces")
    a, b = (
        read_whole(name, output, least=0, most=network.n_out - 1)
        for name, output in (("class_a", class_a), ("class_b", class_b))
    )
    if a == b:
        raise InputError(f"a boundary is between two classes; got class {a} twice")
    boundary = _Boundary(network, domain, a, b, largest)
    for region in iterate_regions(network, domain):
        boundary.add(region.pattern)
    return boundary.inside + boundary.between()


class _Boundary:
    """The pieces found so far, and the cells that may have one on a facet."""

    def __init__(self, network, domain, class_a, class_b, largest):
        # the output layer as one more hidden layer: its pre-activations are the outputs
        self._problem = ExactProblem(network.with_output_relu(), domain)
        self._n_units, self._depth = network.n_units, len(network.widths)
        self._a, self._b, self._largest = class_a, class_b, largest
        self.inside = 0
        self._touching = {}  # a face: {the sign of the difference: the pattern of the cell that has it}

    def add(self, pattern):
        """Take one cell."""
        rows, outputs = self._rows(pattern)
        difference = _minus(outputs[self._a], outputs[self._b])
        if all(v == 0 for v in difference[:-1]):
            return
        problem = self._problem
        cell = [*_signed(rows, pattern), *problem.domain_rows]
        signs = [
            sign
            for sign in (1, -1)
            if maximum(
                [sign * v for v in difference], cell, problem.lower, problem.upper, enough=ZERO
            )[1]
            is not None
        ]
        (hyperplane,) = hyperplanes([difference])
        group = hyperplanes(rows).get(hyperplane)
        if len(signs) == 2:
            self.inside += not self._largest or self._is_piece(hyperplane, pattern)
        elif group is not None:
            face = hyperplane, group.tobytes(), (pattern & ~group).tobytes()
            self._touching.setdefault(face, {})[signs[0]] = pattern

    def between(self):
        """The number of pieces on common facets of two cells."""
        return sum(
            self._is_piece(face[0], cells[1])
            for face, cells in self._touching.items()
            if len(cells) == 2
        )

    def _is_piece(self, hyperplane, pattern):
        """Whether the cell of ``pattern`` meets ``hyperplane`` in dimension d - 1, where the classes may be largest."""
        rows, outputs = self._rows(pattern)
        flat = _signed(rows, pattern)
        if self._largest:
            ours, rivals = outputs[self._a], set(range(len(outputs))) - {self._a, self._b}
            flat += [_minus(ours, outputs[c]) for c in rivals]
        sides, lower, upper = restricted(hyperplane, self._problem.domain_rows, self._problem)
        # a unit that is zero on all of the hyperplane does not bound the piece, a third class does not exceed
        sides += [row for row in restricted(hyperplane, flat, self._problem)[0] if any(row)]
        return interior_point(sides, lower, upper) is not None

    def _rows(self, pattern):
        rows = self._problem.rows(pattern, self._depth + 1)
        return rows[: self._n_units], rows[self._n_units :]


def _signed(rows, pattern):
    return [row if on else [-v for v in row] for row, on in zip(rows, pattern, strict=True)]


def _minus(row, other):
    return [v - w for v, w in zip(row, other, strict=True)]
