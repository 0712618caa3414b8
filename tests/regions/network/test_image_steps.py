"""Steps on images, written as matrices, against torch's own convolutions."""

import numpy as np
import pytest
import torch

from regions.errors import InputError
from regions.network import Convolution, Pooling

# Unit: values of order one in float64. Both sides differ by the order of their sums.
ROUNDING = 1e-12


def through(step, image):
    weight, bias, _ = step.affine(image.shape)
    return (weight @ image.ravel() + bias).reshape(step.output_shape(image.shape))


@pytest.mark.parametrize(
    ("out", "groups", "kernel", "options"),
    [
        (4, 1, (3, 3), {}),
        (4, 1, (3, 2), {"padding": (1, 2)}),
        (2, 2, (3, 3), {"stride": (2, 3), "padding": (2, 1)}),
        (6, 2, (2, 3), {"dilation": (2, 1)}),
        (4, 4, (5, 5), {"padding": (2, 2), "stride": (2, 1)}),
    ],
)
def test_convolutions_equal_those_of_torch(out, groups, kernel, options):
    rng = np.random.default_rng(0)
    image, weight = rng.normal(size=(4, 8, 9)), rng.normal(size=(out, 4 // groups, *kernel))
    bias = rng.normal(size=out)
    tensors = map(torch.from_numpy, (image[None], weight, bias))
    expected = torch.conv2d(*tensors, groups=groups, **options)[0].numpy()
    found = through(Convolution(weight, bias, groups=groups, **options), image)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [((2, 2), (2, 2), (0, 0)), ((3, 2), (1, 2), (1, 1))]
)
def test_averages_equal_those_of_torch(kernel, stride, padding):
    image = np.random.default_rng(0).normal(size=(3, 7, 6))
    expected = torch.nn.functional.avg_pool2d(torch.from_numpy(image), kernel, stride, padding)
    step = Pooling(kernel, stride, padding)
    assert np.allclose(through(step, image), expected.numpy(), rtol=0, atol=ROUNDING)
    assert step.affine(image.shape).exact == (kernel == (2, 2))


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="takes images of 2 channels"):
        Convolution(np.ones((1, 2, 3, 3))).output_shape((3, 5, 5))
    with pytest.raises(InputError, match="is larger than its image"):
        Convolution(np.ones((1, 1, 3, 3))).output_shape((1, 2, 2))
    with pytest.raises(InputError, match="stride 0"):
        Pooling((2, 2), (0, 1)).output_shape((1, 4, 4))
    with pytest.raises(InputError, match="must be"):
        Convolution(np.ones((2, 3, 3)))
    with pytest.raises(InputError, match="needs 2 entries"):
        Convolution(np.ones((2, 1, 3, 3)), [1.0])
    with pytest.raises(InputError, match="of the size of LeNet"):
        Convolution(np.ones((64, 64, 3, 3)), padding=(1, 1)).affine((64, 224, 224))
