"""`cite`: the papers behind a result, for the publication that prints it."""

from functools import singledispatch

from bounds import Bound

from .compress import Compression
from .count import Count
from .errors import UnsupportedError
from .estimate import Estimate
from .geometry.polyline import Segments
from .prune import Pruning
from .reduce import Reduction
from .references import PAPERS, Reference
from .stability import Stability
from .transform import Transformation

BY_PRUNING = {
    "magnitude": ("han_2015",),
    "woodfisher": ("hassibi_1992", "singh_2020"),
    "cbs": ("yu_2022",),
}
BY_ESTIMATE = {"tree": ("knuth_1975",), "mipbound": ("serra_2020_empirical", "gomes_2006")}


@singledispatch
def cite(result: object) -> tuple[Reference, ...]:
    """The papers whose definitions and methods are in ``result``; cite this software beside them.

    Parameters
    ----------
    result
        What a function of this package returned: a `Count`, `Stability`, `Compression`, `Estimate`,
        `Pruning`, `Reduction`, `Segments`, `Transformation`, a `bounds.Bound`; or a list, tuple or dictionary of
        such.

    Returns
    -------
    tuple of Reference
        Each paper once, in the order of first use; empty where a result is nobody's.

    Raises
    ------
    UnsupportedError
        Any other object.

    Examples
    --------
    >>> from bounds import upper_bounds
    >>> for paper in cite(upper_bounds(784, [11, 11])["layered"]):
    ...     print(paper)
    Thiago Serra, Christian Tjandraatmadja, Srikumar Ramalingam (2018). Bounding and Counting Linear
    Regions of Deep Neural Networks. International Conference on Machine Learning (ICML).
    https://arxiv.org/abs/1711.02114
    """
    raise UnsupportedError(
        f"no papers are known for a {type(result).__name__}; give a count, bound, stability, compression, "
        "estimate, pruning, reduction or transformation, or a list of these"
    )


@cite.register(list | tuple | dict)
def _(results):
    results = results.values() if isinstance(results, dict) else results
    return tuple(dict.fromkeys(paper for result in results for paper in cite(result)))


@cite.register
def _(bound: Bound):
    """A bound names its papers itself."""
    return tuple(
        paper
        for paper in PAPERS.values()
        if paper.short in bound.reference or paper.shorter in bound.reference
    )


@cite.register
def _(count: Count):
    return _papers("serra_2018", *(("cai_2023",) if count.counted == "cells" else ()))


@cite.register
def _(stability: Stability):
    return _papers("serra_2020_lossless", "serra_2021")


@cite.register
def _(compression: Compression):
    return _papers("serra_2020_lossless", "serra_2021")


@cite.register
def _(estimate: Estimate):
    return _papers(*BY_ESTIMATE[estimate.method])


@cite.register
def _(pruning: Pruning):
    return _papers(*BY_PRUNING[pruning.method.partition("-")[0]])


@cite.register
def _(reduction: Reduction):
    return _papers("heiss_2021")


@cite.register
def _(segments: Segments):
    """Transitions along a trajectory, as they were counted first; ours are proved."""
    return _papers("raghu_2017")


@cite.register
def _(transformation: Transformation):
    return _papers("kumar_2019")


def _papers(*names):
    return tuple(PAPERS[name] for name in names)
