"""The version, in a file of its own: journals and the command print it without importing all of the package."""

__version__ = "0.1.0"
