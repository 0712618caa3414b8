import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.count import count_regions
from regions.domain import AffineSlice, Box, Polytope, WholeSpace
from regions.errors import InputError
from regions.network import Network

SQUARE = Box.cube(2, -1, 1)
TRIANGLE = Polytope([[1.0, 1.0]], [0.0], SQUARE)
FLAT = Box([0.0, 0.5, -1.0], [1.0, 0.5, 1.0])  # the second coordinate is fixed
FLAT_POLYTOPE = Polytope([[1.0, 2.0, 1.0]], [1.5], FLAT)
DIAGONAL = AffineSlice.through([[0.0, 0.0], [0.5, 0.5]], SQUARE)
PLANE = AffineSlice([0.0, 0.0, 0.0], [[1.0, 0.0, 1.0], [0.0, 2.0, 0.0]], Box.cube(3, -1, 1))
BOUNDED = [SQUARE, TRIANGLE, FLAT, FLAT_POLYTOPE, DIAGONAL, PLANE]
ALL = [*BOUNDED, WholeSpace(3)]

# Both sides of an inequality are sums of a few products of order one.
ROUNDING = 1e-12


def in_polyhedron(hull, y):
    """Whether coordinates ``y`` satisfy the description, up to ROUNDING."""
    rows = (y @ hull.rows.T <= hull.offsets + ROUNDING).all(axis=-1)
    return rows & ((hull.lower <= y) & (y <= hull.upper)).all(axis=-1)


@pytest.mark.parametrize("domain", ALL, ids=repr)
def test_samples_lie_in_the_domain_and_repeat(domain):
    points = domain.sample(200, seed=3)
    assert points.shape == (200, domain.n0)
    assert domain.contains(points).all()
    assert np.array_equal(points, domain.sample(200, seed=3))
    assert not np.array_equal(points, domain.sample(200, seed=4))


@pytest.mark.parametrize("domain", ALL, ids=repr)
def test_polyhedron_describes_the_samples(domain):
    hull = domain.polyhedron()
    assert hull.directions.shape == (hull.dimension, domain.n0)
    assert hull.rows.shape == (len(hull.offsets), hull.dimension)
    points = domain.sample(100, seed=0)
    y = (points - hull.origin) @ np.linalg.pinv(hull.directions)
    assert in_polyhedron(hull, y).all()
    assert np.allclose(hull.origin + y @ hull.directions, points, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("domain", BOUNDED, ids=repr)
def test_polyhedron_describes_no_more_than_the_domain(domain):
    hull = domain.polyhedron()
    y = np.random.default_rng(1).uniform(-3, 3, (2000, hull.dimension))
    inside = in_polyhedron(hull, y)
    assert inside.any()
    assert not inside.all()
    assert np.array_equal(domain.contains(hull.origin + y @ hull.directions), inside)


@pytest.mark.parametrize(
    ("domain", "dimension"),
    [(SQUARE, 2), (FLAT, 2), (FLAT_POLYTOPE, 2), (DIAGONAL, 1), (PLANE, 2), (WholeSpace(3), 3)],
    ids=repr,
)
def test_dimension_is_that_of_the_affine_hull(domain, dimension):
    assert domain.polyhedron().dimension == dimension


@pytest.mark.parametrize("domain", ALL, ids=repr)
def test_bounded(domain):
    assert domain.bounded is (domain in BOUNDED)


def test_fixed_coordinates_move_into_the_offsets():
    hull = FLAT_POLYTOPE.polyhedron()  # x0 + 2 * 0.5 + x2 <= 1.5
    assert hull.free.tolist() == [0, 2]
    assert (hull.rows.tolist(), hull.offsets.tolist()) == ([[1.0, 1.0]], [0.5])


def test_a_point_is_a_box():
    point = Box.cube(2, 0.5, 0.5)
    assert (point.dimension, point.polyhedron().dimension) == (0, 0)
    assert point.sample(3, seed=0).tolist() == [[0.5, 0.5]] * 3


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4), st.floats(0, 1e6))
def test_box_around_a_point(x, radius):
    box = Box.around(x, radius)
    assert box.contains(x)
    clipped = Box.around(np.clip(x, 0, 1), radius, within=Box.cube(len(x), 0, 1))
    assert (clipped.lower >= 0).all()
    assert (clipped.upper <= 1).all()


def test_slice_through_points():
    points = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])
    plane = AffineSlice.through(points, Box.cube(3, -1, 1))
    assert plane.at([[0, 0], [1, 0], [0, 1]]).tolist() == points.tolist()
    assert plane.contains(points).all()
    assert not plane.contains([0.0, 0.5, 0.0])


@pytest.mark.parametrize("domain", ALL, ids=repr)
def test_network_of_another_dimension(domain):
    network = Network.of((np.ones((1, domain.n0)), None))
    assert domain.check(network) is domain
    with pytest.raises(InputError, match=f"{domain.n0} coordinates"):
        domain.check(Network.of((np.ones((1, domain.n0 + 1)), None)))


def test_bounds_are_copied_and_frozen():
    lower = np.zeros(2)
    box = Box(lower, np.ones(2))
    lower[0] = 9.0
    assert box.lower.tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        box.lower[0] = 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Box([0.0, 2.0], [1.0, 1.0]), r"lower\[1\] = 2.0 > upper\[1\] = 1.0"),
        (lambda: Box([0.0], [1.0, 1.0]), "one bound each"),
        (lambda: Box([np.nan], [1.0]), r"lower\[0\] is nan"),
        (lambda: Box([0.0], [np.inf]), "WholeSpace"),
        (lambda: Box(0.0, 1.0), "1 dimension"),
        (lambda: Box.cube(2, 1, 0), "empty"),
        (lambda: Box(["a"], [1.0]), "lower must hold numbers"),
        (lambda: Box.cube(3, [0, 0], 1), "one bound each"),
        (lambda: Box.around([5.0], 1.0, within=Box.cube(1, 0, 1)), "empty"),
        (lambda: Box.cube(3, [0, 0], [1, 1]), "must have 3"),
        (lambda: Box.around([0.5], 0.1, within=SQUARE), "2 coordinates"),
        (lambda: Polytope([[1.0]], [0.0], SQUARE), "one column per"),
        (lambda: Polytope([[1.0, 0.0]], [0.0, 1.0], SQUARE), "one row per"),
        (lambda: WholeSpace(0), "positive whole"),
        (lambda: WholeSpace(1.5), "positive whole"),
        (lambda: AffineSlice([0.0], [[1.0, 0.0]], SQUARE), "do not chain"),
        (lambda: AffineSlice([0.0, 0.0], [[1.0, 1.0], [2.0, 2.0]], SQUARE), "span only 1"),
        (lambda: AffineSlice.through([[0.0, 0.0]], SQUARE), "do not chain"),
    ],
)
def test_bad_domains(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_thin_polytope_is_not_sampled_for_ever():
    thin = Polytope([[1.0, 0.0]], [-1.0 + 1e-9], SQUARE)
    with pytest.raises(InputError, match="less than 1/10000"):
        thin.sample(10, seed=0)


def test_slice_that_misses_its_box_along_the_way():
    line = AffineSlice([5.0, 0.0], [[1.0, 1.0]], Box([-1.0, -1.0], [1.0, 1.0]))
    with pytest.raises(InputError, match="does not meet its box"):
        line.sample(3, seed=0)


def test_slice_that_stays_outside_its_box():
    with pytest.raises(InputError, match=r"coordinate 0 stays at 5.0, outside \[-1.0, 1.0\]"):
        AffineSlice([5.0, 0.0], [[0.0, 1.0]], SQUARE)


@pytest.mark.parametrize("size", [1.0, 8e307, 1.7e308])
def test_a_network_without_biases_has_as_many_cells_on_every_cube(size):
    """Its cells are cones; on wide cubes ``upper - lower`` is no double, nor are sizes of rows."""
    rng = np.random.default_rng(3)
    weights = [rng.integers(-5, 6, shape) for shape in ((5, 2), (4, 5), (1, 4))]
    network = Network.of(*((weight, None) for weight in weights))
    count = count_regions(network, Box.cube(2, -size, size))
    assert (count.at_least, count.at_most) == (16, 16)
