import numpy as np
import pytest

import bounds
from tests import known


@pytest.mark.parametrize("shape", known.SMALL_SHAPES)
def test_small_shapes(shape):
    expected = known.SMALL_SHAPES[shape]
    for name, least in (
        ("montufar_2014_lower", expected.montufar_2014_lower),
        ("layered_lower", expected.layered_lower),
    ):
        if least is None:
            # the table leaves a value out where a condition fails, or for one layer (the maximum itself)
            if len(shape[1]) > 1 or name == "montufar_2014_lower":
                with pytest.raises(ValueError, match="needs widths of at least"):
                    getattr(bounds, name)(*shape)
        else:
            assert getattr(bounds, name)(*shape) == least


def test_published_constructions():
    assert bounds.zonotope_lower(2, m=3, w=4, L=3) == 150
    assert bounds.arora_2016_lower(2, m=3, w=4, L=3) == 96


def test_theorem_5_is_reached_by_theorem_1_and_by_theorem_6():
    for widths in ([3], [3, 3], [4, 4, 4], [5, 3, 7]):
        maximum = bounds.one_input_maximum(widths)
        assert maximum == bounds.layered(1, widths) == bounds.layered_lower(1, widths)


def test_lower_bounds_stay_below_upper_bounds():
    rng = np.random.default_rng(0)
    for _ in range(200):
        n0 = int(rng.integers(1, 5))
        widths = rng.integers(3 * n0, 3 * n0 + 9, rng.integers(1, 5)).tolist()
        chain = [
            bounds.montufar_2014_lower(n0, widths),
            bounds.layered_lower(n0, widths),
            bounds.hinz_2021(n0, widths),
        ]
        assert chain == sorted(chain)


def test_one_layer_is_the_exact_maximum():
    assert bounds.montufar_2014_lower(2, [4]) == bounds.shallow(2, 4)
    assert bounds.montufar_2014_lower(2, []) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.montufar_2014_lower(3, [5, 2]), "needs widths of at least 3 for n0 = 3"),
        (lambda: bounds.layered_lower(2, [8, 5]), "needs widths of at least 6 for n0 = 2; got a layer of 5"),
        (lambda: bounds.one_input_maximum([3, 2]), "Theorem 5 needs widths of at least 3"),
        (lambda: bounds.zonotope_lower(2, 3, 1, 2), "w must be a whole number of at least 2; got 1"),
        (lambda: bounds.arora_2016_lower(2, 0, 1, 2), "m must be a whole number of at least 1; got 0"),
        (lambda: bounds.arora_2016_lower(2, 1, 1, 2.5), "L must be a whole number of at least 1; got 2.5"),
    ],
)  # fmt: skip
def test_conditions(call, message):
    with pytest.raises(ValueError, match=message):
        call()
