"""The modules of PyTorch that work on images, and batch normalisation of both kinds."""

import numpy as np

from ..errors import ReadError
from ..files import check_expansion
from ..network import Convolution, Pooling
from .image_chain import NO_SHAPE


def read_image_module(module, name, chain):
    """Add ``module``, one of `IMAGE_MODULES`, to the `ImageChain` ``chain``."""
    IMAGE_MODULES[type(module).__name__](module, name, chain)


def array_of(key, tensor):
    """The numbers of ``tensor``, exactly, floats as float64; ``key`` says whose it is."""
    if tensor.is_complex() or tensor.is_quantized:
        raise ReadError(
            f"{key} has dtype {tensor.dtype}; weights must be real floating-point numbers"
        )
    if tensor.is_meta or tensor.is_nested or str(tensor.layout) != "torch.strided":
        what = "on the device meta, without numbers" if tensor.is_meta else f"{tensor.layout}"
        raise ReadError(
            f"{key} is no plain array (it is {what}); give it numbers, one for each entry (to_dense())"
        )
    try:
        stored = tensor.untyped_storage().nbytes()
        check_expansion(tensor.numel() * tensor.element_size(), stored, key)
        tensor = tensor.detach().cpu()
        return (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    except (RuntimeError, NotImplementedError, TypeError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ReadError(f"the numbers of {key} cannot be read ({why})") from error


def _convolve(module, name, chain):
    if module.padding_mode != "zeros":
        raise ReadError(f"{name} pads with {module.padding_mode!r}; only zeros can be lowered")
    bias = None if module.bias is None else array_of(f"{name}.bias", module.bias)
    chain.step(
        Convolution(
            array_of(f"{name}.weight", module.weight),
            bias,
            _pair(module.stride),
            _padding(module, name),
            _pair(module.dilation),
            module.groups,
            name,
        )
    )


def _average(module, name, chain):
    padding = _pair(module.padding)
    if (
        module.ceil_mode
        or module.divisor_override
        or (any(padding) and not module.count_include_pad)
    ):
        raise ReadError(
            f"{name} divides by something else than the size of its window (ceil_mode, divisor_override, "
            "or count_include_pad=False with padding); only plain averages can be read"
        )
    chain.step(Pooling(_pair(module.kernel_size), _pair(module.stride), padding, name))


def _average_to(module, name, chain):
    if chain.shape is None:
        raise ReadError(f"{name} {NO_SHAPE}")
    size = chain.shape[1:]
    wanted = tuple(
        n if w is None else w for n, w in zip(size, _pair(module.output_size), strict=True)
    )
    if any(n % w for n, w in zip(size, wanted, strict=True)):
        raise ReadError(
            f"{name} makes {wanted} of images of size {size}: its windows differ in size; use AvgPool2d"
        )
    kernel = tuple(n // w for n, w in zip(size, wanted, strict=True))
    chain.step(Pooling(kernel, kernel, name=name))


def _normalise_images(module, name, chain):
    chain.normalise(name, *_factor_and_shift(module, name))


def _normalise_features(module, name, chain):
    chain.normalise_features(name, *_factor_and_shift(module, name))


def _factor_and_shift(module, name):
    """What batch normalisation does in evaluation, one number of each per channel."""
    if module.running_mean is None:
        raise ReadError(
            f"{name} keeps no running statistics: its output depends on the whole batch"
        )
    mean, variance = (array_of(name, t) for t in (module.running_mean, module.running_var))
    factor = 1 / np.sqrt(variance + module.eps)
    if module.weight is None:
        return factor, -mean * factor
    factor = array_of(f"{name}.weight", module.weight) * factor
    return factor, array_of(f"{name}.bias", module.bias) - mean * factor


def _padding(module, name):
    if module.padding == "valid":
        return 0, 0
    if module.padding != "same":
        return _pair(module.padding)
    pairs = zip(_pair(module.dilation), module.kernel_size, strict=True)
    total = [d * (k - 1) for d, k in pairs]
    if any(n % 2 for n in total):
        raise ReadError(f"{name} pads opposite sides differently ('same' with an even kernel)")
    return tuple(n // 2 for n in total)


def _pair(value):
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


IMAGE_MODULES = {
    "Conv2d": _convolve,
    "AvgPool2d": _average,
    "AdaptiveAvgPool2d": _average_to,
    "BatchNorm2d": _normalise_images,
    "BatchNorm1d": _normalise_features,
}
