import itertools

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from regions.domain import AffineSlice, Box, Polytope, WholeSpace
from regions.errors import InputError, UnsupportedError
from regions.milp.counting_model import balanced, formulate
from regions.network import Network
from regions.preactivations.unit_maps import unit_maps
from tests.ladder import random_network


def feasible_patterns(model):
    """Every assignment of z tried by its own solve with SciPy: slow, and owes the pools nothing."""
    below = np.where(model.senses == ">", model.rhs, -np.inf)
    above = np.where(model.senses == "<", model.rhs, np.inf)
    equal = model.senses == "="
    below[equal], above[equal] = model.rhs[equal], model.rhs[equal]
    found = []
    for z in itertools.product((0.0, 1.0), repeat=len(model.binary)):
        lower, upper = model.lower.copy(), model.upper.copy()
        lower[model.binary] = upper[model.binary] = z
        solved = milp(
            -model.objective,
            constraints=LinearConstraint(model.rows, below, above),
            bounds=Bounds(lower, upper),
        )
        assert solved.status in (0, 2), solved.message
        if solved.status == 0:
            found.append(tuple(model.patterns([z])[0].tolist()))
    return set(found)


def sampled_patterns(network, domain):
    return set(map(tuple, network.pattern(domain.sample(20_000, 0)).tolist()))


@pytest.mark.parametrize("form", ["feasibility", "max_f"])
@pytest.mark.parametrize("counted", ["cells", "patterns"])
def test_assignments_of_z_are_the_patterns(counted, form):
    network, box = random_network(5, 2, 3, 3, 1), Box.cube(2, -1, 1)
    model = formulate(network, box, counted=counted, form=form)
    assert feasible_patterns(model) == sampled_patterns(network, box)


def test_the_two_readings_differ_on_a_tie():
    network = Network.of(([[1.0]], [0.0]), ([[1.0]], None))  # g = x on [0, 1]
    box = Box.cube(1, 0, 1)
    assert feasible_patterns(formulate(network, box)) == {(True,)}
    assert feasible_patterns(formulate(network, box, counted="patterns")) == {(True,), (False,)}


@pytest.mark.parametrize("form", ["feasibility", "max_f"])
def test_a_unit_whose_inputs_are_all_off_is_off(form):
    # |x| < 0.5 switches both inputs of the zero-bias unit off: it vanishes there and the cell counts
    layers = ([[1.0], [-1.0]], [-0.5, -0.5]), ([[1.0, -2.0]], [0.0]), ([[1.0]], None)
    network, box = Network(layers), Box.cube(1, -1, 1)
    expected = {(True, False, True), (False, True, False), (False, False, False)}
    assert feasible_patterns(formulate(network, box, form=form)) == expected


def test_settled_units_have_no_binary():
    network = Network.of(([[1.0], [1.0], [-1.0]], [2.0, -0.5, 0.0]), ([[1.0] * 3], None))
    model = formulate(network, Box.cube(1, 0, 1))
    assert model.units.tolist() == [1]
    assert model.fixed.tolist() == [True, False, False]
    assert model.size == (1 + 1 + 3, 1 + 1 + 4)  # x, h, (h, hbar, z); g, g, and four rows of signs
    assert model.first_layer == 1


def test_the_model_of_a_22_unit_mnist_network_fits_the_restricted_licence():
    model = formulate(random_network(6, 784, 11, 11, 10), Box.cube(784, 0, 1))
    assert model.size == (784 + 3 * 22, 5 * 22)


def test_polytope_and_slice_cut_the_patterns():
    network, box = random_network(7, 2, 4, 1), Box.cube(2, -1, 1)
    triangle = Polytope([[1.0, 1.0]], [0.0], box)
    assert feasible_patterns(formulate(network, triangle)) == sampled_patterns(network, triangle)
    line = AffineSlice.through(np.array([[-1.0, -0.3], [1.0, 0.6]]), box)
    assert feasible_patterns(formulate(network, line)) == sampled_patterns(network, line)


def test_balancing_is_exact_and_keeps_patterns():
    scaled = random_network(8, 3, 5, 4, 2)
    scaled = Network([(1000.0**k * W, 1000.0**k * b) for k, (W, b) in enumerate(scaled.layers, -1)])
    x = Box.cube(3, -1, 1).sample(500, 0)
    norms = [np.linalg.norm(W, axis=1) for W, _ in balanced(scaled).hidden]
    assert all(((n >= 0.5) & (n < 1)).all() for n in norms)
    assert (balanced(scaled).forward(x) == scaled.forward(x)).all()
    assert (balanced(scaled).pattern(x) == scaled.pattern(x)).all()


def test_unit_maps_are_the_preactivations_of_the_pattern():
    network = random_network(9, 3, 5, 4, 2)
    x = np.array([0.2, -0.7, 0.4])
    A, c = unit_maps(network, network.pattern(x))
    assert A @ x + c == pytest.approx(np.concatenate(network.preactivations(x)))


def test_what_a_model_cannot_say_is_refused():
    network, box = random_network(3, 2, 3, 1), Box.cube(2, 0, 1)
    with pytest.raises(UnsupportedError, match="engine cells"):
        formulate(network, WholeSpace(2))
    with pytest.raises(UnsupportedError, match="'maps'"):
        formulate(network, box, counted="maps")
    with pytest.raises(InputError, match="'magic'"):
        formulate(network, box, form="magic")
    with pytest.raises(InputError, match="-1"):
        formulate(network, box, epsilon=-1)
