"""A network as the rows of somebody else's mixed-integer model: `embed`, and `add_to` a model that is there.

Each unit whose sign is open is one binary with a proved big-M; a unit that never switches needs none. The rows hold
exactly for the stored numbers: no margin cuts anything off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from ..entry import read_kind, read_network, read_question
from ..errors import InputError
from ..network.slopes import require_relu
from ..preactivations.ranges import Ranges, direct_ranges
from ..typing import DomainLike, NetworkLike
from .modelling import adapter_of
from .rows import Rows


@dataclass(frozen=True, eq=False)
class Embedding:
    """``row_lower <= rows @ v <= row_upper``, ``lower <= v <= upper``, ``v[binaries]`` 0 or 1.

    Attributes
    ----------
    rows, row_lower, row_upper
        Sparse array of shape (m, columns), and the ends of the rows, of shape (m,).
    lower, upper
        Bounds of the columns.
    inputs, outputs
        Columns of the inputs, (n0,), and of the outputs, (n_out,).
    binaries
        Columns that are 0 or 1: whether a unit is active.
    names
        One name a column: ``x0``, ``y0`` and, by layer from 1 and unit from 0, ``h1_0`` (output),
        ``s1_0`` (the negative part of the pre-activation), ``z1_0`` (active or not); ``t0`` are the
        coordinates of a slice.
    binaries_saved
        Units that need no binary: they never switch on the domain.
    """

    rows: sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    binaries: np.ndarray
    names: tuple[str, ...]
    binaries_saved: int


def embed(network: NetworkLike, domain: DomainLike, *, ranges: Ranges | None = None) -> Embedding:
    """``network`` on ``domain`` as an `Embedding`.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Domain` that lies in a box; its own rows are part of the model.
    ranges
        `Ranges` that hold on the domain, from `unit_ranges` or ``stable_units(...).ranges``: the big-M of
        each unit. None takes those of back-substitution.

    Returns
    -------
    Embedding
        Its points are the inputs of the domain with all pre-activations and outputs; for every one of
        them, and only for them, there are binaries. Formulation: Serra, Tjandraatmadja, Ramalingam 2018,
        section 5, without its margin.

    Raises
    ------
    UnsupportedError
        An unbounded domain.
    InputError
        A domain of another dimension, ranges of another shape.

    Examples
    --------
    >>> from regions import Box, Network
    >>> network = Network.of(([[1.0], [-1.0], [2.0]], [0.0, 0.0, -1.0]), ([[1.0] * 3], None))
    >>> model = embed(network, Box.cube(1, 0, 1))
    >>> len(model.binaries), model.binaries_saved
    (1, 2)
    """
    network, domain = read_question(network, domain)
    require_relu(network, "embed")
    if ranges is None:
        ranges = direct_ranges(network, domain, method="relaxation")
    ranges = read_kind("ranges", ranges, Ranges, "unit_ranges makes them")
    rows = Rows()
    x, point = rows.inputs(domain)
    names = {**_named("x", x), **({} if point is x else _named("t", point))}
    return _embedding(rows, x, names, network, ranges)


def add_to(
    model: Any, network: NetworkLike, inputs: Sequence[Any], outputs: Sequence[Any], ranges: Ranges
) -> Embedding:
    """Add ``outputs == network(inputs)`` to a ``model`` of gurobipy, highspy, PySCIPOpt or Pyomo.

    Parameters
    ----------
    model
        A ``gurobipy.Model``, a ``highspy.Highs``, a ``pyscipopt.Model``, or a block of Pyomo.
    network
        A `Network`, or whatever `regions.load` takes.
    inputs, outputs
        The model's own variables, n0 and n_out of them.
    ranges
        `Ranges` of the network on a domain. **The model must keep the inputs in that domain**: what it
        allows beyond has other pre-activations, which the big-M of these rows cuts off.

    Returns
    -------
    Embedding
        What was added; its columns are in the order of ``names``.

    Raises
    ------
    InputError
        A model of another kind, or another number of variables than the network has.

    Examples
    --------
    >>> import highspy
    >>> from regions import Box, Network, unit_ranges
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 0.0]), ([[1.0, 1.0]], None))  # |x|
    >>> model = highspy.Highs()
    >>> model.silent()
    >>> x, y = model.addVariable(lb=-1, ub=2), model.addVariable(lb=-10, ub=10)
    >>> added = add_to(model, network, [x], [y], unit_ranges(network, Box([-1.0], [2.0])))
    >>> status = model.maximize(y)
    >>> round(model.variableValue(y), 6)
    2.0
    """
    network = read_network(network)
    require_relu(network, "add_to")
    ranges = read_kind("ranges", ranges, Ranges, "unit_ranges makes them")
    inputs, outputs = list(inputs), list(outputs)
    for given, needed, which in (
        (inputs, network.n0, "inputs"),
        (outputs, network.n_out, "outputs"),
    ):
        if len(given) != needed:
            raise InputError(
                f"{which} has {len(given)} variables, but the network {network.architecture} has {needed} {which}"
            )
    rows = Rows()
    free = np.full(network.n0, np.inf)
    x = rows.columns(-free, free)
    found = _embedding(rows, x, _named("x", x), network, ranges)
    adapter = adapter_of(model)
    variables = dict(zip([*found.inputs, *found.outputs], [*inputs, *outputs], strict=True))
    binary = set(found.binaries.tolist())
    columns = [
        variables[j]
        if j in variables
        else adapter.column(found.lower[j], found.upper[j], j in binary)
        for j in range(len(found.lower))
    ]
    for i, (start, stop) in enumerate(pairwise(found.rows.indptr)):
        terms = [columns[j] for j in found.rows.indices[start:stop]]
        adapter.row(
            found.row_lower[i], terms, found.rows.data[start:stop].tolist(), found.row_upper[i]
        )
    return found


def _embedding(rows, x, names, network, ranges):
    """The hidden layers and the outputs, after the inputs ``x`` and what ties them."""
    _check_ranges(network, ranges)
    before, binaries = x, []
    for number, (layer, low, high) in enumerate(
        zip(network.hidden, ranges.lower, ranges.upper, strict=True), start=1
    ):
        split = (low < 0) & (high > 0)
        columns = rows.layer(layer, low, high, split, before)
        units = np.flatnonzero(split)
        live = np.flatnonzero(columns.h >= 0)
        names |= _named(f"h{number}_", columns.h[live], live)
        names |= _named(f"s{number}_", columns.hbar, units)
        names |= _named(f"z{number}_", columns.z, units)
        binaries.append(columns.z)
        before = columns.h
    weight, bias = network.layers[-1]
    free = np.full(len(bias), np.inf)
    y = rows.columns(-free, free)
    known = before >= 0
    rows.add(-bias, -bias, (before[known], weight[:, known]), (y, -1.0))
    names |= _named("y", y)
    binaries = np.concatenate([np.zeros(0, dtype=int), *binaries])
    return Embedding(
        rows=rows.matrix(),
        row_lower=rows.row_lower,
        row_upper=rows.row_upper,
        lower=rows.lower,
        upper=rows.upper,
        inputs=x,
        outputs=y,
        binaries=binaries,
        names=tuple(names[j] for j in range(len(rows.lower))),
        binaries_saved=network.n_units - len(binaries),
    )


def _check_ranges(network, ranges):
    widths = tuple(map(len, ranges.lower))
    if widths != network.widths:
        raise InputError(
            f"ranges are of hidden layers {widths}, the network has {network.widths}: give those of this network"
        )


def _named(prefix, columns, numbers=None):
    """Column to name: the prefix and a number."""
    numbers = range(len(columns)) if numbers is None else numbers
    return {int(j): f"{prefix}{number}" for j, number in zip(columns, numbers, strict=True)}
