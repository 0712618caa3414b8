"""Certificates by somebody who knows the checker and wants a false number: extreme multipliers, places, points, leaves."""

from dataclasses import replace

import numpy as np
import pytest
from flint import fmpq

from regions import AffineSlice, Box, Network, PatternSet, Polytope, WholeSpace, count_regions
from regions.certify.file import Certificate
from regions.certify.verify import _Check, verify_certificate
from regions.certify.walk import Walk
from regions.errors import InputError
from tests.ladder import one_layer, random_network

HUGE = np.finfo(float).max
EXTREMES = [
    0.0,
    5e-324,
    2.3e-308,
    1e-290,
    1e-160,
    2.0**-52,
    0.5,
    1.0,
    3.0,
    1e8,
    1e154,
    1e290,
    HUGE / 2,
    HUGE,
]
# 1.5 x - 0.22 < 0 at x < 0.1466; a third cell is narrow enough to be hidden
NARROW = Network.of(([[-1.5]], [0.22]), ([[1.0]], [-0.03]), ([[1.0]], None))
BRANCHED = Network.of(
    ([[-1.5]], [0.22]), ([[1.0]], [-0.03]), ([[-1.0], [-1.0]], [-0.01, -0.02]), ([[1.0, 1.0]], None)
)
NEAR = Box([0.1], [0.2])
V = np.nextafter(0.3125, 1.0)
THIN = (
    np.array([[-1.0, 1.0], [-1.0, -1.0]]),
    np.array([-1.0 / 16, V]),
)  # a triangle of size 1e-16 is cut off
SMALL = 2.0**-600
CASES = {
    "narrow": (NARROW, NEAR, 3),
    "branched": (BRANCHED, NEAR, 3),
    "thin": (one_layer(*THIN), Box.cube(2, 0.125, 0.25), 4),
    "2^1023": (one_layer(*(2.0**1023 * part for part in THIN)), Box.cube(2, 0.125, 0.25), 4),
    "1e-200": (
        Network.of(([[1e-200]], [0.0]), ([[1e-200]], [-1e-210]), ([[1.0]], None)),
        Box([-1e200], [1e200]),
        3,
    ),
    "subnormal box": (
        one_layer([[1e300], [1e300]], [-5e-24, -1e-23]),
        Box([0.0], [1.5e-323]),
        # the box is three spacings of doubles wide
        3,
    ),
    "ties": (one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]), Box.cube(2, -1, 1), 6),
    "whole": (one_layer([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [0.0, 0.0, -1.0]), WholeSpace(2), 7),
    "polytope": (NARROW, Polytope([[1.0]], [0.14], NEAR), 2),
    "slice": (
        Network.of(([[-1.5, SMALL]], [0.22]), ([[1.0]], [-0.03]), ([[1.0]], None)),
        AffineSlice([0.1, 0.0], [[1.0, SMALL]], Box([0.1, 0.0], [0.2, 1.0])),
        3,
    ),
    "deep": (random_network(1, 2, 3, 2, 1), Box.cube(2, -1, 1), None),
}
MUTATIONS = 100


@pytest.fixture(scope="module", params=CASES, ids=str)
def case(request, tmp_path_factory):
    """``(network, true certificate, number of cells)``."""
    network, domain, cells = CASES[request.param]
    path = tmp_path_factory.mktemp("adversary") / "c.npz"
    count = count_regions(network, domain, certificate=path)
    found = verify_certificate(path, network, domain=domain)
    assert found.proved_at_least == found.proved_at_most == count.value
    assert cells in (None, count.value)
    return network, Certificate.load(path), count.value


def proved(network, certificate):
    """What a certificate proves: ``(at_least, at_most)``."""
    check = _Check(network, certificate)
    check.walk()
    return check.cells, len(certificate.patterns) if check.all_facts else np.inf


def forged(rng, certificate):
    """A certificate of other leaves, with numbers from the ends of the double range wherever they may be."""
    patterns = certificate.patterns.matrix()
    if rng.random() < 0.8:  # leave some out
        kept = rng.random(len(patterns)) < rng.choice([0.5, 0.8])
        kept[rng.integers(len(patterns))] = True
        patterns = patterns[kept]
    if rng.random() < 0.4:  # invent one
        patterns = np.concatenate([patterns, rng.random((1, patterns.shape[1])) < 0.5])
    patterns = np.unique(patterns, axis=0)
    facts, most = int(rng.integers(1, 8)), 3
    counts = rng.integers(0, most, facts)
    total = int(counts.sum())
    points = certificate.points[rng.integers(len(certificate.points), size=len(patterns))]
    spread = certificate.points.min(axis=0), certificate.points.max(axis=0)
    moved = rng.uniform(*spread, points.shape)
    wild = rng.choice([-1.0, 1.0], points.shape) * rng.choice(EXTREMES, points.shape)
    points = np.where(rng.random(points.shape) < 0.5, points, moved)
    points = np.where(rng.random(points.shape) < 0.1, wild, points)
    multipliers = rng.choice(EXTREMES, total) * rng.choice([1.0, rng.random()])
    exact = {}
    if rng.random() < 0.3 and facts:
        fact = int(rng.integers(facts))
        exact[fact] = [
            fmpq(int(rng.integers(9)), int(rng.integers(1, 9))) for _ in range(counts[fact])
        ]
    return replace(
        certificate,
        patterns=PatternSet.of(patterns),
        points=points,
        counts=counts,
        places=rng.integers(0, 4, total),
        multipliers=multipliers,
        exact_points={},
        exact_multipliers=exact,
    )


def test_no_forged_certificate_proves_a_false_number(case):
    network, certificate, cells = case
    rng = np.random.default_rng(0)
    least = 0
    for _ in range(MUTATIONS):
        at_least, at_most = proved(network, forged(rng, certificate))
        assert at_least <= cells <= at_most
        least = max(least, at_least)
    # some of them still prove something, unless it takes rational points: the checker does not refuse everything
    assert least > 0 or certificate.exact_points


def test_no_extreme_number_in_a_true_certificate_proves_more(case):
    network, certificate, cells = case
    rng = np.random.default_rng(1)
    for _ in range(MUTATIONS):
        name = rng.choice(["multipliers", "points", "places"])
        values = getattr(certificate, name).copy()
        if not values.size:
            continue
        where = tuple(rng.integers(n) for n in values.shape)
        values[where] = rng.integers(5) if name == "places" else rng.choice(EXTREMES)
        at_least, at_most = proved(network, replace(certificate, **{name: values}))
        assert at_least <= cells <= at_most


class Adversary(Walk):
    """Walks over patterns that need not be the cells, and takes whatever the checker lets pass."""

    def __init__(self, network, domain, patterns, rng):
        super().__init__(network, domain, patterns)
        self.rng, self.tried = rng, 0

    def multipliers(self, node, units, targets):
        found = np.zeros((len(units), len(node.path.values)))
        candidates = self.candidates(found.shape[1])
        self.tried += len(units) * len(candidates)
        for i in range(len(units)):
            same = targets.take([i] * len(candidates))
            proved = self.space.refuted(same, node.path, candidates)
            found[i] = candidates[proved.argmax()]
        return found, {}

    def candidates(self, places):
        """Nothing, one extreme multiplier in each place, two of them, and some at random."""
        alone = [np.eye(1, places, k)[0] * v for k in range(places) for v in EXTREMES]
        pairs = [a + b for a, b in zip(alone, self.rng.permutation(alone), strict=True)]
        many = self.rng.choice(EXTREMES, (20, places)) if places else []
        with np.errstate(over="ignore"):
            return np.array([np.zeros(places), *alone, *pairs, *many])

    def point(self, node):
        lower, upper = self.space.lower, self.space.upper
        for _ in range(40):
            y = (
                lower / 2
                + upper / 2
                + self.rng.uniform(-1, 1, len(lower)) * (upper / 2 - lower / 2)
            )
            wild = self.rng.choice([-1.0, 1.0], y.shape) * self.rng.choice(EXTREMES, y.shape)
            y = np.where(self.rng.random(y.shape) < 0.2, wild, y)
            self.tried += 1
            if self.space.inside(node.path, y):
                break
        return y


def leaves(rng, patterns):
    """Sets of patterns to try: one cell left out, one invented, and both."""
    for i in range(len(patterns)):
        yield np.delete(patterns, i, axis=0)
    for _ in range(12):
        kept = patterns[rng.random(len(patterns)) < 0.8]
        yield np.unique(np.concatenate([kept, rng.random((1, patterns.shape[1])) < 0.5]), axis=0)
    yield patterns


def test_nothing_that_the_checker_lets_pass_is_false(case):
    network, certificate, cells = case
    rng = np.random.default_rng(2)
    tried = 0
    for patterns in leaves(rng, certificate.patterns.matrix()):
        if len(patterns):
            walk = Adversary(network, certificate.domain, PatternSet.of(patterns), rng)
            walk.walk()
            assert walk.cells <= cells
            assert not walk.all_facts or len(patterns) >= cells
            tried += walk.tried
    assert tried > 1000


def test_an_infinite_slope_bounds_nothing(tmp_path):
    # 1.79e308 times the slope of the path row is -inf, times its reach still a number
    path = tmp_path / "c.npz"
    count_regions(NARROW, NEAR, certificate=path)
    true = Certificate.load(path)
    forged = replace(
        true,
        patterns=PatternSet.of(np.array([[0, 0], [1, 1]], dtype=bool)),
        points=np.array([[0.18], [0.11]]),
        counts=np.array([0, 1]),
        places=np.array([0]),
        multipliers=np.array([1.79e308]),
        exact_points={},
        exact_multipliers={},
    )
    assert proved(NARROW, true) == (3, 3)
    assert proved(NARROW, forged) == (1, np.inf)


def test_a_certificate_is_about_the_domain_that_was_asked_for(tmp_path):
    path = tmp_path / "c.npz"
    network = random_network(1, 2, 3, 2, 1)
    box = Box([0.1, -1.0], [1.0, 1.0])
    count_regions(network, box, certificate=path)
    assert (
        verify_certificate(path, network, domain=Box([0.1, -1.0], [1.0, 1.0])).domain.digest
        == box.digest
    )
    others = {
        "lower.0. = 0.1, not 0.10000000000000002": Box([np.nextafter(0.1, 1), -1.0], [1.0, 1.0]),
        "kind Box, not WholeSpace": WholeSpace(2),
        "kind Box, not Polytope": Polytope([[0.0, 1.0]], [2.0], box),
        "the domain has 3 coordinates": Box.cube(3, 0, 1),
    }
    for message, other in others.items():
        with pytest.raises(InputError, match=message):
            verify_certificate(path, network, domain=other)
