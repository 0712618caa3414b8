"""Results as text for people and as plain data for JSON."""


def count_data(count, network):
    """The JSON object of a `Count` of ``network``."""
    return {
        "value": count.value,
        "at_least": count.at_least,
        "at_most": count.at_most,
        "status": count.status.name,
        "counted": count.counted,
        "engine": count.engine,
        "seconds": count.seconds,
        "n0": network.n0,
        "widths": list(network.widths),
        "digest": network.digest,
        "stats": count.stats,
    }


def count_text(count, network):
    """A `Count` in a few lines: the number first, then how far to trust it."""
    lines = [
        str(count),
        f"network {network.architecture}, digest {network.digest[:12]}, {count.seconds:.2f} s",
        f"proved: {_proved(count)}",
        *_indented(count.stats),
    ]
    return "\n".join(lines)


def bounds_data(bounds):
    """The JSON object of a dict from name to `bounds.bound.Bound`."""
    return {
        "bounds": [
            {"name": name, "kind": b.kind, "value": b.value, "reference": b.reference}
            for name, b in bounds.items()
        ]
    }


def bounds_text(bounds, n0, widths):
    """The same as a table."""
    shape = " ".join(map(str, (n0, *widths)))
    lines = [f"inputs and hidden widths {shape}; cells, any weights, any domain"]
    return "\n".join([*lines, *(f"  {name:<15}{b}" for name, b in bounds.items())])


def doctor_text(found):
    """What `regions.doctor.diagnose` found, one line per fact."""
    return "\n".join(_indented(found, indent=""))


def _proved(count):
    if count.at_least is None and count.at_most is None:
        return "nothing (floating point)"
    ends = ("at least", count.at_least), ("at most", count.at_most)
    return ", ".join(f"{name} {end}" for name, end in ends if end is not None)


def _indented(data, indent="  "):
    for key, value in data.items():
        name = key.replace("_", " ")
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _indented(value, indent + "  ")
        else:
            yield f"{indent}{name}: {_word(value)}"


def _word(value):
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
