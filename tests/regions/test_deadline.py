"""Time limits hold, whatever a verb is about, and compiling is no part of them."""

import itertools
import math
import time

import numba
import numpy as np
import pytest

from regions import (
    AffineSlice,
    Box,
    Network,
    Polytope,
    Pool,
    Sample,
    Scip,
    compress_network,
    count_regions,
    estimate_regions,
    stable_units,
    unit_ranges,
)
from regions.deadline import COMPILATION, NEVER, PASSED, Deadline, Late, now
from regions.empirical import empirical_bound
from regions.errors import SolverError
from regions.exact_search import warm_up  # noqa: F401  # tells the clock when numba compiles
from regions.solvers.highs_lp import Simplex
from regions.solvers.highs_mixed import LATE, HighsMixed
from regions.solvers.highs_quiet import QuietHighs

# Unit: seconds of a limit, and what a verb may take beyond it.
LIMIT, BEYOND = 0.5, 2.0


def random_network(*sizes):
    rng = np.random.default_rng(0)
    pairs = itertools.pairwise(sizes)
    return Network(
        [(rng.normal(size=(b, a)) * np.sqrt(2 / a), rng.normal(size=b) / 10) for a, b in pairs]
    )


WIDE, DEEP = random_network(200, 150, 150, 10), random_network(12, 50, 50, 50, 50, 5)
VERBS = {
    "count": lambda n, d: count_regions(n, d, time_limit=LIMIT),
    "patterns": lambda n, d: count_regions(n, d, counted="patterns", time_limit=LIMIT),
    "pieces": lambda n, d: count_regions(n, d, counted="pieces", time_limit=LIMIT),
    "pool": lambda n, d: count_regions(n, d, engine=Pool(), time_limit=LIMIT),
    "scip": lambda n, d: count_regions(n, d, engine=Scip(), time_limit=LIMIT),
    "sample": lambda n, d: count_regions(n, d, engine=Sample(points=10**9), time_limit=LIMIT),
    "estimate": lambda n, d: estimate_regions(n, d, time_limit=LIMIT),
    "mipbound": lambda n, d: estimate_regions(
        n, d, method="mipbound", solver="highs", time_limit=LIMIT
    ),
    "auto": lambda n, d: stable_units(n, d, time_limit=LIMIT),
    "milp": lambda n, d: stable_units(n, d, method="milp", solver="highs", time_limit=LIMIT),
    "isa": lambda n, d: stable_units(n, d, method="isa", solver="highs", time_limit=LIMIT),
    "points": lambda n, d: stable_units(n, d, samples=10**7, time_limit=LIMIT),
    "lp ranges": lambda n, d: unit_ranges(n, d, method="lp", time_limit=LIMIT),
    "milp ranges": lambda n, d: unit_ranges(n, d, method="milp", time_limit=LIMIT),
    "bound": lambda n, d: empirical_bound(n, d, time_limit=LIMIT),
    "compress": lambda n, d: compress_network(n, d, time_limit=LIMIT),
}


@pytest.mark.parametrize("network", [WIDE, DEEP], ids=["wide", "deep"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_time_limit_holds(verb, network):
    """Seconds by the clock, or of the processor where it has other things to do: those are the fewer then."""
    start, compiled = (time.monotonic(), time.process_time()), COMPILATION.seconds
    try:
        VERBS[verb](network, Box.cube(network.n0, -0.3, 0.3))
    except SolverError as error:
        assert verb == "pool"
        assert "licence" in str(error)  # noqa: PT017
    spent = min(time.monotonic() - start[0], time.process_time() - start[1])
    assert spent - (COMPILATION.seconds - compiled) < LIMIT + BEYOND


@pytest.mark.parametrize("kind", ["polytope", "slice"])
def test_a_thin_domain_is_sampled_until_the_deadline(kind):
    """One point in a thousand of the box lies in the domain: rejection has something to do."""
    if kind == "polytope":
        domain = Polytope([[1.0] + [0.0] * 19], [1e-3], Box.cube(20, 0, 1))
    else:
        directions = [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
        domain = AffineSlice([0.0, 0.0, 0.0], directions, Box([0, 0, 0], [1, 1, 5e-2]))
    with pytest.raises(Late):
        domain.sample(10**7, 0, deadline=Deadline(0.1))
    assert domain.sample(2, 0).shape == (2, domain.n0)


def test_the_clock_stands_still_while_numba_compiles():
    before, deadline = COMPILATION.seconds, Deadline(0.1)
    at = now()

    @numba.njit
    def triple(x):
        return 3 * x

    assert triple(2) == 6
    assert COMPILATION.seconds > before
    with COMPILATION:
        time.sleep(0.2)
        assert not deadline.passed
        assert now() - at < 0.1
    time.sleep(0.1)
    assert deadline.passed


def test_deadlines():
    assert NEVER.left == math.inf
    assert NEVER.time_limit is None
    assert NEVER.before(5.0) is NEVER
    assert PASSED.time_limit > 0
    with pytest.raises(Late):
        PASSED.check()
    assert Deadline(1.0).sooner(60.0).left <= 1.0
    assert 7 < Deadline(10.0).before(2.0).left <= 8


class _Model:
    """Two columns, no rows."""

    rows, row_lower, row_upper = np.zeros((0, 2)), np.zeros(0), np.zeros(0)
    lower, upper, z, point = np.zeros(2), np.ones(2), np.array([0]), np.array([1])


def test_a_solver_that_does_not_look_at_the_clock_is_left_alone(monkeypatch):
    """HiGHS was seen in the presolve of a model of 784-256-256 for a minute with three seconds to go."""
    objective, simplex, whole = np.array([1.0, 2.0]), Simplex(_Model), HighsMixed(_Model)
    with monkeypatch.context() as patched:
        patched.setattr(QuietHighs, "run", lambda self: time.sleep(5))
        start = time.monotonic()
        with pytest.raises(Late):
            QuietHighs().say(seconds=0.1)
        assert simplex.maximise(objective, [0, 0], [1, 1], seconds=0.1).multipliers is None
        assert whole.maximise(objective, 0.0, seconds=0.1).trouble == LATE
        assert time.monotonic() - start < 5
    assert simplex.maximise(objective, [0, 0], [1, 1]).point.tolist() == [1, 1]
    assert whole.maximise(objective, 0.0, seconds=10).points.tolist() == [[1]]


def test_ranges_that_were_cut_say_so_and_hold():
    box = Box.cube(DEEP.n0, -1, 1)
    cut = unit_ranges(DEEP, box, method="milp", time_limit=0.3)
    assert not cut.complete
    whole = unit_ranges(DEEP, box, method="relaxation")
    assert whole.complete
    for layer, g in enumerate(DEEP.preactivations(box.sample(200, 0))):
        assert (cut.lower[layer] <= g).all()
        assert (g <= cut.upper[layer]).all()


def test_the_box_of_a_slice_is_the_smallest():
    """The diagonal plane x + y = z of the cube: a triangle of coordinates with legs of length 1."""
    plane = AffineSlice([0.0, 0.0, 0.0], [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], Box.cube(3, 0, 1))
    points = plane.sample(2000, 0)
    assert np.allclose(points[:, 0] + points[:, 1], points[:, 2])
    assert (points[:, :2].max(axis=0) > 0.95).all()
    assert (points[:, :2].min(axis=0) < 0.01).all()
