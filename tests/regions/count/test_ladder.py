"""Every engine climbs the ladder as far as its arithmetic carries."""

import pytest

from regions import Box, Pool, Sample, Scip, Status, count_regions
from tests.ladder import LADDER, TOLERANCE_CASES, random_network
from tests.oracles.brute_force import brute_force

QUESTIONS = [
    pytest.param(rung, counted, id=f"{rung}-{counted}")
    for rung in LADDER
    for counted in rung.answers
]
IN_FLOATS = [q for q in QUESTIONS if q.values[0].domain.bounded and not q.values[0].thin]
ENGINES = [Pool(), Pool(form="max_f"), Scip()]


@pytest.mark.parametrize(("rung", "counted"), QUESTIONS)
def test_brute_force(rung, counted):
    assert len(brute_force(rung.network, rung.domain, counted)) == rung.answers[counted]


@pytest.mark.parametrize("engine", ENGINES, ids=["pool", "pool max_f", "scip"])
@pytest.mark.parametrize(("rung", "counted"), IN_FLOATS)
def test_the_mixed_integer_model(rung, counted, engine):
    answer = count_regions(rung.network, rung.domain, engine=engine, counted=counted)
    assert answer.value == rung.answers[counted]
    assert answer.status is Status.COMPLETE


@pytest.mark.parametrize(("rung", "counted"), QUESTIONS)
def test_sampling_never_counts_too_many(rung, counted):
    answer = count_regions(rung.network, rung.domain, engine=Sample(points=2000), counted=counted)
    assert 1 <= answer.value <= rung.answers[counted]
    assert answer.status is Status.AT_LEAST


@pytest.mark.parametrize("rung", TOLERANCE_CASES, ids=str)
@pytest.mark.parametrize(
    "engine",
    [
        Pool(epsilon=1e-6),
        Pool(epsilon=1e-9),
        Pool(epsilon=0.0),
        Scip(epsilon=1e-6),
        Scip(epsilon=0.0),
    ],
    ids=lambda engine: f"{engine.name} {engine.epsilon:g}",
)
def test_where_tolerances_decide_nothing_is_called_proved(rung, engine, record_property):
    # Which of these counts are wrong changes with the solvers' versions; what may not change is
    # that they come with their margin and without a proof.
    answer = count_regions(rung.network, rung.domain, engine=engine)
    record_property("value", answer.value)
    assert (answer.at_least, answer.at_most) == (None, None)
    assert answer.status is Status.COMPLETE
    assert answer.stats["epsilon"] == engine.epsilon
    assert answer.stats["tolerance"] == 1e-9


def test_pool_scip_and_brute_force_agree_on_a_generic_network():
    network, box = random_network(1, 2, 20, 20, 1), Box.cube(2, -1, 1)
    pool = count_regions(network, box, engine=Pool(), keep_patterns=True)
    assert pool.patterns == brute_force(network, box)
    assert count_regions(network, box, engine=Scip()).value == pool.value == 316
