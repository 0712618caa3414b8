import numpy as np
import pytest
import torch

from experiments.attack import Attack, losses, worst_images


def linear(weights, biases):
    """Outputs of linear models, weights (networks, classes, n0)."""
    return lambda images: torch.baddbmm(biases[:, None, :], images, weights.transpose(1, 2))


@pytest.fixture
def problem():
    draw = torch.Generator().manual_seed(0)
    weights, biases = torch.randn(3, 2, 6, generator=draw), torch.randn(3, 2, generator=draw)
    images = torch.rand(3, 20, 6, generator=draw)
    labels = torch.randint(0, 2, (3, 20), generator=draw)
    return linear(weights, biases), weights, images, labels


def generators(count=3):
    return [np.random.default_rng(seed) for seed in range(count)]


@pytest.mark.parametrize("random_start", [True, False])
def test_the_change_is_within_radius_and_box_and_never_helps(problem, random_start):
    outputs, _, images, labels = problem
    attack = Attack(radius=0.2, step=0.07, steps=4, random_start=random_start)
    worst = worst_images(outputs, images, labels, attack, generators())
    assert (worst - images).abs().max() <= 0.2 + 1e-6  # float32 rounding of image +- radius
    assert worst.min() >= 0
    assert worst.max() <= 1
    assert (losses(outputs, worst, labels) >= losses(outputs, images, labels)).all()


def test_two_class_linear_models_have_a_worst_image_in_closed_form(problem):
    """The loss grows with the other class's margin, linear in x: every pixel goes to its end."""
    outputs, weights, images, labels = problem
    worst = worst_images(
        outputs, images, labels, Attack(0.2, step=0.1, steps=10, random_start=False), generators()
    )
    towards_one = (weights[:, 1] - weights[:, 0]).sign()[:, None, :]
    direction = torch.where(labels[..., None] == 0, towards_one, -towards_one)
    torch.testing.assert_close(worst, (images + 0.2 * direction).clamp(0, 1))


def test_one_step_is_the_sign_of_the_gradient_by_hand(problem):
    outputs, weights, images, labels = problem
    attack = Attack(radius=0.5, step=0.01, steps=1, random_start=False)
    worst = worst_images(outputs, images, labels, attack, generators())
    share = torch.softmax(outputs(images), dim=2)
    share = share - torch.nn.functional.one_hot(labels, 2)
    expected = (images + 0.01 * torch.bmm(share, weights).sign()).clamp(0, 1)
    torch.testing.assert_close(worst, expected)


def test_networks_are_attacked_as_if_alone(problem):
    outputs, weights, images, labels = problem
    together = worst_images(outputs, images, labels, Attack(steps=3), generators())
    biases = outputs(torch.zeros(3, 1, 6))[:, 0]
    alone = worst_images(
        linear(weights[1:2], biases[1:2]),
        images[1:2],
        labels[1:2],
        Attack(steps=3),
        generators()[1:2],
    )
    torch.testing.assert_close(together[1:2], alone)


def test_a_radius_of_zero_changes_nothing(problem):
    outputs, _, images, labels = problem
    worst = worst_images(outputs, images, labels, Attack(radius=0.0), generators())
    assert torch.equal(worst, images)
