"""Networks whose number of regions is proved by hand, one line of proof each.

Every engine climbs this ladder. ``thin`` marks rungs with cells that a margin of 1e-6 cannot see or
ties that it cannot tell from crossings: an engine in floating point is not asked for them.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from regions.domain import AffineSlice, Box, Domain, Polytope, WholeSpace
from regions.network import Network


@dataclass(frozen=True)
class Rung:
    """``answers`` maps a definition of "region" to the count that ``proof`` proves."""

    name: str
    network: Network
    domain: Domain
    answers: dict
    proof: str
    thin: bool = False

    def __str__(self):
        return self.name


def random_network(seed, *widths):
    """Gaussian weights and biases; ``widths`` include input and output."""
    rng = np.random.default_rng(seed)
    pairs = itertools.pairwise(widths)
    return Network([(rng.normal(size=(m, n)), rng.normal(size=m)) for n, m in pairs])


def network_with_ties(rng):
    """A small network with small whole or quarter weights, some of them zero: many exact ties."""
    n0, depth = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    steps, density = rng.choice([1, 4]), rng.choice([1.0, 0.6])
    widths = [n0, *rng.integers(1, 6, depth).tolist()]
    layers = []
    for before, units in itertools.pairwise(widths):
        weight = rng.integers(-3 * steps, 3 * steps + 1, (units, before))
        weight = weight * (rng.random(weight.shape) < density)
        layers.append((weight / steps, rng.integers(-2 * steps, 2 * steps + 1, units) / steps))
    return Network([*layers, (np.ones((1, widths[-1])), None)])


# ReLU, the two slopes of the field, the absolute value, a power of two, one that turns the off side upside down.
SLOPES = (0.0, 0.01, -1.0, 0.125, -2.0)


def slopes_of(rng, widths, choices=SLOPES):
    """For each hidden layer of ``widths`` slopes: one for all, or one for each unit."""
    return [rng.choice(choices, rng.choice([1, n])) for n in widths]


def network_with_slopes(rng, *widths):
    """`random_network` with mixed slopes."""
    relu = random_network(int(rng.integers(2**31)), *widths)
    return Network(relu.layers, slopes=slopes_of(rng, relu.widths))


def one_layer(weight, bias=None):
    """A network with one hidden layer and the sum of its units as output."""
    return Network.of((weight, bias), (np.ones((1, len(weight))), None))


def sawtooth(depth):
    """Tent maps: each layer sends t in [0, 1] to max(0, 2t) - max(0, 4t - 2)."""
    first = ([[2.0], [4.0]], [0.0, -2.0])
    further = ([[2.0, -2.0], [4.0, -4.0]], [0.0, -2.0])
    return Network([first, *[further] * (depth - 1), ([[1.0, -1.0]], None)])


FIGURE_2 = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
SQUARE = Box.cube(2, -1, 1)
UNIT = Box.cube(1, 0, 1)
LINE = Box.cube(1, -1, 1)
TANGENTS = one_layer([[i, -1.0] for i in range(1, 7)], [i * i for i in range(1, 7)])
FADING = ([[1.0], [-1.0]], [-0.5, -0.5])  # both units are off for |x| < 0.5


def both(count):
    return {"cells": count, "patterns": count}


# The five networks of the tolerance table: one hidden layer, two inputs, a box.
TOLERANCE_CASES = (
    Rung(
        "three lines through one point",
        one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
        SQUARE,
        both(6),
        "x > 0 >= y contradicts x <= y, and x <= 0 < y contradicts x > y: 8 - 2",
    ),
    Rung(
        "parallel lines 1e-7 apart, one across",
        one_layer([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0.0, -1e-7, 0.0]),
        SQUARE,
        both(6),
        "three intervals of x times two of y",
        thin=True,
    ),
    Rung(
        "parallel lines 1e-9 apart, one across",
        one_layer([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0.0, -1e-9, 0.0]),
        SQUARE,
        both(6),
        "three intervals of x times two of y",
        thin=True,
    ),
    Rung(
        "three lines meeting within 1e-8",
        one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], [0.0, 0.0, -1e-8]),
        SQUARE,
        both(7),
        "general position, all vertices inside: Z(3, 2) = 7; x <= 0 < y leaves no x - y > 1e-8",
        thin=True,
    ),
    Rung(
        "a duplicated unit",
        one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]),
        SQUARE,
        both(4),
        "two lines cross; the third unit repeats the first",
    ),
)

LADDER = (
    Rung(
        "no hidden layer",
        Network.of(([[1.0, 2.0]], [0.5])),
        SQUARE,
        both(1),
        "the empty pattern",
    ),
    Rung(
        "one unit",
        one_layer([[1.0, 1.0]], [-1.0]),
        Box.cube(2, 0, 1),
        both(2),
        "the line x + y = 1 cuts the square",
    ),
    Rung(
        "figure 2 of paper 1, wide",
        FIGURE_2,
        Box.cube(1, -10, 10),
        both(5),
        "breakpoints -0.5, 0, 0.5, 1; a tie repeats the pattern of one of its sides",
    ),
    Rung(
        "figure 2 of paper 1, [0, 1]",
        FIGURE_2,
        UNIT,
        {"cells": 2, "patterns": 4},
        "c switches at 0.5; a is off at x = 0 alone, b at x = 1 alone",
    ),
    Rung(
        "tie at the end of the domain",
        one_layer([[1.0]]),
        UNIT,
        {"cells": 1, "patterns": 2},
        "g = x on [0, 1] is zero at 0 alone",
    ),
    Rung(
        "a unit and its negation",
        one_layer([[1.0], [-1.0]], [-0.5, 0.5]),
        UNIT,
        {"cells": 2, "patterns": 3},
        "both are off at x = 0.5 alone",
    ),
    *(
        Rung(
            f"sawtooth of depth {depth}",
            sawtooth(depth),
            UNIT,
            {"cells": 2**depth, "patterns": 2**depth + extra},
            "each tent doubles the cells; where some t first is 0, and at x = 0, later layers are off: "
            "0 -> x = 0, 1 -> x = 1, then 2**(j - 2) points each",
            thin=True,
        )
        for depth, extra in ((1, 1), (2, 2), (3, 3), (4, 5))
    ),
    Rung(
        "six tangents of a parabola",
        TANGENTS,
        Box.cube(2, -100, 100),
        both(22),
        "y = ix + i*i meet pairwise at (-(i + j), -ij), all different: Z(6, 2) = 22",
    ),
    Rung(
        "six tangents of a parabola, whole plane",
        TANGENTS,
        WholeSpace(2),
        both(22),
        "the box of the rung before holds all vertices",
    ),
    Rung(
        "a dead unit with zero bias",
        one_layer([[-1.0], [1.0]], [0.0, -0.5]),
        UNIT,
        both(2),
        "-x is never positive on [0, 1]",
    ),
    Rung(
        "a unit that vanishes on a cell",
        Network.of(FADING, ([[1.0, -2.0]], [0.0]), ([[1.0]], None)),
        LINE,
        both(3),
        "x < -0.5, the middle where all units are off, x > 0.5",
    ),
    Rung(
        "a unit that cancels to zero",
        Network.of(([[1.0], [1.0]], None), ([[1.0, -1.0]], None), ([[1.0]], None)),
        LINE,
        both(2),
        "two equal units subtracted: off on both sides of x = 0",
        thin=True,
    ),
    Rung(
        "duplicated, negated and scaled units",
        one_layer([[1.0], [-1.0], [1000.0], [0.001]]),
        LINE,
        {"cells": 2, "patterns": 3},
        "all switch at x = 0, where all are off",
    ),
    Rung(
        "zero biases, one layer",
        one_layer([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]),
        SQUARE,
        {"cells": 6, "patterns": 7},
        "three lines through the origin, which alone has all three units off",
    ),
    Rung(
        "zero biases, two layers",
        Network.of(
            ([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], None),
            ([[1.0, 1.0, -1.0, -1.0]], None),
            ([[1.0]], None),
        ),
        SQUARE,
        {"cells": 8, "patterns": 13},
        "|x| - |y| halves each quadrant; four half axes and the origin are patterns of their own",
    ),
    Rung(
        "a fixed coordinate",
        one_layer([[1.0, -1.0], [0.0, 1.0]], [0.0, -0.5]),
        Box([0.0, 0.5], [1.0, 0.5]),
        both(2),
        "x - 0.5 switches; y - 0.5 is zero on the whole segment, hence off",
    ),
    Rung(
        "a single point",
        one_layer([[1.0], [1.0]], [-2.0, -1.0]),
        Box([2.0], [2.0]),
        both(1),
        "one point has one pattern, and it is full-dimensional in its own affine hull",
    ),
    Rung(
        "a triangle",
        one_layer([[1.0, -1.0], [1.0, 1.0]], [0.0, -1.0]),
        Polytope([[1.0, 1.0]], [1.0], Box.cube(2, 0, 1)),
        both(2),
        "x = y cuts it; x + y - 1 is at most zero",
    ),
    Rung(
        "a diagonal slice",
        one_layer([[1.0, 0.0], [0.0, 1.0]], [-0.25, -0.5]),
        AffineSlice([0.0, 0.0], [[1.0, 1.0]], Box.cube(2, 0, 1)),
        both(3),
        "on x = y the units switch at 0.25 and 0.5",
    ),
    *TOLERANCE_CASES,
)
