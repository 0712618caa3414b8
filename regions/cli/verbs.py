"""The verbs of the command line, one module each: ``arguments(parser)`` declares, ``run(options)`` answers.

A new verb is a module with these two functions and one line in `VERBS`.
"""

from . import bound, compress, count, doctor, estimate, export, plot, show, stability, verify
from .verb import Verb

VERBS = (
    Verb("count", "count the linear regions of a network on a domain", count),
    Verb("bound", "upper bounds on the number of linear regions", bound),
    Verb("estimate", "about how many linear regions, or probably at least how many", estimate),
    Verb("stability", "which hidden units can never switch", stability),
    Verb(
        "compress",
        "write a smaller network that is provably the same function on a domain",
        compress,
    ),
    Verb("show", "a table of the network by layers: sizes, bounds, units that never switch", show),
    Verb("export", "write the network as a mixed-integer model for any solver", export),
    Verb("plot", "draw the linear regions on two inputs or on a plane", plot),
    Verb("verify", "prove a count again from its certificate, without the engine", verify),
    Verb("doctor", "what is installed, and what it may do", doctor),
)
