"""The verbs of the command line, one module each: ``arguments(parser)`` declares, ``run(options)`` answers.

A new verb is a module with these two functions and one line in `VERBS`.
"""

from .verb import Verb

VERBS = (
    Verb("count", "count the linear regions of a network on a domain"),
    Verb("bound", "upper bounds on the number of linear regions"),
    Verb("estimate", "about how many linear regions, or probably at least how many"),
    Verb("stability", "which hidden units can never switch"),
    Verb("compress", "write a smaller network that is provably the same function on a domain"),
    Verb("show", "a table of the network by layers: sizes, bounds, units that never switch"),
    Verb("export", "write the network as a mixed-integer model for any solver"),
    Verb("plot", "draw the linear regions on two inputs or on a plane"),
    Verb("verify", "prove a count again from its certificate, without the engine"),
    Verb("doctor", "what is installed, and what it may do"),
)
