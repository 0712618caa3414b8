"""The compiled kernels against their plain twins, and their error bounds against rational arithmetic."""

from itertools import product

import numpy as np
import pytest
from flint import fmpq
from numba import njit

from regions import AffineSlice, Box, Network, WholeSpace
from regions.arithmetic.rationals import evaluate, rational
from regions.exact_search.kernel_arrays import arrays
from regions.kernels import bits, halfspaces, polytopes
from regions.kernels import rows as kernel
from regions.kernels.zonotope import NO, YES
from regions.preactivations.rational_rows import ExactProblem
from regions.preactivations.scaling import Scaling
from tests.ladder import random_network
from tests.oracles import kernel_twins as twins

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (3, 10))
CASES = [
    (random_network(0, 3, 6, 5, 4, 1), Box.cube(3, -1, 1)),
    (random_network(1, 2, 6, 5, 1), WholeSpace(2)),
    (random_network(2, 3, 6, 5, 1), Box([-1.0, 0.5, -1.0], [1.0, 0.5, 1.0])),
    (random_network(3, 10, 6, 5, 1), AffineSlice.through(POINTS, Box.cube(10, 0, 1))),
]


def filled(network, domain, signs):
    """The kernel's arrays with the rows of all layers under ``signs``."""
    a = arrays(network, domain)
    buffer = np.empty((len(a.reach) + 3, a.widths.max()))
    for layer in range(1, len(a.widths)):
        kernel.layer_rows(a, a.rows, layer, signs, buffer)
    return a


def random_signs(network, seed):
    return np.random.default_rng(seed).choice([-1, 1], network.n_units).astype(np.int8)


@pytest.mark.parametrize(("network", "domain"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_layer_rows(network, domain, seed):
    signs = random_signs(network, seed)
    a = filled(network, domain, signs)
    k = len(a.reach)
    rows, layers = a.rows[a.first_unit :], Scaling.of(network, domain).layers(network.hidden)
    for layer in range(1, len(a.widths)):
        before, here = (slice(*a.starts[j : j + 2]) for j in (layer - 1, layer))
        twin = twins.layer_rows(layers[layer], rows[before, : k + 1], signs[before] > 0, a.one)
        assert rows[here, : k + 1] == pytest.approx(twin, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("network", "domain"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_the_error_of_a_row_covers_its_rounding(network, domain, seed):
    signs = random_signs(network, seed)
    a = filled(network, domain, signs)
    k, rng = len(a.reach), np.random.default_rng(seed)
    exact = ExactProblem(network, domain).rows(signs, len(a.widths))
    scaling = Scaling.of(network, domain)
    exponents = np.concatenate(scaling.units).tolist()
    coordinates = np.resize(scaling.coordinates, k)  # the last one of the whole space has none
    for unit, row in enumerate(a.rows[a.first_unit :]):
        for y in rng.uniform(a.lower, a.upper, (5, k)):
            at = [rational(v) for v in y]
            place = [v * fmpq(2) ** int(e) for v, e in zip(at, coordinates, strict=True)]
            truth = evaluate(exact[unit], place) * fmpq(2) ** -exponents[unit]
            off = abs(truth - evaluate([rational(v) for v in row[: k + 1]], at))
            assert off <= rational(row[k + 1])
            computed = kernel.evaluate(a.rows, a.first_unit + unit, k, y)
            slim = kernel.margin(a.rows, a.first_unit + unit, k)
            assert abs(rational(computed) - truth) <= rational(slim)


def test_structural_signs():
    some = (-1.0, 0.0, 1.0)
    for w0, w1, bias in product(some, repeat=3):
        network = Network.of((np.eye(2), None), ([[w0, w1]], [bias]), ([[1.0]], None))
        a = arrays(network, Box.cube(2, -1, 1))
        for on in product((True, False), repeat=2):
            signs = np.array([*(1 if v else -1 for v in on), 0], dtype=np.int8)
            twin = twins.structural_sign(np.array([w0, w1])[np.array(on)], bias)
            assert kernel.constant_sign(a, 1, 0, signs) == twin


def cell(seed, m=5, k=3):
    """Kernel rows of a random arrangement: ``(arrays, signs of m rows that a point has, that point)``."""
    network = random_network(seed, k, m + 1, 1)
    a = arrays(network, Box.cube(k, -1, 1))
    point = np.random.default_rng(seed).uniform(-0.5, 0.5, k)
    values = a.rows[:, :k] @ point + a.rows[:, k]
    return a, np.sign(values), point


@pytest.mark.parametrize("seed", range(20))
def test_proofs_by_multipliers(seed):
    a, signs, _ = cell(seed)
    k, rng = len(a.reach), np.random.default_rng(seed)
    support = np.arange(5)
    seen = set()
    for _ in range(40):
        multipliers = rng.uniform(0, 2, 5) * rng.integers(0, 2, 5)
        for side in (1.0, -1.0):
            rows = signs[:5, None] * a.rows[:5, : k + 1]
            bound = twins.dual_bound(a.lower, a.upper, side * a.rows[5, : k + 1], rows, multipliers)
            proved = kernel.proves_empty(
                a.lower, a.upper, a.rows, signs, 5, side, support, multipliers, 5, np.empty(k + 1)
            )
            assert abs(bound) > 1e-12  # rounding alone cannot make the difference
            assert proved == (bound < 0)
            seen.add(proved)
    assert False in seen


@pytest.mark.parametrize("seed", range(30))
def test_questions_of_the_dual_simplex(seed):
    a, signs, point = cell(seed)
    k = len(a.reach)
    path, position = np.arange(5), np.arange(6)
    side = -signs[5]
    scratch = halfspaces.make_scratch(k, 6)
    z = np.empty(k)
    answer, depth = halfspaces.ask(
        a.lower, a.upper, a.rows, signs, position, path, 5, 5, side, point, z, scratch
    )
    rows = signs[:5, None] * a.rows[:5, : k + 1]
    top = twins.greatest(a.lower, a.upper, side * a.rows[5, : k + 1], rows)
    assert answer == (YES if top > 0 else NO)
    assert 0 <= depth <= 5
    if answer == YES:
        assert (rows[:, :k] @ z + rows[:, k] > 0).all()
        assert side * (a.rows[5, :k] @ z + a.rows[5, k]) > 0


def ordered(points):
    points = np.array(list(points))
    return points[np.lexsort(np.round(points, 9).T)]


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_polytopes_clipped_again_and_again(k, seed):
    rng, room = np.random.default_rng(seed), 200
    lower, upper = -np.ones(k), np.ones(k)
    p = polytopes.polytope_stack(9, k, room)
    polytopes.fill_box(lower, upper, p)
    twin, level = twins.box_vertices(lower, upper), 0
    rows = np.column_stack([rng.normal(size=(8, k)), rng.normal(size=8) / 3, np.zeros((8, 2))])
    g, moved, centre = np.empty(room), np.empty(room, dtype=np.int64), np.empty(k)
    for r, row in enumerate(rows):
        count = p.count[level]
        low, high, at_low, at_high = polytopes.spread(rows, r, p.points[level], count, g)
        values = ordered(twin.values()) @ row[:k] + row[k]
        assert (low, high) == pytest.approx((values.min(), values.max()), abs=1e-9)
        assert (g[at_low], g[at_high]) == (low, high)
        if low > -1e-6 or high < 1e-6:
            continue
        level, twin = level + 1, twins.clip(twin, row[: k + 1], 2 * k + r)
        count = polytopes.clip(p, level - 1, g, 1.0, r, level, moved)
        assert count == len(twin)
        points = p.points[level, :, :count].T
        assert ordered(points) == pytest.approx(ordered(twin.values()), abs=1e-9)
        for v, facets in enumerate(p.mask[level, :count]):
            assert int(facets).bit_count() == k
            for w in p.neighbour[level, v, :k]:
                assert int(facets & p.mask[level, w]).bit_count() == k - 1
        polytopes.centre(lower, upper, p.points[level], count, centre)
        assert centre == pytest.approx(np.mean(list(twin.values()), axis=0), abs=1e-9)
    assert level >= 2


@njit
def counted(word):
    return bits.count_ones(word), bits.lowest_one(word)


def test_bits():
    rng = np.random.default_rng(0)
    words = [0, 1, 2**63, 2**64 - 1, *rng.integers(0, 2**63, 50).tolist()]
    for word in words:
        lowest = (word & -word).bit_length() - 1 if word else 64
        assert counted(np.uint64(word)) == (word.bit_count(), lowest)
