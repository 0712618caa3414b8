"""Columns about what can go from a trained network, by the published rule and by the two-sided one."""

from regions import Box, compress_network, stable_units
from regions.compress import RULES

from .plan import shape
from .training import images_of


def compression_columns(network, source, time_limit=None):
    """Stable units of ``network`` on all images, and what each rule removes, in percent.

    ``units`` counts hidden units, ``weights`` all weights, ``connections`` those beyond the input, as
    the papers' tables do. ``difference`` is the proved bound on the change of any output.
    ``time_limit`` is in seconds and for the stable units; ``unsettled`` says how many it left open.
    """
    domain = Box.cube(network.n0, 0, 1)
    images = images_of(source).train_images
    stability = stable_units(network, domain, data=images, time_limit=time_limit)
    columns = {
        "on": shape(*(int(on.sum()) for on in stability.on)),
        "off": shape(*(int(off.sum()) for off in stability.off)),
        "stability_certified": stability.certified,
        "stability_seconds": round(stability.seconds, 3),
    }
    for rule in RULES:
        found = compress_network(network, domain, rule=rule, stability=stability)
        columns["unsettled"] = found.unsettled
        columns |= _of_rule(rule.replace("-", "_"), found)
    return columns


def _of_rule(rule, found):
    before, after = found.before, found.after
    return {
        f"{rule}_widths": shape(*found.network.widths),
        f"{rule}_units": _removed(before.units, after.units),
        f"{rule}_weights": _removed(before.weights, after.weights),
        f"{rule}_connections": _removed(before.weights_beyond_input, after.weights_beyond_input),
        f"{rule}_difference": found.max_difference,
        f"{rule}_certified": found.certified,
        f"{rule}_seconds": round(found.seconds, 3),
    }


def _removed(before, after):
    return round(100 * (1 - after / before), 3)
