"""`verify_certificate`: a count proved again from its certificate, without the engine."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..deadline import now
from ..domain import Domain
from ..entry import read_domain, read_network
from ..errors import InputError
from ..network.slopes import require_relu
from ..result import About, Result
from ..text import domain_text
from ..typing import DomainLike, NetworkLike, StrPath
from .faces_check import FacesCheck
from .faces_file import FacesCertificate, is_by_faces
from .file import FORMAT, WITH_SLOPES, Certificate
from .walk import Walk


@dataclass(frozen=True, eq=False, repr=False)
class Verification(Result):
    """What a certificate proves: ``proved_at_most`` is None when some fact does not hold.

    ``checks`` is the number of facts and points that were checked, ``refused`` how many of them failed.
    """

    kind: ClassVar[str] = "verification"

    proved_at_least: int
    proved_at_most: int | None
    checks: int
    refused: int
    seconds: float
    domain: Domain
    about: About | None = None

    @property
    def status(self) -> str:
        """CERTIFIED where both ends meet, else AT_LEAST."""
        return "CERTIFIED" if self.proved_at_least == self.proved_at_most else "AT_LEAST"

    def answer(self) -> dict[str, Any]:
        """``proved_at_least``, ``proved_at_most``, ``checks``, ``refused``; ``domain`` with every number."""
        return {
            "proved_at_least": self.proved_at_least,
            "proved_at_most": self.proved_at_most,
            "checks": self.checks,
            "refused": self.refused,
            "domain": self.domain.record(),
        }

    def lines(self) -> Iterable[str]:
        """What is proved, and of what."""
        return [str(self), self._title(), f"domain {domain_text(self.domain)}"]

    def __str__(self):
        most = "no upper end" if self.proved_at_most is None else f"at most {self.proved_at_most}"
        return (
            f"proved without the engine: at least {self.proved_at_least} cells, {most} "
            f"({self.checks} checks, {self.refused} refused)"
        )


def verify_certificate(
    certificate: StrPath, network: NetworkLike, *, domain: DomainLike | None = None
) -> Verification:
    """Prove again what the file ``certificate`` says about ``network``.

    Trusts the network, the domain that the result names, and the arithmetic of `regions.certify.space`:
    nothing of the engine, no solver, no tolerance. Whoever wrote the file chose its domain: look at it, or say in
    ``domain`` which one it must be, number by number.

    Raises
    ------
    ReadError
        The file is no certificate.
    InputError
        It is of another network, or of another domain than ``domain``.

    Examples
    --------
    >>> from regions import Box, Network, count_regions
    >>> network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
    >>> file = getfixture("tmp_path") / "count.npz"
    >>> count = count_regions(network, Box.cube(1, -10, 10), certificate=file)
    >>> found = verify_certificate(file, network)
    >>> found.proved_at_least, found.proved_at_most, found.domain
    (5, 5, Box.cube(1, -10, 10))
    """
    start = now()
    network, by_faces = read_network(network), is_by_faces(certificate)
    stored = (FacesCertificate if by_faces else Certificate).load(certificate)
    if stored.digest != network.digest:
        raise InputError(
            f"the certificate {certificate} is of the network with digest {stored.digest[:12]}, this one "
            f"has {network.digest[:12]}; verify with the network that was counted (and --output-relu if it had it)"
        )
    if by_faces:
        require_relu(network, "a certificate by faces")
    elif stored.format != (FORMAT if network.slopes is None else WITH_SLOPES):
        raise InputError(
            f"the certificate {certificate} has format {stored.format}, which is not that of this network's units; "
            "write it again with regions count --save-certificate"
        )
    if domain is not None:
        domain = read_domain(domain, network)
    if domain is not None and domain.digest != stored.domain.digest:
        raise InputError(
            f"the certificate {certificate} is about {difference(stored.domain, domain)}; verify it on the domain "
            "that was counted, or name no domain and read which one it proves"
        )
    check: Any = (FacesCheck if by_faces else _Check)(network, stored)
    check.walk()
    if by_faces:
        least, most = max(check.yes, 1), check.whole - check.no
    else:
        least, most = check.cells, len(stored.patterns) if check.all_facts else None
    return Verification(
        proved_at_least=least,
        proved_at_most=most,
        checks=check.checks,
        refused=check.refused,
        seconds=now() - start,
        domain=stored.domain,
        about=About(network, stored.domain),
    )


def difference(stored, asked):
    """Where the domain ``stored`` differs from the one ``asked`` for, in a few words with all digits."""
    here, there = stored.record(), asked.record()
    for name in ("kind", "n0"):
        if here[name] != there[name]:
            return f"a domain with {name} {here[name]}, not {there[name]}"
    for name, value in here.items():
        if name != "digest" and value != there[name]:
            if len(value) != len(there[name]):
                return f"a domain with {len(value)} entries in {name}, not {len(there[name])}"
            i = next(i for i, v in enumerate(value) if v != there[name][i])
            return f"a domain with {name}[{i}] = {value[i]!r}, not {there[name][i]!r}"
    return "another domain"


class _Check(Walk):
    """A walk with the multipliers and points of a certificate."""

    def __init__(self, network, certificate):
        super().__init__(network, certificate.domain, certificate.patterns)
        if certificate.points.shape[1] != len(self.space.lower):
            raise InputError(f"points need {len(self.space.lower)} coordinates on this domain")
        self._stored, self._next = certificate, 0
        self._ends = np.cumsum([0, *certificate.counts])

    def multipliers(self, node, units, targets):
        stored, m = self._stored, len(node.path.values)
        out, exact = np.full((len(units), m), -1.0), {}  # negative ones prove nothing
        for i in range(len(units)):
            fact, self._next = self._next, self._next + 1
            if fact >= len(stored.counts):
                continue
            here = slice(self._ends[fact], self._ends[fact + 1])
            places = stored.places[here]
            if ((places < 0) | (places >= m)).any():
                continue
            out[i] = 0.0
            out[i, places] = stored.multipliers[here]
            if fact in stored.exact_multipliers and len(stored.exact_multipliers[fact]) == len(
                places
            ):
                exact[i] = [0] * m
                for place, value in zip(places, stored.exact_multipliers[fact], strict=True):
                    exact[i][place] = value
        return out, exact

    def point(self, node):
        exact = self._stored.exact_points.get(node.start)
        return self._stored.points[node.start] if exact is None else exact
