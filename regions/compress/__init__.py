"""Lossless compression: a smaller network, the same function on a domain, and the proof of it."""

from .check import Check as Check
from .check import difference_network as difference_network
from .check import largest_difference as largest_difference
from .compression import Compression as Compression
from .compression import compress_network as compress_network
from .fate import Fate as Fate
from .fate import Lift as Lift
from .passes import RULES as RULES
from .size import Size as Size
