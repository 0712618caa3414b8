import sys

import pytest

from regions import Box, Scip, Status, WholeSpace, count_regions
from regions.errors import SolverError, UnsupportedError
from tests.ladder import random_network
from tests.oracles.brute_force import brute_force

NETWORK, BOX = random_network(5, 3, 6, 5, 1), Box.cube(3, -1, 1)


@pytest.mark.parametrize("counted", ["cells", "patterns"])
def test_it_counts_what_brute_force_lists(counted):
    answer = count_regions(NETWORK, BOX, engine=Scip(), counted=counted)
    assert answer.value == len(brute_force(NETWORK, BOX, counted))
    assert (answer.status, answer.at_least, answer.at_most) == (Status.COMPLETE, None, None)


def test_a_time_limit_is_a_lower_bound():
    network = random_network(6, 10, 30, 30, 1)
    answer = count_regions(network, Box.cube(10, -1, 1), engine=Scip(), time_limit=1)
    assert answer.status is Status.AT_LEAST
    assert answer.stats["solver_status"] == "timelimit"
    assert answer.seconds < 20


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyscipopt", None)
    with pytest.raises(SolverError, match=r"relu-regions\[scip\]"):
        count_regions(NETWORK, BOX, engine=Scip())


def test_what_it_cannot_do_is_refused():
    with pytest.raises(UnsupportedError, match="engine pool or cells"):
        count_regions(NETWORK, BOX, engine=Scip(), keep_patterns=True)
    with pytest.raises(UnsupportedError, match="takes no workers"):
        count_regions(NETWORK, BOX, engine=Scip(), workers=2)
    with pytest.raises(UnsupportedError, match="engine cells"):
        count_regions(NETWORK, WholeSpace(3), engine=Scip())
