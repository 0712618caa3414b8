"""Statements with a confidence, against published numbers and simulation with a known mean."""

import math

import numpy as np
import pytest
from scipy import stats

from regions.errors import InputError
from regions.estimate.intervals import (
    anytime_lower,
    check_confidence,
    lognormal_interval,
    successes_needed,
    successes_needed_by_chernoff,
)

# rounds: successes needed by Chernoff's bound and by the exact binomial tail, confidence 95 %
NEEDED = {
    5: (None, 5),
    8: (None, 7),
    10: (None, 9),
    20: (19, 15),
    30: (26, 20),
    40: (32, 26),
    50: (39, 32),
    100: (69, 59),
    200: (126, 113),
}


@pytest.mark.parametrize("rounds", NEEDED)
def test_successes_of_mipbound(rounds):
    chernoff, exact = NEEDED[rounds]
    assert successes_needed(rounds, 0.95) == exact
    assert successes_needed_by_chernoff(rounds, 0.95) == chernoff


@pytest.mark.parametrize("spread", [0.05, 0.3, 1.0])
def test_intervals_of_lognormal_estimates_cover(spread):
    rng, runs = np.random.default_rng(0), 2000
    logs = rng.normal(-(spread**2) / 2, spread, (runs, 16))  # of mean 1
    ends = np.array([lognormal_interval(row, 0.95) for row in logs])
    covered = ((ends[:, 0] <= 0) & (ends[:, 1] >= 0)).sum()
    assert 0.93 <= covered / runs <= 0.97


@pytest.mark.parametrize("rare", [1e-2, 1e-3, 1e-4, 1e-5])
def test_paths_that_nearly_all_agree_have_an_interval_too(rare):
    """A path that meets a rare thing is worth half: most of the time nobody meets it."""
    rng, runs, count, paths = np.random.default_rng(3), 1000, 12, 64
    met = rng.binomial(paths, rare, (runs, count))
    logs, truth = np.log(1 - met / paths / 2), math.log(1 - rare / 2)
    ends = np.array([lognormal_interval(row, 0.95, count * paths) for row in logs])
    covered = ((ends[:, 0] <= truth) & (ends[:, 1] >= truth)).mean()
    assert covered >= 0.95
    assert (ends[:, 1] - ends[:, 0]).max() < 0.05


@pytest.mark.parametrize("spread", [0.1, 1.0, 3.0])
def test_lower_bounds_fail_no_more_often_than_they_say(spread):
    """Whatever the spread: rounds that narrow, and the best bound over all moments to stop."""
    rng, runs, false = np.random.default_rng(1), 1000, 0
    for _ in range(runs):
        rounds = [
            rng.normal(-(s**2) / 2, s, 16) for s in (spread, spread / 2, spread / 4)
        ]  # of mean 1
        false += anytime_lower(rounds, 0.9) > 0
    assert stats.binom.sf(false - 1, runs, 0.1) > 0.001


def test_a_two_point_distribution_does_not_break_the_lower_bound():
    """Estimates that are 0.1 nearly always and enormous now and then: the worst for averages."""
    rng, runs, false = np.random.default_rng(2), 1000, 0
    for _ in range(runs):
        large = rng.random(16) < 0.01
        estimates = np.where(large, 90.1, 0.1)  # of mean 1
        false += anytime_lower([np.log(estimates)], 0.9) > 0
    assert stats.binom.sf(false - 1, runs, 0.1) > 0.001


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, float("nan")])
def test_a_confidence_lies_between_zero_and_one(confidence):
    with pytest.raises(InputError, match="strictly between 0 and 1"):
        check_confidence(confidence)
