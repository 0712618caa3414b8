"""The kernels of wide inputs against their plain twins."""

import numpy as np
import pytest

from regions.kernels import zonotope
from regions.kernels.activeset import active_set
from regions.kernels.pullback import separated
from tests.oracles import kernel_twins as twins


def random_zonotope(seed, p=4, n=30):
    rng = np.random.default_rng(seed)
    lower = rng.uniform(-1, 0, n)
    return rng, rng.normal(size=(p, n)), rng.normal(size=p), lower, lower + rng.uniform(0.1, 1, n)


@pytest.mark.parametrize("p", [1, 3, 4, 9])  # rows are taken four at a time
def test_images_and_pull_backs(p):
    rng, mixing, shift, lower, upper = random_zonotope(0, p)
    y, q = rng.uniform(lower, upper), rng.normal(size=p)
    z, v = np.empty(p), np.empty(len(y))
    zonotope.image(mixing, shift, y, z)
    zonotope.pull_back(mixing, q, v)
    assert z == pytest.approx(mixing @ y + shift)
    assert v == pytest.approx(mixing.T @ q)


@pytest.mark.parametrize("seed", range(5))
def test_support_and_separation(seed):
    rng, mixing, shift, lower, upper = random_zonotope(seed)
    q, v = rng.normal(size=4), np.empty(30)
    zonotope.pull_back(mixing, q, v)
    top = twins.zonotope_support(mixing, shift, lower, upper, q)
    assert zonotope.support(lower, upper, v) + q @ shift == pytest.approx(top)
    for beyond in (-1e-6, 1e-6):
        target = (top + beyond) * q / (q @ q)
        assert separated(mixing, shift, lower, upper, target, q, v) == (beyond > 0)


def test_positive_definite_systems():
    rng = np.random.default_rng(0)
    for p in (1, 4, 11):
        half, right = rng.normal(size=(p, p)), rng.normal(size=p)
        matrix, solution = half @ half.T + np.eye(p), right.copy()
        expected = np.linalg.solve(matrix, right)
        assert zonotope.solve(matrix, solution)
        assert solution == pytest.approx(expected)
    assert not zonotope.solve(np.array([[1.0, 0.0], [2.0, 1.0]]), np.ones(2))


@pytest.mark.parametrize("seed", range(40))
def test_the_active_set_finds_the_sign_of_the_maximum_on_a_ball(seed):
    rng, p, m, radius = np.random.default_rng(seed), 4, 5, 1.0
    witness = rng.normal(size=p) * 0.1
    rows = rng.normal(size=(m, p + 1))
    rows *= np.sign(rows[:, :p] @ witness + rows[:, p])[:, None]
    target = rng.normal(size=p + 1)
    target *= -np.sign(target[:p] @ witness + target[p])
    target[p] -= 0.3
    every = np.vstack([rows, target])
    products = every[:, :p] @ every[:, :p].T
    rank, at_witness = p, every[:, :p] @ witness + every[:, p]
    out = [np.empty(rank + 2) for _ in range(3)]
    multipliers, onto, through = out
    size, _, along = active_set(
        np.ascontiguousarray(products[:m, :m]), np.linalg.norm(rows[:, :p], axis=1), products[m].copy(),
        every[:, p].copy(), at_witness, m, rank, radius**2, np.empty(rank + 2, dtype=np.int64),
        multipliers, np.empty((rank + 4, rank + 2)), onto, through, np.empty(m),
    )  # fmt: skip
    top = twins.highest_on_ball(target, rows, radius)
    assert abs(top) > 1e-3  # far more than the precision of the twin
    assert size >= 0
    assert (along > 0) == (top > 0)
