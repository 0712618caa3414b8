"""The .nnet text format of the verification community (Reluplex, ACAS Xu).

Comment lines begin with ``//``. Then come, each line ended by a comma: the numbers of layers, inputs,
outputs and of the widest layer; the layer sizes from input to output; an unused flag; minima, maxima,
means and ranges of the inputs (the last two with one more entry for all outputs); and for each layer
its rows, then its biases one to a line.
"""

import re
import sys
import warnings
from itertools import pairwise

import numpy as np

from ..errors import ReadError
from ..files import regular, written
from ..network import Network
from ..network.chain import ReadWarning
from ..network.slopes import require_relu
from .optional_packages import parsing

HEADER_LINES = 7
REMEDY = "see the format's description at github.com/sisl/NNet, or export to ONNX"


def from_nnet(path):
    """The `Network` in ``path``: the stored weights, between normalised inputs and outputs.

    The normalisation stored beside them is not part of the network (the literature counts and verifies
    in normalised units, and to fold it in would round the weights). If it is not the identity a
    `ReadWarning` says so. The clipping of inputs to their minima and maxima is left out too.

    Raises
    ------
    ReadError
        Not a text file of this format, or one whose sizes do not fit its header.
    """
    with parsing("nnet", REMEDY):
        lines = _lines(path)
        sizes = [int(size) for size in lines[1]]
        mean, spread = (np.array(lines[k], dtype=float) for k in (5, 6))
        rows = [np.array(line, dtype=float) for line in lines[HEADER_LINES:]]
    expected = 2 * sum(sizes[1:])
    if len(sizes) < 2 or len(rows) != expected:
        raise ReadError(
            f"the header announces layers of sizes {sizes}, hence {expected} lines of weights and "
            f"biases, but the file has {len(rows)}; {REMEDY}"
        )
    if (*mean, *spread) in ((0.0, 0.0), (0.0, 1.0)):
        # some writers put one number for "none"; a normalisation has one more than there are inputs
        mean, spread = np.zeros(sizes[0] + 1), np.ones(sizes[0] + 1)
    if len(mean) != sizes[0] + 1 or len(spread) != len(mean):
        raise ReadError(
            f"the means and ranges have {len(mean)} and {len(spread)} entries; the header announces "
            f"{sizes[0]} inputs, hence {sizes[0] + 1}; {REMEDY}"
        )
    if (mean != 0.0).any() or (spread != 1.0).any():
        warnings.warn(
            "the file's normalisation is left out: inputs of the network read are (x - mean) / range "
            f"with means {mean[:-1].tolist()} and ranges {spread[:-1].tolist()}, its outputs are "
            f"(y - {mean[-1]}) / {spread[-1]}",
            ReadWarning,
            stacklevel=2,
        )
    return Network(tuple(_layers(sizes, rows)))


def to_nnet(network, path):
    """Write ``network`` without normalisation; every double is written so that it reads back."""
    require_relu(network, ".nnet", "save it as .npz")
    n0, sizes = network.n0, [network.n0, *network.widths, network.n_out]
    limit = sys.float_info.max
    header = [
        [len(network.layers), n0, network.n_out, max(sizes)],
        sizes,
        [0],
        [-limit] * n0,
        [limit] * n0,
        [0.0] * (n0 + 1),
        [1.0] * (n0 + 1),
    ]
    rows = [
        row
        for weight, bias in network.layers
        for row in (*weight.tolist(), *([entry] for entry in bias.tolist()))
    ]
    with written(path) as file:
        file.write(f"// {network!r}, written by relu-regions\n".encode("ascii"))
        for line in (*header, *rows):
            file.write(f"{','.join(map(repr, line))},\n".encode("ascii"))


def _lines(path):
    """The lines without comments as lists of their entries; trailing commas and blank lines drop."""
    with regular(path) as file:
        lines = [
            line.split("//")[0].strip().rstrip(",")
            for line in file.read().decode("utf-8").splitlines()
        ]
    return [re.split(r"\s*,\s*|\s+", line.strip()) for line in lines if line]


def _layers(sizes, rows):
    """``(weight, bias)`` of each layer, from the rows that the header announces."""
    rows = iter(rows)
    for k, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
        weight = _stack(f"W{k}", [next(rows) for _ in range(n_out)], n_in)
        bias = _stack(f"b{k}", [next(rows) for _ in range(n_out)], 1)
        yield weight, bias[:, 0]


def _stack(name, rows, length):
    for row in rows:
        if len(row) != length:
            raise ReadError(
                f"a line of {name} has {len(row)} entries; the header announces {length}; {REMEDY}"
            )
    return np.stack(rows)
