"""`stable_units`: which hidden units can never switch on a domain, each with its evidence."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from .asking import SOLVERS, Asking
from .branching import Prover
from .domain import AffineSlice, Box
from .errors import InputError, UnsupportedError
from .ledger import NEVER, Evidence, Ledger
from .load import load
from .ranges import Ranges, enclosing_box, interval
from .search import climb
from .substitution import substitute
from .witness import BATCH, Replay, harvest

METHODS = {
    "auto": "ranges, points, then linear and mixed-integer programmes for what is still open",
    "interval": "interval arithmetic",
    "relaxation": "intervals, linear relaxation with back-substitution, and signs at points",
    "lp": "these, then one linear programme per open sign",
    "milp": "one mixed-integer programme per unit and sign (Serra, Kumar and Ramalingam 2020)",
    "isa": "one mixed-integer programme for all units (Serra et al. 2021)",
    "cells": "read off the cells that the exact engine lists",
}

# Unit: linear programmes. A sign that resists longer is first shown to a mixed-integer solver,
# whose cuts and heuristics tell sooner whether a proof is worth its price.
FIRST_TRY = 50

# Unit: points of each kind among which the search for further signs chooses where to start.
STARTS = 2000


class UnitEvidence(NamedTuple):
    """Why a unit is what it is: `Evidence` about positive and about negative pre-activations."""

    positive: Evidence | None
    negative: Evidence | None


@dataclass(frozen=True, eq=False)
class Stability:
    """Which units are stable on a domain, as far as it is proved.

    Attributes
    ----------
    on, off
        Per hidden layer Booleans of shape (n_l,). On: the pre-activation is >= 0 on the whole
        domain and not identically zero. Off: it is <= 0 on the whole domain. Both are theorems
        about the stored numbers; a tie at 0 changes nothing in the function.
    unstable
        Both signs occur, at certified witnesses.
    ranges
        Certified `Ranges` of the pre-activations, as tight as the method made them.
    evidence
        Per layer a tuple of `UnitEvidence`.
    claimed
        Triples (layer, unit, sign): a solver says that this sign never occurs, but no proof was
        found. No part of ``on`` and ``off``.
    certified
        Whether every unit is settled by a proof: on, off or unstable.
    seconds, method, stats
        Wall time, the method, and what it has to tell (solver, numbers of programmes).
    """

    on: tuple[np.ndarray, ...]
    off: tuple[np.ndarray, ...]
    unstable: tuple[np.ndarray, ...]
    ranges: Ranges
    evidence: tuple[tuple[UnitEvidence, ...], ...]
    claimed: tuple[tuple[int, int, int], ...]
    seconds: float
    method: str
    stats: dict = field(default_factory=dict)

    @property
    def certified(self):
        return all(
            (on | off | unstable).all()
            for on, off, unstable in zip(self.on, self.off, self.unstable, strict=True)
        )

    @property
    def undecided(self):
        """Booleans per layer: neither on nor off, be it unstable or not settled."""
        return tuple(~(on | off) for on, off in zip(self.on, self.off, strict=True))

    @property
    def layers(self):
        """Per layer a dict of the lists of units ``on``, ``off`` and ``undecided``."""
        names = ("on", "off", "undecided")
        return [
            {name: np.flatnonzero(mask).tolist() for name, mask in zip(names, masks, strict=True)}
            for masks in zip(self.on, self.off, self.undecided, strict=True)
        ]


def stable_units(
    network,
    domain,
    *,
    method="auto",
    data=None,
    samples=1000,
    seed=0,
    time_limit=None,
    nodes=5000,
    solver="auto",
):
    """Which hidden units of ``network`` can never switch on ``domain``, with the evidence.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load.load` takes.
    domain
        A `Domain` that lies in a box.
    method
        A key of `METHODS`. ``"auto"`` tightens ranges layer by layer and looks for points with the
        signs that they leave open; only what then is still open costs a programme.
    data
        Points of shape (m, n0), for instance the training images, whose signs are looked at first;
        those outside the domain are dropped. On an `AffineSlice` its coordinates, shape (m, k).
    samples, seed
        How many random points are looked at as well, and the seed of everything random.
    time_limit
        Seconds of wall time; what is proved until then is kept.
    nodes
        Linear programmes that the proof of one sign may cost before it is left open.
    solver
        Which mixed-integer solver: ``"gurobi"``, ``"highs"``, or ``"auto"``, which is Gurobi where
        its licence takes the model, else HiGHS; ``stats`` says which and why.

    Returns
    -------
    Stability
        ``on`` and ``off`` are theorems about the stored numbers, whatever the method; a solver's
        word that could not be proved is in ``claimed``.

    Raises
    ------
    InputError
        An unknown method or solver, data of another dimension, a time limit that is not positive.
    UnsupportedError
        An unbounded domain; a method that cannot take this network.
    SolverError
        Gurobi was asked for by name and does not take the model.

    Examples
    --------
    >>> from regions.domain import Box
    >>> from regions.network import Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, -1.0]), ([[1.0] * 3], None))
    >>> found = stable_units(network, Box.cube(1, 0, 1))
    >>> found.layers, found.certified
    ([{'on': [0], 'off': [1], 'undecided': [2]}], True)
    >>> found.evidence[0][2].negative.kind
    'witness'
    """
    start = time.perf_counter()
    network = load(network)
    for name, value, known in (("method", method, METHODS), ("solver", solver, SOLVERS)):
        if value not in known:
            raise InputError(f"{name}={value!r} is unknown; choose one of {', '.join(known)}")
    if time_limit is not None and not time_limit > 0:
        raise InputError(f"time_limit must be a positive number of seconds; got {time_limit}")
    enclosing_box(domain.check(network))
    deadline = np.inf if time_limit is None else start + time_limit
    ledger, replay = Ledger(network.widths), Replay(network, domain)
    prover = Prover(ledger, replay, deadline)
    asking = Asking(prover, solver=solver, seed=seed, nodes=nodes)
    points = _points(replay, data, samples, seed) if method != "interval" else None
    _METHODS[method](asking, points)
    stats = {"linear_programmes": prover.programmes, **asking.stats}
    return _stability(ledger, method, start, stats)


def _interval(asking, points):
    ledger, network = asking.ledger, asking.replay.network
    box = enclosing_box(asking.replay.domain)
    for layer in range(len(network.hidden)):
        ends = interval(network, box, ledger.lower, ledger.upper, layer)
        ledger.tighten(layer, *ends, "interval")


def _relaxation(asking, points):
    _ranges(asking)
    _look(asking, points)


def _lp(asking, points):
    _relaxation(asking, points)
    for question in asking.ledger.open():
        if asking.ledger.is_open(*question):
            asking.prover.prove(*question, nodes=1)


def _milp(asking, points):
    _interval(asking, points)
    for layer in range(len(asking.ledger.widths)):
        asking.one_by_one(layer)
    asking.prove_claims()


def _isa(asking, points):
    _interval(asking, points)
    _look(asking, points)
    asking.all_at_once()
    asking.prove_claims()
    _leftovers(asking)


def _auto(asking, points):
    """Cheapest first; each layer is settled before the ranges of the next one are final."""
    ledger, replay, prover = asking.ledger, asking.replay, asking.prover
    _relaxation(asking, points)
    climb(ledger, replay, ledger.open(), np.concatenate([p[:STARTS] for p in points]))
    for layer in range(len(ledger.widths)):
        _tighten(asking, layer)
        for question in ledger.open(layer):
            if ledger.is_open(*question):
                prover.prove(*question, nodes=FIRST_TRY)
        asking.one_by_one(layer)
        asking.prove_claims()
    _leftovers(asking)


def _cells(asking, points):
    raise UnsupportedError(
        "method='cells' reads stability off the exact engine, which does not offer it yet; choose "
        "method='auto'"
    )


def _look(asking, points):
    """Signs at known points."""
    for some in points:
        harvest(asking.ledger, asking.replay, some)


def _leftovers(asking):
    """Questions that no programme was asked about: units whose range ends at exactly 0."""
    for question in asking.ledger.open():
        if (
            asking.ledger.is_open(*question)
            and (question[:2]) not in asking.ledger.claims[question[2]]
        ):
            asking.prover.prove(*question, nodes=asking.nodes)


def _ranges(asking):
    for layer in range(len(asking.ledger.widths)):
        _tighten(asking, layer)


def _tighten(asking, layer):
    """Ranges of ``layer`` from those of the layers before, as they are by now."""
    ledger, network = asking.ledger, asking.replay.network
    box = enclosing_box(asking.replay.domain)
    for method, ends in (("interval", interval), ("relaxation", substitute)):
        ledger.tighten(layer, *ends(network, box, ledger.lower, ledger.upper, layer), method)


_METHODS = {
    "auto": _auto,
    "interval": _interval,
    "relaxation": _relaxation,
    "lp": _lp,
    "milp": _milp,
    "isa": _isa,
    "cells": _cells,
}


def _points(replay, data, samples, seed):
    """Arrays of points to look at first: random ones, best corners of first-layer units, the data."""
    domain, network = replay.domain, replay.network
    points = [domain.sample(samples, seed)]
    if isinstance(domain, AffineSlice):
        points = [(points[0] - domain.origin) @ np.linalg.pinv(domain.directions)]
    if isinstance(domain, Box) and network.hidden:
        up = network.hidden[0].weight > 0
        points += [np.where(side, domain.upper, domain.lower) for side in (up, ~up)]
    if data is not None:
        points.append(_inside(replay, data, points[0].shape[1]))
    return points


def _inside(replay, data, dimension):
    data = np.asarray(data)
    if data.ndim != 2 or data.shape[1] != dimension:
        raise InputError(
            f"data must have shape (m, {dimension}), one point of the domain per row; got {data.shape}"
        )
    batches = [data[i : i + BATCH] for i in range(0, len(data), BATCH)]
    inside = [replay.domain.contains(replay.inputs(batch)) for batch in batches]
    return data[np.concatenate([np.zeros(0, dtype=bool), *inside])]


def _stability(ledger, method, start, stats):
    pairs = zip(ledger.answers[1], ledger.answers[-1], strict=True)
    return Stability(
        on=ledger.on,
        off=ledger.off,
        unstable=tuple((up > NEVER) & (down > NEVER) for up, down in pairs),
        ranges=ledger.ranges,
        evidence=tuple(
            tuple(UnitEvidence(up.get(i), down.get(i)) for i in range(n))
            for n, up, down in zip(ledger.widths, *ledger.evidence.values(), strict=True)
        ),
        claimed=tuple(
            (*unit, sign) for sign, units in ledger.claims.items() for unit in sorted(units)
        ),
        seconds=time.perf_counter() - start,
        method=method,
        stats=stats,
    )
