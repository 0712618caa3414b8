"""`unit_ranges`: ranges of the pre-activations over a domain, by whatever method is asked for."""

from dataclasses import replace

import numpy as np

from ..deadline import Deadline, now
from ..entry import read_choice, read_question, read_time_limit
from ..network.slopes import require_relu
from ..preactivations.interval import interval
from ..preactivations.ranges import DIRECT_METHODS, Ranges, direct_ranges
from ..preactivations.relaxation import substitute
from ..preactivations.replay import Replay
from ..preactivations.scaling import ordinary
from ..result import About
from ..typing import DomainLike, NetworkLike
from .ledger import Ledger
from .prover import Prover

RANGE_METHODS = (*DIRECT_METHODS, "lp", "milp")

# Unit: linear programmes that method "milp" spends on one sign before it leaves it open.
NODES = 1000


def unit_ranges(
    network: NetworkLike,
    domain: DomainLike,
    *,
    method: str = "interval",
    time_limit: float | None = None,
) -> Ranges:
    """Ranges of all hidden pre-activations of ``network`` on ``domain``.

    Parameters
    ----------
    network, domain
        A `Network` and a bounded `Domain`; a polytope or slice is enclosed in its box.
    method
        ``"interval"``: layer by layer, each unit on its own; exact up to rounding for the first
        layer on a box, wider and wider below. ``"relaxation"``: also back-substitution, each layer
        with the ranges of all layers before it. ``"lp"``: then a linear programme for each end of
        a unit whose sign is open. ``"milp"``: then branch and bound until the sign is settled. Each
        tightens the last; the programmes stop at a unit as soon as its sign is known.
    time_limit
        Seconds of wall time. Ranges that were not tightened by then are wider, and as true; ``complete`` says so.

    Returns
    -------
    Ranges
        True for the stored weights in exact arithmetic: interval ends are rounded outward by the
        a-priori error of a dot product (Higham 2002, *Accuracy and Stability of Numerical
        Algorithms*, section 3.1: any order of summation, with or without fused multiply-add), and
        an end whose sign that error would hide is computed again in rational arithmetic.

    Raises
    ------
    UnsupportedError
        An unbounded domain.
    InputError
        An unknown method, a time limit that is not positive, or a domain of another dimension.

    Examples
    --------
    >>> from regions import Box, Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, 1.0]), ([[1.0] * 3], None))
    >>> ranges = unit_ranges(network, Box.cube(1, 0, 1))
    >>> ranges.on, ranges.off
    ((array([False, False,  True]),), (array([False,  True, False]),))
    """
    start = now()
    read_choice("method", method, RANGE_METHODS)
    network, domain = read_question(network, domain)
    if method not in DIRECT_METHODS:
        require_relu(network, f"unit_ranges with method={method}")
    time_limit = read_time_limit(time_limit)
    found = _ranges(network, domain, method, Deadline(time_limit))
    about = About(network, domain, {"method": method, "time_limit": time_limit})
    return replace(found, seconds=now() - start, about=about)


def _ranges(network, domain, method, deadline):
    if method in DIRECT_METHODS:
        return direct_ranges(network, domain, method=method, deadline=deadline)
    if found := ordinary(network, domain):
        *scaled, scaling = found
        return _ranges(*scaled, method, deadline).unscaled(scaling)
    nodes = NODES if method == "milp" else 0
    return _by_programmes(network, domain, nodes, deadline)


def _by_programmes(network, domain, nodes, deadline):
    """Relaxation, then programmes for the units whose sign it leaves open."""
    box = domain.enclosing_box()
    ledger = Ledger(network.widths)
    prover = Prover(ledger, Replay(network, domain), deadline)
    for layer in range(len(network.hidden)):
        for kind, ends in (("interval", interval), ("relaxation", substitute)):
            if kind == "interval" or not deadline.passed:
                ledger.tighten(layer, *ends(network, box, ledger.lower, ledger.upper, layer), kind)
        for unit in np.flatnonzero(ledger.ranges.undecided[layer]):
            if deadline.passed:
                break
            _tighten(ledger, prover, layer, int(unit), nodes)
    return replace(ledger.ranges, complete=not deadline.passed)


def _tighten(ledger, prover, layer, unit, nodes):
    """Both ends of one unit, unless the first already tells its sign."""
    for sign in (1, -1):
        end = prover.bound(layer, unit, sign)
        lower, upper = (a[layer].copy() for a in (ledger.lower, ledger.upper))
        if sign > 0:
            upper[unit] = min(upper[unit], end)
        else:
            lower[unit] = max(lower[unit], -end)
        ledger.tighten(layer, lower, upper, "lp")
        if nodes and ledger.is_open(layer, unit, sign):
            prover.prove(layer, unit, sign, nodes=nodes)
        if upper[unit] <= 0 or lower[unit] > 0:
            return
