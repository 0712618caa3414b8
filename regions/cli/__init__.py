"""The command `regions`: one module a verb."""

from .main import INTERRUPTED as INTERRUPTED
from .main import NUMBER as NUMBER
from .main import main as main
