"""Maps, pieces and patterns against hand proofs, rational brute force and a pairwise oracle."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from flint import fmpq_mat

from regions import AffineSlice, Box, Cells, Network, Polytope, Status, WholeSpace, count_regions
from regions.arithmetic.linear_programme import maximum
from regions.arithmetic.rationals import ZERO
from regions.count.maps_and_pieces import Pieces
from regions.count.occurring_patterns import occurring_patterns
from regions.deadline import PASSED
from regions.errors import InputError, UnsupportedError
from regions.network.patterns import PatternSet
from regions.preactivations.rational_rows import ExactProblem
from tests.ladder import FADING, FIGURE_2, LADDER, SQUARE, random_network
from tests.oracles.brute_force import brute_force

LINE = Box.cube(1, -2, 2)
IDENTITY = Network.of(([[1.0], [-1.0]], None), ([[1.0, -1.0]], None))
ABSOLUTE = Network.of(([[1.0], [-1.0], [1.0]], [0.0, 0.0, -1.0]), ([[1.0, 1.0, 0.0]], None))
BUMP = Network.of(([[1.0], [1.0], [1.0]], [1.0, 0.0, -1.0]), ([[1.0, -2.0, 1.0]], None))
TOGETHER = Network.of(([[1.0], [-2.0], [1.0]], None), ([[2.0, -2.0, 2.0]], None))
FADED = Network.of(FADING, ([[1.0, -2.0]], [0.0]), ([[1.0]], None))
# max(0, |x| - |y|)
HOURGLASS = Network.of(
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], None),
    ([[1.0, 1.0, -1.0, -1.0]], None),
    ([[1.0]], None),
)
# max(0, x + y) - max(0, -x)
TILTED = Network.of(([[1.0, 1.0], [-1.0, 0.0]], None), ([[1.0, -1.0]], None))

# network, domain, numbers of cells, maps and pieces; proof
PROVED = [
    (IDENTITY, LINE, 2, 1, 1, "max(0, x) - max(0, -x) is x on both sides of 0"),
    (ABSOLUTE, LINE, 3, 2, 2, "|x|; a unit of weight 0 cuts x > 0 at 1"),
    (BUMP, LINE, 4, 3, 4, "0, x + 1, 1 - x, 0: the two zeros do not touch"),
    (TOGETHER, LINE, 2, 1, 1, "4x on both sides of 0, where all three units switch"),
    (FIGURE_2, Box.cube(1, -10, 10), 5, 4, 4, "-2x - 1, 0, 0, 2x - 1, 4x - 3"),
    (FADED, LINE, 3, 2, 2, "0, 0, x - 0.5: the unit of layer two is zero in the middle"),
    (HOURGLASS, SQUARE, 8, 5, 6, "+-x +- y and 0; zeros above and below touch in the origin only"),
    (HOURGLASS, WholeSpace(2), 8, 5, 6, "the same: every cell is a cone"),
    (HOURGLASS, AffineSlice([0, 0.5], [[1, 0]], SQUARE), 4, 3, 3, "-x - 0.5, 0, 0, x - 0.5"),
    (HOURGLASS, Box([-1, 0.5], [1, 0.5]), 4, 3, 3, "the same, y fixed by the box"),
    (
        HOURGLASS,
        Polytope([[0, -1]], [0], SQUARE),
        4,
        3,
        3,
        "y >= 0 halves two quadrants: -x - y, 0, 0, x - y",
    ),
    (TILTED, SQUARE, 4, 4, 4, "x + y, 0, 2x + y, x"),
    (TILTED, Box([-1, 0], [1, 0]), 2, 1, 1, "x where y = 0; off the domain they differ"),
    (Network.of(([[1.0, 2.0]], [0.5])), SQUARE, 1, 1, 1, "no hidden unit"),
    (BUMP, Box([0.0], [0.0]), 1, 1, 1, "one point"),
]
PATTERNS = [rung for rung in LADDER if "patterns" in rung.answers]


def with_ties(seed):
    """A small network of small integers with dead ends and ties, and a domain of 1 to 3 inputs."""
    rng = np.random.default_rng(seed)
    n0 = rng.integers(1, 4)
    widths = [n0, *rng.integers(1, 5, size=rng.integers(1, 4)), 1]
    layers = [
        (rng.integers(-1, 2, size=(n, m)), rng.integers(-1, 2, size=n)) for m, n in pairwise(widths)
    ]
    domains = [
        Box.cube(n0, -2, 2),
        WholeSpace(n0),
        Polytope(rng.integers(-2, 3, size=(2, n0)), [2, 3], Box.cube(n0, -2, 2)),
        AffineSlice(np.zeros(n0), [rng.integers(1, 4, size=n0)], Box.cube(n0, -2, 2)),
    ]
    return Network(layers), domains[seed % len(domains)]


def proved(network, domain, counted):
    count = count_regions(network, domain, engine=Cells(), counted=counted)
    assert count.status is Status.CERTIFIED
    assert count.at_least == count.at_most == count.value
    assert f" {counted} (CERTIFIED" in str(count)
    return count.value


def maps_of(network, domain, patterns):
    """The map on each cell, restricted to the domain; exact in floats for small integers."""
    directions = domain.directions if isinstance(domain, AffineSlice) else np.eye(network.n0)
    maps = [network.affine_map(pattern) for pattern in patterns]
    return [(*(A @ directions.T).ravel(), *c) for A, c in maps]


def share_a_facet(problem, one, other, depth):
    """Whether two closed cells meet in one dimension less than their own, from the definition alone."""
    k = len(problem.lower)
    common = list(problem.domain_rows)
    for j in range(k):
        unit = [ZERO] * (k + 1)
        unit[j] += 1
        common += [[*unit[:-1], -problem.lower[j]], [*(-v for v in unit[:-1]), problem.upper[j]]]
    for pattern in (one, other):
        rows = problem.rows(pattern, depth)
        common += [r if on else [-v for v in r] for r, on in zip(rows, pattern, strict=True)]
    best = [maximum(row, common, problem.lower, problem.upper) for row in common]
    if best[0] is None:
        return False
    flat = [row[:-1] for row, (top, _) in zip(common, best, strict=True) if top == 0]
    return fmpq_mat(flat).rank() == 1 if flat else False


def pieces_by_pairs(network, domain, patterns):
    """Pieces by looking at all pairs of cells with one map."""
    problem, maps = ExactProblem(network, domain), maps_of(network, domain, patterns)
    piece = list(range(len(patterns)))
    for i, j in combinations(range(len(patterns)), 2):
        if maps[i] == maps[j] and share_a_facet(
            problem, patterns[i], patterns[j], len(network.widths)
        ):
            piece = [piece[i] if p == piece[j] else p for p in piece]
    return len(set(piece))


@pytest.mark.parametrize(("network", "domain", "cells", "maps", "pieces", "proof"), PROVED)
def test_hand_proofs(network, domain, cells, maps, pieces, proof):
    found = [proved(network, domain, counted) for counted in ("cells", "maps", "pieces")]
    assert found == [cells, maps, pieces], proof


@pytest.mark.parametrize("rung", PATTERNS, ids=str)
def test_patterns_of_the_ladder(rung):
    assert proved(rung.network, rung.domain, "patterns") == rung.answers["patterns"]


@pytest.mark.parametrize("seed", range(40))
def test_ties_everywhere(seed):
    network, domain = with_ties(seed)
    patterns = brute_force(network, domain).matrix()
    maps, pieces = proved(network, domain, "maps"), proved(network, domain, "pieces")
    assert maps == len(set(maps_of(network, domain, patterns)))
    assert pieces == pieces_by_pairs(network, domain, patterns)
    assert maps <= pieces <= len(patterns)


@pytest.mark.parametrize("seed", range(40))
def test_patterns_against_brute_force(seed):
    network, domain = with_ties(seed)
    found = list(occurring_patterns(network, domain))
    assert proved(network, domain, "patterns") == len(found)
    assert PatternSet.of(found, network.n_units) == brute_force(network, domain, "patterns")


def test_the_order_of_cells_and_of_units_changes_nothing():
    network, box = random_network(2, 2, 5, 4, 1), Box.cube(2, -1, 1)
    network = Network((*network.hidden, ([[1.0, 0.0, 0.0, 0.0]], None)))
    patterns = brute_force(network, box).matrix()
    counts = set()
    for seed in range(3):
        pieces = Pieces(network, box)
        pieces.add(np.random.default_rng(seed).permutation(patterns))
        counts.add(pieces.bounds(complete=True))
    assert len(counts) == 1
    assert counts.pop()[0] < len(patterns)  # three units of layer two have no weight


def test_a_time_limit_leaves_lower_bounds():
    network, box = random_network(1, 4, 30, 30, 1), Box.cube(4, -1, 1)
    for counted in ("maps", "pieces", "patterns"):
        count = count_regions(network, box, engine=Cells(), counted=counted, time_limit=0.2)
        assert count.status is Status.AT_LEAST
        assert 1 <= count.at_least == count.value
        assert count.at_least <= count.at_most


def test_pieces_stopped_between_cells_and_joints_are_bounded_on_both_sides():
    pieces = Pieces(HOURGLASS, SQUARE)
    pieces.add(brute_force(HOURGLASS, SQUARE).matrix())
    assert pieces.bounds(complete=True, deadline=PASSED) == (5, 8)
    assert pieces.bounds(complete=False) == (5, None)
    assert pieces.bounds(complete=True) == (6, 6)


def test_without_proofs_cells_prove_nothing_about_maps():
    count = count_regions(BUMP, LINE, engine=Cells(), counted="maps", certify=False)
    assert (count.value, count.at_least, count.at_most) == (3, None, None)
    assert count.status is Status.COMPLETE


@pytest.mark.parametrize("counted", ["maps", "pieces", "patterns"])
def test_options_of_cells_are_refused(counted, tmp_path):
    for option in ({"journal": tmp_path / "journal"}, {"keep_patterns": True}):
        with pytest.raises(UnsupportedError, match=counted):
            count_regions(BUMP, LINE, engine=Cells(), counted=counted, **option)


def test_patterns_run_on_one_core():
    with pytest.raises(UnsupportedError, match="one core"):
        count_regions(BUMP, LINE, engine=Cells(), counted="patterns", workers=2)


def test_an_empty_domain_has_no_patterns():
    empty = Polytope([[1.0]], [-3.0], LINE)
    with pytest.raises(InputError, match="is empty"):
        count_regions(BUMP, empty, engine=Cells(), counted="patterns")
