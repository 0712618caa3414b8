"""A second opinion on a compression: the largest difference that a mixed-integer solver finds."""

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.linalg import block_diag

from ..deadline import Deadline, Late, now
from ..entry import read_time_limit
from ..errors import SolverError
from ..milp.bounding_model import mixed
from ..network import Layer, Network
from ..preactivations.ranges import direct_ranges
from ..solvers.highs_quiet import QuietHighs, Said

NO_BOUND = "HiGHS gives no bound on the difference: {}; raise the time limit"


@dataclass(frozen=True)
class Check:
    """What HiGHS says of max |f - f'|: its word in floating point, good to about 1e-6 of the outputs.

    ``found`` is the largest difference at a point that it visited, both networks evaluated there;
    ``bound`` its upper bound over the domain; ``complete`` whether it closed the gap.
    """

    found: float
    bound: float
    complete: bool
    seconds: float


def largest_difference(first, second, domain, *, time_limit=None):
    """Maximise |first - second| over a bounded domain, output by output.

    Parameters
    ----------
    first, second
        Networks of the same inputs and outputs; the model has a binary for each unit of either that
        intervals leave open, so this is for networks of some dozens of units.
    domain
        A `Domain` that lies in a box.
    time_limit
        Seconds for all 2 n_out mixed-integer programmes together.

    Raises
    ------
    UnsupportedError
        An unbounded domain.
    SolverError
        HiGHS ends with no bound at all.

    Examples
    --------
    >>> from regions.domain import Box
    >>> bent = Network.of(([[1.0], [-1.0]], None), ([[1.0, 1.0]], None))  # |x|
    >>> flat = Network.of(([[1.0]], None))
    >>> largest_difference(bent, flat, Box.cube(1, -1, 1)).found
    2.0
    """
    start, deadline = now(), Deadline(read_time_limit(time_limit))
    network = difference_network(first, second)
    model = mixed(network, domain, direct_ranges(network, domain), len(network.hidden))
    solver = QuietHighs()
    ends = model.row_lower, model.row_upper
    solver.take(model.rows, *ends, model.lower, model.upper, whole=model.z)
    found, bound, complete = 0.0, 0.0, True
    for sign in (1.0, -1.0):
        for weight, constant in zip(*network.layers[-1], strict=True):
            objective = sign * model.objective(weight, len(network.hidden))
            solver.costs(-objective)
            try:
                said, info = solver.say(seconds=deadline.time_limit), solver.getInfo()
            except Late:
                raise SolverError(NO_BOUND.format("it did not look at the clock")) from None
            least = info.mip_dual_bound
            if not len(model.z):  # a linear programme: its value is its only bound
                least = info.objective_function_value if said is Said.OPTIMAL else -np.inf
            if said is Said.UNDECIDED or not np.isfinite(least):
                raise SolverError(NO_BOUND.format(said.value))
            bound = max(bound, sign * constant - least)
            complete &= said is Said.OPTIMAL
            if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
                v = np.array(solver.getSolution().col_value)
                x = np.clip(v, model.lower, model.upper)[: network.n0]
                found = max(found, np.abs(first.forward(x) - second.forward(x)).max())
    return Check(float(found), float(bound), bool(complete), now() - start)


def difference_network(first, second):
    """The network ``first - second``: both side by side, the shallower one made as deep.

    >>> one = Network.of(([[1.0]], [2.0]), ([[3.0]], None))
    >>> difference_network(one, Network.of(([[1.0]], None))).forward([4.0])
    array([14.])
    """
    depth = max(len(first.hidden), len(second.hidden), 1)
    ours, theirs = _deepened(first, depth), _deepened(second, depth)
    layers = [Layer(*(np.concatenate(pair) for pair in zip(ours[0], theirs[0], strict=True)))]
    for a, b in zip(ours[1:-1], theirs[1:-1], strict=True):
        layers.append(Layer(block_diag(a.weight, b.weight), np.append(a.bias, b.bias)))
    a, b = ours[-1], theirs[-1]
    layers.append(Layer(np.concatenate([a.weight, -b.weight], axis=1), a.bias - b.bias))
    return Network(tuple(layers))


def _deepened(network, depth):
    """The layers of ``network`` with identities before the last: outputs of a ReLU pass unchanged."""
    *hidden, last = network.layers
    if not hidden:  # x = max(0, x) - max(0, -x)
        both = np.concatenate([np.eye(network.n0), -np.eye(network.n0)])
        hidden, last = [Layer(both, np.zeros(len(both)))], Layer(last.weight @ both.T, last.bias)
    width = len(hidden[-1].bias)
    passing = [Layer(np.eye(width), np.zeros(width))] * (depth - len(hidden))
    return [*hidden, *passing, last]
