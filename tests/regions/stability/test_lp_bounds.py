"""Bounds by thinned programmes against the whole programme, and where the difference decides."""

import numpy as np
import pytest
from scipy.optimize import linprog

from regions import Box, Network, unit_ranges
from regions.milp.bounding_model import SMALL, mixed
from regions.stability.lp_bounds import LpRelaxation
from tests.ladder import random_network

BOX = Box.cube(6, -1, 1)


def model_and_rows(seed, noise=1e-4):
    """Rows of a network most of whose weights are as small as an L1 term leaves them, and questions."""
    rng = np.random.default_rng(seed)
    layers = [
        (np.where(rng.random(weight.shape) < 0.7, noise * weight, weight), bias)
        for weight, bias in random_network(seed, 6, 12, 12, 8, 1).layers
    ]
    network = Network(layers)
    model = mixed(network, BOX, unit_ranges(network, BOX), 2)
    weight, bias = network.hidden[2]
    questions = [(model.objective(row, 2), c) for row, c in zip(weight, bias, strict=True)]
    return network, model, questions


def cell_of(model, network, seed):
    """Columns where all signs are chosen, as a random point of the box has them."""
    ranges = unit_ranges(network, BOX)
    signs = [g > 0 for g in network.preactivations(BOX.sample(1, seed)[0])]
    lower = [np.where(on, np.maximum(a, 0), a) for on, a in zip(signs, ranges.lower, strict=True)]
    upper = [np.where(on, b, np.minimum(b, 0)) for on, b in zip(signs, ranges.upper, strict=True)]
    return model.bounds(lower, upper)


def optimum(model, objective, constant, lower, upper):
    """By scipy, over the whole rows."""
    rows, both = model.rows.toarray(), np.isfinite(model.row_lower)
    solved = linprog(
        -objective,
        A_ub=np.concatenate([rows, -rows[both]]),
        b_ub=np.concatenate([model.row_upper, -model.row_lower[both]]),
        bounds=list(zip(lower, upper, strict=True)),
    )
    return constant - solved.fun


def test_what_is_left_out_is_a_small_share_of_each_row():
    _, model, _ = model_and_rows(0)
    thin = model.thin()
    reach = np.maximum(np.abs(model.lower), np.abs(model.upper))
    left_out = abs(model.rows - thin.rows) @ reach
    assert thin.rows.nnz < 0.7 * model.rows.nnz
    assert (left_out <= SMALL * (abs(model.rows) @ reach)).all()
    assert left_out.max() > 0


@pytest.mark.parametrize("seed", range(8))
def test_bounds_hold_and_are_near(seed):
    _, model, questions = model_and_rows(seed)
    relaxation = LpRelaxation(model)
    for objective, constant in questions:
        bound, _ = relaxation.maximise(objective, constant, model.lower, model.upper)
        best = optimum(model, objective, constant, model.lower, model.upper)
        assert best - 1e-7 <= bound <= best + 0.01 * (1 + abs(best))
    assert relaxation.solved >= len(questions)


def test_the_whole_programme_decides_what_the_difference_would():
    decided = 0
    for seed in range(8):
        network, model, questions = model_and_rows(seed, noise=1e-3)
        lower, upper = cell_of(model, network, seed)
        for objective, constant in questions:
            best = optimum(model, objective, constant, lower, upper)
            relaxation = LpRelaxation(model)
            bound, _ = relaxation.maximise(objective, constant - best - 1e-7, lower, upper)
            assert bound <= 0
            decided += relaxation.solved == 2
    assert decided


def test_the_thinned_programme_does_where_signs_are_left_to_choose():
    _, model, [(objective, constant), *_] = model_and_rows(3)
    best = optimum(model, objective, constant, model.lower, model.upper)
    relaxation = LpRelaxation(model)
    bound, _ = relaxation.maximise(objective, constant - best + 1, model.lower, model.upper)
    assert bound == pytest.approx(1, abs=0.01)
    assert relaxation.solved == 1


def test_generic_weights_are_solved_whole():
    network = random_network(1, 6, 12, 12, 8, 1)
    model = mixed(network, BOX, unit_ranges(network, BOX), 2)
    relaxation = LpRelaxation(model)
    objective = model.objective(network.hidden[2].weight[0], 2)
    bound, relaxed = relaxation.maximise(objective, 0.0, model.lower, model.upper)
    assert bound == pytest.approx(objective @ relaxed.point, rel=1e-6)
    assert relaxation.solved == 1


def test_an_empty_part_is_proved_empty():
    _, model, [(objective, constant), *_] = model_and_rows(2)
    lower, upper = model.lower.copy(), model.upper.copy()
    first = model.h[0]  # far above what the inputs allow
    lower[first] = upper[first] = model.upper[first] + 1e3
    bound, relaxed = LpRelaxation(model).maximise(objective, constant, lower, upper)
    assert bound == -np.inf
    assert not relaxed.feasible
