"""Rules applied to a `Draft` again and again until nothing changes, and the better of two results."""

from .merging import merge_active
from .rules import join_proportional, remove_constant, remove_inactive, remove_silent

RULES = {
    "published": "the papers': remove inactive units, merge active ones by the rank of their rows, fold",
    "two-sided": "merge active units by the rank of what the next layer sees; also silent and "
    "proportional units; never larger than published",
}


def rewrite(start, rule):
    """The `Draft` that ``rule`` makes of ``start()``, which gives a fresh one each time.

    Keeping few units instead of a fold saves weights but not units. So where the two-sided result is
    larger than the published one by any measure, the two-sided rules go on from the published one:
    each of them makes a network smaller by every measure, or leaves it as it is.
    """
    published = _exhausted(start(), two_sided=False)
    if rule == "published" or published.hurried:
        return published
    draft = _exhausted(start(), two_sided=True)
    if draft.size.within(published.size):
        return draft
    published.hurried |= draft.hurried
    return _exhausted(published, two_sided=True)


def _exhausted(draft, *, two_sided):
    while _pass(draft, two_sided):
        pass
    return draft


def _pass(draft, two_sided):
    """Apply every rule once to every layer; whether anything changed. Out of time, only units that go by themselves do."""
    changed = False
    for k in range(draft.n_hidden):
        draft.tighten_by_signs(k)
        changed |= remove_inactive(draft, k)
        changed |= remove_constant(draft, k)
    # from the last layer backwards: what a layer must keep depends on the next one's rows
    for k in reversed(range(draft.n_hidden)):
        if not draft.has_time():
            return False
        if two_sided:
            changed |= remove_silent(draft, k)
            changed |= join_proportional(draft, k)
        changed |= merge_active(draft, k, two_sided=two_sided)
    return changed
