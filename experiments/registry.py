"""The studies there are: every module of this folder that has a ``STUDY``."""

from importlib import import_module
from pkgutil import iter_modules


def studies():
    """`Study` by name, in the order in which they can run: by alphabet, each after those that it requires.

    A new study is a new file: nothing else names it.

    Examples
    --------
    >>> list(studies())[:4]
    ['bottleneck', 'compression', 'networks', 'counts_and_bounds']
    """
    names = sorted(module.name for module in iter_modules(import_module(__package__).__path__))
    # the command line is no study, and it imports this module
    modules = [import_module(f"{__package__}.{name}") for name in names if name != "__main__"]
    found = {module.STUDY.name: module.STUDY for module in modules if hasattr(module, "STUDY")}
    order = dict.fromkeys(needed for name in found for needed in with_required(found, name))
    return {name: found[name] for name in order}


def with_required(found, name):
    """The names of the studies that ``name`` needs, itself the last; ``found`` is what `studies` returns."""
    before = [needed for other in found[name].requires for needed in with_required(found, other)]
    return [*dict.fromkeys(before), name]
