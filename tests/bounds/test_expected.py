from fractions import Fraction
from itertools import product
from math import comb, log2

import numpy as np
import pytest

import bounds
from bounds.expected import binomial_ranks, expected_layered, hanin_rolnick_2019, sampled_ranks


@pytest.mark.parametrize(
    ("d", "with_outputs", "hidden"),
    [(1, 12.244, 8.785), (2, 21.250, 15.442), (4, 33.787, 25.194)],
)
def test_dense_networks_have_the_numbers_that_cai_et_al_print(d, with_outputs, hidden):
    def bound(widths):
        before = (d, *widths)
        laws = [sampled_ranks(n, m, 1.0, seed=0) for m, n in zip(before, widths, strict=False)]
        return log2(expected_layered(d, widths, laws))

    assert round(bound([20, 20, 10]), 3) == with_outputs
    assert round(bound([20, 20]), 3) == hidden


def test_known_ranks_give_theorem_1_with_ranks():
    rng = np.random.default_rng(0)
    for _ in range(50):
        n0, widths = int(rng.integers(1, 6)), rng.integers(1, 7, 3).tolist()
        ranks = [int(rng.integers(0, n + 1)) for n in widths]
        laws = [{rank: 0.3} for rank in ranks]
        assert expected_layered(n0, widths, laws) == bounds.layered(n0, widths, ranks=ranks)


def test_it_is_the_mean_over_all_ranks():
    laws = [{1: 1, 2: 3}, {0: 1, 2: 1}, {1: 2, 3: 1}]
    mean = Fraction(0)
    for ranks in product(*laws):
        chance = Fraction(1)
        for rank, law in zip(ranks, laws, strict=True):
            chance *= Fraction(law[rank], sum(law.values()))
        mean += chance * bounds.layered(3, [3, 4, 3], ranks=ranks)
    assert expected_layered(3, [3, 4, 3], laws) == mean


def test_sampled_ranks_follow_the_law_of_all_two_by_two_patterns():
    chances = {0: 0, 1: 0, 2: 0}
    for a, b, c, d in product((0, 1), repeat=4):
        matched = 2 if a * d or b * c else min(1, a + b + c + d)
        chances[matched] += 1 / 16
    found = {0: 0, 1: 0, 2: 0}
    for seed in range(40):
        for rank, number in sampled_ranks(2, 2, 0.5, seed=seed).items():
            found[rank] += number
    draws = sum(found.values())
    for rank, chance in chances.items():
        error = (chance * (1 - chance) / draws) ** 0.5
        assert abs(found[rank] / draws - chance) < 5 * error


def test_the_sampled_rank_is_that_of_a_random_matrix():
    rng = np.random.default_rng(1)
    from bounds.expected import _rank

    for density in (0.1, 0.3, 0.6):
        state = rng.bit_generator.state
        structural = _rank(rng, 6, 8, density)
        rng.bit_generator.state = state
        matrix = (rng.random((6, 8)) < density) * rng.normal(size=(6, 8))
        assert structural == np.linalg.matrix_rank(matrix)


def test_more_draws_where_ranks_differ_and_the_same_by_seed():
    found = sampled_ranks(4, 4, 0.4, seed=3)
    assert sum(found.values()) % 50 == 0
    assert sum(found.values()) > 50
    assert found == sampled_ranks(4, 4, 0.4, seed=3)


def test_binomial_law():
    law = binomial_ranks(7, 3, 0.2)
    hit = 1 - 0.8**7
    assert list(law) == [0, 1, 2, 3]
    assert law[1] == pytest.approx(3 * hit * (1 - hit) ** 2)
    assert sum(law.values()) == pytest.approx(1.0)
    assert expected_layered(2, [7], [binomial_ranks(7, 3, 1.0)]) == bounds.layered(2, [7])


def test_sparser_networks_are_expected_to_have_fewer():
    values = [
        expected_layered(4, [6, 6], [binomial_ranks(6, 4, p), binomial_ranks(6, 6, p)])
        for p in (0.05, 0.2, 0.5, 1.0)
    ]
    assert values == sorted(values)
    assert values[-1] == bounds.layered(4, [6, 6])


def test_the_yardstick_of_hanin_and_rolnick():
    assert hanin_rolnick_2019(1, 30, T=1) == 30
    assert hanin_rolnick_2019(5, 4, T=7) == 2**4
    for n0 in (2, 3, 5):  # N hyperplanes have nearly as many cells
        assert hanin_rolnick_2019(n0, 10**6, T=1) / comb(10**6, n0) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: expected_layered(2, [3], []), "1 widths need as many laws"),
        (lambda: expected_layered(2, [3], [{1: -1}]), r"ranks\[0\]\[1\] must be at least 0"),
        (lambda: expected_layered(2, [3], [{1: 0}]), "has no weight"),
        (lambda: binomial_ranks(2, 2, 1.5), "density must lie between 0 and 1; got 1.5"),
        (lambda: sampled_ranks(0, 2, 0.5, seed=0), "rows must be a whole number"),
        (lambda: hanin_rolnick_2019(2, 5, T=0), "T must be a finite number above 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
