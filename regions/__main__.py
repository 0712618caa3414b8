"""``python -m regions`` is the command ``regions``."""

from .cli.main import console

if __name__ == "__main__":
    console()
