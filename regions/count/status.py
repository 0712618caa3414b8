"""How much a result can be trusted. "Available", "complete" and "certified" are three words."""

from enum import Enum


class Status(Enum):
    """The standing of a count; the value of each member is its explanation.

    >>> print(Status.AT_LEAST.name, "-", Status.AT_LEAST)
    AT_LEAST - a lower bound: the search did not end, and at_most only bounds what is left
    """

    CERTIFIED = (
        "proved: at_least equals at_most, both by checks that trust no floating-point solver"
    )
    COMPLETE = (
        "the search ended and its engine says that nothing is left; floating-point word, no proof"
    )
    AT_LEAST = "a lower bound: the search did not end, and at_most only bounds what is left"

    def __str__(self):
        return self.value
