import numpy as np
import pytest
import torch

from experiments.attack import Attack
from experiments.data import digits
from experiments.train import Recipe, accuracy, snapshots, train
from regions.errors import InputError

SHORT = Recipe(epochs=3)


@pytest.fixture(scope="module")
def small():
    return digits("sklearn")


@pytest.mark.parametrize(
    "recipe",
    [
        SHORT,
        Recipe(epochs=2, l1=1e-3, proximal=True),
        Recipe(epochs=2, attack=Attack(steps=2)),
    ],
    ids=["plain", "proximal", "adversarial"],
)
def test_a_network_of_a_batch_is_the_network_trained_alone(small, recipe):
    together = train(small, (5, 4), [3, 8, 11], recipe)
    alone = train(small, (5, 4), [8], recipe)[0]
    assert together[1].seed == alone.seed == 8
    # The first layers of a batch are one product, whose float32 sums may be taken in another order
    # than those of one network: relative errors of 1e-7, which a few steps leave far below 1e-4.
    for batched, single in zip(together[1].network.layers, alone.network.layers, strict=True):
        np.testing.assert_allclose(batched.weight, single.weight, atol=1e-4)
        np.testing.assert_allclose(batched.bias, single.bias, atol=1e-4)
    assert together[0].network != together[1].network


def test_the_same_seed_gives_the_same_network_whatever_the_global_random_state(small):
    torch.manual_seed(1)
    first = train(small, (4,), [0], SHORT)[0]
    torch.manual_seed(2)
    assert train(small, (4,), [0], SHORT)[0] == first


def test_one_step_is_the_textbook_update(small):
    """A linear model, one batch of all images: the gradient of the softmax is known in closed form."""
    recipe = Recipe(epochs=1, batch=len(small.train_labels))
    (before,), (after,) = snapshots(small, (), [0], recipe)
    images = small.train_images.astype(float)
    scores = before.network.forward(images)
    share = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    share[np.arange(len(images)), small.train_labels] -= 1
    old, new = before.network.layers[0], after.network.layers[0]
    # float32 sums over 1,438 images: relative error of a few 1e-6
    np.testing.assert_allclose(
        new.weight, old.weight - 0.01 * share.T @ images / len(images), atol=1e-6
    )
    np.testing.assert_allclose(new.bias, old.bias - 0.01 * share.mean(axis=0), atol=1e-6)


def test_training_learns(small):
    before, after = snapshots(small, (16,), [0, 1], Recipe(epochs=40), every=40)
    assert [one.epoch for one in (*before, *after)] == [0, 0, 40, 40]
    for old, new in zip(before, after, strict=True):
        assert new.loss < old.loss / 3
        assert new.accuracy > 0.85
        assert new.accuracy == accuracy(new.network, small.test_images, small.test_labels)


def test_snapshots_end_with_the_trained_network(small):
    *_, last = snapshots(small, (4,), [5], SHORT, every=2)
    assert last == train(small, (4,), [5], SHORT)


def test_first_weights_are_kaiming_normal_with_zero_biases(small):
    first = next(snapshots(small, (200, 100), [0], SHORT))[0].network
    for layer in first.layers:
        fan_in = layer.weight.shape[1]
        # 1,000 draws at least: the deviation of the sample is within 10 % with great certainty
        assert layer.weight.std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.1)
        assert not layer.bias.any()


def test_proximal_l1_has_exact_zeros_and_the_subgradient_has_none(small):
    def zeros(**options):
        found = train(small, (8,), [0], Recipe(epochs=5, **options))[0].network
        return sum(int((layer.weight == 0).sum()) for layer in found.layers)

    assert zeros(l1=0.05, proximal=True) > 100
    assert zeros(l1=0.05, proximal=False) == 0
    assert zeros() == 0


def test_biases_stay_at_zero_when_they_do_not_learn(small):
    free, fixed = (train(small, (4,), [0], SHORT, biases=b)[0].network for b in (True, False))
    assert all(layer.bias.all() for layer in free.layers)
    assert not any(layer.bias.any() for layer in fixed.layers)


def test_subgradient_l1_shrinks_the_weights(small):
    def size(l1):
        found = train(small, (8,), [0], Recipe(epochs=5, l1=l1))[0].network
        return sum(np.abs(layer.weight).sum() for layer in found.layers)

    assert size(0.01) < 0.9 * size(0.0)


def test_adversarial_training_resists_its_attack_better(small):
    from experiments.attack import losses, worst_images

    attack = Attack(radius=0.15, step=0.05, steps=5)
    images = torch.from_numpy(small.test_images.copy())[None]
    labels = torch.from_numpy(small.test_labels)[None]

    def loss_under_attack(recipe):
        network = train(small, (16,), [0], recipe)[0].network
        layers = [tuple(map(torch.tensor, layer)) for layer in network.layers]

        def outputs(x):
            (W1, b1), (W2, b2) = layers
            return torch.relu(x.double() @ W1.T + b1) @ W2.T + b2

        worst = worst_images(outputs, images, labels, attack, [np.random.default_rng(0)])
        return float(losses(outputs, worst, labels).mean())

    plain, hardened = (loss_under_attack(Recipe(epochs=8, attack=a)) for a in (None, attack))
    assert hardened < 0.9 * plain


def test_training_leaves_the_number_of_threads_alone(small):
    before = torch.get_num_threads()
    for _ in snapshots(small, (3,), [0], SHORT):
        assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("widths", "seeds", "message"),
    [
        ((4,), [1, 1], r"seeds \(1, 1\) must be distinct"),
        ((4,), [], r"seeds \(\) must be distinct"),
        ((4, 0), [1], r"hidden widths \(4, 0\) must all be at least 1"),
    ],
)
def test_bad_input_is_one_clear_line(small, widths, seeds, message):
    with pytest.raises(InputError, match=message):
        train(small, widths, seeds, SHORT)
