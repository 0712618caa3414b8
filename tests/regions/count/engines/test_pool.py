import numpy as np
import pytest

from regions import Box, Polytope, Pool, Status, WholeSpace, count_regions
from regions.count import Question
from regions.count.engines.replayed import Tally
from regions.errors import InputError, SolverError, UnsupportedError
from regions.milp.counting_model import formulate
from regions.network import Network
from regions.solvers import gurobi
from tests.ladder import one_layer, random_network
from tests.oracles.brute_force import brute_force

NETWORK, BOX = random_network(5, 3, 6, 5, 1), Box.cube(3, -1, 1)


def full_licence():
    with gurobi.environment() as env:
        return gurobi.accepts(env, variables=gurobi.RESTRICTED_SIZE + 1)


@pytest.mark.parametrize("form", ["feasibility", "max_f"])
def test_patterns_and_witnesses_agree_with_brute_force(form):
    answer = count_regions(NETWORK, BOX, engine=Pool(form=form), keep_patterns=True)
    assert answer.patterns == brute_force(NETWORK, BOX)
    assert (NETWORK.pattern(answer.witnesses) == answer.patterns.matrix()).all()
    assert BOX.contains(answer.witnesses).all()
    assert answer.stats["replayed"] + answer.stats["replayed_after_lp"] == answer.value
    assert answer.stats["duplicates"] == answer.stats["not_replayed"] == 0
    assert answer.stats["smallest_margin"] > 0


@pytest.mark.parametrize("split", [1, 4])
def test_small_pools_find_what_one_pool_finds(split):
    answer = count_regions(NETWORK, BOX, engine=Pool(split=split), keep_patterns=True)
    assert answer.patterns == brute_force(NETWORK, BOX)
    assert answer.stats["pools"] == 2**split
    assert answer.status is Status.COMPLETE


def test_a_full_pool_is_a_lower_bound():
    answer = count_regions(NETWORK, BOX, engine=Pool(pool_size=10))
    assert (answer.value, answer.status) == (10, Status.AT_LEAST)
    assert answer.stats["solver_status"] == "OPTIMAL"  # what the solver calls it


def test_a_time_limit_is_a_lower_bound():
    network = random_network(6, 10, 30, 30, 1)
    answer = count_regions(network, Box.cube(10, -1, 1), engine=Pool(), time_limit=0.5)
    assert answer.status is Status.AT_LEAST
    assert answer.stats["solver_status"] == "TIME_LIMIT"
    assert answer.seconds < 10


def test_an_empty_domain_has_no_region():
    empty = Polytope([[1.0, 1.0, 1.0]], [-4.0], BOX)
    answer = count_regions(NETWORK, empty, engine=Pool())
    assert (answer.value, answer.status) == (0, Status.COMPLETE)


def test_a_solver_that_errs_is_found_out():
    # layer 1 has x > 0.5 and x > -0.5: the pattern (on, off) does not exist
    network, box = one_layer([[1.0], [1.0]], [-0.5, 0.5]), Box.cube(1, -1, 1)
    tally = Tally(Question(network, box), formulate(network, box), keep_points=True)
    tally.add(np.array([[0.0], [0.9]]), np.array([[False, True], [True, False]]))
    assert (len(tally.found), tally.replayed, tally.not_replayed) == (1, 1, 1)
    tally.add(np.array([[0.1]]), np.array([[True, True]]))  # exists, but its point is another's
    assert (len(tally.found), tally.replayed_after_lp) == (2, 1)
    tally.add(np.array([[0.1]]), np.array([[False, True]]))
    assert (len(tally.found), tally.duplicates) == (2, 1)
    assert tally.smallest_margin == pytest.approx(0.4)  # at x = 0.1


def test_progress_is_reported():
    calls = []
    network = random_network(1, 2, 20, 20, 1)
    count_regions(
        network, Box.cube(2, -1, 1), engine=Pool(split=2), progress=lambda *c: calls.append(c)
    )
    assert calls
    assert all(found <= 316 and 0 <= fraction <= 1 for found, fraction in calls)


def test_a_model_beyond_the_licence_says_what_to_do():
    if full_licence():
        pytest.skip("the Gurobi licence in use has no size limit")
    wide = Network.of((np.ones((1, 2100)), [-1.0]), ([[1.0]], None))
    with pytest.raises(SolverError, match=r"2103 variables and 5 rows.*2000.*cells and scip"):
        count_regions(wide, Box.cube(2100, 0, 1), engine=Pool())


def test_an_mnist_shaped_network_fits_the_restricted_licence():
    network = random_network(2, 784, 4, 18, 10)
    answer = count_regions(network, Box.cube(784, 0, 1), engine=Pool(pool_size=20))
    assert answer.stats["variables"] <= 2000
    assert answer.value == 20


@pytest.mark.parametrize("option", [{"workers": 2}, {"journal": "run.jsonl"}])
def test_options_of_the_exact_engine_are_refused(option):
    with pytest.raises(UnsupportedError, match="engine cells"):
        count_regions(NETWORK, BOX, engine=Pool(), **option)


def test_questions_it_cannot_answer_are_refused():
    with pytest.raises(UnsupportedError, match="engine cells"):
        count_regions(NETWORK, WholeSpace(3), engine=Pool())
    with pytest.raises(UnsupportedError, match="'maps'"):
        count_regions(NETWORK, BOX, engine=Pool(), counted="maps")
    with pytest.raises(InputError, match="choose 0 to"):
        count_regions(NETWORK, BOX, engine=Pool(split=99))


def test_returned_points_have_their_own_patterns():
    # with unscaled strict rows 86 of these 1389 points did not (Gurobi 13.0.3); the LP mends each,
    # but a pool that is right at once is faster
    rng = np.random.default_rng(1)
    shapes = ((4, 10), (10, 10), (10, 1))
    layers = [(rng.normal(size=(m, n)) / np.sqrt(n), rng.normal(size=m) * 0.3) for n, m in shapes]
    answer = count_regions(Network(layers), Box.cube(4, -1, 1), engine=Pool())
    assert answer.value == 1389
    assert answer.stats["replayed"] == answer.value
