"""`Sample`: forward passes of random points, a lower bound without any solver."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...deadline import Deadline, Late, now
from ...errors import InputError, Interrupted, UnsupportedError
from ..answer import Count
from ..question import Question, Run
from ..status import Status
from .replayed import inside, pattern_set


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Count the patterns of seeded random points: always `Status.AT_LEAST`, in floating point.

    Parameters
    ----------
    points
        How many points to draw from the domain.
    batch
        How many at a time; memory holds one batch and the distinct patterns.
    """

    name: ClassVar[str] = "sample"

    points: int = 100_000
    batch: int = 4096

    def __post_init__(self):
        if self.points < 1 or self.batch < 1:
            raise InputError(
                f"sampling needs at least one point and batch; got {self.points}, {self.batch}"
            )

    def count(self, question: Question, run: Run) -> Count:
        """Answer ``question``; see `regions.count.count_regions`."""
        start, deadline = now(), Deadline(run.time_limit)
        run.refuse(self.name, "journal", "workers", "executor")
        if question.counted not in ("cells", "patterns"):
            raise UnsupportedError(
                f"sampling sees activation patterns, not {question.counted}; choose counted=cells or "
                "patterns, or engine cells"
            )
        found: dict[bytes, np.ndarray] = {}
        rng, drawn = np.random.default_rng(run.seed), 0
        interrupted = False
        try:
            while drawn < self.points and not deadline.passed:
                size = min(self.batch, self.points - drawn)
                try:
                    x = question.domain.sample(size, rng, deadline=deadline)
                except Late:
                    break
                drawn += len(x)
                _collect(question, x, found, keep_points=run.keep_patterns)
                if run.progress:
                    run.progress(len(found), drawn / self.points)
        except KeyboardInterrupt:
            interrupted = True
        kept = run.keep_patterns and pattern_set(found, question.network.n_units)
        patterns, witnesses = kept or (None, None)
        answer = Count(
            at_least=None,
            at_most=None,
            value=len(found),
            status=Status.AT_LEAST,
            counted=question.counted,
            engine=self.name,
            seconds=now() - start,
            stats={"points": drawn, "seed": run.seed},
            patterns=patterns,
            witnesses=witnesses,
        )
        if interrupted:
            raise Interrupted(answer)
        return answer


def _collect(question, x, found, keep_points):
    """Add the patterns of the points ``x`` (count, n0) to ``found``."""
    x = x[inside(question, x)]
    packed, first = np.unique(
        np.packbits(question.network.pattern(x), axis=1), axis=0, return_index=True
    )
    for key, i in zip(map(bytes, packed), first, strict=True):
        found.setdefault(key, x[i] if keep_points else None)
