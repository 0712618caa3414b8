from math import prod

import numpy as np
import pytest

import bounds
from tests import known


@pytest.mark.parametrize("n0", known.SIXTY_UNITS)
def test_sixty_units(n0):
    found = tuple(bounds.layered(n0, [60 // L] * L) for L in range(1, 7))
    assert found == known.SIXTY_UNITS[n0]


@pytest.mark.parametrize("n0", known.BEST_DEPTHS)
def test_best_depth_of_sixty_units(n0):
    by_depth = {L: bounds.layered(n0, [60 // L] * L) for L in range(1, 7)}
    best = tuple(L for L, value in by_depth.items() if value == max(by_depth.values()))
    assert best == known.BEST_DEPTHS[n0]


@pytest.mark.parametrize("widths", known.TWENTY_TWO_UNITS)
def test_twenty_two_units(widths):
    expected = known.TWENTY_TWO_UNITS[widths]
    assert bounds.layered(784, [*widths, 10]) == expected.layered_with_output
    assert bounds.montufar_2017(784, [*widths, 10]) == expected.montufar_2017_with_output
    assert bounds.layered(784, widths) == expected.layered
    assert bounds.montufar_2017(784, widths) == expected.montufar_2017
    assert bounds.montufar_2014(784, [*widths, 10]) == 4294967296
    assert bounds.montufar_2014(784, widths) == 4194304


def test_ten_unit_layers():
    found = tuple(bounds.layered(784, [10] * L + [10]) for L in range(1, 5))
    assert found == known.TEN_UNIT_LAYERS


@pytest.mark.parametrize("shape", known.SMALL_SHAPES)
def test_small_shapes(shape):
    expected = known.SMALL_SHAPES[shape]
    for name in ("layered", "montufar_2017", "raghu_2017", "ceiling", "hinz_2021"):
        assert getattr(bounds, name)(*shape) == getattr(expected, name), name


@pytest.mark.parametrize("k", known.BOTTLENECK)
def test_bottleneck(k):
    widths = [16 - 2 * k, 16 - k, 16, 16 + k, 16 + 2 * k]
    found = bounds.layered(32, widths), bounds.layered(32, [*widths, 16])
    assert found == known.BOTTLENECK[k]


def test_maxout():
    assert bounds.maxout(2, [3, 3], 2) == 49
    assert bounds.maxout(2, [3, 3], 3) == 2116
    assert bounds.maxout(1, [2], 3) == 7
    assert bounds.maxout_2021(2, [3, 3], 3) == 361
    assert bounds.maxout_2021(1, [2], 3) == 5


def test_maxout_layer_against_brute_force():
    # one input: the upper envelope of k lines has at most k pieces, so n units have n (k - 1) breaks
    for n in range(1, 6):
        for k in range(2, 5):
            assert bounds.maxout_2021(1, [n], k) == 1 + n * (k - 1)


@pytest.mark.parametrize(("n0", "widths"), [(2, [3, 3]), (3, [2, 5, 4]), (1, [4]), (6, [3, 9])])
def test_the_sharper_maxout_bound_is_never_larger(n0, widths):
    assert bounds.maxout_2021(n0, widths, 2) == bounds.montufar_2017(n0, widths)
    for k in (2, 3, 5):
        assert bounds.maxout_2021(n0, widths, k) <= bounds.maxout(n0, widths, k)


def test_parallel_families_reach_the_piecewise_linear_bound():
    # two families of p - 1 parallel lines each make a grid of p^2 cells; three generic families
    # are counted exactly
    assert bounds.piecewise_linear(2, [2], 5) == 25
    families = [[1, 0], [0, 1], [1, 1]]
    normals = [row for row in families for _ in range(2)]
    offsets = [0, 1, 0, 1, 10, 20.5]
    assert bounds.count_cells(normals, offsets) == bounds.piecewise_linear(2, [3], 3)
    assert bounds.piecewise_linear(3, [4, 4], 1) == 1


def test_the_bounds_are_ordered():
    rng = np.random.default_rng(0)
    for _ in range(300):
        n0, widths = int(rng.integers(1, 9)), rng.integers(1, 10, rng.integers(1, 5)).tolist()
        chain = ("hinz_2021", "layered", "montufar_2017", "raghu_2017", "ceiling")
        values = [getattr(bounds, name)(n0, widths) for name in chain]
        assert values == sorted(values), (n0, widths)
        if len(widths) == 1:
            assert values[0] == bounds.shallow(n0, widths[0]) == values[2]


def test_one_network_without_hidden_layer_is_one_region():
    for name in ("ceiling", "raghu_2017", "montufar_2017", "layered", "hinz_2021"):
        assert getattr(bounds, name)(3, []) == 1
    assert list(bounds.layered_terms(3, [])) == [((), 1)]


def test_numpy_integers_are_integers():
    value = bounds.layered(np.int64(2), np.array([2, 2, 2]))
    assert value == 30
    assert type(value) is int


TAKE_WIDTHS = ["ceiling", "montufar_2014", "raghu_2017", "montufar_2017", "layered", "hinz_2021"]


@pytest.mark.parametrize("name", TAKE_WIDTHS)
@pytest.mark.parametrize(
    ("n0", "widths"),
    [(0, [2]), (-1, [2]), (2.0, [2]), (True, [2]), ("2", [2]), (2, [2, -1]), (2, [0]), (2, [1.5]),
     (2, [False]), (2, 4), (2, "44"), (None, [2])],
)  # fmt: skip
def test_bad_shapes_are_one_clear_line(name, n0, widths):
    with pytest.raises(ValueError, match=r"must be a (whole number|sequence)") as caught:
        getattr(bounds, name)(n0, widths)
    assert "\n" not in str(caught.value)


def test_bad_ranks_and_pieces():
    with pytest.raises(ValueError, match="ranks must have 2 entries"):
        bounds.layered(2, [3, 3], ranks=[1])
    with pytest.raises(
        ValueError, match=r"ranks\[1\] must be a whole number of at least 0; got -1"
    ):
        bounds.layered(2, [3, 3], ranks=[1, -1])
    with pytest.raises(ValueError, match="k must be a whole number of at least 2"):
        bounds.maxout(2, [3], 1)
    with pytest.raises(ValueError, match="pieces must be a whole number of at least 1"):
        bounds.piecewise_linear(2, [3], 0)


def test_products_of_terms_are_products_of_binomials():
    from math import comb

    for j, product in bounds.layered_terms(3, [4, 3, 4]):
        assert product == prod(map(comb, (4, 3, 4), j))
