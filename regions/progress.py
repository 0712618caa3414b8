"""Progress of long runs: one bar, and how long they still go on."""

from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def reporting(progress, unit, words):
    """The function ``report(done, state)`` that a long run tells how far it is, or None.

    ``progress`` is what the caller of a verb gave: True for a bar on a terminal, or a function of its own.
    ``words(state, seconds)`` says on the bar what the state means, ``unit`` what ``done`` counts.
    """
    if progress is not True:
        yield progress or None
        return
    with tqdm(unit=f" {unit}", disable=None) as bar:  # None: only on a terminal

        def report(done, state):
            bar.set_description(words(state, bar.format_dict["elapsed"]), refresh=False)
            bar.update(done - bar.n)

        yield report


def share_words(done="closed"):
    """Words for a state that is a share of the search, 0 to 1: how much is ``done``, and the time left.

    >>> words = share_words()
    >>> words(0.5, 10.0), words(0.75, 30.0)
    ('50% closed', '75% closed, about 00:20 left')
    """
    estimate = Remaining()

    def words(fraction, elapsed):
        seconds = estimate(fraction, elapsed)
        left = "" if seconds is None else f", about {tqdm.format_interval(seconds)} left"
        return f"{fraction:.0%} {done}{left}"

    return words


class Remaining:
    """How long a search will go on, if what is left of it goes as fast as what was closed so far.

    Shares of the prefix space are no shares of the work, so this is a guess, better towards the end. What a journal had
    closed before does not count as fast.

    Examples
    --------
    >>> remaining = Remaining()
    >>> [remaining(fraction, seconds) for fraction, seconds in ((0.5, 10.0), (0.75, 30.0), (1.0, 50.0))]
    [None, 20.0, 0.0]
    """

    def __init__(self):
        self._first = None

    def __call__(self, fraction, seconds):
        """Seconds left after ``seconds`` at the closed share ``fraction``; None while that cannot be told."""
        if self._first is None:
            self._first = fraction, seconds
        closed, elapsed = fraction - self._first[0], seconds - self._first[1]
        return (1.0 - fraction) * elapsed / closed if closed > 0 else None
