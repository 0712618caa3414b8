"""What every reader of a foreign file needs: the optional package, and one kind of error."""

from contextlib import contextmanager
from importlib import import_module

import numpy as np

from ..errors import InputError, ReadError
from ..network import Convolution, ConvolutionalNetwork


def require(package, extra):
    """Import the optional ``package``, or raise a `ReadError` that names the extra to install."""
    try:
        return import_module(package)
    except ImportError as error:
        raise ReadError(
            f"this format needs the package {package.partition('.')[0]}, which cannot be imported "
            f"({error}); run: pip install relu-regions[{extra}]"
        ) from error


@contextmanager
def parsing(kind, remedy):
    """Turn whatever a parser raises on a broken ``kind`` file into a one-line `ReadError`.

    Every exception is taken, on purpose: on arbitrary bytes the parsers raise anything from EOFError
    to KeyError. Wrap the parser's call alone, never our own reading of its result.
    """
    try:
        yield
    except InputError:  # a reason of our own
        raise
    except Exception as error:
        first = (str(error).strip().splitlines() or ["no more is known"])[0]
        raise ReadError(
            f"not a readable {kind} file ({type(error).__name__}: {first}); {remedy}"
        ) from error


def shortest_float(network):
    """float32 when every number that a file of ``network`` holds is one, else float64.

    >>> from regions.network import Network
    >>> shortest_float(Network.of(([[0.5]], None))).__name__
    'float32'
    >>> shortest_float(Network.of(([[0.1]], None))).__name__
    'float64'
    """
    if isinstance(network, ConvolutionalNetwork):  # kernels are stored, not their matrices
        kernels, head = shortest_float_of_steps(network.steps), shortest_float(network.head)
        return max(kernels, head, key=lambda dtype: np.dtype(dtype).itemsize)
    return _shortest(array for layer in network.layers for array in layer)


def shortest_float_of_steps(steps):
    """The same for the convolutions among ``steps``."""
    kernels = [step for step in steps if isinstance(step, Convolution)]
    return _shortest(array for step in kernels for array in (step.weight, step.bias))


def _shortest(arrays):
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, hence different
        exact = all(np.array_equal(array.astype(np.float32), array) for array in arrays)
    return np.float32 if exact else np.float64
