import numpy as np
import pytest

from regions import AffineSlice, Box, Polytope, unit_ranges
from regions.milp.bounding_model import mixed
from regions.solvers.highs_lp import Simplex
from tests.ladder import random_network

NETWORK, BOX = random_network(5, 3, 6, 6, 5, 1), Box.cube(3, -1, 1)
RANGES = unit_ranges(NETWORK, BOX, method="relaxation")


def columns_of(model, x):
    """The columns v of the model at an input: what a forward pass says they are."""
    v = np.zeros(len(model.lower))
    v[model.point] = x
    g = NETWORK.preactivations(x)
    for layer, columns in enumerate(model.outputs[1:]):
        v[columns[columns >= 0]] = np.maximum(g[layer], 0)[columns >= 0]
    split = np.array([g[layer][unit] for layer, unit in model.units])
    v[model.z], v[model.hbar] = split > 0, np.maximum(-split, 0)
    return v


def test_every_forward_pass_satisfies_the_rows():
    model = mixed(NETWORK, BOX, RANGES, 3)
    for x in BOX.sample(200, 0):
        v = columns_of(model, x)
        value = model.rows @ v
        assert (value >= model.row_lower - 1e-12).all()
        assert (value <= model.row_upper + 1e-12).all()
        assert ((model.lower <= v) & (v <= model.upper)).all()


@pytest.mark.parametrize("seed", range(5))
def test_any_multipliers_prove_a_bound(seed):
    rng = np.random.default_rng(seed)
    model = mixed(NETWORK, BOX, RANGES, 2)
    weight, bias = NETWORK.hidden[2]
    objective = model.objective(weight[0], 2)
    bound = model.bound(
        objective, bias[0], rng.normal(size=len(model.row_lower)), model.lower, model.upper
    )
    assert NETWORK.preactivations(BOX.sample(500, 1))[2][:, 0].max() <= bound


def test_the_optimal_multipliers_prove_the_optimum():
    model = mixed(NETWORK, BOX, RANGES, 2)
    weight, bias = NETWORK.hidden[2]
    for row, constant in zip(weight, bias, strict=True):
        objective = model.objective(row, 2)
        solved = Simplex(model).maximise(objective, model.lower, model.upper)
        optimum = objective @ solved.point + constant
        bound = model.bound(objective, constant, solved.multipliers, model.lower, model.upper)
        assert bound == pytest.approx(optimum, rel=1e-6, abs=1e-6)
        assert bound >= optimum - 1e-9


def test_contradicting_rows_are_proved_by_a_ray():
    empty = Polytope([[1.0, 1.0, 1.0]], [-4.0], BOX)
    model = mixed(NETWORK, empty, RANGES, 1)
    none = np.zeros(len(model.lower))
    solved = Simplex(model).maximise(none, model.lower, model.upper)
    assert not solved.feasible
    assert model.bound(none, 0.0, solved.multipliers, model.lower, model.upper) < 0


def test_a_slice_is_searched_in_its_coordinates():
    line = AffineSlice.through(np.array([[-0.5, 0.1, 0.2], [0.5, -0.3, 0.4]]), BOX)
    model = mixed(NETWORK, line, unit_ranges(NETWORK, line), 1)
    weight, bias = NETWORK.hidden[1]
    objective = model.objective(weight[0], 1)
    solved = Simplex(model).maximise(objective, model.lower, model.upper)
    assert len(model.point) == 1
    values = NETWORK.preactivations(line.sample(500, 0))[1][:, 0]
    assert values.max() <= objective @ solved.point + bias[0] + 1e-9
