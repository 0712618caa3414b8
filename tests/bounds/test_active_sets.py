from itertools import pairwise, product

import numpy as np
import pytest

import bounds
from bounds.active_sets import Kind, by_active_sets, steps
from bounds.histogram import activation_histogram


def ignorance(widths, n0=10**4):
    """Kinds of a network of which nothing is known but its widths."""
    first = [Kind(n0, n, n, 1) for n in widths[:1]]
    later = [[Kind(k, n, n) for k in range(m + 1)] for m, n in pairwise(widths)]
    return [first, *later]


@pytest.mark.parametrize("n0", [1, 2, 3, 7])
def test_without_knowledge_it_is_theorem_1_and_hinz_2021(n0):
    rng = np.random.default_rng(n0)
    for _ in range(40):
        widths = rng.integers(1, 8, rng.integers(1, 5)).tolist()
        ranks = [int(rng.integers(0, n + 1)) for n in widths]
        kinds = ignorance(widths)
        assert by_active_sets(n0, kinds) == bounds.layered(n0, widths)
        assert by_active_sets(n0, kinds, ranks=ranks) == bounds.layered(n0, widths, ranks=ranks)
        assert by_active_sets(n0, kinds, histograms=True) == bounds.hinz_2021(n0, widths)


def most_of_all_families(kinds, a, u, d):
    """R(l, a, u, d) of the theorem, by trying every number of sets of every kind."""
    allowed = np.cumsum(activation_histogram(u, d)[::-1])
    if not kinds:
        return int(allowed[-1])
    after = [kind for kind in kinds[0] if kind.size <= a]
    values = [
        most_of_all_families(kinds[1:], kind.can_be_active, kind.undecided, min(d, kind.size))
        for kind in after
    ]
    choices = [range(min(int(allowed[-1]), 99 if k.sets is None else k.sets) + 1) for k in after]
    best = 0
    for numbers in product(*choices):
        members = zip(after, numbers, strict=True)
        by_m = np.zeros(a + 1)
        for kind, number in members:
            by_m[a - kind.size :] += number
        if all(by_m[m] <= allowed[min(m, u)] for m in range(a + 1)):
            best = max(best, sum(n * v for n, v in zip(numbers, values, strict=True)))
    return best


def test_the_greedy_sum_is_the_largest_of_all_families():
    rng = np.random.default_rng(1)
    for _ in range(60):
        first = int(rng.integers(1, 4))
        undecided = int(rng.integers(0, first + 1))
        kinds = []
        for size in rng.integers(0, first + 1, 3).tolist():
            a = int(rng.integers(0, 4))
            sets = None if rng.random() < 0.3 else int(rng.integers(0, 4))
            kinds.append(Kind(size, a, int(rng.integers(0, a + 1)), sets))
        d = int(rng.integers(1, 4))
        found = by_active_sets(d, [[Kind(d, first, undecided, 1)], kinds], histograms=True)
        assert found == most_of_all_families([kinds], first, undecided, d)


def test_every_bit_of_knowledge_lowers_it_or_leaves_it():
    rng = np.random.default_rng(2)
    for _ in range(60):
        widths = rng.integers(1, 6, 3).tolist()
        kinds = [
            [
                Kind(k.size, *sorted(rng.integers(0, k[1] + 1, 2).tolist(), reverse=True), s)
                for k in layer
                for s in (None, 1)
            ]
            for layer in ignorance(widths)[1:]
        ]
        known = [ignorance(widths)[0], *kinds]
        more = [known[0], *([k for k in layer if k.sets] for layer in kinds)]
        assert by_active_sets(3, more) <= by_active_sets(3, known) <= bounds.layered(3, widths)
        assert by_active_sets(3, known, histograms=True) <= by_active_sets(3, known)


def test_it_goes_on_from_cells_that_were_counted():
    """The first layer of Theorem 1 by hand: C(3, i) cells with 3 - i active units."""
    cells = [Kind(3, 4, 4, 1), Kind(2, 4, 4, 3), Kind(1, 4, 4, 3)]
    assert by_active_sets(2, [cells]) == 11 + 3 * 11 + 3 * 5
    whole = by_active_sets(2, ignorance([3, 4, 5]))
    assert by_active_sets(2, [cells, *ignorance([3, 4, 5])[2:]]) == whole


def test_states_that_cannot_be_cost_nothing():
    # both units are always active, after a first layer of which one unit at most is active
    assert by_active_sets(2, [[Kind(2, 1, 1, 1)], [Kind(2, 3, 3)]]) == 0
    assert by_active_sets(2, []) == 1
    assert by_active_sets(0, ignorance([4, 4])) == 1


def test_a_thousand_layers_and_wide_ones():
    deep = ignorance([3] * 1000)
    assert by_active_sets(1, deep) == bounds.layered(1, [3] * 1000)
    wide = ignorance([400, 400])
    assert by_active_sets(784, wide) == bounds.layered(784, [400, 400])
    assert steps(784, wide) < 10**6


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ([[Kind(0, 2, 3)]], r"kinds\[0\]\[0\] has 3 undecided units but 2"),
        ([[Kind(0, 2, -1)]], "at least 0; got -1"),
        ([[Kind(0, 2, 1.5)]], "whole number"),
        ([[Kind(0, 2, 1)]], "need their number; give 1"),
        ([[Kind(0, 2, 1, 1)], []], "layer 1 has no kind"),
    ],
)
def test_bad_kinds(kinds, message):
    with pytest.raises(ValueError, match=message):
        by_active_sets(2, kinds)


def test_bad_ranks():
    with pytest.raises(ValueError, match="ranks must have 2 entries"):
        by_active_sets(2, ignorance([2, 2]), ranks=[1])
