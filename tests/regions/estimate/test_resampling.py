import numpy as np
import pytest

from regions.estimate.resampling import inclusion_probabilities, systematic_sample


@pytest.mark.parametrize("seed", range(20))
def test_probabilities_are_shares_that_never_exceed_one(seed):
    rng = np.random.default_rng(seed)
    scores, count = rng.lognormal(0.0, 3.0, 30), int(rng.integers(1, 29))
    probabilities = inclusion_probabilities(scores, count)
    assert probabilities.sum() == pytest.approx(count)
    assert probabilities.max() <= 1.0
    below = probabilities < 1.0
    ratio = probabilities[below] / scores[below]
    assert ratio == pytest.approx(ratio[0])
    # whoever is certain would have had a share of at least 1 among those below
    assert (scores[~below] * ratio[0] >= 1.0 - 1e-12).all()


def test_each_member_is_taken_as_often_as_it_should():
    rng, probabilities = np.random.default_rng(0), np.array([0.1, 0.7, 1.0, 0.25, 0.95])
    draws = np.array([systematic_sample(probabilities, rng) for _ in range(20_000)])
    deviation = np.sqrt(probabilities * (1 - probabilities) / len(draws))
    assert (np.abs(draws.mean(axis=0) - probabilities) <= 4 * deviation).all()
    assert draws[:, 2].all()


def test_a_sample_has_the_expected_size():
    rng = np.random.default_rng(1)
    for _ in range(100):
        probabilities = inclusion_probabilities(rng.random(50), 20)
        assert systematic_sample(probabilities, rng).sum() in (19, 20, 21)
        stretch = systematic_sample(np.full(40, 0.25), rng)
        assert (stretch.reshape(10, 4).sum(axis=1) == 1).all()
