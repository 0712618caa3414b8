"""The file of a count by faces: a tree whose leaves are proved one by one (`regions.certify.faces_check`).

An .npz with these arrays; units are numbered through the whole network, layer after layer:

* ``about``: JSON text with ``format``, ``kind`` "faces", the ``domain``'s class and the network's ``digest``;
* ``letters``: the tree in preorder. A number 0 up is a branch: on the sign of a hidden unit before the last layer, on
  first, or on whether a unit of the last layer is in the set, in first. -1 is a yes leaf, -2 a no leaf with multipliers,
  -3 a no leaf by rank, -4 a leaf that nothing here proves, -5 a yes leaf whose point is written out;
* ``twins`` (count, 3): units, the earlier unit that each shares its hyperplane with, and the sign of the factor;
* ``points`` (yes leaves, units of the first layer and rows of the domain): multipliers, whose pull-back, clipped to the
  box, is near the point;
* ``multipliers`` (no leaves, units and rows of the domain): of each earlier unit's sign, or of its triangle where it is
  free, of the units of the last layer, of the domain's rows;
* ``places`` (leaves of kind -5, coordinates): points of `regions.certify.space.Space`;
* the arrays of the domain.
"""

import json
from dataclasses import dataclass

import numpy as np

from ..domain import KINDS, Domain
from ..errors import InputError, ReadError
from ..files import UNREADABLE, array_names, read_arrays, written

FORMAT = 1
ARRAYS = ("letters", "twins", "points", "multipliers", "places")
YES, NO, RANK, OPEN, PLACED = -1, -2, -3, -4, -5


@dataclass(frozen=True, eq=False)
class FacesCertificate:
    """What the file holds."""

    digest: str
    domain: Domain
    letters: np.ndarray
    twins: np.ndarray
    points: np.ndarray
    multipliers: np.ndarray
    places: np.ndarray

    def save(self, path):
        """Write the file."""
        about = {
            "format": FORMAT,
            "kind": "faces",
            "domain": type(self.domain).__name__,
            "digest": self.digest,
        }
        with written(path) as file:
            np.savez_compressed(
                file,
                about=np.array(json.dumps(about)),
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
            data = read_arrays(path)
            about = json.loads(str(data["about"]))
            if (about["format"], about["kind"]) != (FORMAT, "faces"):
                raise ValueError(f"format {about['format']}, kind {about['kind']}")
            if about["domain"] not in KINDS:
                raise InputError(f"its domain is of an unknown kind, {about['domain']!r}")
            arrays = [data[name] for name in ARRAYS]
            _check_shapes(*arrays)
            return cls(str(about["digest"]), KINDS[about["domain"]].of_arrays(data), *arrays)
        except UNREADABLE as error:
            raise ReadError(
                f"{path} is no certificate of this format ({error}); write it again with "
                "regions count --save-certificate"
            ) from None


def is_by_faces(path):
    """Whether the file at ``path`` looks like a certificate of this kind, without reading its arrays.

    >>> is_by_faces(__file__)
    False
    """
    try:
        return {"about", *ARRAYS} <= set(array_names(path))
    except UNREADABLE:
        return False


def _check_shapes(letters, twins, points, multipliers, places):
    if letters.ndim != 1 or any(a.ndim != 2 for a in (twins, points, multipliers, places)):
        raise ValueError("its arrays have the wrong shapes")
    if twins.shape[1] != 3 or letters.dtype.kind not in "iu" or twins.dtype.kind not in "iu":
        raise ValueError("its letters or twins are none")
    if any(a.dtype != np.float64 for a in (points, multipliers, places)):
        raise ValueError("its points and multipliers are no doubles")
    for kind, proofs in ((YES, points), (NO, multipliers), (PLACED, places)):
        if int((letters == kind).sum()) != len(proofs):
            raise ValueError("its leaves are not as many as its proofs")
    if not all(np.isfinite(a).all() for a in (points, multipliers, places)):
        raise ValueError("its numbers are not all finite")
