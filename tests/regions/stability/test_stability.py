import itertools
import json
import time

import numpy as np
import pytest

from regions import (
    AffineSlice,
    Box,
    Network,
    Polytope,
    WholeSpace,
    compress_network,
    stable_units,
)
from regions.cli import main
from regions.errors import InputError, SolverError, UnsupportedError
from regions.formats.load import save
from regions.milp.bounding_model import mixed, scaled_row
from regions.solvers.gurobi import attribute, environment
from regions.solvers.gurobi_mixed import GurobiMixed
from regions.solvers.highs_lp import Cover, Verdict
from regions.solvers.highs_mixed import HighsMixed
from regions.solvers.highs_quiet import Said
from regions.stability.points import FIRST_BATCH
from regions.stability.unit_ranges import unit_ranges
from tests.ladder import one_layer, random_network
from tests.oracles.signs import true_signs

UNIT = Box.cube(1, 0, 1)

# Unit: seconds of this process. What one step that does not look at the clock may take: ranges of a
# layer, a licence, rows of a model.
OVERRUN = 1.5


def integer_network(seed):
    """Small weights in whole or quarter numbers, dead units among them: ties are everywhere."""
    rng = np.random.default_rng(seed)
    widths = [*rng.integers(1, 4, size=1), *rng.integers(1, 4, size=rng.integers(1, 4)), 1]
    scale = rng.choice([1.0, 4.0])
    layers = []
    for n, m in itertools.pairwise(widths):
        weight, bias = rng.integers(-2, 3, (m, n)) / scale, rng.integers(-3, 4, m) / scale
        dead = rng.random(m) < 0.1
        weight[dead], bias[dead & (rng.random(m) < 0.5)] = 0.0, 0.0
        layers.append((weight, bias))
    return Network(layers), Box.cube(widths[0], *((0, 1), (-1, 1))[rng.integers(2)])


def check_against_brute_force(network, domain, **options):
    """Equal where certified, never in contradiction; returns whether it was certified."""
    found = stable_units(network, domain, samples=50, **options)
    for layer, truth in enumerate(true_signs(network, domain)):
        mine = found.on[layer], found.off[layer], found.unstable[layer]
        for claimed, exact in zip(mine, truth, strict=True):
            assert not (claimed & ~exact).any()
            assert not found.certified or claimed.tolist() == exact.tolist()
    return found.certified


@pytest.mark.parametrize("block", range(6))
def test_three_hundred_small_networks_equal_brute_force(block):
    for seed in range(50 * block, 50 * block + 50):
        assert check_against_brute_force(*integer_network(seed)), seed


@pytest.mark.parametrize("solver", ["gurobi", "highs"])
@pytest.mark.parametrize("method", ["milp", "isa"])
def test_published_methods_equal_brute_force(method, solver):
    for seed in range(8):
        network, domain = integer_network(seed)
        assert check_against_brute_force(network, domain, method=method, solver=solver), seed


@pytest.mark.parametrize("method", ["interval", "relaxation", "lp", "cells"])
def test_other_methods_never_contradict_brute_force(method):
    certified = [check_against_brute_force(*integer_network(s), method=method) for s in range(10)]
    assert all(certified) or method != "cells"


@pytest.mark.parametrize("method", ["milp", "isa"])
def test_a_solver_that_lies_is_not_believed(method, monkeypatch):
    nothing = Verdict(True, np.zeros((0, 0)))
    monkeypatch.setattr(HighsMixed, "maximise", lambda *_, **__: nothing)
    monkeypatch.setattr(
        HighsMixed, "cover", lambda solver, questions, see, seconds: Cover(questions)
    )
    certified = [
        check_against_brute_force(*integer_network(seed), method=method, solver="highs")
        for seed in range(12)
    ]
    assert all(certified)  # each "never" is proved or refuted without it


def test_a_solver_that_never_ends_does_not_keep_a_proof_waiting(monkeypatch):
    waited = []

    def nothing(solver, objective, constant, seconds):
        waited.append(seconds)
        return Verdict(False, np.zeros((0, 0)))

    monkeypatch.setattr(HighsMixed, "maximise", nothing)
    for name, value in (
        ("FIRST_TRY", 1),
        ("GLANCE_SECONDS", 0),
        ("try_cells", lambda asking: None),
    ):
        monkeypatch.setattr(f"regions.stability.methods.{name}", value)
    for seed in range(6):
        network, box = random_network(seed, 3, 6, 6, 6, 1), Box.cube(3, -0.3, 0.3)
        found = stable_units(network, box, solver="highs", samples=10)
        assert found.certified
        assert found.layers == stable_units(network, box, method="cells").layers
    assert waited
    assert None not in waited


@pytest.mark.parametrize("solver", ["gurobi", "highs"])
@pytest.mark.parametrize("method", ["milp", "isa"])
def test_what_cannot_be_proved_is_the_solvers_word(method, solver):
    network = Network.of(([[1.0], [1.0]], [0.0, 0.25]), ([[1.0, -1.0]], [-0.125]), ([[1.0]], None))
    box = Box.cube(1, -1, 1)
    found = stable_units(network, box, method=method, solver=solver, nodes=0)
    assert found.claimed == ((1, 0, 1),)
    assert not found.certified
    assert found.layers[1]["undecided"] == [0]
    small = compress_network(network, box, stability=found)
    assert small.network.widths == network.widths
    assert (small.certified, small.unsettled) == (True, 1)
    again = stable_units(network, box, method=method, solver=solver)
    assert (again.claimed, again.certified, again.layers[1]["off"]) == ((), True, [0])


def test_ties_and_dead_units():
    # x >= 0 is on, -x off, x - 1/2 unstable, the dead unit off, a constant on, x - 1 off
    weight = [[1.0], [-1.0], [1.0], [0.0], [0.0], [1.0]]
    found = stable_units(one_layer(weight, [0.0, 0.0, -0.5, 0.0, 1.0, -1.0]), UNIT)
    assert found.layers == [{"on": [0, 4], "off": [1, 3, 5], "undecided": [2]}]
    assert found.certified
    assert [mask.tolist() for mask in found.unstable] == [[False, False, True, False, False, False]]


def test_a_unit_that_cancels_to_zero_is_off_by_rational_proof():
    network = Network.of(([[1.0], [1.0]], None), ([[1.0, -1.0]], None), ([[1.0]], None))
    found = stable_units(network, Box.cube(1, -1, 1))
    assert found.layers[1] == {"on": [], "off": [0], "undecided": []}
    assert found.evidence[1][0].positive.kind == "rational"


def test_witnesses_have_the_sign_they_prove():
    network, box = random_network(4, 6, 8, 8, 8, 1), Box.cube(6, -1, 1)
    found = stable_units(network, box)
    assert found.certified
    for layer, units in enumerate(found.evidence):
        for unit, (positive, negative) in enumerate(units):
            for sign, evidence in ((1, positive), (-1, negative)):
                if evidence.witness is not None:
                    assert box.contains(evidence.witness)
                    g = network.preactivations(evidence.witness)[layer][unit]
                    assert sign * g > 0


def test_proofs_by_branching_agree_with_the_exact_engine():
    kinds = set()
    for seed in range(6):
        network, box = random_network(seed, 3, 6, 6, 6, 1), Box.cube(3, -0.3, 0.3)
        auto, cells = (stable_units(network, box, method=m) for m in ("auto", "cells"))
        assert auto.certified
        assert cells.certified
        assert auto.layers == cells.layers
        kinds |= {e.kind for layer in auto.evidence for unit in layer for e in unit}
    assert {"interval", "relaxation", "branching", "witness"} <= kinds


def test_other_domains():
    network, box = random_network(2, 3, 6, 6, 1), Box.cube(3, -1, 1)
    narrow = Polytope(np.array([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]]), [0.1, 0.0], box)
    line = AffineSlice.through(np.array([[-0.5, 0.1, 0.2], [0.5, -0.3, 0.4]]), box)
    for domain in (narrow, line):
        found = stable_units(network, domain)
        assert found.certified
        patterns = network.pattern(domain.sample(500, 1))
        starts = np.cumsum((0, *network.widths))
        for layer, start in enumerate(starts[:-1]):
            seen = patterns[:, start : starts[layer + 1]]
            assert seen[:, found.on[layer]].all()
            assert not seen[:, found.off[layer]].any()
    assert sum(map(np.sum, stable_units(network, line).undecided)) < network.n_units


def test_cells_on_a_slice_give_coordinates():
    network, box = random_network(2, 3, 6, 6, 1), Box.cube(3, -1, 1)
    line = AffineSlice.through(np.array([[-0.5, 0.1, 0.2], [0.5, -0.3, 0.4]]), box)
    found = stable_units(network, line, method="cells")
    assert found.certified
    witnesses = 0
    for layer, units in enumerate(found.evidence):
        for unit, (positive, negative) in enumerate(units):
            for sign, evidence in ((1, positive), (-1, negative)):
                if evidence.witness is not None:
                    assert evidence.witness.shape == (1,)
                    x = line.at(evidence.witness[None])[0]
                    assert sign * network.preactivations(x)[layer][unit] > 0
                    witnesses += 1
    assert witnesses >= 2 * sum(map(np.sum, found.unstable)) > 0


def test_stats_say_what_points_were_not_looked_at():
    network, box = random_network(2, 3, 6, 6, 1), Box.cube(3, -1, 1)
    sliver = Polytope(np.array([[1.0, 0, 0], [-1.0, 0, 0]]), [1e-6, 0.0], box)
    found = stable_units(network, sliver, data=[[0.0, 0, 0], [9.0, 0, 0]])
    assert found.certified
    assert (found.stats["random_points"], found.stats["data_outside"]) == (0, 1)
    assert "rejection" in found.stats["no_random_points"]
    assert stable_units(network, box).stats["random_points"] == 1000


def test_data_are_only_looked_at_while_a_sign_is_open(monkeypatch):
    network, box = one_layer(np.eye(3), np.zeros(3)), Box.cube(3, -1, 1)
    asked, contains = [], Box.contains
    monkeypatch.setattr(Box, "contains", lambda box, x: asked.append(len(x)) or contains(box, x))
    data = np.concatenate([[[9.0, 0.0, 0.0]], box.sample(9 * FIRST_BATCH, 2)])
    found = stable_units(network, box, data=data, samples=1)
    assert found.certified
    assert found.stats["data_outside"] == 1
    assert asked == [FIRST_BATCH]
    assert stable_units(network, box, data=data).certified
    assert asked == [FIRST_BATCH]


@pytest.mark.parametrize("method", ["auto", "milp", "isa", "lp"])
def test_a_time_limit_is_kept(method):
    network, box = random_network(3, 20, 60, 60, 60, 1), Box.cube(20, -0.05, 0.05)
    start = time.process_time()
    found = stable_units(network, box, method=method, time_limit=0.3)
    assert not found.certified
    assert time.process_time() - start < 0.3 + OVERRUN


def test_a_network_without_hidden_layer_and_a_stable_one():
    nothing = stable_units(Network.of(([[1.0]], [0.0])), UNIT)
    assert (nothing.layers, nothing.certified) == ([], True)
    off = Network.of(([[-1.0], [-2.0]], None), ([[1.0, 1.0]], [1.0]), ([[1.0]], None))
    for method in ("auto", "milp", "isa", "cells"):
        found = stable_units(off, UNIT, method=method)
        assert found.layers[0] == {"on": [], "off": [0, 1], "undecided": []}
        assert found.layers[1] == {"on": [0], "off": [], "undecided": []}
        assert found.certified


def test_data_are_looked_at_and_outsiders_dropped():
    # the second layer is positive near x = 1/2 only, in a gap that no sample is likely to hit
    spike = Network.of(([[1.0], [-1.0]], [-0.5, 0.5]), ([[-1.0, -1.0]], [1e-7]), ([[1.0]], None))
    options = {"method": "relaxation", "samples": 10}
    assert not stable_units(spike, UNIT, **options).unstable[1].any()
    assert not stable_units(spike, UNIT, data=[[-0.5], [7.0]], **options).unstable[1].any()
    assert stable_units(spike, UNIT, data=[[0.5]], **options).unstable[1].all()
    with pytest.raises(InputError, match=r"shape \(m, 1\)"):
        stable_units(spike, UNIT, data=[[0.5, 0.5]])


def test_the_time_limit_keeps_what_is_proved():
    network, box = random_network(3, 20, 40, 40, 40, 1), Box.cube(20, -0.05, 0.05)
    found = stable_units(network, box, time_limit=0.5)
    ranges = stable_units(network, box, method="interval")
    assert not found.certified
    for more, less in zip(found.off, ranges.off, strict=True):
        assert (more | ~less).all()


def test_a_model_beyond_the_licence_goes_to_highs_and_says_so(monkeypatch):
    monkeypatch.setattr("regions.stability.by_solver.accepts", lambda *args, **sizes: False)
    network, box = random_network(1, 3, 4, 4, 1), Box.cube(3, -1, 1)
    found = stable_units(network, box, method="milp")
    assert found.stats["solver"] == "highs"
    assert "licence" in found.stats["not_gurobi"]
    with pytest.raises(SolverError, match="highs"):
        stable_units(network, box, method="milp", solver="gurobi")


def test_bad_input_is_refused():
    network = random_network(1, 2, 3, 1)
    with pytest.raises(UnsupportedError, match="lies in no box"):
        stable_units(network, WholeSpace(2))
    with pytest.raises(InputError, match="empty"):
        stable_units(network, Polytope([[1.0, 1.0]], [-5.0], Box.cube(2, -1, 1)))
    for option in ({"method": "guess"}, {"solver": "cplex"}, {"time_limit": 0}):
        with pytest.raises(InputError, match=str(next(iter(option.values())))):
            stable_units(network, Box.cube(2, 0, 1), **option)


def test_the_command_line(tmp_path, capsys):
    path = tmp_path / "net.npz"
    save(one_layer([[1.0], [-1.0], [1.0]], [0.0, 0.0, -0.5]), path)
    assert main(["stability", str(path), "--box", "0", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["layers"] == [{"on": [0], "off": [1], "undecided": [2]}]
    assert found["certified"] is True
    assert found["seconds"] >= 0
    assert main(["stability", str(path), "--box", "0", "1", "--method", "interval"]) == 1
    # a range that ends at 0 does not tell whether the unit is ever positive
    assert "2 not settled" in capsys.readouterr().out
    assert main(["stability", str(path), "--whole-space"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_programmes_without_a_word_are_counted_and_prove_nothing(monkeypatch):
    monkeypatch.setattr("regions.solvers.highs_lp.QuietHighs.say", lambda *_, **__: Said.UNDECIDED)
    network, box = random_network(3, 3, 6, 6, 6, 1), Box.cube(3, -0.3, 0.3)
    found = stable_units(network, box, method="lp", samples=0)
    assert found.stats["linear_programmes_without_word"] > 0
    quick = stable_units(network, box, method="relaxation", samples=0)
    assert found.layers == quick.layers


def few_inputs_deep(seed=0):
    """Of the shape of the published collision avoidance networks on three inputs (VerticalCAS)."""
    rng, sizes = np.random.default_rng(seed), (3, *[20] * 5, 9)
    pairs = itertools.pairwise(sizes)
    layers = [(rng.normal(size=(b, a)) * np.sqrt(2 / a), rng.normal(size=b) / 10) for a, b in pairs]
    return Network(layers), Box.cube(3, -1, 1)


@pytest.mark.parametrize("method", ["auto", "quick"])
def test_few_inputs_are_settled_by_their_cells_early(method):
    network, box = few_inputs_deep()
    start = time.process_time()
    found = stable_units(network, box, method=method)
    assert found.certified
    assert found.stats["cells"] == "all"
    assert time.process_time() - start < 10  # without cells nothing in 30 s


def test_cells_that_are_too_many_are_given_up_in_time(monkeypatch):
    monkeypatch.setattr("regions.stability.by_cells.SECONDS", 0.02)
    network, box = few_inputs_deep()
    found = stable_units(network, box, method="quick")
    assert found.stats["cells"] == "not all within 0.02 s"


def test_a_flat_polytope_has_no_cells_and_says_so():
    network = random_network(0, 2, 5, 5, 1)
    flat = Polytope([[1.0, 1.0], [-1.0, -1.0]], [0.0, 0.0], Box.cube(2, -1, 1))
    found = stable_units(network, flat, method="quick")
    assert "interior" in found.stats["cells"]


@pytest.mark.parametrize("verdict", ["maximise", "cover"])
def test_a_solver_without_a_word_is_named(verdict, monkeypatch):
    answer = {"maximise": Verdict(False, np.zeros((0, 0)), "LOST"), "cover": Cover(None, "LOST")}
    monkeypatch.setattr(HighsMixed, verdict, lambda *_, **__: answer[verdict])
    method = {"maximise": "milp", "cover": "isa"}[verdict]
    network, box = random_network(3, 3, 6, 6, 6, 1), Box.cube(3, -0.3, 0.3)
    found = stable_units(network, box, method=method, solver="highs", samples=0)
    assert found.stats["solver_without_word"]["LOST"] > 0


def test_a_solver_that_fails_is_named_and_replaced(monkeypatch):
    def fails(*_, **__):
        raise SolverError("out of memory")

    monkeypatch.setattr(HighsMixed, "maximise", fails)
    network, box = random_network(3, 3, 6, 6, 6, 1), Box.cube(3, -0.3, 0.3)
    monkeypatch.setattr("regions.stability.by_solver.accepts", lambda *_, **__: False)
    found = stable_units(network, box, method="milp", samples=0)
    assert found.stats["solver_without_word"]["out of memory"] > 0
    with pytest.raises(SolverError, match="memory"):
        stable_units(network, box, method="milp", solver="highs", samples=0)


def test_gurobi_before_it_has_a_bound_says_nothing():
    network, box = random_network(0, 3, 6, 6, 6, 1), Box.cube(3, -1, 1)
    model = mixed(network, box, unit_ranges(network, box), 2)
    row, constant, _ = scaled_row(network, 2, 0, 1)
    with environment() as env, GurobiMixed(model, env, seed=2**40) as solver:
        verdict = solver.maximise(model.objective(row, 2), constant, seconds=0)
        assert attribute(solver.model, "no such thing", 7) == 7
    assert (verdict.never, len(verdict.points), verdict.trouble) == (False, 0, "")
