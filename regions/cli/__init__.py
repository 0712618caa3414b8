"""The command `regions`: one module a verb."""

from .main import INTERRUPTED as INTERRUPTED
from .main import main as main
