"""New values for the weights that stay, so that the loss grows less: WoodFisher and CBS-U."""

import numpy as np


def woodfisher_costs(weights, inverse):
    """What each weight costs if it alone is removed and all others make up for it; shape (N,).

    Singh, Alistarh 2020, after Hassibi, Stork 1992: ``w**2 / (2 * diagonal of the inverse)``.

    Parameters
    ----------
    weights, inverse
        Shape (N,), and the `Inverse` of their damped curvature.
    """
    return weights**2 / (2 * inverse.diagonal)


def woodfisher_update(weights, removed, inverse):
    """The weights after the sum of the updates that each removed weight alone would call for.

    Singh, Alistarh 2020. The removed ones are exactly zero after it; that their updates also move one
    another is neglected, which `surgeon_update` mends.
    """
    pull = np.where(removed, weights / inverse.diagonal, 0.0)
    return np.where(removed, 0.0, weights - inverse.product(pull))


def surgeon_update(weights, removed, curvature, damping):
    """The best weights under the quadratic model with the removed ones at exactly zero (CBS-U).

    Yu et al. 2022, whose printed ``w* = dw - w`` is a slip for ``w* = w + dw``.

    Parameters
    ----------
    weights, removed
        Shapes (N,); the set as Booleans.
    curvature
        A `Hessian`, a `Fisher` or `Blocks` of one.
    damping
        Added to the diagonal of the curvature: how dear it is to move the kept weights at all.

    Examples
    --------
    >>> from regions.prune.curvature import Hessian
    >>> hessian = Hessian([[2.0, 1.0], [1.0, 2.0]])
    >>> surgeon_update(np.array([1.0, 3.0]), np.array([True, False]), hessian, 0.0)
    array([0. , 3.5])
    """
    step = curvature.compensation(-weights, removed, damping)
    return np.where(removed, 0.0, weights + step)
