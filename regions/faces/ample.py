"""A list of cells checks itself: inside a parent without ties it has as many members as subcubes it holds.

The cells of hyperplanes in general position on a convex open set are an ample family: as many sets of units are strongly
shattered, all their sign vectors occurring with one and the same rest, as there are cells (Lawrence 1983). For any
family they are at most as many (Pajor 1985; Bollobas and Radcliffe 1995). So a list that lacks cells, or has some too
many, mostly shows it; a list with ties may have more cells than that.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AmpleCheck:
    """``parents`` were looked at; in ``ample`` of them the list has as many cells as strongly shattered sets."""

    parents: int
    ample: int

    @property
    def holds(self):
        """Whether it has in every parent: sure of a whole list without ties."""
        return self.ample == self.parents


def check_ample(network, patterns, *, parents=None, seed=0):
    """Compare cells with strongly shattered sets, parent by parent.

    Parameters
    ----------
    network
        The `Network` whose cells are listed.
    patterns
        A `PatternSet` with the cells, or booleans of shape (count, N).
    parents
        How many parents to look at, drawn with ``seed``; None for all.

    Returns
    -------
    AmpleCheck
        An alarm, no proof: of single missing cells it sees about half, since a corner may be missing from an
        ample family.

    Examples
    --------
    >>> from regions.network import Network
    >>> lines = Network.of((np.eye(2), None), (np.ones((1, 2)), None))
    >>> check_ample(lines, [[0, 0], [0, 1], [1, 0], [1, 1]]).holds  # two lines that cross
    True
    >>> check_ample(lines, [[0, 1], [1, 0]]).holds
    False
    """
    matrix = patterns.matrix() if hasattr(patterns, "matrix") else np.asarray(patterns, dtype=bool)
    last = network.widths[-1] if network.widths else 0
    before = matrix.shape[1] - last
    families = {}
    for row in matrix:
        families.setdefault(row[:before].tobytes(), set()).add(_number(row[before:]))
    chosen = list(families.values())
    if parents is not None and parents < len(chosen):
        picked = np.random.default_rng(seed).choice(len(chosen), parents, replace=False)
        chosen = [chosen[i] for i in picked]
    ample = sum(len(family) == strongly_shattered(family, last) for family in chosen)
    return AmpleCheck(len(chosen), ample)


def strongly_shattered(family, units):
    """How many sets of ``units`` positions are strongly shattered by ``family``, whole numbers as bit vectors.

    >>> strongly_shattered({0b00, 0b01, 0b10}, 2)  # the empty set and both single units
    3
    """
    # a full subcube is named by its set of positions and its member with zeros there
    count, cubes = 0, {0: set(family)}
    while cubes:
        count += sum(1 for corners in cubes.values() if corners)
        wider = {}
        for positions, corners in cubes.items():
            for unit in range(positions.bit_length(), units):
                bit = 1 << unit
                both = {c for c in corners if not c & bit and c | bit in corners}
                if both:
                    wider[positions | bit] = both
        cubes = wider
    return count


def _number(bits):
    return sum(1 << i for i, bit in enumerate(bits) if bit)
