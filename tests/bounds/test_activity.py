from fractions import Fraction
from itertools import chain, combinations, pairwise

import numpy as np
import pytest

import bounds
from bounds.activity import by_activity


def uninformed(widths, n0):
    """Tables of a network of which nothing is known."""
    before = (0, *widths)
    return [[n] * (before[k] + 1) for k, n in enumerate(widths)]


def test_without_knowledge_it_is_theorem_1():
    rng = np.random.default_rng(0)
    for _ in range(100):
        n0, widths = int(rng.integers(1, 7)), rng.integers(1, 7, rng.integers(1, 5)).tolist()
        ranks = [int(rng.integers(0, n + 1)) for n in widths]
        tables = uninformed(widths, n0)
        assert by_activity(n0, tables, tables) == bounds.layered(n0, widths)
        known = by_activity(n0, tables, tables, ranks=ranks)
        assert known == bounds.layered(n0, widths, ranks=ranks)


def test_a_layer_that_never_changes_state_is_free():
    assert by_activity(2, [[3], [2] * 4, [3] * 3], [[3], [0] * 4, [0] * 3]) == 7
    assert by_activity(2, [[0], [2]], [[0], [2]]) == 1
    assert by_activity(4, [], []) == 1


def activity_tables(weights, biases):
    """A_l(k) and n_l(k) by brute force over the active sets of the layer before, inputs >= 0."""
    active, undecided = [], []
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        before = W.shape[1]
        sizes = range(before + 1) if layer else [before]
        rows = []
        for k in sizes:
            on = [W[:, list(S)] for S in combinations(range(before), k)]
            can = [((b > 0) | (w > 0).any(axis=1), (b < 0) | (w < 0).any(axis=1)) for w in on]
            rows.append((max(c.sum() for c, _ in can), max((c & i).sum() for c, i in can)))
        # at most k active units: the largest over all smaller sets too
        most = np.maximum.accumulate(np.array(rows), axis=0)
        active.append(most[:, 0])
        undecided.append(most[:, 1])
    return active, undecided


def exact_regions_of_an_interval(weights, biases):
    """Activation regions on [0, 1] for one input, by splitting intervals in rational arithmetic."""
    pieces = [(Fraction(0), Fraction(1), [(Fraction(1), Fraction(0))])]
    for W, b in zip(weights, biases, strict=True):
        cut = []
        for low, high, functions in pieces:
            units = [
                (sum(int(w) * s for w, (s, _) in zip(row, functions, strict=True)),
                 sum(int(w) * c for w, (_, c) in zip(row, functions, strict=True)) + int(offset))
                for row, offset in zip(W, b, strict=True)
            ]  # fmt: skip
            zeros = {-c / s for s, c in units if s and low < -c / s < high}
            ends = sorted({low, high} | zeros)
            for left, right in pairwise(ends):
                middle = (left + right) / 2
                on = [s * middle + c > 0 for s, c in units]
                kept = [
                    u if state else (Fraction(0), Fraction(0))
                    for u, state in zip(units, on, strict=True)
                ]
                cut.append((left, right, kept))
        pieces = cut
    return len(pieces)


def random_weights(rng, n0):
    widths = rng.integers(1, 5, rng.integers(1, 4)).tolist()
    before = [n0, *widths[:-1]]
    weights = [
        rng.integers(-9, 10, (n, m)) * (rng.random((n, m)) < 0.7)
        for n, m in zip(widths, before, strict=True)
    ]
    return widths, weights, [rng.integers(-9, 10, n) for n in widths]


def test_it_holds_for_one_input_exactly_and_is_tighter_than_theorem_1():
    rng = np.random.default_rng(5)
    tighter = 0
    for _ in range(150):
        widths, weights, biases = random_weights(rng, 1)
        ranks = [int(np.linalg.matrix_rank(W)) for W in weights]
        bound = by_activity(1, *activity_tables(weights, biases), ranks=ranks)
        assert exact_regions_of_an_interval(weights, biases) <= bound <= bounds.layered(1, widths)
        tighter += bound < bounds.layered(1, widths)
    assert tighter > 75


def test_it_holds_for_every_pattern_that_sampling_finds_in_the_square():
    rng = np.random.default_rng(6)
    points = rng.random((4000, 2))
    for _ in range(100):
        widths, weights, biases = random_weights(rng, 2)
        h, signs = points, []
        for W, b in zip(weights, biases, strict=True):
            g = h @ W.T + b
            h = np.maximum(g, 0)
            signs.append(g > 0)
        found = len(np.unique(np.hstack(signs), axis=0))
        assert (
            found <= by_activity(2, *activity_tables(weights, biases)) <= bounds.layered(2, widths)
        )


def test_deep_networks_need_no_recursion():
    tables = list(chain([[2]], [[2] * 3] * 2000))
    assert by_activity(1, tables, tables) == bounds.layered(1, [2] * 2001)


@pytest.mark.parametrize(
    ("active", "undecided", "message"),
    [
        ([[2]], [[2], [2]], "give one each per layer"),
        ([[2], [2, 2]], [[2], [2, 2]], "at least 3"),
        ([[2], [2, 2, 2]], [[2], [2, 2]], "same number"),
        ([[2], [2, 1, 2]], [[2], [0, 0, 0]], "must not decrease; entry 0 is 2 but entry 1 is 1"),
        ([[2]], [[3]], "more undecided units"),
        ([[2.5]], [[1]], "whole number of at least 0; got 2.5"),
        ([[2]], [[-1]], "whole number of at least 0; got -1"),
        ([2], [[1]], "must be a sequence"),
    ],
)
def test_bad_tables(active, undecided, message):
    with pytest.raises(ValueError, match=message):
        by_activity(2, active, undecided)
