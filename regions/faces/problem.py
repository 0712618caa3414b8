"""A question prepared for counting by faces: what never switches taken out, twins merged, the rest as flat arrays.

Units that certified ranges prove off are gone, those proved on stay without a sign to be asked for, and units of one
layer with proportional rows are one hyperplane. All of it is exact, so counts are of the network as it stands.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..arithmetic.rounding import gamma
from ..domain import AffineSlice, Domain, Polytope, WholeSpace
from ..errors import UnsupportedError
from ..network import Network
from ..preactivations.ranges import direct_ranges
from .kernels.arrays import Arrays

# Unit: a scaled pre-activation. Beyond this the floors for underflow would not hold.
LARGEST = 1e15
# A domain with more rows than this asks too much of a question, which has a multiplier for each.
MOST_ROWS = 200


@dataclass(frozen=True)
class Problem:
    """A network on a bounded domain. ``kept[l]`` lists the units of hidden layer l that the arrays hold.

    Raises
    ------
    UnsupportedError
        An unbounded domain, or one with too many rows; weights so far apart that their products leave the
        range of doubles.
    """

    network: Network
    domain: Domain

    @cached_property
    def hull(self):
        """The coordinates y of the domain."""
        return self.domain.polyhedron()

    @cached_property
    def ranges(self):
        """Certified ranges of all hidden units."""
        return direct_ranges(self.network, self.domain, method="relaxation")

    @cached_property
    def kept(self):
        """Per hidden layer the units that are in the arrays: not off, in the last layer not on, one of each hyperplane.

        Layers after the last one with a unit that may switch make no cells and are left out.
        """
        kept = [np.flatnonzero(~off) for off in self.ranges.off[: self.depth]]
        last, masters, _ = self.last_twins
        kept[-1] = last[masters == np.arange(len(last))]
        return kept

    @cached_property
    def depth(self):
        """Hidden layers up to the last one with a unit that may switch, at least one."""
        return (
            max((k for k, units in enumerate(self.ranges.undecided) if units.any()), default=0) + 1
        )

    @cached_property
    def last_twins(self):
        """Units of the last layer that may switch, and for each the place of the first on its hyperplane and its side."""
        last = np.flatnonzero(self.ranges.undecided[self.depth - 1])
        return last, *self._twins(self.depth - 1, last, opposite=True)

    @cached_property
    def n_earlier(self):
        """N, the number of earlier units in the arrays."""
        return len(self.arrays.lower)

    @cached_property
    def exponent(self):
        """The tree's root stands for two to this many pairs."""
        a = self.arrays
        masters = (a.master == np.arange(len(a.master))) & ~a.loose
        return int(masters.sum()) + len(self.kept[-1])

    @cached_property
    def arrays(self):
        """The `Arrays` of the kernels."""
        with np.errstate(all="ignore"):  # what overflows is refused below
            a = self._arrays()
        largest = max(np.abs(x).max(initial=0.0) for x in (*a[:7], a.weights, a.biases, a.reach))
        if not largest < LARGEST:
            raise UnsupportedError(
                f"counting by faces takes numbers up to {LARGEST:g} after scaling; this network on this domain has "
                f"{largest:.3g}; choose engine cells"
            )
        return a

    def root(self):
        """``(sig, mode)`` of the node that stands for everything."""
        a = self.arrays
        return a.loose.astype(np.int8), np.zeros(len(self.kept[-1]), dtype=np.int8)

    def signs(self, sig):
        """Signs +1 and -1 of shape (N,) of the hidden units before the last layer, for a full ``sig`` of the arrays."""
        before = len(self.kept) - 1
        signs = [-np.ones(n, dtype=np.int8) for n in self.network.widths[:before]]
        begin = 0
        for layer, kept in enumerate(self.kept[:-1]):
            signs[layer][kept] = sig[begin : begin + len(kept)]
            begin += len(kept)
        return np.concatenate([np.zeros(0, dtype=np.int8), *signs])

    def coordinates(self, t):
        """Coordinates y of the domain for points ``t`` of the arrays' cube."""
        centre, half = _middle(*self._ends)
        return centre + half * t

    @cached_property
    def _ends(self):
        hull = self.hull
        if np.isfinite(hull.lower).all():
            return hull.lower, hull.upper
        reach = self.domain.reach()
        return -reach, reach

    def _arrays(self):
        if isinstance(self.domain, WholeSpace):
            raise UnsupportedError(
                "counting by faces needs a bounded domain; choose engine cells for the whole space"
            )
        units = self.units
        mixing, shift, slack = self._first_rows()
        first = len(mixing)
        _, *rows = self._domain_rows
        mixing, shift, slack = (
            np.concatenate(pair) for pair in zip((mixing, shift, slack), rows, strict=True)
        )
        scale = np.concatenate([units.scale[:first], self.row_scale])
        mixing, shift, slack = mixing * scale[:, None], shift * scale, slack * scale
        size = np.abs(mixing)
        care = 1 + 2 * gamma(mixing.shape[1] + 4)
        return Arrays(
            mixing=np.ascontiguousarray(mixing),
            shift=shift,
            slack=slack,
            gram=mixing @ mixing.T,
            size_gram=size @ size.T * care,
            length=size.sum(axis=1) * care,
            widest=size.max(axis=1, initial=0.0),
            first=first,
            **units.arrays(),
        )

    def _first_rows(self):
        """Rows of the first layer over t, their constants, and what they may be off."""
        kept = self.kept[0]
        layer = self.network.hidden[0]
        return self._over_cube(layer.weight[kept], layer.bias[kept])

    @cached_property
    def units(self):
        """The units in one line."""
        return _Units(self)

    @property
    def telling(self):
        """Which of the domain's rows are in the arrays."""
        return self._domain_rows[0]

    @property
    def row_scale(self):
        """What those rows are scaled by."""
        return _powers(self._domain_rows[1])

    @cached_property
    def _domain_rows(self):
        """Which of the domain's own rows its box does not imply; these, nonnegative inside, constants, errors."""
        hull = self.hull
        # a row's end is a difference, rounded, where coordinates are fixed or a slice has an origin
        off = gamma(self.network.n0 + 3) * self._size_of_ends()
        mixing, shift, slack = self._over_cube_of_y(
            -hull.rows, hull.offsets, np.zeros(hull.rows.shape), off
        )
        cut = ~(shift - slack - np.abs(mixing).sum(axis=1) * (1 + gamma(mixing.shape[1] + 4)) > 0)
        if cut.sum() > MOST_ROWS:
            raise UnsupportedError(
                f"counting by faces takes a domain of at most {MOST_ROWS} rows; this one has {cut.sum()}; choose engine cells"
            )
        return np.flatnonzero(cut), mixing[cut], shift[cut], slack[cut]

    def _size_of_ends(self):
        """What the terms of the ends of the domain's rows come to."""
        domain = self.domain
        if isinstance(domain, Polytope):
            return (np.abs(domain.b) + np.abs(domain.A) @ np.abs(self.hull.origin))[domain.telling]
        if isinstance(domain, AffineSlice):
            moving = (domain.directions != 0).any(axis=0)
            ends = np.concatenate([domain.box.upper[moving], domain.box.lower[moving]])
            return np.abs(ends) + np.tile(np.abs(domain.origin[moving]), 2)
        return np.zeros(0)

    def _over_cube(self, weight, bias):
        """``weight @ x + bias`` over t."""
        hull = self.hull
        constant = bias + weight @ hull.origin
        terms = weight.shape[1] + 3
        off = gamma(terms) * (np.abs(bias) + np.abs(weight) @ np.abs(hull.origin))
        if hull.free is not None:
            over_y, error = weight[:, hull.free], np.zeros((len(weight), hull.dimension))
        else:
            over_y = weight @ hull.directions.T
            error = gamma(terms) * (np.abs(weight) @ np.abs(hull.directions.T))
        return self._over_cube_of_y(over_y, constant, error, off)

    def _over_cube_of_y(self, rows, constant, error, off):
        """The same for rows over y that are off by ``error`` each, their constants by ``off``."""
        lower, upper = self._ends
        centre, half = _middle(lower, upper)
        far = np.maximum(np.abs(lower), np.abs(upper))
        mixing, shift = rows * half, constant + rows @ centre
        rounding = gamma(len(half) + 4)
        slack = 4 * gamma(2) * np.abs(mixing).sum(axis=1) + error @ (half + far) + off
        slack += rounding * (np.abs(constant) + np.abs(rows) @ far)
        return mixing, shift, (slack + 1e-290) * (1 + 1e-6)

    def _twins(self, layer, units, *, opposite):
        """``(masters, flips)`` of ``units`` of a hidden layer: positions of the first with a proportional row.

        Opposite rows are one hyperplane too, in the first layer and in the last; between them both may be zero on a
        whole cell, and then both are off.
        """
        weight, bias = self.network.hidden[layer]
        rows = np.column_stack([weight[units], bias[units]])
        if layer == 0:
            rows = self._folded(rows)
        return _proportional(rows, opposite)

    def _folded(self, rows):
        """Rows over the coordinates that are free, exactly: objects where a fixed one adds to the constant."""
        hull = self.hull
        if hull.free is None or hull.dimension == self.network.n0:
            return rows
        fixed = np.setdiff1d(np.arange(self.network.n0), hull.free)
        out = np.empty((len(rows), hull.dimension + 1), dtype=object)
        for i, row in enumerate(rows):
            out[i, :-1] = [Fraction(float(v)) for v in row[hull.free]]
            moved = (Fraction(float(row[j])) * Fraction(float(hull.origin[j])) for j in fixed)
            out[i, -1] = sum(moved, Fraction(float(row[-1])))
        return out


class _Units:
    """The units of a `Problem` in one line: scales, ranges, weights."""

    def __init__(self, problem):
        self.problem, network = problem, problem.network
        kept, ranges = problem.kept, problem.ranges
        # one hidden layer: its units are on everywhere for a last layer that repeats them
        self.single = len(kept) == 1
        earlier = [kept[0]] if self.single else kept[:-1]
        self.earlier = earlier
        self.layer = np.repeat(np.arange(len(earlier)), [len(k) for k in earlier])
        self.lower, self.upper, on = (
            np.concatenate([v[k] for v, k in zip(values, earlier, strict=False)])
            for values in (ranges.lower, ranges.upper, ranges.on)
        )
        self.loose = np.ones(len(self.layer), dtype=bool) if self.single else on
        self.scale = self._scales(network)

    def _scales(self, network):
        """A power of two for each earlier unit that brings its size to about one."""
        kept = self.earlier[0]
        over_cube, _, _ = self.problem._over_cube(
            network.hidden[0].weight[kept], network.hidden[0].bias[kept]
        )
        reach = np.maximum(np.abs(self.lower), np.abs(self.upper))[len(kept) :]
        return np.concatenate([_powers(over_cube), _powers(reach[:, None])])

    def arrays(self):
        """Fields of `Arrays` from ``layer`` on."""
        units = len(self.layer)
        weights, biases, below = self._later()
        lower, upper = self.lower * self.scale, self.upper * self.scale
        with np.errstate(all="ignore"):
            slope = np.where(upper > 0, upper / (upper - lower), 0.0)
        slope = np.where(self.loose, 1.0, slope)
        lift = np.maximum(-slope * lower, (1.0 - slope) * upper) * (1 + 1e-14) + 1e-290
        masters, flips = self._masters()
        return {
            "layer": self.layer.astype(np.int64),
            "layers": len(self.earlier),
            "weights": weights,
            "biases": biases,
            "below": below,
            "lower": lower,
            "upper": upper,
            "reach": np.maximum(np.abs(lower), np.abs(upper)),
            "slope": slope,
            "lift": lift,
            "columns": np.linalg.norm(weights, axis=0) if units else np.zeros(0),
            "loose": self.loose,
            "master": masters,
            "flip": flips,
        }

    def _later(self):
        """Weights, biases and the units below of all units after the first layer, scaled."""
        network, kept, units = self.problem.network, self.problem.kept, len(self.layer)
        first = len(self.earlier[0])
        count = units - first + len(kept[-1])
        weights, biases = np.zeros((count, units)), np.zeros(count)
        below = np.zeros((count, 2), dtype=np.int64)
        if self.single:
            weights[:, :] = np.eye(units)
            below[:] = 0, units
        begin, row = 0, 0
        for before, here, layer in zip(kept, kept[1:], network.hidden[1:], strict=False):
            part = slice(row, row + len(here))
            weights[part, begin : begin + len(before)] = layer.weight[np.ix_(here, before)]
            biases[part] = layer.bias[here]
            below[part] = begin, begin + len(before)
            begin, row = begin + len(before), row + len(here)
        scaled = weights / self.scale
        self.last_scale = _powers(scaled[units - first :])
        out = np.concatenate([self.scale[first:], self.last_scale])
        with np.errstate(all="ignore"):
            final = scaled * out[:, None]
            exact = np.array_equal(final / out[:, None] * self.scale, weights)
        if not exact or not np.array_equal(biases * out / out, biases):
            raise UnsupportedError(
                "counting by faces scales units by powers of two, and weights of this network are too far apart for that; "
                "choose engine cells"
            )
        return np.ascontiguousarray(final), biases * out, below

    def _masters(self):
        masters, flips, begin = [], [], 0
        for layer, units in enumerate(self.earlier):
            found, sides = self.problem._twins(layer, units, opposite=layer == 0)
            loose = self.loose[begin : begin + len(units)]
            # a sign that is known needs no master, and is none
            alone = loose | loose[found]
            found, sides = (
                np.where(alone, np.arange(len(units)), found),
                np.where(alone, 1.0, sides),
            )
            masters.append(found + begin)
            flips.append(sides)
            begin += len(units)
        return np.concatenate(masters).astype(np.int64), np.concatenate(flips)


def _middle(lower, upper):
    """Centre and half-width; halved first, so that no sum overflows."""
    return lower / 2 + upper / 2, upper / 2 - lower / 2


def _powers(rows):
    """For each row the power of two that brings its length to about one."""
    if not rows.size:
        return np.ones(len(rows))
    largest = np.abs(rows).max(axis=1)
    safe = np.where(largest > 0, largest, 1.0)
    length = largest * np.linalg.norm(rows / safe[:, None], axis=1)
    return np.ldexp(1.0, -np.frexp(np.where(length > 0, length, 1.0))[1])


def _proportional(rows, opposite):
    """``(masters, flips)``: for each row the first that it is a multiple of, and the sign of the factor; exact."""
    masters, flips, seen = np.arange(len(rows)), np.ones(len(rows)), {}
    for i, row in enumerate(rows):
        used = np.flatnonzero(row != 0)
        if not len(used):
            continue
        pivot = row[used[0]]
        near = tuple(used.tolist()), tuple(np.round(np.array(row[used] / pivot, dtype=float), 9))
        for other in seen.setdefault(near, []):
            factor = Fraction(pivot) / Fraction(rows[other][used[0]])
            same = all(Fraction(row[j]) == factor * Fraction(rows[other][j]) for j in used)
            if same and (opposite or factor > 0):
                masters[i], flips[i] = other, 1.0 if factor > 0 else -1.0
                break
        else:
            seen[near].append(i)
    return masters, flips
