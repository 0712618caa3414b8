"""`Bound`: a number with what it bounds, under which assumptions, and who proved it."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import SupportsIndex

from . import upper
from .checks import architecture, integer
from .recurrence import MOST_PRODUCTS, hinz_products

EXACT_DIGITS = 30
"""Longer numbers are printed as powers of ten, clear of Python's limit of 4,300 digits."""


@dataclass(frozen=True)
class Bound:
    """A bound on the number of linear regions.

    Attributes
    ----------
    value
        Exact Python int, of any length.
    kind
        ``"upper"`` (holds for every choice of weights) or ``"lower"`` (reached by the best
        weights).
    assumptions
        For which networks, and counting what.
    reference
        Paper and theorem.

    Examples
    --------
    >>> print(Bound(11, "upper", "one hidden layer", "Zaslavsky 1975"))
    at most 11 (Zaslavsky 1975)
    >>> print(Bound(2**20000, "upper", "any network", "trivial"))
    at most 10^6020.600 (trivial)
    """

    value: int
    kind: str
    assumptions: str
    reference: str

    def __post_init__(self):
        integer("value", self.value, least=1)
        if self.kind not in ("upper", "lower"):
            raise ValueError(f"kind must be 'upper' or 'lower'; got {self.kind!r}")

    def __str__(self) -> str:
        words = "at most" if self.kind == "upper" else "at least"
        return f"{words} {short(self.value)} ({self.reference})"


def short(value: int) -> str:
    """A positive int in full, or as a power of ten from `EXACT_DIGITS` digits on.

    >>> short(10**20), short(10**3000)
    ('100000000000000000000', '10^3000.000')
    """
    return str(value) if value < 10**EXACT_DIGITS else f"10^{log10(value):.3f}"


def log10(value: SupportsIndex) -> float:
    """The decimal logarithm of a positive int of any length, as a float.

    Right to the last few digits of a double also far beyond the largest float and beyond the 4,300
    digits that Python turns into a string. Raises ValueError for anything but a whole number >= 1.

    >>> log10(10**5000)
    5000.0
    """
    return math.log10(integer("value", value, least=1))


_ANY = "ReLU network of this shape, any weights; full-dimensional activation regions"
_ONE = "one hidden ReLU layer of this width, any weights; full-dimensional activation regions"
_UPPER: dict[str, tuple[Callable[..., int], str]] = {
    "ceiling": (upper.ceiling, "2^N activation patterns of N units"),
    "shallow": (upper.shallow, "Zaslavsky 1975; Pascanu, Montúfar, Bengio 2013"),
    "montufar_2014": (upper.montufar_2014, "Montúfar, Pascanu, Cho, Bengio 2014"),
    "raghu_2017": (
        upper.raghu_2017,
        "product of Zaslavsky's numbers in dimension n0; Raghu et al. 2017 give its asymptotics only",
    ),
    "montufar_2017": (upper.montufar_2017, "Montúfar 2017"),
    "layered": (upper.layered, "Serra, Tjandraatmadja, Ramalingam 2018, Theorem 1"),
    "hinz_2021": (
        upper.hinz_2021,
        "Hinz 2021, with activation histograms derived and proved in bounds.histogram",
    ),
}


# What a bound needs of a unit that is off: that it passes nothing on, so that the next layer sees fewer dimensions.
_OFF_IS_ZERO = ("layered", "hinz_2021")
_SLOPED = (
    "units max(g, s g) of any slopes, this shape, any weights; full-dimensional activation regions"
)


def upper_bounds(
    n0: SupportsIndex, widths: Iterable[SupportsIndex], *, relu: bool = True
) -> dict[str, Bound]:
    """All upper bounds that hold for networks of this shape: a dict from name to `Bound`.

    ``relu=False``: for units max(g, s g) of any slopes s, that is without ``layered`` and ``hinz_2021``, whose proofs
    count on units that are off passing nothing on. The others speak of hyperplanes and dimensions alone.

    ``shallow`` is there for one hidden layer only, and ``hinz_2021`` only where it can be computed
    (see there). Raises ValueError for an ``n0`` or a width that is no whole number of at least 1.

    >>> for name, bound in upper_bounds(2, [2, 2, 2]).items():
    ...     print(name, bound.value)
    ceiling 64
    montufar_2014 64
    raghu_2017 64
    montufar_2017 64
    layered 30
    hinz_2021 30
    >>> [*upper_bounds(2, [2, 2, 2], relu=False)]
    ['ceiling', 'montufar_2014', 'raghu_2017', 'montufar_2017']
    """
    n0, widths = architecture(n0, widths)
    found = {}
    any_, one = (_ANY, _ONE) if relu else (_SLOPED, _SLOPED)
    for name, (function, reference) in _UPPER.items():
        if not relu and name in _OFF_IS_ZERO:
            continue
        if name == "shallow" and len(widths) == 1:
            found[name] = Bound(function(n0, widths[0]), "upper", one, reference)
        elif name != "shallow" and (
            name != "hinz_2021" or hinz_products(n0, widths) <= MOST_PRODUCTS
        ):
            found[name] = Bound(function(n0, widths), "upper", any_, reference)
    return found
