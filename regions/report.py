"""Results as text for people and as plain data for JSON."""

from bounds.bound import short

from .empirical import REFINEMENTS

# Numbers of a domain that are printed one by one.
FEW = 8


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


def verification_data(found, network):
    """The JSON object of a `Verification` with ``network``."""
    return {
        "proved_at_least": found.proved_at_least,
        "proved_at_most": found.proved_at_most,
        "checks": found.checks,
        "refused": found.refused,
        "seconds": found.seconds,
        "domain": found.domain.record(),
        "digest": network.digest,
    }


def verification_text(found, network):
    """A `Verification` in three lines: what is proved, and of what."""
    most = "no upper end" if found.proved_at_most is None else f"at most {found.proved_at_most}"
    return (
        f"proved without the engine: at least {found.proved_at_least} cells, {most} "
        f"({found.checks} checks, {found.refused} refused)\n"
        f"network {network.architecture}, digest {network.digest[:12]}, {found.seconds:.2f} s\n"
        f"domain {domain_text(found.domain)}"
    )


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


def bounds_data(bounds):
    """The JSON object of a dict from name to `bounds.bound.Bound`."""
    data = {
        "bounds": [
            {"name": name, "kind": b.kind, "value": b.value, "reference": b.reference}
            for name, b in bounds.items()
        ]
    }
    if "empirical" in bounds:
        found = bounds["empirical"]
        data["refinements"] = [step._asdict() for step in found.refinements]
        data["left_out"] = list(found.left_out)
        data["seconds"] = found.seconds
    return data


def bounds_text(bounds, n0, widths, domain=None):
    """The same as a table; of the empirical bound, on ``domain``, also what each refinement bought."""
    shape = " ".join(map(str, (n0, *widths)))
    lines = [f"inputs and hidden widths {shape}; cells, any weights, any domain"]
    lines += [f"  {name:<15}{b}" for name, b in bounds.items() if name != "empirical"]
    if "empirical" in bounds:
        found = bounds["empirical"]
        lines += [
            f"these weights on {domain!r}; {found.seconds:.2f} s",
            f"  empirical      {found}",
        ]
        lines += [
            f"    {name:<13}{short(value)} ({REFINEMENTS[name]})"
            for name, value in found.refinements
        ]
        lines += [f"    {name:<13}left out: too much to do" for name in found.left_out]
    return "\n".join(lines)


def estimate_data(found, network):
    """The JSON object of an `Estimate` of ``network``; logarithms are to the base of 10."""
    return {
        "log10_value": found.log10_value,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "log10_at_least": found.log10_at_least,
        "exponent": found.exponent,
        "confidence": found.confidence,
        "method": found.method,
        "samples": found.samples,
        "seconds": found.seconds,
        "complete": found.complete,
        "counted": "cells",
        "n0": network.n0,
        "widths": list(network.widths),
        "digest": network.digest,
        "stats": found.stats,
    }


def estimate_text(found, network):
    """An `Estimate` in a few lines: the number first, then what is a theorem about it."""
    least = "nothing yet" if found.exponent is None else f"2^{found.exponent}"
    lines = [
        str(found),
        f"network {network.architecture}, digest {network.digest[:12]}, {found.seconds:.2f} s",
        f"at least {least} with confidence {found.confidence:g}: a theorem about the random choices",
        *([] if found.complete else ["the time was up before the rule to stop was met"]),
        *_indented(found.stats),
    ]
    return "\n".join(lines)


def stability_data(found, network):
    """The JSON object of a `Stability` of ``network``."""
    return {
        "layers": found.layers,
        "certified": found.certified,
        "claimed": [list(claim) for claim in found.claimed],
        "method": found.method,
        "seconds": found.seconds,
        "n0": network.n0,
        "widths": list(network.widths),
        "digest": network.digest,
        "stats": found.stats,
    }


def stability_text(found, network):
    """A `Stability` as one line per layer: how many units, and how far to trust it."""
    word = "every unit is settled, with proof" if found.certified else "not every unit is settled"
    lines = [
        f"{word} (method {found.method})",
        f"network {network.architecture}, digest {network.digest[:12]}, {found.seconds:.2f} s",
    ]
    for number, (on, off, unstable) in enumerate(
        zip(found.on, found.off, found.unstable, strict=True), start=1
    ):
        open_ = len(on) - sum(int(mask.sum()) for mask in (on, off, unstable))
        lines.append(
            f"layer {number}: {on.sum()} on, {off.sum()} off, {unstable.sum()} unstable, "
            f"{open_} not settled, of {len(on)}"
        )
    if found.claimed:
        lines.append(f"a solver's word without proof: {len(found.claimed)} signs that never occur")
    return "\n".join([*lines, *_indented(found.stats)])


def compression_data(compression):
    """The JSON object of a `Compression`."""
    before, after = compression.before, compression.after
    return {
        "widths_before": list(compression.original.widths),
        "widths_after": list(compression.network.widths),
        "units_removed": before.units - after.units,
        "weights_removed": before.weights - after.weights,
        "max_difference": compression.max_difference,
        "certified": compression.certified,
        "seconds": compression.seconds,
    }


def compression_text(compression):
    """A `Compression` in a few lines: what is left, then how far it may differ."""
    before, after = compression.before, compression.after
    sizes = (
        ("units", before.units, after.units),
        ("weights", before.weights, after.weights),
        ("weights beyond the input", before.weights_beyond_input, after.weights_beyond_input),
    )
    lines = [
        str(compression),
        *(
            f"  {name}: {old} -> {new} ({_share(old - new, old)} removed)"
            for name, old, new in sizes
        ),
        f"  units not known to be stable or unstable: {compression.unsettled}",
        f"  certified: {compression.certified}, rule {compression.rule}, {compression.seconds:.2f} s",
    ]
    return "\n".join(lines)


def _share(part, whole):
    return f"{part / whole:.1%}" if whole else "0.0%"


def doctor_text(found):
    """What `regions.cli.installation.diagnose` found, one line per fact."""
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
