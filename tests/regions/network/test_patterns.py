import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.errors import InputError
from regions.network.patterns import PatternSet


@st.composite
def two_lists_of_patterns(draw):
    width = draw(st.integers(0, 20))  # below, at and beyond one byte and two
    pattern = st.tuples(*[st.booleans()] * width)
    return width, draw(st.lists(pattern, max_size=12)), draw(st.lists(pattern, max_size=12))


def as_set(patterns):
    return {tuple(map(bool, row)) for row in patterns}


@given(two_lists_of_patterns())
def test_set_operations_are_those_of_python(case):
    width, some, others = case
    a, b = PatternSet.of(some, width), PatternSet.of(others, width)
    some, others = set(some), set(others)
    assert as_set(a) == some
    assert len(a) == len(some)
    for ours, theirs in ((a | b, some | others), (a & b, some & others), (a - b, some - others)):
        assert as_set(ours) == theirs
        assert len(ours) == len(theirs)
        assert ours == PatternSet.of(sorted(theirs), width)
    assert all((pattern in a) == (pattern in some) for pattern in some | others)


@given(two_lists_of_patterns())
def test_order_is_lexicographic_and_input_order_does_not_matter(case):
    width, some, _ = case
    ordered = [tuple(row) for row in PatternSet.of(some, width).matrix().tolist()]
    assert ordered == sorted(set(some))
    assert PatternSet.of(some[::-1], width) == PatternSet.of(some, width)


def test_files_round_trip(tmp_path):
    patterns = PatternSet.of([[0, 1] * 5, [1, 0] * 5])
    patterns.save(tmp_path / "patterns.npz")
    assert PatternSet.load(tmp_path / "patterns.npz") == patterns


def test_empty_set_knows_its_width():
    empty = PatternSet.of([], width=3)
    assert (len(empty), empty.width, empty.matrix().shape) == (0, 3, (0, 3))
    assert [0, 0, 0] not in empty


def test_pattern_of_another_length_is_no_member():
    assert [1, 0, 0] not in PatternSet.of([[1, 0]])
    assert [1] not in PatternSet.of([[1, 0]])
    assert [1] + [0] * 9 not in PatternSet.of([[1, 0]])
    assert [1] not in PatternSet.of([[]], width=0)


def test_equality_needs_the_same_width():
    assert PatternSet.of([[1, 0]]) != PatternSet.of([[1, 0, 0]])
    assert PatternSet.of([[1, 0]]) != [[1, 0]]


def test_other_networks_do_not_mix():
    with pytest.raises(InputError, match="2 and 3 units"):
        PatternSet.of([[1, 0]]) | PatternSet.of([[1, 0, 0]])


@pytest.mark.parametrize("patterns", [[1, 0], np.zeros((2, 2, 2))])
def test_shapes_that_are_no_patterns(patterns):
    with pytest.raises(InputError, match="shape"):
        PatternSet.of(patterns)


def test_width_is_checked():
    with pytest.raises(InputError, match=r"\(count, 3\)"):
        PatternSet.of([[1, 0]], width=3)


def test_repr():
    assert repr(PatternSet.of([[1, 0]])) == "PatternSet(1 patterns of 2 units)"


def test_equal_sets_hash_alike():
    one, other = (PatternSet.of(np.array([[True, False], [False, True]]), 2) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
