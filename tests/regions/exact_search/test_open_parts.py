"""What is left of a search is never more than the bound says, wherever the search stands."""

import itertools

import numpy as np
import pytest

import bounds
from regions import AffineSlice, Box, Network, WholeSpace, count_regions
from regions.exact_search.open_parts import known, most_cells
from regions.exact_search.problem import Problem
from regions.exact_search.run import search
from regions.exact_search.tasks import Task
from tests.ladder import SQUARE, TANGENTS, random_network

POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (3, 10))
CASES = [
    *((random_network(seed, 2, 5, 4, 1), SQUARE) for seed in range(4)),
    (random_network(0, 3, 5, 3, 4, 1), Box.cube(3, -1, 1)),
    (random_network(1, 6, 4, 4, 1), Box.cube(6, -1, 1)),
    (random_network(1, 8, 3, 5, 1), Box.cube(8, 0, 1)),
    (random_network(2, 2, 5, 4, 1), WholeSpace(2)),
    (random_network(3, 3, 5, 4, 1), Box([-1.0, 0.5, -1.0], [1.0, 0.5, 1.0])),
    (random_network(8, 10, 6, 5, 3), AffineSlice.through(POINTS, Box.cube(10, 0, 1))),
]


def states(network, domain, budget):
    """After each task of a search: cells so far, and the open tasks."""
    problem, root = Problem(network, domain), Task.root(network.n_units)
    cells, open_ = 0, {id(root): root}
    for task, found in search(problem, [root], budget=budget):
        del open_[id(task)]
        open_ |= {id(left): left for left in found.left}
        cells += found.cells
        yield cells, list(open_.values())


@pytest.mark.parametrize(("network", "domain"), CASES)
def test_found_and_left_bound_the_count_at_every_moment(network, domain):
    right = count_regions(network, domain).value
    dimension, told = domain.polyhedron().dimension, known(network, domain)
    seen = [
        (cells, *(most_cells(network, dimension, left, what) for what in (None, told)))
        for cells, left in states(network, domain, 3)
    ]
    assert len(seen) > 3
    assert all(right <= cells + sharper <= cells + left for cells, left, sharper in seen)
    assert seen[-1] == (right, 0, 0)


def test_what_the_weights_say_is_used():
    # biases of the first layer far above what the inputs can take away: all is affine, and the ranges know it
    box, root = Box.cube(3, -1, 1), [Task.root(11)]
    first, *later = random_network(1, 3, 6, 5, 1).layers
    network = Network([(first.weight, first.bias + 1000), *later])
    assert most_cells(network, 3, root) == bounds.layered(3, [6, 5])
    assert (
        most_cells(network, 3, root, known(network, box)) == count_regions(network, box).value == 1
    )


@pytest.mark.parametrize("n0", [1, 2, 3])
@pytest.mark.parametrize("widths", [(4,), (3, 2), (1, 5), (2, 3, 2)])
def test_at_the_root_it_is_theorem_1(n0, widths):
    network = random_network(0, n0, *widths, 1)
    assert most_cells(network, n0, [Task.root(sum(widths))]) == bounds.layered(n0, widths)


def test_halves_of_an_arrangement_in_general_position():
    # six tangents make 22 cells; either side of one of them has at most the Z(5, 2) = 16 of the others
    root = Task.root(6)
    half = root.with_sign(0, 1, split=True, weight=0.5)
    assert most_cells(TANGENTS, 2, [half]) == 16
    assert most_cells(TANGENTS, 2, [root]) == 22


def test_every_pattern_of_known_signs_is_bounded():
    # whatever signs a task has, the cells below it are those of the count that agree with it
    network = random_network(3, 2, 4, 3, 1)
    patterns = count_regions(network, SQUARE, keep_patterns=True).patterns.matrix()
    for signs in itertools.product((-1, 0, 1), repeat=4):
        known = np.array([*signs, 0, 0, 0], dtype=np.int8)
        agree = ((patterns == (known > 0)) | (known == 0)).all(axis=1).sum()
        task = Task(0, known, np.zeros(7, dtype=bool))
        assert agree <= most_cells(network, 2, [task])
