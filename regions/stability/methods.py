"""The methods of `regions.stability.stable_units`: in which order what is tried.

Each takes an `Asking`, which has the ledger, the prover and the solvers, and points to look at.
"""

import numpy as np

from ..deadline import now
from ..domain import Box
from ..errors import InputError
from ..milp.bounding_model import mixed
from ..network import ConvolutionalNetwork
from ..preactivations.interval import interval
from ..preactivations.relaxation import substitute
from ..solvers.highs_lp import Simplex
from .ascent import climb
from .by_cells import by_cells, try_cells
from .harvest import harvest
from .ledger import Ledger
from .refiner import Refiner

WITHOUT_POINTS = ("interval", "milp", "cells")
TRY_CELLS = ("auto", "quick")  # those that call `try_cells`

# Unit: linear programmes. A sign that resists longer is shown to a mixed-integer solver, whose cuts and
# heuristics may tell sooner whether a proof is worth its price, for as long as the try took. Then
# comes a longer try: a proof of 300 programmes must not wait for a solver that takes ten times as long.
FIRST_TRY = 50
LONGER = 8

# Unit: linear programmes for a sign, and seconds for all of them, before the cells are tried: these need compiled code.
GLANCE, GLANCE_SECONDS = 8, 0.5

# Unit: points of each kind among which the search for further signs chooses where to start.
STARTS = 2000


def _interval(asking, points):
    """Interval arithmetic."""
    ledger, network = asking.ledger, asking.replay.network
    box = asking.replay.domain.enclosing_box()
    for layer in range(len(network.hidden)):
        ends = interval(network, box, ledger.lower, ledger.upper, layer)
        ledger.tighten(layer, *ends, "interval")


def _relaxation(asking, points):
    """Intervals, linear relaxation with back-substitution, and signs at points."""
    _ranges(asking)
    _look(asking, points)
    _look(asking, [_corners(asking)])


def _quick(asking, points):
    """Relaxation and points; where inputs are few, for a short while the cells."""
    _relaxation(asking, points)
    try_cells(asking)


def _lp(asking, points):
    """These, then one linear programme for each open sign."""
    _relaxation(asking, points)
    for question in asking.ledger.open():
        if asking.ledger.is_open(*question):
            asking.prover.prove(*question, nodes=1)


def _milp(asking, points):
    """One mixed-integer programme per unit and sign that intervals leave open."""
    _interval(asking, points)
    for layer in range(len(asking.ledger.widths)):
        asking.one_by_one(layer)
        asking.prove_claims()


def _isa(asking, points):
    """One mixed-integer programme for all signs that intervals and points leave open."""
    _interval(asking, points)
    _look(asking, points)
    _look(asking, [_corners(asking)])
    asking.all_at_once()
    asking.prove_claims()
    _leftovers(asking)


def _auto(asking, points):
    """Cheapest first; each layer is settled before the ranges of the next one are final."""
    ledger, replay, prover = asking.ledger, asking.replay, asking.prover
    _ranges(asking)
    data = points.data()
    _look(asking, points.at_random())
    _look(asking, data, patient=False)
    _look(asking, [_corners(asking)])
    if isinstance(replay.network, ConvolutionalNetwork) and np.isinf(prover.deadline.left):
        _look(asking, data)
        asking.stats["programmes"] = "none: on convolutions they need a time limit"
        return
    if ledger.open():
        starts = points.first(STARTS)
        climb(ledger, replay, ledger.open(), starts, deadline=prover.deadline)
    _glance(asking)
    try_cells(asking)
    refiner = Refiner(prover, points, STARTS)
    for layer in range(len(ledger.widths)):
        _tighten(asking, layer)
        _settle(asking, layer, refiner, data)
    _leftovers(asking)


def _glance(asking):
    """A few programmes for each open sign, for a moment: most signs of small networks need no more."""
    end = asking.prover.deadline.sooner(GLANCE_SECONDS)
    for layer in range(len(asking.ledger.widths)):
        _tighten(asking, layer)
        for question in asking.ledger.open(layer):
            if end.passed:
                return
            if asking.ledger.is_open(*question):
                asking.prover.prove(*question, nodes=GLANCE)


def _settle(asking, layer, refiner, data):
    """Own proofs and the solver in turn, each for as long as the other, at last the solver without end.

    Signs that resist the first try are looked for in all ``data`` that are left.
    """
    nodes = FIRST_TRY
    while questions := asking.ledger.unclaimed(layer):
        start = now()
        for question in questions:
            if asking.ledger.is_open(*question):
                refiner.refine(*question, nodes=min(LONGER * nodes, asking.nodes))
            if asking.ledger.is_open(*question):
                asking.prover.prove(*question, nodes=min(nodes, asking.nodes))
        _look(asking, data)
        last = nodes >= asking.nodes or not asking.time_left()
        spent = (now() - start) / len(questions)
        asking.one_by_one(layer, seconds=None if last else spent)
        asking.prove_claims()
        if last:
            return
        nodes *= LONGER


def _cells(asking, points):
    """Certified cells: their closures cover the domain, so what no cell has does not occur."""
    _interval(asking, points)
    if by_cells(asking, asking.seconds()):
        _leftovers(asking)  # inactive in a cell is negative there, or identically zero


def _look(asking, batches, *, patient=True):
    """Signs at the points of ``batches`` while any is open; if not ``patient``, until a batch shows nothing new."""
    batches, before = iter(batches), asking.ledger.open()
    while before and (batch := next(batches, None)) is not None:
        harvest(asking.ledger, asking.replay, batch)
        after = asking.ledger.open()
        if not asking.time_left() or not (patient or len(after) < len(before)):
            return
        before = after


def _corners(asking):
    """For each open sign of a first-layer unit on a box the corner where it is most likely."""
    domain, network = asking.replay.domain, asking.replay.network
    if not isinstance(domain, Box) or not network.hidden:
        return np.zeros((0, network.n0))
    asked = [(unit, sign) for _, unit, sign in asking.ledger.open(0)]
    units, signs = np.array(asked, dtype=int).reshape(-1, 2).T
    up = signs[:, None] * network.hidden[0].weight[units] > 0
    return np.where(up, domain.upper, domain.lower)


def _leftovers(asking):
    """Questions that no programme was asked about: units whose range ends at exactly 0."""
    for question in asking.ledger.unclaimed():
        if asking.ledger.is_open(*question):
            asking.prover.prove(*question, nodes=asking.nodes)


def _ranges(asking):
    for layer in range(len(asking.ledger.widths)):
        _tighten(asking, layer)


def _tighten(asking, layer):
    """Ranges of ``layer`` from those of the layers before, as they are by now."""
    ledger, network = asking.ledger, asking.replay.network
    box = asking.replay.domain.enclosing_box()
    for method, ends in (("interval", interval), ("relaxation", substitute)):
        if method == "interval" or asking.time_left():
            ledger.tighten(layer, *ends(network, box, ledger.lower, ledger.upper, layer), method)


def check_not_empty(replay, deadline):
    """An empty polytope has no units to speak of; the proof is a combination of its rows."""
    domain = replay.domain
    if not len(domain.cuts()[1]):
        return
    model = mixed(replay.network, domain, Ledger(()).ranges, 0)
    none = np.zeros(len(model.lower))
    ends = model.lower, model.upper
    found = Simplex(model).maximise(none, *ends, seconds=deadline.time_limit)
    if found.multipliers is not None and not found.feasible:
        bound = model.bound(none, 0.0, found.multipliers, model.lower, model.upper)
        if bound < 0:
            raise InputError(f"{domain!r} is empty: its rows contradict its box; relax one of them")


METHODS = {
    "auto": _auto,
    "interval": _interval,
    "relaxation": _relaxation,
    "quick": _quick,
    "lp": _lp,
    "milp": _milp,
    "isa": _isa,
    "cells": _cells,
}
