"""What every answer of this package has in common: plain data, lines for people, equality by value."""

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from .text import title
from .version import __version__

SCHEMA = 1
"""Raised when a key of a record changes its meaning or goes; new keys may come at any time."""

# Unit: entries. Longer arrays of a domain are left to its digest, or to one number where all are the same.
MOST_NUMBERS = 64


@dataclass(frozen=True)
class About:
    """What an answer is about: ``network`` and ``domain`` (None where there is none), and the options it was asked with."""

    network: Any
    domain: Any = None
    options: Mapping = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The part of a record that says what was asked."""
        network = self.network
        return {
            "network": {"digest": network.digest, "architecture": network.architecture},
            "n0": network.n0,
            "widths": list(network.widths),
            "digest": network.digest,
            "domain": None if self.domain is None else _short(self.domain.record()),
            "options": dict(self.options),
        }


class Result:
    """Base of all answers.

    A subclass has ``about`` (an `About`), ``seconds``, and ``status``, one word on how far to trust it; it says
    what is its own in `answer` and `lines`.
    """

    kind: ClassVar[str]

    if TYPE_CHECKING:  # fields of some answers, properties of others

        @property
        def about(self) -> Any: ...
        @property
        def seconds(self) -> float | None: ...
        @property
        def status(self) -> Any: ...

    def answer(self) -> dict[str, Any]:
        """The keys of the record that are this kind's own, as plain data."""
        raise NotImplementedError

    def lines(self) -> Iterable[str]:
        """The answer for people, its meaning first, bookkeeping last."""
        raise NotImplementedError

    def record(self) -> dict[str, Any]:
        """The answer as plain data, with what was asked: what ``--json`` prints, and what can be stored.

        ``kind``, ``schema``, ``version`` say how to read it, ``network``, ``domain`` and ``options`` what was
        asked, ``status``, ``seconds`` and the other keys what was found.
        """
        name = getattr(self.status, "name", self.status)
        head = {"kind": self.kind, "schema": SCHEMA, "version": __version__}
        return {
            **head,
            **self.about.record(),
            "status": name,
            "seconds": self.seconds,
            **self.answer(),
        }

    def summary(self) -> str:
        """The lines that the command prints."""
        return "\n".join(self.lines())

    def _title(self):
        return title(self.about.network, self.seconds)

    def _repr_html_(self):
        first, *rest = map(html.escape, self.lines())
        return f"<strong>{first}</strong><pre>{chr(10).join(rest)}</pre>"

    def __repr__(self):
        return f"{type(self).__name__}({self})"

    def _value(self):
        """What two equal answers share: all of the record but how and how fast it was found."""
        found = {k: v for k, v in self.record().items() if k not in ("seconds", "stats", "version")}
        return json.dumps(found, sort_keys=True, default=str)

    def __eq__(self, other):
        return type(self) is type(other) and self._value() == other._value()

    def __hash__(self):
        return hash(self._value())


def _short(record):
    """A domain's record, long arrays as the one number that they repeat, or left to the digest."""
    short = {}
    for name, value in record.items():
        if not isinstance(value, list) or len(value) <= MOST_NUMBERS:
            short[name] = value
        elif not isinstance(value[0], list) and len(set(value)) == 1:
            short[name] = value[0]
    return short
