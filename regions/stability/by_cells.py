"""Stability from all cells, one after another: their closures cover the domain, so what no cell has does not occur."""

import numpy as np

from ..deadline import Deadline
from ..errors import InputError
from ..exact_search.problem import VERTEX_DIMENSIONS, Problem
from ..exact_search.run import search
from ..exact_search.tasks import Task
from ..network import ConvolutionalNetwork
from .harvest import harvest

# Unit: seconds, and the share of the time limit, that the search for cells gets beside other methods. Three
# inputs and five layers of twenty trained units have some ten thousand cells and are through in three.
SECONDS, SHARE = 5.0, 0.25

# Cells at a time: each has n0 + N numbers, and after a few batches hardly a question is open.
BUDGET = 2_000


def few_inputs(network, domain):
    """Whether the cells are quick enough to be tried beside other methods: they are kept as vertex lists."""
    if isinstance(network, ConvolutionalNetwork) or not network.n_units:
        return False
    return 0 < domain.polyhedron().dimension <= VERTEX_DIMENSIONS


def try_cells(asking):
    """`by_cells` for a short while, where inputs are few and questions are open; ``stats`` says how it went."""
    replay = asking.replay
    if not asking.ledger.open() or not few_inputs(replay.network, replay.domain):
        return
    left = asking.seconds()
    seconds = SECONDS if left is None else min(SECONDS, SHARE * left)
    try:
        ended = by_cells(asking, seconds)
    except InputError as error:  # a flat polytope has no cells, but units
        asking.stats["cells"] = f"not tried: {error}"
        return
    asking.stats["cells"] = "all" if ended else f"not all within {seconds:.3g} s"


def by_cells(asking, seconds=None):
    """Look at all cells for at most ``seconds``; whether no question is left that they could answer."""
    ledger, replay = asking.ledger, asking.replay
    network, domain = replay.network, replay.domain
    if not ledger.open():
        return True
    problem = Problem(network, domain)
    problem.check_interior()
    seen = _Seen(network.n_units)
    tasks, is_open = [Task.root(network.n_units)], 1
    for _, found in search(problem, tasks, budget=BUDGET, keep=True, deadline=Deadline(seconds)):
        is_open += len(found.left) - 1
        points = domain.points_near(
            found.points
        )  # on a slice only near them: each must replay itself
        harvest(ledger, replay, points)
        seen.add(found.signs, None if domain.has_coordinates else points)
        if not ledger.open():
            return True
    if is_open:
        return False
    seen.conclude(ledger)
    return True


class _Seen:
    """Which units are on in some cell and off in some cell, and a witness of the first."""

    def __init__(self, n_units):
        self.on, self.off = np.zeros((2, n_units), dtype=bool)
        self.witnesses = {}

    def add(self, signs, points):
        active = signs > 0
        for unit in np.flatnonzero(active.any(axis=0) & ~self.on):
            where = active[:, unit].argmax()
            self.witnesses[unit] = None if points is None else points[where].copy()
        self.on |= active.any(axis=0)
        self.off |= ~active.all(axis=0)

    def conclude(self, ledger):
        """The answers once all cells were seen. Off in a cell is negative there, or zero all over it: no witness."""
        starts = np.cumsum((0, *ledger.widths))
        for layer, unit, sign in ledger.open():
            place = starts[layer] + unit
            if sign > 0 and self.on[place]:
                ledger.occurs(layer, unit, sign, self.witnesses[place], "cells")
            elif not (self.on if sign > 0 else self.off)[place]:
                ledger.never(layer, unit, sign, "cells")
