"""The steps of a reduction, each on its own: units outside, weak units, clusters of units."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..entry import read_domain, read_points
from ..errors import InputError
from ..formats.optional_packages import require
from ..stability import stable_units
from .stack import StackNetwork

READINGS = {
    "unchanged": "no unit of this stack was touched",
    "domain": "the same function on the domain: certified, up to rounding",
    "hull": "the same function on the convex hull of the points, up to rounding",
    "points": "the same outputs on the points, up to rounding; nothing is known between them",
    "approximate": "another function; how far off is measured, not proved",
}

# Unit: share of the sum of the parts. Contributions of a cluster that cancel to less are rounding.
CANCELLED = 1e-12


@dataclass(frozen=True, eq=False)
class Step:
    """A step: its ``name``, the smaller ``network``, and for each stack its reading, a key of `READINGS`.

    ``removed`` counts the units that went from each stack; ``loss`` is there if it was asked for.
    """

    name: str
    network: StackNetwork
    reading: tuple[str, ...]
    removed: tuple[int, ...]
    loss: float | None = field(default=None)

    def __str__(self):
        units = " + ".join(map(str, self.network.widths))
        loss = "" if self.loss is None else f", loss {self.loss:.4g}"
        return f"{self.name}: {units} units{loss} ({', '.join(dict.fromkeys(self.reading))})"


def remove_outside(network, points=None, *, domain=None, method="auto", time_limit=None):
    """Remove the units that never switch; those that are always on move to the affine path.

    Parameters
    ----------
    network
        A `StackNetwork`.
    points
        Shape (m, n0): a unit goes when it has one sign on all of them. In the first stack it has it on their
        convex hull; later stacks see only the images of the points, whose hull need not hold the images of
        what lies between.
    domain
        A bounded `Domain`, instead of ``points``: a unit goes when `stable_units` proves that it never
        switches there, for the network `StackNetwork.plain`, whose matrices are rounded products.
    method, time_limit
        Those of `stable_units`.

    Returns
    -------
    Step
        With the reading ``"domain"``, or ``"hull"`` for the first stack and ``"points"`` for the others.

    Raises
    ------
    InputError
        Both or neither of ``points`` and ``domain``; points of another dimension, or none.

    References
    ----------
    Heiss, Stockinger, Teichmann 2021, step 1 of the reduction algorithm.

    Examples
    --------
    >>> from .stack import Stack
    >>> stack = Stack([[1.0], [1.0], [1.0]], [0.0, 5.0, -5.0], [[1.0, 1.0, 1.0]], [0.0], ([[1.0]],))
    >>> step = remove_outside(StackNetwork((stack,)), points=[[-1.0], [1.0]])
    >>> print(step)
    outside: 1 units (hull)
    >>> step.network.stacks[0].affine, step.network.stacks[0].c  # z + (z + 5)
    (array([[2.]]), array([5.]))
    """
    if (points is None) == (domain is None):
        raise InputError("give either points or a domain: where must the function stay the same?")
    if domain is None:
        signs = _signs_on(network, points)
        reading = ("hull", *["points"] * (len(network.stacks) - 1))
    else:
        domain = read_domain(domain, network)
        signs = _signs_proved(network, read_domain(domain, network), method, time_limit)
        reading = ("domain",) * len(network.stacks)
    stacks = [
        stack.keeping(~(on | off)).adding(
            stack.W[:, on] @ stack.V[on], stack.W[:, on] @ stack.b[on]
        )
        if on.any()
        else stack.keeping(~off)
        for stack, (on, off) in zip(network.stacks, signs, strict=True)
    ]
    return _step("outside", network, stacks, reading)


def remove_weak(network, tolerances):
    """Remove the weakest units of each stack while the sum of their strengths stays below a tolerance.

    Parameters
    ----------
    network
        A `StackNetwork`.
    tolerances
        A number, or one for each stack. Unit: strength ``sqrt(|v|^2 + b^2) * |w|`` of a unit, which times
        ``sqrt(|z|^2 + 1)`` bounds what it adds to the stack's output at z; so does the sum for all that go.

    Returns
    -------
    Step
        With the reading ``"approximate"``.

    Raises
    ------
    InputError
        A negative tolerance, or not one for each stack.

    References
    ----------
    Heiss, Stockinger, Teichmann 2021, step 2 of the reduction algorithm.
    """
    tolerances = per_stack("tolerances", tolerances, network)
    if any(not t >= 0 for t in tolerances):
        raise InputError(f"tolerances must be at least 0; got {tolerances}")
    gone = [
        int((np.cumsum(np.sort(strengths(stack))) < tolerance).sum())
        for stack, tolerance in zip(network.stacks, tolerances, strict=True)
    ]
    return keep_strongest(network, np.subtract(network.widths, gone))


def keep_strongest(network, kept):
    """The step of `remove_weak` that leaves the ``kept`` strongest units, a number for each stack."""
    stacks = []
    for stack, count in zip(network.stacks, per_stack("kept", kept, network), strict=True):
        order = np.argsort(strengths(stack), kind="stable")
        stacks.append(stack.keeping(np.sort(order[stack.width - count :])))
    return _step("weak", network, stacks)


def strengths(stack):
    """``sqrt(|v|^2 + b^2) * |w|`` for each unit of a `Stack`, shape (n,)."""
    incoming = np.sqrt((stack.V**2).sum(axis=1) + stack.b**2)
    return incoming * np.linalg.norm(stack.W, axis=0)


def cluster_units(network, clusters, *, seed=0):
    """Replace units that bend at nearly the same place in nearly the same direction by one unit.

    Parameters
    ----------
    network
        A `StackNetwork`.
    clusters
        Number of clusters, or one for each stack; a stack with no more units stays as it is.
    seed
        Seed of the k-means algorithm.

    Returns
    -------
    Step
        With the reading ``"approximate"``. A cluster of one unit is reproduced exactly (up to rounding).

    Raises
    ------
    InputError
        Less than one cluster, or not a number for each stack.
    ReadError
        scikit-learn is not installed.

    Notes
    -----
    Weighted k-means on ``(b v / |v|^2, v / |v|)`` with weights ``|v| |w|``. Of a cluster, with sums over its units:
    ``xi = sum(-b |w|) / sum(|v| |w|)``, ``s = |sum(w |v|)|``, ``g = 1 / sqrt(xi^2 + 1)``; its unit has ``w``
    along ``sum(w |v|)`` of length ``sqrt(s / g)``, ``v`` along ``sum(v |w|)`` of length ``sqrt(s g)`` (the
    paper divides by s instead, which blows up where the w cancel), and ``b = -xi |v|``. A cluster whose
    sums vanish has no direction and adds nothing in the mean: it is dropped. A unit without ``v`` is a
    constant and moves to c.

    References
    ----------
    Heiss, Stockinger, Teichmann 2021, step 3 of the reduction algorithm.
    """
    clusters = per_stack("clusters", clusters, network)
    if any(count < 1 for count in clusters):
        raise InputError(f"clusters must be at least 1; got {clusters}")
    stacks = [
        _clustered(stack, count, seed) if count < stack.width else stack
        for stack, count in zip(network.stacks, clusters, strict=True)
    ]
    return _step("clusters", network, stacks)


def per_stack(name, values, network):
    """A tuple with one of ``values`` for each stack; a single one serves them all."""
    values = (values,) * len(network.stacks) if np.ndim(values) == 0 else tuple(values)
    if len(values) != len(network.stacks):
        raise InputError(
            f"{name} has {len(values)} entries but the network {len(network.stacks)} stacks; give one number, "
            "or one for each stack"
        )
    return values


def _clustered(stack, count, seed):
    constant = ~stack.V.any(axis=1)
    if constant.any():
        value = stack.W[:, constant] @ np.maximum(stack.b[constant], 0.0)
        stack = replace(stack.keeping(~constant), c=stack.c + value)
    stack = stack.keeping(stack.W.any(axis=0))  # the others add nothing and have no weight
    if count >= stack.width:
        return stack
    label = _labels(stack, count, seed)
    units = [_one_unit(stack.keeping(label == cluster)) for cluster in np.unique(label)]
    units = [unit for unit in units if unit is not None]
    if not units:
        return stack.keeping(np.zeros(stack.width, dtype=bool))
    V, b, W = zip(*units, strict=True)
    return replace(stack, V=np.array(V), b=np.array(b), W=np.array(W).T)


def _labels(stack, count, seed):
    """The cluster of each unit."""
    KMeans = require("sklearn.cluster", "data").KMeans
    length = np.linalg.norm(stack.V, axis=1)
    features = np.column_stack(
        [stack.b[:, None] * stack.V / length[:, None] ** 2, stack.V / length[:, None]]
    )
    weights = length * np.linalg.norm(stack.W, axis=0)
    means = KMeans(count, n_init=4, random_state=seed)
    return means.fit(features, sample_weight=weights).labels_


def _one_unit(cluster):
    """``(v, b, w)`` of the unit that replaces all units of ``cluster``, a `Stack`; None if they cancel."""
    length = np.linalg.norm(cluster.V, axis=1)
    outgoing = np.linalg.norm(cluster.W, axis=0)
    w, v = cluster.W @ length, outgoing @ cluster.V
    size, total = np.linalg.norm(w), length @ outgoing
    if min(size, np.linalg.norm(v)) <= CANCELLED * total:
        return None
    offset = -(cluster.b @ outgoing) / total
    g = 1.0 / np.hypot(offset, 1.0)
    v = v / np.linalg.norm(v) * np.sqrt(size * g)
    return v, -offset * np.linalg.norm(v), w / size * np.sqrt(size / g)


def _signs_on(network, points):
    """Per stack Booleans ``(on, off)``: strictly positive, or never, on all points."""
    points = read_points(points, network.n0)
    if not len(points):
        raise InputError(f"points must have shape (m, {network.n0}) with m > 0; got {points.shape}")
    active = [
        stack.preactivations(z) > 0
        for stack, z in zip(network.stacks, network.inputs(points), strict=False)
    ]
    return [(some.all(axis=0), ~some.any(axis=0)) for some in active]


def _signs_proved(network, domain, method, time_limit):
    """The same where `stable_units` proves it on a domain."""
    found = stable_units(network.plain(domain), domain, method=method, time_limit=time_limit)
    return [
        (on[:width], off[:width])
        for width, on, off in zip(network.widths, found.on, found.off, strict=True)
    ]


def _step(name, before, stacks, reading=None):
    after = StackNetwork(tuple(stacks))
    removed = tuple(a - b for a, b in zip(before.widths, after.widths, strict=True))
    reading = reading or tuple("approximate" if gone else "unchanged" for gone in removed)
    return Step(name, after, reading, removed)
