"""Projected gradient descent on the inputs: the worst images near the given ones, for each network.

Madry et al. 2018, "Towards deep learning models resistant to adversarial attacks", section 2.1.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional


@dataclass(frozen=True)
class Attack:
    """Which perturbations are allowed, in units of pixels in [0, 1], and how they are searched.

    ``radius`` bounds the change of every pixel, ``step`` is how far it moves in each of ``steps``
    steps, ``random_start`` says whether the search starts at a random image or at the given one.
    In training it begins after ``warmup`` epochs on the images themselves: small networks that are
    attacked from the first step on often end with one answer to all images.
    """

    radius: float = 0.1
    step: float = 0.025
    steps: int = 7
    random_start: bool = True
    warmup: int = 0


def worst_images(outputs, images, labels, attack, rngs):
    """Images within ``attack.radius`` of ``images`` and within [0, 1] that a network finds hardest.

    Parameters
    ----------
    outputs
        Function from images of shape (networks, images, n0) to outputs (networks, images, classes).
    images, labels
        Tensors of shape (networks, images, n0) and (networks, images).
    attack
        An `Attack`.
    rngs
        One NumPy generator for each network, for the random starts.

    Returns
    -------
    A tensor like ``images``: of all images met, the given one included, that of the largest
    cross-entropy. Its loss is therefore never below that of the given image.
    """
    lowest, highest = (images - attack.radius).clamp(0, 1), (images + attack.radius).clamp(0, 1)
    worst, largest = images, losses(outputs, images, labels).detach()
    here = _start(images, attack, rngs).clamp(lowest, highest)
    for step in range(attack.steps + 1):
        here.requires_grad_()
        found = losses(outputs, here, labels)
        worse = found.detach() > largest
        worst = torch.where(worse[..., None], here.detach(), worst)
        largest = torch.maximum(largest, found.detach())
        if step < attack.steps:
            (slope,) = torch.autograd.grad(found.sum(), here)
            here = (here.detach() + attack.step * slope.sign()).clamp(lowest, highest)
    return worst


def _start(images, attack, rngs):
    if not attack.random_start:
        return images.clone()
    share = [rng.random(images.shape[1:], dtype=np.float32) for rng in rngs]
    return images + attack.radius * (2 * torch.from_numpy(np.stack(share)) - 1)


def losses(outputs, images, labels):
    """Cross-entropy of every image, of shape (networks, images)."""
    return cross_entropy(outputs(images), labels)


def cross_entropy(scores, labels):
    """Of scores (networks, images, classes) and labels (networks, images), for every image."""
    each = functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="none")
    return each.view(labels.shape)
