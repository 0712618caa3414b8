"""Count the linear regions of a ReLU network, and remove what never switches."""

__version__ = "0.1.0"
