"""``python -m regions`` is the command ``regions``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
