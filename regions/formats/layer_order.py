"""The order of the layers of a state dict: by the numbers in their names, else by what fits what.

One set of tensors has one answer, whatever container it comes in. The order in which a dict keeps its
keys is no help: it is that of their definition if torch wrote it, that of the alphabet if anything
sorted them in between, and of chance after safetensors.
"""

import re
from itertools import pairwise

from ..errors import ReadError

# Unit: prefixes of orders that are looked at before "the order cannot be told".
MOST_TRIED = 10_000
# Unit: orders that are told apart by what the first and the last layer are called.
MOST_ORDERS = 100
FIRST = ("in", "input", "first", "encoder", "embed", "embedding")
LAST = ("out", "output", "last", "final", "head", "decoder", "classifier", "logits")


def ordered(prefixes, shapes):
    """``prefixes`` from input to output; ``shapes`` maps each to the shape (out, in) of its weight.

    Raises
    ------
    ReadError
        Names and shapes allow several orders, or none.

    Examples
    --------
    >>> ordered(["0.", "10.", "2."], {"0.": (3, 3), "2.": (3, 3), "10.": (3, 3)})
    ['0.', '2.', '10.']
    >>> ordered(["out.", "first."], {"out.": (1, 5), "first.": (5, 2)})
    ['first.', 'out.']
    """
    groups = {}
    for prefix in prefixes:
        groups.setdefault(re.sub(r"[\d.]", "", prefix), []).append(prefix)
    groups = [sorted(group, key=_numbers) for group in groups.values()]
    if len(groups) == 1:
        return groups[0]
    orders = _chains(groups, shapes)
    if len(orders) > 1:
        orders = [order for order in orders if _ends_by_name(order)]
    if len(orders) == 1:
        return orders[0]
    raise ReadError(
        f"the order of the layers {_names(prefixes)} cannot be told: by their shapes "
        "several are possible, or none; use names that differ in one number only, or pass the module itself to regions.load"
    )


def _chains(groups, shapes):
    """The orders, `MOST_ORDERS` at most, in which the layers chain and each group keeps its numbers' order."""
    found, tried = [], 0
    stack = [((0,) * len(groups), ())]
    while stack and len(found) < MOST_ORDERS:
        places, order = stack.pop()
        tried += 1
        if tried > MOST_TRIED:
            return []
        if len(order) == sum(map(len, groups)):
            found.append(list(order))
        for g, (place, group) in enumerate(zip(places, groups, strict=True)):
            if place < len(group):
                layer = group[place]
                if not order or shapes[order[-1]][0] == shapes[layer][1]:
                    stack.append(((*places[:g], place + 1, *places[g + 1 :]), (*order, layer)))
    return found


def _ends_by_name(order):
    """Whether the layers that are called first or last are so in ``order``, and there is one such."""
    words = [set(re.findall("[a-z]+", prefix.lower())) for prefix in order]
    first = [k for k, name in enumerate(words) if name & set(FIRST)]
    last = [k for k, name in enumerate(words) if name & set(LAST)]
    return bool(first or last) and first in ([], [0]) and last in ([], [len(order) - 1])


def check_room_for_relu(prefixes):
    """In an ``nn.Sequential`` the layers 0 and 1 have no ReLU between them."""
    places = [int(p[:-1]) for p in prefixes if re.fullmatch(r"\d+\.", p)]
    if len(places) < len(prefixes):  # other names than those of a flat Sequential say nothing
        return
    for before, after in pairwise(places):
        if after == before + 1:
            raise ReadError(
                f"layers {before} and {after} of the Sequential are neighbours: there is no ReLU "
                "between them to read; pass the module itself to regions.load"
            )


def _numbers(prefix):
    return [int(digits) for digits in re.findall(r"\d+", prefix)]


def _names(prefixes):
    return ", ".join(p.rstrip(".") for p in prefixes)
