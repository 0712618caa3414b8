"""Answers as text for people: the line that names a network, a domain with its digits, ``key: value`` lines."""

# Unit: numbers of a domain that are shown before the rest is left to its digest.
FEW = 8


def title(network, seconds):
    """The line that says of which network an answer is, and how long it took."""
    return f"network {network.architecture}, digest {network.digest[:12]}, {seconds:.2f} s"


def domain_text(domain):
    """A domain with all digits, as far as they fit in a line, and its digest."""
    record = domain.record()
    numbers = [f"{name} {_few(v)}" for name, v in record.items() if isinstance(v, list)]
    words = [
        f"{record['kind']} of dimension {record['n0']}",
        *numbers,
        f"digest {record['digest']}",
    ]
    return ", ".join(words)


def _few(values):
    """Numbers with all digits: one where all are the same, the first ones where there are many."""
    if len(values) > 1 and all(v == values[0] for v in values):
        return f"{values[0]!r} ({len(values)} times)"
    return repr(values) if len(values) <= FEW else f"[{', '.join(map(repr, values[:FEW]))}, ...]"


def indented(data, indent="  "):
    """Lines of a nested dict, one a key.

    >>> list(indented({"nodes": 3, "limits": {"rows": None}}))
    ['  nodes: 3', '  limits:', '    rows: none']
    """
    for key, value in data.items():
        name = key.replace("_", " ")
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from indented(value, indent + "  ")
        else:
            yield f"{indent}{name}: {_word(value)}"


def _word(value):
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
