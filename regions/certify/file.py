"""The file behind ``--save-certificate``: what a count needs to be proved again.

An .npz with these arrays (`regions.certify.walk` says what is proved with them):

* ``about``: JSON text with the ``format`` (1 for ReLUs, 2 where units have slopes), the ``domain``'s class, the
  network's ``digest``, and ``exact``, the numbers that no float can stand for, as fractions "p/q" by the index of their
  point or fact;
* ``packed``, ``width``: the patterns, as in `regions.network.patterns.PatternSet`;
* ``points`` (cells, k): a point inside each cell, in coordinates of `regions.certify.space.Space`;
* ``counts`` (facts,), ``places``, ``multipliers`` (their sum,): for each fact, in the order of the walk,
  how many multipliers it has, the rows of the path that they belong to, and the multipliers;
* ``lower``, ``upper``, ``A``, ``b``, ``origin``, ``directions``, ``n``: whatever the domain is made of.

Equal certificates are equal byte by byte.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flint import fmpq, fmpz

from ..domain import KINDS, Domain
from ..errors import InputError, ReadError
from ..files import UNREADABLE, array_names, read_arrays, written
from ..network.patterns import PatternSet

# The second one is that of networks whose units have slopes: a reader of the first knows ReLUs only.
FORMAT, WITH_SLOPES = 1, 2
ARRAYS = ("points", "counts", "places", "multipliers")


@dataclass(frozen=True, eq=False)
class Certificate:
    """Patterns of the cells of a network on ``domain``, with points and multipliers as in the file.

    ``exact_points`` and ``exact_multipliers`` map an index to a list of ``fmpq`` that replaces the floats.
    """

    digest: str
    domain: Domain
    patterns: PatternSet
    points: np.ndarray
    counts: np.ndarray
    places: np.ndarray
    multipliers: np.ndarray
    exact_points: dict
    exact_multipliers: dict
    format: int = FORMAT

    def save(self, path):
        """Write the file."""
        exact = {"points": self.exact_points, "multipliers": self.exact_multipliers}
        about = {
            "format": self.format,
            "domain": type(self.domain).__name__,
            "digest": self.digest,
            "exact": {name: _as_text(values) for name, values in exact.items()},
        }
        with written(path) as file:
            np.savez_compressed(
                file,
                about=np.array(json.dumps(about)),
                packed=self.patterns.packed,
                width=self.patterns.width,
                **{name: getattr(self, name) for name in ARRAYS},
                **self.domain.arrays(),
            )

    @classmethod
    def load(cls, path):
        """Read the file.

        Raises
        ------
        ReadError
            It is no certificate, is cut short, or its arrays do not fit together.
        """
        try:
            return cls._of(read_arrays(path))
        except UNREADABLE as error:
            raise ReadError(
                f"{path} is no certificate of this format ({error}); write it again with "
                "regions count --save-certificate"
            ) from None

    @classmethod
    def _of(cls, data):
        about = json.loads(str(data["about"]))
        if about["format"] not in (FORMAT, WITH_SLOPES):
            raise ValueError(f"format {about['format']}, not {FORMAT} or {WITH_SLOPES}")
        patterns = PatternSet(data["packed"], int(data["width"]))
        if not len(patterns) or patterns != PatternSet.of(patterns.matrix()):
            raise ValueError("its patterns are none, or not sorted, or not distinct")
        arrays = [data[name] for name in ARRAYS]
        exact = [_as_fractions(about["exact"][name]) for name in ("points", "multipliers")]
        _check_shapes(*arrays, len(patterns), exact[0])
        domain = _domain(about["domain"], data)
        return cls(str(about["digest"]), domain, patterns, *arrays, *exact, about["format"])


def is_certificate(path):
    """Whether the file at ``path`` is empty or looks like a certificate, without reading its arrays.

    >>> is_certificate(__file__)
    False
    """
    try:
        return not Path(path).stat().st_size or {"about", "packed", *ARRAYS} <= set(
            array_names(path)
        )
    except UNREADABLE:
        return False


def _check_shapes(points, counts, places, multipliers, cells, exact_points):
    if points.ndim != 2 or len(points) != cells or counts.ndim != 1:
        raise ValueError("its arrays have the wrong shapes")
    if any(len(point) != points.shape[1] for point in exact_points.values()):
        raise ValueError("its points have different dimensions")
    if counts.dtype.kind not in "iu" or places.dtype.kind not in "iu":
        raise ValueError("its counts and places are no integers")
    if points.dtype != np.float64 or multipliers.dtype != np.float64:
        raise ValueError("its points and multipliers are no doubles")
    # added up as Python integers, which do not wrap around
    if (counts < 0).any() or not (sum(counts.tolist()),) == places.shape == multipliers.shape:
        raise ValueError("its multipliers are not as many as counted")
    if not (np.isfinite(points).all() and np.isfinite(multipliers).all()):
        raise ValueError("its numbers are not all finite")


def _as_text(fractions):
    return {str(i): [f"{v.p}/{v.q}" for v in values] for i, values in fractions.items()}


def _as_fractions(text):
    return {int(i): [fmpq(*map(fmpz, v.split("/"))) for v in values] for i, values in text.items()}


def _domain(name, data):
    if name not in KINDS:
        raise InputError(f"its domain is of an unknown kind, {name!r}")
    return KINDS[name].of_arrays(data)
