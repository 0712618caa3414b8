"""Answers as data: each kind has the record that docs/records.md says, compares, hashes, and shows itself."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import regions
from regions import Box, Network
from regions.reduce import Stack, StackNetwork, reduce_network
from regions.result import SCHEMA

PAGE = Path(__file__).parents[2] / "docs" / "records.md"
NET = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
BOX = Box.cube(1, -10, 10)


def counted(tmp_path):
    return regions.count_regions(NET, BOX, keep_patterns=True)


def verified(tmp_path):
    regions.count_regions(NET, BOX, certificate=tmp_path / "proof.npz")
    return regions.verify_certificate(tmp_path / "proof.npz", NET)


def pruned(tmp_path):
    rng = np.random.default_rng(0)
    two = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0], [1.0, -1.0]], [-3.0, 0.0]))
    return regions.prune_network(two, rng.normal(size=(20, 1)), rng.integers(0, 2, 20), 0.5)


def reduced(tmp_path):
    wide = Stack([[1.0]] * 3, [0.0, 1e-3, 9.0], [[1.0] * 3], [0.0], ([[0.0]],))
    x = np.linspace(-1, 1, 11)[:, None]
    return reduce_network(StackNetwork((wide,)), lambda net: (net.forward(x) ** 2).mean(), points=x)


ANSWERS = {
    "count": counted,
    "verification": verified,
    "estimate": lambda _: regions.estimate_regions(NET, BOX),
    "empirical_bound": lambda _: regions.empirical_bound(NET, BOX),
    "ranges": lambda _: regions.unit_ranges(NET, BOX),
    "stability": lambda _: regions.stable_units(NET, BOX),
    "compression": lambda _: regions.compress_network(NET, BOX),
    "pruning": pruned,
    "reduction": reduced,
    "transformation": lambda _: regions.shallow_equivalent(NET, BOX),
    "segments": lambda _: regions.segments(NET, [[-10.0], [10.0]]),
    "description": lambda _: regions.describe(NET, BOX),
}


def tables():
    """The keys of every record, and those of each kind, as the page has them."""
    every, by_kind = PAGE.read_text(encoding="utf-8").split("## By kind")
    common = re.findall(r"^\| `(\w+)` \|", every, re.MULTILINE)
    kinds = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", by_kind, re.MULTILINE)
    inner = re.compile(r"\([^)]*\)")
    return common, {kind: re.findall(r"`(\w+)`", inner.sub("", keys)) for kind, keys in kinds}


def test_the_page_knows_every_kind():
    common, kinds = tables()
    assert {"kind", "schema", "version", "network", "domain", "options", "status"} <= set(common)
    assert set(kinds) == set(ANSWERS)


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_is_data(kind, tmp_path):
    answer = ANSWERS[kind](tmp_path)
    record = answer.record()
    common, kinds = tables()
    assert set(record) == {*common, *kinds[kind]}
    assert (record["kind"], record["schema"]) == (kind, SCHEMA)
    assert record["seconds"] >= 0
    assert json.loads(json.dumps(record)) == record
    assert record["network"]["digest"] == answer.about.network.digest
    assert "\n" not in repr(answer)
    assert len(repr(answer)) < 300
    assert answer.summary().splitlines()
    assert "<" in answer._repr_html_()
    if hasattr(answer, "to_frame"):
        assert len(answer.to_frame()) > 0


@pytest.mark.parametrize("kind", ANSWERS)
def test_equal_answers_are_equal(kind, tmp_path):
    one, same = (ANSWERS[kind](tmp_path) for _ in range(2))
    assert one == same
    assert len({one, same}) == 1
    assert one != "an answer"


def test_other_answers_are_not_equal():
    assert regions.count_regions(NET, BOX) != regions.count_regions(NET, Box.cube(1, 0, 1))
    assert regions.unit_ranges(NET, BOX) != regions.unit_ranges(NET, Box.cube(1, 0, 1))


def test_records_make_a_table():
    answers = [regions.count_regions(NET, Box.cube(1, -r, r)) for r in (1, 10)]
    frame = pd.DataFrame([answer.record() for answer in answers])
    assert frame["value"].tolist() == [4, 5]
    assert frame["widths"].tolist() == [[2, 1]] * 2


def test_long_domains_are_named_by_their_digest():
    wide = Network.of((np.ones((1, 100)), None), ([[1.0]], None))
    uniform = regions.count_regions(wide, (0, 1)).record()["domain"]
    assert (uniform["lower"], uniform["upper"]) == (0.0, 1.0)
    ends = np.linspace(0.5, 1.0, 100)
    other = regions.count_regions(wide, (0.0, ends)).record()["domain"]
    assert "upper" not in other
    assert other["digest"] == Box(np.zeros(100), ends).digest


def test_frames_name_every_unit():
    frame = regions.stable_units(NET, Box.cube(1, 0.25, 0.5)).to_frame()
    assert frame[["layer", "unit", "state"]].values.tolist() == [
        [1, 0, "on"],
        [1, 1, "on"],
        [2, 0, "off"],
    ]
    assert (frame["proof"] != "").all()
    assert (frame["lower"] <= frame["upper"]).all()


def test_equal_domains_are_equal():
    assert Box.cube(2, 0, 1) == Box([0, 0], [1, 1])
    assert len({Box.cube(2, 0, 1), Box([0, -0.0], [1, 1])}) == 1
    assert Box.cube(2, 0, 1) != Box.cube(2, 0, 2)
