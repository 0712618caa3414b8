"""`stable_units`: which hidden units can never switch on a domain, each with its evidence."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from ..arithmetic.powers import times_power
from ..deadline import Deadline, now
from ..entry import read_choice, read_question, read_seed, read_time_limit, read_whole
from ..errors import Interrupted
from ..exact_search.problem import Problem
from ..exact_search.warm_up import compile_for
from ..network.slopes import require_relu
from ..preactivations.ranges import Ranges
from ..preactivations.replay import Replay
from ..preactivations.scaling import ordinary
from ..result import About, Result
from ..text import indented
from ..typing import DomainLike, NetworkLike, TimeLimit
from .by_cells import few_inputs
from .by_solver import SOLVERS, Asking
from .ledger import NEVER, Evidence, Ledger
from .methods import METHODS, TRY_CELLS, WITHOUT_POINTS, check_not_empty
from .points import Points
from .prover import Prover

if TYPE_CHECKING:  # slow to import, or not there
    import pandas


class UnitEvidence(NamedTuple):
    """Why a unit is what it is: `Evidence` about positive and about negative pre-activations."""

    positive: Evidence | None
    negative: Evidence | None


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Result):
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

    kind: ClassVar[str] = "stability"

    on: tuple[np.ndarray, ...]
    off: tuple[np.ndarray, ...]
    unstable: tuple[np.ndarray, ...]
    ranges: Ranges
    evidence: tuple[tuple[UnitEvidence, ...], ...]
    claimed: tuple[tuple[int, int, int], ...]
    seconds: float
    method: str
    stats: dict = field(default_factory=dict)
    about: About | None = None

    @property
    def status(self) -> str:
        """CERTIFIED when every unit is settled by a proof, else PARTIAL."""
        return "CERTIFIED" if self.certified else "PARTIAL"

    @property
    def certified(self) -> bool:
        return all(
            (on | off | unstable).all()
            for on, off, unstable in zip(self.on, self.off, self.unstable, strict=True)
        )

    @property
    def undecided(self) -> tuple[np.ndarray, ...]:
        """Booleans per layer: neither on nor off, be it unstable or not settled."""
        return tuple(~(on | off) for on, off in zip(self.on, self.off, strict=True))

    @property
    def layers(self) -> list[dict[str, list[int]]]:
        """Per layer a dict of the lists of units ``on``, ``off`` and ``undecided``."""
        names = ("on", "off", "undecided")
        return [
            {name: np.flatnonzero(mask).tolist() for name, mask in zip(names, masks, strict=True)}
            for masks in zip(self.on, self.off, self.undecided, strict=True)
        ]

    def answer(self) -> dict[str, Any]:
        """``layers``, ``certified``, ``claimed``, ``method``, ``stats``."""
        return {
            "layers": self.layers,
            "certified": self.certified,
            "claimed": [list(claim) for claim in self.claimed],
            "method": self.method,
            "stats": self.stats,
        }

    def lines(self) -> Iterable[str]:
        """One line a layer: how many units, and how far to trust it."""
        lines = [str(self), self._title()]
        for number, (on, off, unstable) in enumerate(
            zip(self.on, self.off, self.unstable, strict=True), start=1
        ):
            open_ = len(on) - sum(int(mask.sum()) for mask in (on, off, unstable))
            lines.append(
                f"layer {number}: {on.sum()} on, {off.sum()} off, {unstable.sum()} unstable, "
                f"{open_} not settled, of {len(on)}"
            )
        if self.claimed:
            lines.append(
                f"a solver's word without proof: {len(self.claimed)} signs that never occur"
            )
        return [*lines, *indented(self.stats)]

    def to_frame(self) -> "pandas.DataFrame":
        """A pandas data frame with a row for each unit: ``layer``, ``unit``, ``lower``, ``upper``, ``state``, ``proof``.

        ``state`` is on, off, unstable or open; ``proof`` names the evidence that the state rests on.
        """
        frame = self.ranges.to_frame()
        states = [
            "on" if on else "off" if off else "unstable" if unstable else "open"
            for masks in zip(self.on, self.off, self.unstable, strict=True)
            for on, off, unstable in zip(*masks, strict=True)
        ]
        proofs = [_proof(unit) for layer in self.evidence for unit in layer]
        return frame.assign(state=states, proof=proofs)

    def __str__(self):
        word = (
            "every unit is settled, with proof" if self.certified else "not every unit is settled"
        )
        return f"{word} (method {self.method})"


def _proof(unit):
    """The evidence about one unit, in the words of its source."""
    return " / ".join(side.kind for side in unit if side is not None)


def stable_units(
    network: NetworkLike,
    domain: DomainLike,
    *,
    method: str = "auto",
    data: ArrayLike | None = None,
    samples: SupportsIndex = 1000,
    seed: SupportsIndex = 0,
    time_limit: TimeLimit = None,
    nodes: SupportsIndex = 5000,
    solver: str = "auto",
) -> Stability:
    """Which hidden units of ``network`` can never switch on ``domain``, with the evidence.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` that lies in a box.
    method
        A key of `regions.stability.methods.METHODS`. ``"auto"`` tightens ranges layer by layer and looks
        for points with the signs that they leave open; only what then is still open costs a
        programme. On a `ConvolutionalNetwork` programmes run only under a time limit.
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
        An unbounded domain.
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
    network, domain = read_question(network, domain)
    require_relu(network, "stable_units", "unit_ranges(method='relaxation') takes it")
    read_choice("method", method, METHODS)
    if method == "cells" or (method in TRY_CELLS and few_inputs(network, domain)):
        compile_for(Problem(network, domain))  # no part of the answer's time
    start = now()
    read_choice("solver", solver, SOLVERS)
    time_limit, seed = read_time_limit(time_limit), read_seed(seed)
    samples, nodes = read_whole("samples", samples, least=0), read_whole("nodes", nodes, least=0)
    domain.enclosing_box()
    deadline = Deadline(time_limit)
    options: dict[str, Any] = {
        "method": method,
        "samples": samples,
        "seed": seed,
        "time_limit": time_limit,
    }
    options |= {"nodes": nodes, "solver": solver}
    count = None if data is None else len(np.atleast_1d(data))
    about = About(network, domain, {**options, "data": count})
    options["data"] = data
    try:
        if scaled := ordinary(network, domain):
            found = _unscaled(domain, scaled, start, **options)
        else:
            found = _settled(network, domain, start, deadline, **options)
    except Interrupted as stopped:
        raise Interrupted(replace(stopped.answer, about=about)) from None
    return replace(found, about=about)


def _settled(network, domain, start, deadline, *, method, data, samples, seed, nodes, solver, **_):
    ledger, replay = Ledger(network.widths), Replay(network, domain)
    check_not_empty(replay, deadline)
    prover = Prover(ledger, replay, deadline)
    asking = Asking(prover, solver=solver, seed=seed, nodes=nodes)
    points = None
    if method not in WITHOUT_POINTS:
        points = Points(replay, data, samples, seed, asking.stats, deadline)
    interrupted = False
    try:
        METHODS[method](asking, points)
    except KeyboardInterrupt:
        interrupted = True
    stats = {"linear_programmes": prover.programmes, **asking.stats}
    if prover.undecided:
        stats["linear_programmes_without_word"] = prover.undecided
    answer = _stability(ledger, method, start, stats)
    if interrupted:
        raise Interrupted(answer)
    return answer


def _unscaled(domain, ordinary_question, start, *, data: Any, **options):
    """The same of a network in ordinary numbers, told of the original one."""
    network, scaled, scaling = ordinary_question
    moved = domain.has_coordinates  # its points are coordinates, which are not scaled
    if data is not None and not moved:
        data = times_power(np.asarray(data, dtype=float), -scaling.inputs)
    interrupted = False
    try:
        found = stable_units(network, scaled, data=data, **options)
    except Interrupted as stopped:
        found, interrupted = stopped.answer, True

    def back(evidence):
        if moved or evidence is None or evidence.witness is None:
            return evidence
        return replace(evidence, witness=times_power(evidence.witness, scaling.inputs))

    answer = replace(
        found,
        ranges=found.ranges.unscaled(scaling),
        evidence=tuple(
            tuple(UnitEvidence(*map(back, unit)) for unit in units) for units in found.evidence
        ),
        seconds=now() - start,
        stats={**found.stats, "scaled": "by powers of two: some numbers are far from 1"},
    )
    if interrupted:
        raise Interrupted(answer)
    return answer


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
        seconds=now() - start,
        method=method,
        stats=stats,
    )
