"""A network on a domain as the flat float arrays with error bounds that the kernels take."""

import numpy as np

from ..arithmetic.powers import times_power
from ..kernels.rows import EPS, TINY, Arrays
from ..kernels.zonotope import Zonotope
from ..preactivations.scaling import Scaling


def arrays(network, domain, scaling=None, telling=None):
    """`Arrays` for compiled code, scaled: every rounding made here is inside the error of its row.

    ``telling`` has the places of the sides of the domain that matter, all by default.
    """
    scaling = scaling or Scaling.of(network, domain)
    if domain.has_coordinates:
        reach = times_power(domain.reach(), -scaling.coordinates)
    hidden, domain = scaling.layers(network.hidden), scaling.domain(domain)
    hull = domain.polyhedron()
    weight, bias = hidden[0]
    homogenised = not domain.bounded
    k = hull.dimension + homogenised
    if homogenised:
        lower = np.append(-np.ones(k - 1), 0.0)
        upper = np.ones(k)
    elif domain.has_coordinates:
        upper = reach
        lower = -upper
    else:
        lower, upper = hull.lower, hull.upper
    reach = np.maximum(np.abs(lower), np.abs(upper))

    one = k - 1 if homogenised else k
    outer = _rows(-hull.rows, hull.offsets, k, one, reach)
    # b - A @ origin is rounded where the box fixes a coordinate
    outer[:, k + 1] += _offset_error(domain, hull)
    outer = outer if telling is None else outer[telling]
    coefficients = weight @ hull.directions.T if hull.free is None else weight[:, hull.free]
    first = _rows(coefficients, weight @ hull.origin + bias, k, one, reach)
    first[:, k + 1] += _first_layer_error(weight, bias, hull, reach)

    widths = np.array(network.widths, dtype=np.int64)
    rows = np.zeros((len(outer) + widths.sum(), k + 3))
    rows[: len(outer)] = outer
    rows[len(outer) : len(outer) + widths[0]] = first
    later = [np.ascontiguousarray(layer.weight.T).ravel() for layer in hidden[1:]]
    sizes = [0, 0, *map(len, later)]
    return Arrays(
        rows=rows,
        first_unit=len(outer),
        widths=widths,
        starts=np.concatenate([[0], np.cumsum(widths)]),
        weights=np.concatenate([np.zeros(0), *later]),
        offsets=np.cumsum(sizes[: len(widths)]),
        biases=np.concatenate([layer.bias for layer in hidden]),
        slopes=np.zeros(widths.sum()) if network.slopes is None else np.concatenate(network.slopes),
        one=one,
        lower=np.ascontiguousarray(lower),
        upper=np.ascontiguousarray(upper),
        reach=reach,
        ties=np.zeros(widths.sum(), dtype=np.int64),
    )


def image_arrays(flat, n_first):
    """`Arrays` in the coordinates z = W1 y + b1 and the `Zonotope`, for a box with more inputs than first-layer units.

    The first ``n_first`` rows of the first layer are unit vectors, with the errors that they have in ``flat``, and so are
    most often exact; ``reach`` bounds ``|W1| |y| + |b1|``, which is what the rounding of a computed z is measured
    against. What rows there may be besides have no coefficients.
    """
    k = flat.rows.shape[1] - 3
    mixing, shift = flat.rows[:n_first, :k], flat.rows[:n_first, k]
    # the constant may carry rounding of its own where the box fixes a coordinate
    gamma = (k + 8) * EPS
    reach = (flat.rows[:n_first, k + 2] + flat.rows[:n_first, k + 1]) * (1 + gamma) + TINY
    middle = np.where(mixing > 0, flat.upper, flat.lower)
    highest = (mixing * middle).sum(axis=1) + shift + gamma * reach
    other = np.where(mixing > 0, flat.lower, flat.upper)
    lowest = (mixing * other).sum(axis=1) + shift - gamma * reach
    rows = np.zeros((len(flat.rows), n_first + 3))
    rows[:n_first, :n_first] = np.eye(n_first)
    rows[:n_first, n_first + 1] = flat.rows[:n_first, k + 1]
    rows[:n_first, n_first + 2] = reach
    rows[n_first : flat.widths[0], n_first + 1 :] = flat.rows[n_first : flat.widths[0], k + 1 :]
    zonotope = Zonotope(
        mixing=np.ascontiguousarray(mixing),
        shift=np.ascontiguousarray(shift),
        full=mixing @ mixing.T,
        metric=np.linalg.pinv(mixing @ mixing.T),
        lower=flat.lower,
        upper=flat.upper,
    )
    flat = flat._replace(rows=rows, one=n_first, lower=lowest, upper=highest, reach=reach)
    return flat, zonotope


def _rows(coefficients, constants, k, one, reach):
    """Rows of shape (m, k + 3) with no error of their own yet."""
    rows = np.zeros((len(constants), k + 3))
    rows[:, : coefficients.shape[1]] = coefficients
    rows[:, one] = constants
    norm = np.abs(rows[:, :k]) @ reach + np.abs(rows[:, k])
    rows[:, k + 1] = TINY
    rows[:, k + 2] = norm * (1.0 + (k + 4) * EPS) + TINY
    return rows


def _first_layer_error(weight, bias, hull, reach):
    """Rounding of ``W D`` and ``W origin + b``; zero where nothing was computed."""
    gamma = (weight.shape[1] + 4) * EPS
    constant = np.abs(weight) @ np.abs(hull.origin)
    error = np.where(constant > 0, gamma * (constant + np.abs(bias)), 0.0)
    if hull.free is None:
        error += gamma * (np.abs(weight) @ np.abs(hull.directions).T @ reach)
    return error


def _offset_error(domain, hull):
    """Rounding of the offsets of the domain's rows."""
    if domain.has_coordinates:
        return EPS * np.abs(hull.offsets)
    if len(hull.offsets) == 0:
        return 0.0
    constant = np.abs(domain.A[domain.telling]) @ np.abs(hull.origin)
    gamma = (domain.n0 + 4) * EPS
    return np.where(constant > 0, gamma * (constant + np.abs(domain.b[domain.telling])), 0.0)
