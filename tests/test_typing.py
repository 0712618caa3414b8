"""Every public name is typed; what a checker makes of it is in `tests/typing`, which `make check` reads."""

import dataclasses
import functools
import inspect

import bounds
import regions

SPECIAL = ("__init__", "__iter__", "__len__", "__contains__", "__next__", "__call__")


def functions():
    """Every public function, method and property of a public name."""
    for package in (bounds, regions):
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isfunction(value):
                yield f"{package.__name__}.{name}", value
            elif inspect.isclass(value):
                yield from methods(value)


def methods(value):
    for kind in value.__mro__:
        if not kind.__module__.startswith(("regions", "bounds")):
            continue
        for name, entry in vars(kind).items():
            if isinstance(entry, classmethod | staticmethod):
                entry = entry.__func__
            elif isinstance(entry, property):
                entry = entry.fget
            elif isinstance(entry, functools.cached_property):
                entry = entry.func
            made = name == "__init__" and (dataclasses.is_dataclass(kind) or "_make" in vars(kind))
            if inspect.isfunction(entry) and not made and (name[0] != "_" or name in SPECIAL):
                yield f"{kind.__module__}.{kind.__name__}.{name}", entry


def test_every_public_name_is_typed():
    untyped, seen = [], 0
    for name, function in functions():
        signature = inspect.signature(function)
        given = [p for p in signature.parameters.values() if p.name not in ("self", "cls")]
        kinds = [signature.return_annotation, *(p.annotation for p in given)]
        untyped += [name] * (inspect.Parameter.empty in kinds)
        seen += 1
    assert seen > 250
    assert not untyped
