"""What the tree leaves open: a linear programme and rational arithmetic agree, and both with the tree."""

from itertools import product

import numpy as np
import pytest

from regions import Box, Network, count_regions
from regions.faces.problem import Problem
from regions.faces.rational import Judge
from regions.faces.second_opinion import SecondOpinion
from tests.ladder import random_network


def nodes(problem):
    """All pairs of a full sign vector and a set."""
    n, m = problem.n_earlier, len(problem.kept[-1])
    for sig in product((-1, 1), repeat=n):
        for mode in product((-1, 1), repeat=m):
            yield np.array(sig, dtype=np.int8), np.array(mode, dtype=np.int8)


@pytest.mark.parametrize("seed", [0, 1])
def test_three_ways_to_one_number(seed):
    network, box = random_network(seed, 4, 3, 3, 1), Box.cube(4, -1, 1)
    problem = Problem(network, box)
    judge, second = Judge(problem), SecondOpinion(problem.arrays, len(problem.kept[-1]))
    faces, answers = 0, []
    for sig, mode in nodes(problem):
        found = judge.faces(sig, mode, np.zeros(4))
        answer, _ = second.of(sig, mode)
        assert answer is None or answer == found
        faces += found
        answers.append(answer)
    assert faces == count_regions(network, box).value == answers.count(True)
    # what is no face because its rows depend on each other, a programme cannot refute
    assert answers.count(False) > 0


def test_broken_circuits_are_no_faces():
    # three lines through one point: 1 + 3 + 2 sets
    network = Network.of(([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], None), (np.ones((1, 3)), None))
    problem = Problem(network, Box.cube(2, -1, 1))
    judge, by_size = Judge(problem), [0, 0, 0, 0]
    sig = np.ones(3, dtype=np.int8)
    for mode in product((-1, 1), repeat=3):
        inside = sum(side > 0 for side in mode)
        by_size[inside] += judge.faces(sig, np.array(mode, dtype=np.int8), np.zeros(2))
    assert by_size == [1, 3, 2, 0]
    # left free, all sets are counted at once
    assert judge.faces(sig, np.zeros(3, dtype=np.int8), np.zeros(2)) == 6
