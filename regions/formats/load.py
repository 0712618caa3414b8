"""`load` and `save`: networks from files and frameworks, and back; the suffix names the format."""

import math
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path

from ..errors import InputError, ReadError
from ..files import check_writable, path_of
from ..network import Network
from ..typing import NetworkLike, StrPath
from .arrays import from_arrays
from .keras import from_keras, from_keras_h5, from_keras_model, is_keras_model
from .mat import from_mat
from .nnet import from_nnet, to_nnet
from .npz import from_npz, to_npz
from .onnx_reader import from_onnx
from .onnx_writer import to_onnx
from .safetensors import from_safetensors, to_safetensors
from .sklearn import from_sklearn, is_perceptron
from .state_dict import RELU
from .torch import from_pt, from_tensors, from_torch, to_pt

READERS = {
    ".npz": from_npz,
    ".onnx": from_onnx,
    ".pt": from_pt,
    ".pth": from_pt,
    ".safetensors": from_safetensors,
    ".keras": from_keras,
    ".h5": from_keras_h5,
    ".hdf5": from_keras_h5,
    ".nnet": from_nnet,
    ".mat": from_mat,
}
# The options of `load` that a reader takes: what its format does not say.
TAKES: dict[Callable, tuple[str, ...]] = {
    from_pt: ("activation",),
    from_safetensors: ("activation",),
    from_mat: ("activation",),
    from_onnx: ("output",),
}
WRITERS = {
    ".npz": to_npz,
    ".onnx": to_onnx,
    ".pt": to_pt,
    ".pth": to_pt,
    ".safetensors": to_safetensors,
    ".nnet": to_nnet,
}


def load(
    source: NetworkLike,
    *,
    input_shape: Sequence[int] | None = None,
    activation: str | None = None,
    output: str | None = None,
) -> Network:
    """The `Network` in ``source``: a path, a ``torch.nn.Sequential``, or a `Network` as it is.

    Parameters
    ----------
    source
        A path to a file .npz, .onnx, .pt or .pth (state dict), .safetensors, .keras, .h5, .nnet or .mat; the
        suffix names the format, the content must be of it. Or a module, known by its class names. Or
        arrays in memory: pairs ``(W, b)``, one list ``[W1, b1, W2, b2, ...]``, or a state dict.
    input_shape
        (channels, height, width) of the images that a module with convolutions takes; what else is
        read tells it itself. Such a network is a `ConvolutionalNetwork`.
    activation
        ``"relu"`` says what a state dict does not: the function between its layers. Others are refused.
    output
        Which output is meant, by its name, of an ONNX file that has several.

    Raises
    ------
    ReadError
        A missing file, a folder, an unknown suffix, content that is not of the format or not a
        feed-forward ReLU network, weights that are not finite, an optional package that is missing.

    Warns
    -----
    ReadWarning
        The network read is not weight for weight what the file holds: affine maps without a ReLU
        between them were folded with rounding, or the normalisation of a .nnet file is left out. Or
        something was assumed (the activation of a state dict), or left unread (arrays beside the network).

    Notes
    -----
    Without that warning the network computes, over the real numbers, exactly the function that the
    stored weights define: shorter floats are exact in float64.

    Examples
    --------
    >>> import tempfile
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[1.0, 1.0]], None))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(network, f"{folder}/net.npz")
    ...     load(f"{folder}/net.npz") == network
    True
    >>> load("net.doc")
    Traceback (most recent call last):
    ...
    regions.errors.ReadError: net.doc: a network cannot be read from '.doc', only from .npz, .onnx, .pt, .pth,
    .safetensors, .keras, .h5, .hdf5, .nnet, .mat; save it in one of these formats
    """
    options = {"input_shape": input_shape, "activation": activation, "output": output}
    if not isinstance(source, str | PathLike):
        read, takes = _in_memory(source)
        return _read(read, source, takes, options)
    path = Path(fspath(source))
    read = READERS.get(path.suffix.lower())
    try:
        if read is None:
            raise ReadError(
                f"a network cannot be read from {path.suffix!r}, only from {', '.join(READERS)}; save "
                "it in one of these formats"
            )
        if not path.is_file():
            there = "is a folder" if path.is_dir() else "is a pipe or a device"
            what = there if path.exists() else "does not exist"
            raise ReadError(f"the file {what}; give the path of a file that holds a network")
        if not path.stat().st_size:
            raise ReadError("the file is empty; write it again")
        return _read(read, path, TAKES.get(read, ()), options)
    except InputError as error:
        raise ReadError(f"{path}: {error}") from error


def _in_memory(source):
    """``(reader, names of its options)`` for an object that is no path."""
    if isinstance(source, Network):
        return (lambda network: network), ()
    if isinstance(source, list | tuple):
        return from_arrays, ()
    if isinstance(source, Mapping):
        return from_tensors, ("activation",)
    if is_perceptron(source):
        return from_sklearn, ()
    if is_keras_model(source):
        return from_keras_model, ()
    return from_torch, ("input_shape",)


def _read(read, source, takes, options):
    """What ``read`` makes of ``source``; an option that it does not take must agree with what it found."""
    network = read(source, **{name: options[name] for name in takes})
    given = {name: v for name, v in options.items() if name not in takes and v is not None}
    if given.pop("activation", RELU) != RELU:
        raise ReadError(
            f"activation={options['activation']!r}, but the source says what stands between its layers, or "
            f"only {RELU!r} can; leave it out"
        )
    if "output" in given:
        raise ReadError(
            f"output={given['output']!r} chooses among the outputs of an .onnx; leave it out"
        )
    if "input_shape" in given:
        shape = getattr(network, "input_shape", None)
        sizes = given["input_shape"] if isinstance(given["input_shape"], list | tuple) else ()
        if not sizes or math.prod(sizes) != network.n0 or (shape and tuple(sizes) != shape):
            raise ReadError(
                f"input_shape={given['input_shape']!r}, but the source says {shape or (network.n0,)}; leave it out"
            )
    return network


def save(network: NetworkLike, path: StrPath) -> None:
    """Write ``network``, whatever `load` takes, to ``path`` in the format of its suffix; `load` reads back the same doubles.

    Formats: .npz, .onnx, .pt or .pth (state dict of an ``nn.Sequential``), .safetensors, .nnet.
    ONNX and state dicts are written in float32 if that is exact, else in float64. A
    `ConvolutionalNetwork` keeps its convolutions in .onnx; .npz and .nnet take its lowered layers.

    Raises
    ------
    InputError
        A suffix that cannot be written, a folder that does not exist, convolutions to a state dict;
        `ReadError` if an optional package is missing.
    """
    write = writer(path)
    write(load(network), path_of(path))


def writer(path):
    """The function that writes a network to ``path``, refused now if it could not be written then.

    >>> writer("net.doc")
    Traceback (most recent call last):
    ...
    regions.errors.InputError: net.doc: a network cannot be written to '.doc', only to .npz, .onnx, .pt,
    .pth, .safetensors, .nnet; choose one of these suffixes
    """
    path = path_of(path)
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputError(
            f"{path}: a network cannot be written to {path.suffix!r}, only to {', '.join(WRITERS)}; "
            "choose one of these suffixes"
        )
    check_writable(path)
    return write
