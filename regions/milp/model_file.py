"""An `Embedding` as a file that every solver reads: MPS (free format) and LP, each number with all its digits."""

import math

from ..entry import read_kind
from ..errors import InputError
from ..files import path_of, written
from ..typing import StrPath
from .embedding import Embedding


def write_model(embedding: Embedding, path: StrPath) -> None:
    """Write ``embedding`` to ``path``, ``.mps`` or ``.lp``; there is no objective, the outputs are ``y0``, ``y1``, ...

    Numbers are written so that they are read back bit for bit.

    Raises
    ------
    InputError
        Another suffix, or a file that cannot be written.
    """
    embedding = read_kind("embedding", embedding, Embedding, "embed makes one")
    lines = writer_of(path)(embedding)
    with written(path) as file:
        file.writelines(f"{line}\n".encode() for line in lines)


def writer_of(path):
    """The function ``embedding -> lines`` for the suffix of ``path``; `InputError` for one that is none of ours."""
    suffix = path_of(path).suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(
            f"{path} has no suffix of a model; write to one of {', '.join(_WRITERS)}: model.mps, for instance"
        )
    return _WRITERS[suffix]


def _mps(embedding):
    yield "NAME network"
    yield "ROWS"
    yield " N objective"
    for i, (sense, _) in enumerate(_ends(embedding)):
        yield f" {_LETTERS[sense]} c{i}"
    yield "COLUMNS"
    rows, binary = embedding.rows.tocsc(), set(embedding.binaries.tolist())
    for j, name in enumerate(embedding.names):
        yield f" {name} objective 0"  # a column in no row is known all the same
        for k in range(rows.indptr[j], rows.indptr[j + 1]):
            yield f" {name} c{rows.indices[k]} {float(rows.data[k])!r}"
    yield "RHS"
    for i, (_, end) in enumerate(_ends(embedding)):
        if end:
            yield f" RHS c{i} {end!r}"
    yield "BOUNDS"
    for j, name in enumerate(embedding.names):
        low, high = float(embedding.lower[j]), float(embedding.upper[j])
        if j in binary:
            yield f" BV BOUND {name}"
        elif math.isinf(low) and math.isinf(high):
            yield f" FR BOUND {name}"
        else:
            yield f" MI BOUND {name}" if math.isinf(low) else f" LO BOUND {name} {low!r}"
            yield f" PL BOUND {name}" if math.isinf(high) else f" UP BOUND {name} {high!r}"
    yield "ENDATA"


def _lp(embedding):
    names, binary = embedding.names, set(embedding.binaries.tolist())
    yield "\\ a ReLU network: outputs y0, y1, ...; put an objective of them in the place of this one"
    yield "Minimize"
    yield f" objective: 0 {names[embedding.outputs[0]]}"
    yield "Subject To"
    rows = embedding.rows
    for i, (sense, end) in enumerate(_ends(embedding)):
        terms = [
            f" {'-' if value < 0 else '+'} {abs(float(value))!r} {names[j]}"
            for j, value in zip(
                rows.indices[rows.indptr[i] : rows.indptr[i + 1]],
                rows.data[rows.indptr[i] : rows.indptr[i + 1]],
                strict=True,
            )
        ]
        yield f" c{i}:"
        yield from terms or [f" 0 {names[0]}"]
        yield f" {sense} {end!r}"
    yield "Bounds"
    for j, name in enumerate(names):
        low, high = float(embedding.lower[j]), float(embedding.upper[j])
        if j in binary:
            continue
        if math.isinf(low) and math.isinf(high):
            yield f" {name} free"
        else:
            yield f" {_end(low)} <= {name} <= {_end(high)}"
    if binary:
        yield "Binaries"
        yield from (f" {names[j]}" for j in sorted(binary))
    yield "End"


def _end(value):
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def _ends(embedding):
    """For each row its sense and the end that it has; the rows of a network have one each, or are equations."""
    for low, high in zip(embedding.row_lower.tolist(), embedding.row_upper.tolist(), strict=True):
        if low == high:
            yield "=", high
        elif math.isinf(low):
            yield "<=", high
        else:
            yield ">=", low


_LETTERS = {"=": "E", "<=": "L", ">=": "G"}
_WRITERS = {".mps": _mps, ".lp": _lp}
