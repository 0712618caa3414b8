"""`shallow_equivalent`: the same function with one hidden layer on an interval, with two in the plane."""

import numpy as np
from flint import fmpq_mat

from ..arithmetic.rationals import ONE, ZERO, evaluate
from ..arithmetic.rounding import gamma
from ..arithmetic.rows import difference, doubles, exactly, rounded_up, scaled, shifted
from ..deadline import now
from ..entry import read_question
from ..errors import UnsupportedError
from ..network import Layer, Network
from ..network.slopes import require_relu
from ..typing import DomainLike, NetworkLike, Progress
from .curvature import curvature, kinks
from .pieces import domain_of_pieces, feasible_pieces
from .transformation import Transformation


def shallow_equivalent(
    network: NetworkLike, domain: DomainLike, *, progress: Progress = False
) -> Transformation:
    """A network with one or two hidden layers that equals ``network`` on a ``domain`` of 1 or 2 dimensions.

    Parameters
    ----------
    network
        A `Network`, or whatever `regions.load` takes.
    domain
        A `Box` or `Polytope` of dimension n0 that leaves one or two inputs free.
    progress
        As in `regions.count.count_regions`, for the search for cells.

    Returns
    -------
    Transformation
        ``proved_share`` is 1.0, and ``max_difference`` bounds what rounding its weights costs. One hidden
        layer suffices on an interval, and in the plane where no bend ends or turns inside the domain.

    Raises
    ------
    UnsupportedError
        More than two free inputs: use `two_layer_approximation`, which is exact outside thin strips.

    Notes
    -----
    Up to an affine function, a continuous piecewise affine one is its bends, the jumps of the gradient across
    edges. On an interval each bend is one unit. In the plane a unit of the first layer bends along a
    whole line; where bends meet, `curvature` adds units of the second layer, fewer than edges. So
    the number of units is linear in the number of edges, hence in the number of pieces. All is rational
    until the weights are rounded, once.

    References
    ----------
    Zanotti 2025, *Linear-size neural network representation of piecewise affine functions in R^2*, arXiv
    2503.13001 (that linear size suffices; this construction is derived here).

    Examples
    --------
    >>> from regions.domain import Box
    >>> inner = ([[2.0], [4.0]], [0.0, -2.0]), ([[2.0, -2.0], [4.0, -4.0]], [0.0, -2.0])
    >>> sawtooth = Network.of(*inner, ([[1.0, -1.0]], None))
    >>> shallow_equivalent(sawtooth, Box.cube(1, 0, 1))
    Transformation(1-2-2-1 -> 1-4-1, equal on the whole domain up to 0)
    """
    start = now()
    network, domain = read_question(network, domain)
    require_relu(network, "shallow_equivalent")
    hull = domain_of_pieces(network, domain)
    if hull.dimension > 2:
        raise UnsupportedError(
            "an exact transformation of moderate size is known for one and two inputs, the domain leaves "
            f"{hull.dimension} free; use two_layer_approximation, or fix inputs in the box"
        )
    found = feasible_pieces(network, domain, progress=progress)
    bends, points = (kinks if hull.dimension == 1 else curvature)(found)
    wanted = _layers(found, bends, _remainder(found, bends, points))
    stored = [doubles(rows, len(rows[0])) for rows in wanted]
    first = np.zeros((len(stored[0]), network.n0))
    first[:, hull.free] = stored[0][:, :-1]
    layers = [Layer(first, stored[0][:, -1]), *(Layer(a[:, :-1], a[:, -1]) for a in stored[1:])]
    return Transformation(
        original=network,
        domain=domain,
        network=Network(tuple(layers)),
        pieces=len(found.pieces),
        proved_share=1.0,
        max_difference=_rounding(wanted, stored, hull),
        seconds=now() - start,
    )


def _remainder(found, bends, points):
    """What the outputs are beside their bends: affine functions of ``y - lower``, one row each."""
    lower = found.problem.lower
    here = found.pieces[0].outputs
    rest = [
        [evaluate(row, point) - bent for row, bent in zip(here, bends.value(point), strict=True)]
        for point in points
    ]
    system = fmpq_mat([[*difference(point, lower), ONE] for point in points])
    return system.solve(fmpq_mat(rest)).transpose().tolist()


def _layers(found, bends, remainder):
    """The exact layers, each a list of rows: coefficients of what comes before, then the constant.

    First the copies of ``y - lower``, which are not negative on the domain, then the lines in use.
    """
    k, lower = found.dimension, found.problem.lower
    used = {corner.line for corner in bends.corners}
    lines = [line for line, factors in bends.lines.items() if line in used or any(factors)]
    copies = [[ONE if i == j else ZERO for i in range(k)] + [-lower[j]] for j in range(k)]
    scales = {line: scaled(line)[0] / line[0] if line[0] else scaled(line)[1] for line in lines}
    first = copies + [scaled(line) for line in lines]
    sums = [
        [*rest[:-1], *(bends.lines[line][o] / scales[line] for line in lines), rest[-1]]
        for o, rest in enumerate(remainder)
    ]
    if not bends.corners:
        return [first, sums]
    return [first, *_two_layers(bends, lines, scales, lower, sums)]


def _two_layers(bends, lines, scales, lower, sums):
    """The corners; the sums without their constants in a positive and a negative part; and the output."""
    place = {line: i for i, line in enumerate(lines)}
    second, output = [], [[] for _ in sums]

    def add(row, of, sign):
        second.append(row)
        for o, outgoing in enumerate(output):
            outgoing.append(sign * ONE if o == of else ZERO)

    for corner in bends.corners:
        *coefficients, constant = shifted(corner.base, lower)
        bent = [ZERO] * len(lines)
        bent[place[corner.line]] = corner.factor / scales[corner.line]
        add([*coefficients, *bent, constant], corner.output, corner.sign)
    for o, row in enumerate(sums):
        for sign in (1, -1):  # copies and lines are not negative, so neither part is
            part = [max(sign * v, ZERO) for v in row[:-1]]
            if any(part):
                add([*part, ZERO], o, sign)
    return second, [[*outgoing, row[-1]] for outgoing, row in zip(output, sums, strict=True)]


def _rounding(wanted, stored, hull):
    """A bound on the difference of the outputs that rounding each layer costs on the domain.

    An error of a layer's inputs grows by the absolute weights, a ReLU never increases it, and each
    rounded weight adds its own error times the size of its input. All terms are >= 0, so the error of the
    float sums is relative.
    """
    size = np.maximum(np.abs(hull.lower), np.abs(hull.upper))
    error = np.zeros(len(size))
    for rows, array in zip(wanted, stored, strict=True):
        lost = [
            [rounded_up(abs(a - b)) for a, b in zip(*pair, strict=True)]
            for pair in zip(exactly(array), rows, strict=True)
        ]
        lost, absolute = np.array(lost), np.abs(array)
        up = 1 + 2 * gamma(array.shape[1] + 2)
        error = up * (lost[:, :-1] @ size + lost[:, -1] + absolute[:, :-1] @ error)
        size = up * (absolute[:, :-1] @ size + absolute[:, -1] + error)
    return float(error.max())
