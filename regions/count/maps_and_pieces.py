"""The other meanings of "region" for the exact engine: maps, pieces and patterns, all in rationals.

The search of the engine proves which cells there are. `Maps` and `Pieces` take the cells as they
come and compare what the network computes on them; `occurring_patterns` is a search of its own,
because a pattern may occur on a set too thin to be a cell. No tolerance decides anything here.
"""

from ..arithmetic.linear_programme import interior_point
from ..arithmetic.rows import hyperplanes, restricted
from ..deadline import NEVER, Late
from ..errors import UnsupportedError
from ..preactivations.rational_rows import ExactProblem

# Cells per task when each cell is compared in rationals: a time limit is looked at between tasks.
BUDGET = 100


def check_options(counted, run):
    """Raise when ``run`` asks for what only cells have.

    Raises
    ------
    UnsupportedError
        A journal; patterns of maps or pieces, which have several; workers for patterns.
    """
    if counted == "cells":
        return
    if run.journal is not None:
        raise UnsupportedError(f"a journal records cells, not {counted}; drop journal")
    if run.keep_patterns:
        raise UnsupportedError(
            f"counted={counted} keeps no patterns with points; drop keep_patterns or choose "
            "counted=cells"
        )
    if counted == "patterns" and (run.workers > 1 or run.executor is not None):
        raise UnsupportedError("counted=patterns runs on one core; drop workers and executor")


class Maps:
    """Distinct affine functions that a network computes on the cells of a domain.

    Two functions are the same when they agree on the affine hull of the domain, so a fixed
    coordinate or a slice hides what happens off it. Memory grows with the number of maps.

    Examples
    --------
    >>> import numpy as np
    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> identity = Network.of(([[1.0], [-1.0]], None), ([[1.0, -1.0]], None))  # x, in two cells
    >>> maps = Maps(identity, Box.cube(1, -1, 1))
    >>> maps.add(np.array([[True, False], [False, True]]))
    True
    >>> maps.bounds(complete=True)
    (1, 1)
    """

    def __init__(self, network, domain):
        # the output layer as one more hidden layer: its pre-activations are the outputs
        self._problem = ExactProblem(network.with_output_relu(), domain)
        self._n_units, self._depth = network.n_units, len(network.widths)
        self._number = {}

    def __len__(self):
        return len(self._number)

    def add(self, patterns, deadline=NEVER):
        """Take the cells with these ``patterns``, booleans of shape (count, N).

        False when the ``deadline`` came before all were taken; one is, if it is the first of all.
        """
        for pattern in patterns:
            if self._number and deadline.passed:
                return False
            self._take(pattern)
        return True

    def bounds(self, *, complete, deadline=NEVER):
        """``(at_least, at_most)``; None for what is unknown because cells are missing."""
        return len(self), len(self) if complete else None

    def _take(self, pattern):
        self._enter(pattern)

    def _enter(self, pattern):
        """The number of the map on the cell of ``pattern``."""
        rows = self._problem.rows(pattern, self._depth + 1)
        key = tuple(v for row in rows[self._n_units :] for v in row)
        return self._number.setdefault(key, len(self._number))


class Pieces(Maps):
    """Maximal connected open sets on which the output is one affine function.

    Two cells are joined when they share a facet and the network computes the same function on both.
    Cells of one function that touch in less than a facet stay apart: no open set connects them.
    (With closed sets they would be one; the literature has both readings.)

    Memory grows with the number of cells; the faces of the cells of one map are held at a time.

    Notes
    -----
    Let cells A and B share a facet inside the hyperplane H, and let the units of A that are zero on
    all of H be its group. The network is continuous, so B has the same group, and on H a unit of the group
    gives 0 whether on or off. So A and B differ within the group only, and all their other rows are equal
    on H. Hence neighbours across H are found by looking up (H, group, signs outside the group), and one
    rational linear programme over the rows of A tells whether the common face has the dimension of a facet.

    Examples
    --------
    >>> import numpy as np
    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> bump = Network.of(([[1.0], [1.0], [1.0]], [1.0, 0.0, -1.0]), ([[1.0, -2.0, 1.0]], None))
    >>> pieces = Pieces(bump, Box.cube(1, -2, 2))
    >>> pieces.add(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]) > 0)
    True
    >>> len(pieces), pieces.bounds(complete=True)  # zero on both sides of the bump
    (3, (4, 4))
    """

    def __init__(self, network, domain):
        super().__init__(network, domain)
        self._cells = {}  # the patterns of the cells of each map

    def bounds(self, *, complete, deadline=NEVER):
        """``(at_least, at_most)``: every map has a piece, and every cell still apart may be one.

        Cells that are missing may join pieces, so without all of them the maps are the only lower
        bound; so are they when ``deadline`` comes before all faces are looked at.
        """
        if not complete:
            return len(self), None

        pieces = sum(map(len, self._cells.values()))
        for cells in self._cells.values():
            if len(cells) > 1:
                pieces -= self._joints(cells, deadline)
                if deadline.passed:
                    return len(self), pieces
        return pieces, pieces

    def _take(self, pattern):
        self._cells.setdefault(self._enter(pattern), []).append(pattern)

    def _joints(self, cells, deadline):
        """How many times two sets of ``cells`` of one map were joined until the ``deadline`` came."""
        leader, joints = list(range(len(cells))), 0
        for hyperplane, sharing in self._faces(cells, deadline):
            if deadline.passed:
                break
            leaders = {_leader(leader, cell) for cell in sharing}
            if len(leaders) > 1 and self._is_facet(hyperplane, cells[sharing[0]], deadline):
                first, *others = leaders
                joints += len(others)
                for other in others:
                    leader[other] = first
        return joints

    def _faces(self, cells, deadline):
        """Hyperplanes, each with the places of ``cells`` that have one face in it."""
        faces = {}
        for place, pattern in enumerate(cells):
            if deadline.passed:
                break
            for hyperplane, group in hyperplanes(self._problem.rows(pattern, self._depth)).items():
                key = hyperplane, group.tobytes(), (pattern & ~group).tobytes()
                faces.setdefault(key, []).append(place)
        return [(key[0], sharing) for key, sharing in faces.items() if len(sharing) > 1]

    def _is_facet(self, hyperplane, pattern, deadline):
        """Whether the cell of ``pattern`` meets ``hyperplane`` in a facet inside the domain."""
        problem = self._problem
        rows = problem.rows(pattern, self._depth)
        group = hyperplanes(rows)[hyperplane]
        signed = [
            row if on else [-v for v in row]
            for row, on, vanishes in zip(rows, pattern, group, strict=True)
            if not vanishes
        ]
        face = restricted(hyperplane, [*signed, *problem.domain_rows], problem)
        try:
            return interior_point(*face, deadline=deadline) is not None
        except Late:  # not joined: an upper bound all the same
            return False


def _leader(leader, cell):
    """The cell that stands for all those joined with ``cell``; halves the way there."""
    while leader[cell] != cell:
        leader[cell] = leader[leader[cell]]
        cell = leader[cell]
    return cell
