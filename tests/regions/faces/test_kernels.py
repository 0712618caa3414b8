"""The kernels of counting by faces against plain twins."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from regions import Box, Network
from regions.faces.kernels import linear, question
from regions.faces.kernels.arrays import make_room
from regions.faces.kernels.lift import lifts
from regions.faces.kernels.refutation import refutes
from regions.faces.problem import Problem
from tests.ladder import random_network


def prepared(network, box):
    problem = Problem(network, box)
    a = problem.arrays
    return a, len(problem.kept[-1])


def places(a, m):
    return 4 * len(a.lower) + m + len(a.mixing) - a.first


def scratch(a):
    return [np.zeros(max(len(a.lower), len(a.mixing))) for _ in range(2)] + [
        np.zeros(a.mixing.shape[1])
    ]


@pytest.mark.parametrize("p", [1, 4, 7])
def test_products_and_curvature(p):
    rng = np.random.default_rng(p)
    mixing, shift = rng.normal(size=(p, 30)), rng.normal(size=p)
    t, q, z, v = rng.uniform(-1, 1, 30), rng.normal(size=p), np.zeros(p), np.zeros(30)
    linear.image(mixing, shift, t, z)
    linear.pull(mixing, q, v)
    assert z == pytest.approx(mixing @ t + shift)
    assert v == pytest.approx(mixing.T @ q)
    gram, matrix = mixing @ mixing.T, np.zeros((p, p))
    for edge in (0.1, 1.0, 100.0):
        linear.curvature(mixing, gram, v, edge, 0.5, np.zeros((p, 30)), matrix)
        inner = mixing[:, np.abs(v) < edge]
        assert matrix == pytest.approx(inner @ inner.T + 0.5 * gram)


@pytest.mark.parametrize("seed", range(10))
def test_the_bounded_quadratic_programme(seed):
    rng, r = np.random.default_rng(seed), 6
    half = rng.normal(size=(r, r))
    matrix, slope = half @ half.T + 0.1 * np.eye(r), rng.normal(size=r)
    lower, upper = np.full(r, -0.5), rng.uniform(0.1, 2, r)
    start = np.clip(rng.normal(size=r), lower, upper)
    y, free, chosen = np.zeros(r), np.zeros(r, dtype=np.int64), np.zeros(r, dtype=np.int64)
    linear.climb(
        matrix, slope, start, lower, upper, r, y, free, chosen,
        np.zeros((r, r)), np.zeros(r), np.zeros(r),
    )  # fmt: skip

    def loss(y):
        move = y - start
        return move @ matrix @ move / 2 - slope @ move, matrix @ move - slope

    solved = minimize(loss, start, jac=True, bounds=np.column_stack([lower, upper]), tol=1e-14)
    assert loss(y)[0] == pytest.approx(solved.fun, abs=1e-9)


def relaxation(a, sig, use):
    """Whether the relaxed cube has a point where the units ``use`` vanish, by a solver, for two hidden layers."""
    p, n = a.mixing.shape
    rows, ends, equal, values = [], [], [], []
    for i, side in enumerate(sig):
        row = np.concatenate([a.mixing[i], np.zeros(p)])
        y = np.eye(n + p)[n + i]
        if side:
            rows.append(-side * row)
            ends.append(side * a.shift[i])
        else:
            rows += [row - y, y - a.slope[i] * row]
            ends += [-a.shift[i], a.slope[i] * a.shift[i] + a.lift[i]]
        equal.append(y - row if side > 0 else y if side < 0 else 0 * y)
        values.append(a.shift[i] if side > 0 else 0.0)
    for k in np.flatnonzero(use):
        equal.append(np.concatenate([np.zeros(n), a.weights[k]]))
        values.append(-a.biases[k])
    bounds = [(-1, 1)] * n + [(0, None)] * p
    solved = linprog(np.zeros(n + p), rows, ends, np.array(equal), values, bounds)
    return solved.status == 0


@pytest.mark.parametrize("seed", range(40))
def test_questions_against_a_solver(seed):
    network = random_network(seed, 9, 4, 3, 1)
    a, m = prepared(network, Box.cube(9, -1, 1))
    rng = np.random.default_rng(seed)
    sig = rng.integers(-1, 2, len(a.lower)).astype(np.int8)
    use = rng.random(m) < 0.6
    multipliers, room = np.zeros(places(a, m)), make_room(a, m)
    answer = question.ask(a, sig, use, multipliers, 25.0, 1e-6, 150, room)
    there = relaxation(a, sig, use)
    assert answer == (question.MEETS if there else question.MISSES)
    assert refutes(a, sig, m, multipliers, *scratch(a)) == (not there)


def test_what_is_no_number_proves_nothing():
    a, m = prepared(random_network(0, 9, 4, 3, 1), Box.cube(9, -1, 1))
    sig, size = np.array([1, -1, 0, 1], dtype=np.int8), places(a, m)
    for bad in (np.nan, np.inf, -np.inf, 1e308, -1e308):
        for place in range(size):
            multipliers = np.zeros(size)
            multipliers[place] = bad
            assert not refutes(a, sig, m, multipliers, *scratch(a))
        for j in (0, 5):
            t = np.zeros(9)
            t[j] = bad
            assert not lifts(a, sig, np.full(m, -1, dtype=np.int8), t)


@pytest.mark.parametrize("seed", range(5))
def test_no_multipliers_refute_what_a_point_shows(seed):
    network = random_network(seed, 6, 4, 3, 1)
    a, m = prepared(network, Box.cube(6, -1, 1))
    rng = np.random.default_rng(seed)
    t = rng.uniform(-0.9, 0.9, 6)
    z = a.mixing @ t + a.shift
    sig = np.sign(z).astype(np.int8)
    g = a.weights @ np.maximum(z, 0) + a.biases
    for _ in range(200):
        multipliers = np.abs(rng.normal(size=places(a, m))) * (rng.random(places(a, m)) < 0.5)
        # q of the signs at t: its combination is positive there
        multipliers[16 : 16 + m] = np.abs(rng.normal(size=m)) * np.sign(g)
        assert not refutes(a, sig, m, multipliers, *scratch(a))


def lifting(layers, box, sig, mode, t):
    a, _ = prepared(Network.of(*layers), box)
    return lifts(a, np.array(sig, np.int8), np.array(mode, np.int8), np.array(t, float))


def test_points_that_prove_and_points_that_do_not():
    box = Box.cube(2, -1, 1)
    plane = (
        (np.eye(2), [0.0, 1.5]),
        ([[1.0, 1.0], [1.0, -1.0]], [-1.5, 1.0]),
        (np.ones((1, 2)), None),
    )
    # at 0 the first unit and x2 of the last layer's first vanish; the second does not
    assert lifting(plane, box, [0, 1], [1, -1], [0.001, -0.001])
    # that both vanish is not so, and the second unit's sign is another
    assert not lifting(plane, box, [0, 1], [1, 1], [0.0, 0.0])
    assert not lifting(plane, box, [0, -1], [1, -1], [0.0, 0.0])
    # a zero of the first unit alone: then the other must be clear of zero, and is not
    assert not lifting(plane, box, [0, 1], [-1, -1], [0.0, 0.0])
    # two rows that are one
    twice = (
        (np.eye(2), [0.0, 1.5]),
        ([[0.0, 1.0], [0.0, 2.0]], [-1.5, -3.0 + 2**-45]),
        (np.ones((1, 2)), None),
    )
    assert not lifting(twice, box, [1, 1], [1, 1], [0.5, 0.0])
    # a free unit and one of the last layer on one line
    line = ([[1.0], [1.0]], [0.0, 1.0]), ([[0.0, 1.0]], [-1.0]), ([[1.0]], None)
    assert not lifting(line, Box.cube(1, -0.5, 0.5), [0, 1], [1], [0.0])


def test_a_zero_on_the_boundary_proves_nothing():
    network = (np.eye(2), [-1.0, 1.5]), ([[0.0, 1.0]], [-1.5]), ([[1.0]], None)
    a, _ = prepared(Network.of(*network), Box.cube(2, -1, 1 + 2**-52))
    sig, mode = np.array([0, 1], np.int8), np.array([1], np.int8)
    # with this box the zero of the first unit is at the very edge: inside by less than rounding
    assert not lifts(a, sig[: len(a.lower)], mode, np.array([1.0, 0.0]))
