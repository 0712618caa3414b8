"""A network in other people's models: the optimum is the one over the vertices of its cells, in every tool."""

import gurobipy
import highspy
import numpy as np
import pyscipopt
import pytest

from regions import AffineSlice, Box, Network, Polytope, WholeSpace, iterate_regions, unit_ranges
from regions.errors import InputError, UnsupportedError
from regions.milp import add_to, embed, write_model
from tests.ladder import random_network

# Unit: value of an output; the solvers' own tolerances are 1e-6 on values of size 1 to 10.
CLOSE = 1e-4
DOMAINS = {
    "box": Box([-1.0, -0.5], [0.5, 1.0]),
    "polytope": Polytope([[1.0, 1.0]], [0.25], Box.cube(2, -1, 1)),
    "slice": AffineSlice([0.1, 0.2], [[1.0, 0.5]], Box.cube(2, -1, 1)),
}


def greatest(network, domain):
    """The maximum of the first output, over the vertices of all cells."""
    return max(
        network.forward(region.vertices())[:, 0].max()
        for region in iterate_regions(network, domain)
    )


def read_by_highs(path, y):
    model = highspy.Highs()
    model.silent()
    assert model.readModel(str(path)) == highspy.HighsStatus.kOk
    _, column = model.getColByName(y)
    costs = np.zeros(model.getNumCol())
    costs[column] = -1.0
    model.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -model.getObjectiveValue()


def read_by_gurobi(path, y):
    with gurobipy.Env(params={"OutputFlag": 0}) as env, gurobipy.read(str(path), env) as model:
        model.setObjective(model.getVarByName(y), gurobipy.GRB.MAXIMIZE)
        model.optimize()
        return model.ObjVal


def read_by_scip(path, y):
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    (variable,) = (v for v in model.getVars() if v.name == y)
    model.setObjective(variable, "maximize")
    model.optimize()
    return model.getObjVal()


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS.keys())
@pytest.mark.parametrize("suffix", [".mps", ".lp"])
@pytest.mark.parametrize("read", [read_by_highs, read_by_gurobi, read_by_scip])
def test_a_file_has_the_maximum_over_all_cells(read, suffix, domain, tmp_path):
    network = random_network(3, 2, 4, 3, 2)
    path = tmp_path / f"model{suffix}"
    write_model(embed(network, domain), path)
    assert read(path, "y0") == pytest.approx(greatest(network, domain), abs=CLOSE)


def with_gurobi(network, ranges):
    with gurobipy.Env(params={"OutputFlag": 0}) as env, gurobipy.Model(env=env) as model:
        x = [model.addVar(lb=-1, ub=1) for _ in range(network.n0)]
        y = [model.addVar(lb=-gurobipy.GRB.INFINITY) for _ in range(network.n_out)]
        add_to(model, network, x, y, ranges)
        model.setObjective(y[0], gurobipy.GRB.MAXIMIZE)
        model.optimize()
        return model.ObjVal


def with_highs(network, ranges):
    model = highspy.Highs()
    model.silent()
    x = [model.addVariable(lb=-1, ub=1) for _ in range(network.n0)]
    y = [model.addVariable(lb=-highspy.kHighsInf) for _ in range(network.n_out)]
    add_to(model, network, x, y, ranges)
    model.maximize(y[0])
    return model.variableValue(y[0])


def with_scip(network, ranges):
    model = pyscipopt.Model()
    model.hideOutput()
    x = [model.addVar(lb=-1, ub=1) for _ in range(network.n0)]
    y = [model.addVar(lb=None) for _ in range(network.n_out)]
    add_to(model, network, x, y, ranges)
    model.setObjective(y[0], "maximize")
    model.optimize()
    return model.getObjVal()


def with_pyomo(network, ranges):
    pyomo = pytest.importorskip("pyomo.environ")
    model = pyomo.ConcreteModel()
    model.x = pyomo.Var(range(network.n0), bounds=(-1, 1))
    model.y = pyomo.Var(range(network.n_out))
    add_to(model, network, model.x.values(), model.y.values(), ranges)
    model.objective = pyomo.Objective(expr=model.y[0], sense=pyomo.maximize)
    pyomo.SolverFactory("appsi_highs").solve(model)
    return pyomo.value(model.y[0])


@pytest.mark.parametrize("solve", [with_gurobi, with_highs, with_scip, with_pyomo])
def test_a_model_that_is_there_gets_the_network(solve):
    network = random_network(5, 2, 4, 3, 2)
    box = Box.cube(2, -1, 1)
    found = solve(network, unit_ranges(network, box, method="lp"))
    assert found == pytest.approx(greatest(network, box), abs=CLOSE)


def test_numbers_are_read_back_bit_for_bit(tmp_path):
    network = Network.of(([[0.1, 1 / 3]], [2**-40]), ([[1e-7]], [0.7]))
    model = embed(network, Box([-1 / 7, 0.0], [1.0, 1e-3]))
    write_model(model, tmp_path / "m.mps")
    env = gurobipy.Env(params={"OutputFlag": 0})
    read = gurobipy.read(str(tmp_path / "m.mps"), env)
    place = [model.names.index(v.VarName) for v in read.getVars()]
    assert (read.getA().toarray() == model.rows.toarray()[:, place]).all()
    assert read.getAttr("RHS") == [
        low if np.isinf(high) else high
        for low, high in zip(model.row_lower, model.row_upper, strict=True)
    ]
    assert (np.array(read.getAttr("LB")) == model.lower[place]).all()
    free = np.isinf(model.upper[place])
    assert (np.array(read.getAttr("UB"))[~free] == model.upper[place][~free]).all()
    read.dispose()
    env.dispose()


def test_every_point_of_the_network_is_a_point_of_the_model():
    network = random_network(8, 3, 5, 4, 1)
    box = Box.cube(3, -1, 1)
    model = embed(network, box)
    for x in box.sample(50, seed=0):
        values = dict(zip(("x0", "x1", "x2"), x, strict=True)) | {"y0": network.forward(x)[0]}
        for number, g in enumerate(network.preactivations(x), start=1):
            for unit, value in enumerate(g):
                parts = {"h": max(value, 0.0), "s": max(-value, 0.0), "z": float(value > 0)}
                values |= {f"{name}{number}_{unit}": part for name, part in parts.items()}
        v = np.array([values[name] for name in model.names])
        rows = model.rows @ v
        assert (rows >= model.row_lower - 1e-12).all()
        assert (rows <= model.row_upper + 1e-12).all()
        assert ((model.lower <= v) & (v <= model.upper)).all()


def test_what_is_refused():
    network = Network.of(([[1.0]], None), ([[1.0]], None))
    box = Box.cube(1, -1, 1)
    ranges = unit_ranges(network, box)
    with pytest.raises(UnsupportedError, match="give a Box"):
        embed(network, WholeSpace(1))
    with pytest.raises(InputError, match=r"no suffix of a model.*model\.mps"):
        write_model(embed(network, box), "model.txt")
    with pytest.raises(
        InputError, match="object is no model of gurobipy, highspy, pyscipopt, pyomo"
    ):
        add_to(object(), network, ["x"], ["y"], ranges)
    with pytest.raises(
        InputError, match="inputs has 2 variables, but the network 1-1-1 has 1 inputs"
    ):
        add_to(object(), network, ["x", "x"], ["y"], ranges)
    other = Network.of(([[1.0], [2.0]], None), ([[1.0, 1.0]], None))
    with pytest.raises(
        InputError, match=r"ranges are of hidden layers \(1,\), the network has \(2,\)"
    ):
        embed(other, box, ranges=ranges)
