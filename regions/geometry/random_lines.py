"""Null model for counts along lines: what a network with random weights is expected to have.

Hanin and Rolnick 2019 (Complexity of linear regions in deep networks, arXiv 1901.09021) show that the expected number
of regions along a line is at most proportional to the number of units. For Gaussian weights and
biases it need not be bounded: the expectation of each layer, given the layers before it, is an
angle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from ..entry import read_nonnegative, read_positive, read_seed, read_whole
from ..errors import InputError


@dataclass(frozen=True)
class LineExpectation:
    """The expected number of cells on a segment, over random networks.

    ``value`` is 1 plus the sum of ``by_layer``, the expected kinks that each layer adds;
    ``standard_error`` is that of ``value``, from the networks that were drawn.
    """

    value: float
    standard_error: float
    by_layer: tuple[float, ...]
    networks: int


def expected_line_count(
    widths: Iterable[SupportsIndex],
    start: ArrayLike,
    end: ArrayLike,
    *,
    gain: float = 2.0,
    bias_deviation: float = 1.0,
    networks: SupportsIndex = 200,
    seed: SupportsIndex = 0,
) -> LineExpectation:
    """The expected number of cells on the segment from ``start`` to ``end`` of a random network.

    Parameters
    ----------
    widths
        Hidden widths.
    start, end
        Two inputs of shape (n0,).
    gain, bias_deviation
        Weights are independent normal numbers of variance ``gain / fan_in`` (2: He et al. 2015) and
        biases of standard deviation ``bias_deviation``.
    networks, seed
        How many networks are drawn, and the seed of the draw.

    Returns
    -------
    LineExpectation
        The first layer is exact; from the second on it is a mean over the drawn networks.

    Raises
    ------
    InputError
        Inputs of different shape, a gain that is not positive, a negative deviation, fewer than two
        networks.

    Notes
    -----
    On a piece of the segment where the outputs h of the layers before are affine, from h to h', the
    pre-activation of a unit is the product of a standard normal vector with a vector that moves from
    (s h, b) to (s h', b), s^2 = gain / fan_in, b = bias_deviation. It changes its sign on the way if
    a random hyperplane separates the two, whose chance is their angle over pi. So given the layers
    before, a layer of n units adds n / pi times the sum of these angles, in expectation and with no
    constant left to guess. Derived here.

    Examples
    --------
    Without bias, from a point to its opposite, every unit of the first layer switches once:

    >>> expected_line_count([10], [1.0, 2.0], [-1.0, -2.0], bias_deviation=0.0).value
    11.0
    """
    start, end = _segment(start, end)
    gain, bias_deviation = (
        read_positive("gain", gain),
        read_nonnegative("bias_deviation", bias_deviation),
    )
    networks, widths = read_whole("networks", networks, least=2), _widths(widths)
    rng = np.random.default_rng(read_seed(seed))
    kinks = np.array(
        [_expected_kinks(widths, start, end, gain, bias_deviation, rng) for _ in range(networks)]
    ).reshape(networks, len(widths))
    totals = kinks.sum(axis=1)
    return LineExpectation(
        value=1.0 + float(totals.mean()),
        standard_error=float(totals.std(ddof=1) / np.sqrt(networks)),
        by_layer=tuple(kinks.mean(axis=0).tolist()),
        networks=networks,
    )


def _expected_kinks(widths, start, end, gain, bias_deviation, rng):
    """Expected kinks of each layer given the layers before, which are drawn as it goes on."""
    h = np.stack([start, end])  # outputs at the ends of the pieces, in their order
    expected = []
    for layer, width in enumerate(widths):
        scale = np.sqrt(gain / h.shape[1])
        moving = np.column_stack([scale * h, np.full(len(h), bias_deviation)])
        expected.append(width / np.pi * _angles(moving).sum())
        if layer + 1 < len(widths):
            weight = rng.normal(0.0, scale, (width, h.shape[1]))
            g = h @ weight.T + rng.normal(0.0, bias_deviation, width)
            h = np.maximum(_with_kinks(g), 0.0)
    return expected


def _with_kinks(g):
    """Rows of ``g`` with a row put in wherever an entry passes through 0 between two rows."""
    rows = [g[:1]]
    for before, after in pairwise(g):
        crossing = np.flatnonzero((before > 0) != (after > 0))
        place = np.sort(before[crossing] / (before[crossing] - after[crossing]))[:, None]
        rows += [(1 - place) * before + place * after, after[None]]
    return np.concatenate(rows)


def _angles(points):
    """Angles between neighbours, by Kahan's formula, which loses no digits where they are small."""
    length = np.linalg.norm(points, axis=1, keepdims=True)
    unit = np.divide(points, length, out=np.zeros_like(points), where=length > 0)
    apart = np.linalg.norm(unit[1:] - unit[:-1], axis=1)
    along = np.linalg.norm(unit[1:] + unit[:-1], axis=1)
    zero = (length[1:, 0] == 0) | (length[:-1, 0] == 0)
    return np.where(zero, 0.0, 2 * np.arctan2(apart, along))


def _widths(widths: Iterable[SupportsIndex]) -> list[int]:
    if isinstance(widths, str) or not isinstance(widths, Iterable):
        raise InputError(f"widths must be a sequence of whole numbers; got {widths!r}")
    return [read_whole("a width", width, least=1) for width in widths]


def _segment(start: ArrayLike, end: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    try:
        start, end = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"a segment needs two points of numbers; got {start!r} and {end!r}"
        ) from None
    if start.ndim != 1 or start.shape != end.shape:
        raise InputError(
            f"a segment needs two points of one shape (n0,); got {start.shape} and {end.shape}"
        )
    return start, end
