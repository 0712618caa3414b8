import json
import math
import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

import bounds
from bounds import Bound
from tests import known


def test_names_and_order_of_what_is_listed():
    deep = ["ceiling", "montufar_2014", "raghu_2017", "montufar_2017", "layered", "hinz_2021"]
    assert list(bounds.upper_bounds(2, [2, 2, 2])) == deep
    assert list(bounds.upper_bounds(2, [4])) == [deep[0], "shallow", *deep[1:]]
    assert list(bounds.upper_bounds(2, [])) == deep


@pytest.mark.parametrize("shape", known.SMALL_SHAPES)
def test_values_of_what_is_listed(shape):
    expected = known.SMALL_SHAPES[shape]
    listed = bounds.upper_bounds(*shape)
    for name in ("layered", "montufar_2017", "raghu_2017", "ceiling", "hinz_2021"):
        assert listed[name].value == getattr(expected, name)
    assert {bound.kind for bound in listed.values()} == {"upper"}
    assert all(bound.reference and bound.assumptions for bound in listed.values())


def test_every_listed_name_is_a_function_of_the_package():
    for name, bound in bounds.upper_bounds(3, [5]).items():
        function = getattr(bounds, name)
        assert bound.value == (function(3, 5) if name == "shallow" else function(3, [5]))


def test_what_cannot_be_computed_is_left_out():
    assert "hinz_2021" not in bounds.upper_bounds(10_000, [10_000] * 3)


def test_log10_of_integers_of_any_length():
    assert bounds.log10(1) == 0
    assert bounds.log10(1690286436) == pytest.approx(math.log10(1690286436.0), abs=1e-12)
    assert bounds.log10(10**10_000) == 10_000
    assert bounds.log10(2**100_000) == pytest.approx(100_000 * math.log10(2), rel=1e-14)
    for bad in (0, -3, 2.0, True):
        with pytest.raises(ValueError, match="value must be a whole number of at least 1"):
            bounds.log10(bad)


def test_long_values_print_without_python_limits():
    text = str(bounds.upper_bounds(784, [10_000] * 3)["ceiling"])
    assert text == "at most 10^9030.900 (2^N activation patterns of N units)"


def test_a_bound_is_frozen_and_checked():
    bound = Bound(11, "lower", "best weights", "a paper")
    assert str(bound) == "at least 11 (a paper)"
    with pytest.raises(FrozenInstanceError):
        bound.value = 12
    with pytest.raises(ValueError, match="kind must be 'upper' or 'lower'; got 'exact'"):
        Bound(11, "exact", "", "")
    with pytest.raises(ValueError, match="value must be a whole number"):
        Bound(1.5, "upper", "", "")


def test_values_go_into_json():
    listed = bounds.upper_bounds(784, [11, 11, 10])
    assert (
        json.loads(json.dumps({name: bound.value for name, bound in listed.items()}))["layered"]
        == 1690286436
    )


def test_sympy_is_not_loaded_unless_asked_for():
    code = "import sys, bounds; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
