import time
from itertools import product
from math import comb, prod

import numpy as np
import pytest

import bounds
from bounds.recurrence import MOST_PRODUCTS, hinz_products
from tests import known


def explicit_sum(n0, widths, ranks=None):
    """Theorem 1 word for word: every j of a box, tested for membership in J."""
    ranks = ranks or widths
    total = 0
    for j in product(*(range(n + 1) for n in widths)):
        room = [n0]
        for n, chosen in zip(widths, j, strict=True):
            room.append(min(room[-1], n - chosen))
        if all(i <= min(d, rank) for i, d, rank in zip(j, room, ranks, strict=False)):
            total += prod(map(comb, widths, j))
    return total


def random_shape(rng, largest=6):
    widths = rng.integers(1, largest, rng.integers(1, 5)).tolist()
    ranks = [int(rng.integers(0, n + 1)) for n in widths]
    return int(rng.integers(1, 8)), widths, ranks


def test_the_programme_equals_the_explicit_sum():
    rng = np.random.default_rng(1)
    for _ in range(150):
        n0, widths, ranks = random_shape(rng)
        assert bounds.layered(n0, widths) == explicit_sum(n0, widths)
        capped = bounds.layered(n0, widths, ranks=ranks, pass_ranks=False)
        assert capped == explicit_sum(n0, widths, ranks)
        passed = bounds.layered(n0, widths, ranks=ranks)
        assert passed <= capped <= bounds.layered(n0, widths)
        for options in ({}, {"ranks": ranks}, {"ranks": ranks, "pass_ranks": False}):
            terms = dict(bounds.layered_terms(n0, widths, **options))
            assert list(terms) == sorted(terms)
            assert sum(terms.values()) == bounds.layered(n0, widths, **options)


@pytest.mark.parametrize("ranks", known.RANKS)
def test_ranks(ranks):
    assert bounds.layered(3, [5] * 3, ranks=ranks, pass_ranks=False) == known.RANKS[ranks]


def test_full_ranks_change_nothing_and_rank_zero_is_one_region():
    assert bounds.layered(3, [5, 4], ranks=[5, 9]) == bounds.layered(3, [5, 4])
    assert bounds.layered(3, [5, 4], ranks=[0, 4]) == 1


@pytest.mark.parametrize("shape", known.HINZ_RATIOS)
def test_hinz_ratios(shape):
    ratio = bounds.hinz_2021(*shape) / bounds.layered(*shape)
    assert round(ratio, 4) == known.HINZ_RATIOS[shape]


def test_hinz_equals_the_plain_composition_of_histograms():
    def plain(n0, widths):
        if not widths:
            return 1
        histogram = bounds.activation_histogram(widths[0], n0)
        return sum(
            cells * plain(min(n0, active), widths[1:])
            for active, cells in enumerate(histogram)
            if cells
        )

    rng = np.random.default_rng(2)
    for _ in range(100):
        n0, widths, _ = random_shape(rng, largest=9)
        assert bounds.hinz_2021(n0, widths) == plain(n0, widths)


def test_hinz_refuses_what_would_take_hours():
    shape = 10_000, [10_000] * 3
    assert hinz_products(*shape) > MOST_PRODUCTS
    with pytest.raises(ValueError, match="use layered"):
        bounds.hinz_2021(*shape)


# "about a second" on an idle core; the slack is for a machine shared with others
SECONDS = 10


@pytest.mark.parametrize("name", ["ceiling", "raghu_2017", "montufar_2017", "layered", "hinz_2021"])
@pytest.mark.parametrize(
    "widths", [[100] * 1000, [10_000], [10_000] * 3], ids=["deep", "wide", "three"]
)
def test_large_networks_are_quick(name, widths):
    start = time.process_time()
    value = getattr(bounds, name)(784, widths)
    assert time.process_time() - start < SECONDS
    assert type(value) is int
    assert 0 < bounds.log10(value) <= sum(widths) * 0.30103


def test_deep_terms_need_no_recursion():
    first = next(bounds.layered_terms(1, [1] * 5000))
    assert first == ((0,) * 5000, 1)
