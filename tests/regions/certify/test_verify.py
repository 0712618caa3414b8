"""A certificate proves what was counted, and proves no more after it was tampered with."""

import itertools
import json

import numpy as np
import pytest

from regions import (
    AffineSlice,
    Box,
    Cells,
    Network,
    PatternSet,
    Polytope,
    Pool,
    Sample,
    WholeSpace,
    count_regions,
    save,
    verify_certificate,
)
from regions.certify.file import Certificate
from regions.cli import main
from regions.errors import InputError, ReadError, UnsupportedError
from tests.ladder import LADDER, SQUARE, one_layer, random_network
from tests.oracles.brute_force import brute_force

RUNGS = [rung for rung in LADDER if "cells" in rung.answers]
NETWORK = random_network(1, 2, 5, 4, 1)
TIES = one_layer(
    [[1.0, 0.0], [0.0, 1.0], [1.0, -1.0], [1.0, 0.0]]
)  # facts that only rationals prove


def coarse_network(seed, *widths):
    """Weights and biases from quarter-integers: ties, parallel and dead units everywhere."""
    rng = np.random.default_rng(seed)
    shapes = itertools.pairwise(widths)
    return Network(
        [(rng.integers(-4, 5, (m, n)) / 4, rng.integers(-2, 3, m) / 4) for n, m in shapes]
    )


def certified(path, network, domain):
    """The count and what its certificate proves."""
    count = count_regions(network, domain, certificate=path)
    return count.value, verify_certificate(path, network)


def check(path, network, domain, cells):
    value, found = certified(path, network, domain)
    assert found.proved_at_least == found.proved_at_most == value == cells
    assert found.refused == 0
    assert repr(found.domain) == repr(domain)


@pytest.mark.parametrize("rung", RUNGS, ids=str)
def test_the_ladder(rung, tmp_path):
    check(tmp_path / "c", rung.network, rung.domain, rung.answers["cells"])


@pytest.mark.parametrize("seed", range(6))
def test_coarse_networks_against_brute_force(seed, tmp_path):
    network = coarse_network(seed, 2, 4, 3, 1)
    for domain in (SQUARE, WholeSpace(2), Polytope([[1.0, 1.0]], [0.5], SQUARE)):
        check(tmp_path / "c", network, domain, len(brute_force(network, domain)))


POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (3, 10))


@pytest.mark.parametrize(
    ("network", "domain"),
    [
        (random_network(0, 5, 5, 4, 1), Box.cube(5, -1, 1)),
        (random_network(5, 3, 6, 5, 1), Box([-1.0, 0.5, -1.0], [1.0, 0.5, 1.0])),
        (random_network(8, 10, 6, 5, 3), AffineSlice.through(POINTS, Box.cube(10, 0, 1))),
        (random_network(0, 50, 4, 5, 1), Box.cube(50, 0, 1)),
        (random_network(2, 2, 6, 3).with_output_relu(), SQUARE),
    ],
)
def test_domains_and_shapes(network, domain, tmp_path):
    check(tmp_path / "c", network, domain, count_regions(network, domain).value)


def test_equal_certificates_are_equal_files(tmp_path):
    for name in "ab":
        count_regions(NETWORK, SQUARE, certificate=tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def stored(path, network=NETWORK, domain=SQUARE):
    """The arrays of a fresh certificate."""
    count_regions(network, domain, certificate=path)
    with np.load(path) as data:
        return dict(data)


def tampered(path, network, arrays):
    with open(path, "wb") as file:
        np.savez_compressed(file, **arrays)
    return verify_certificate(path, network)


@pytest.mark.parametrize("network", [NETWORK, TIES])
def test_no_dropped_leaf_goes_unnoticed(network, tmp_path):
    arrays = stored(tmp_path / "c", network)
    cells = len(arrays["packed"])
    assert cells > 5
    for drop in range(cells):
        less = {name: np.delete(arrays[name], drop, axis=0) for name in ("packed", "points")}
        found = tampered(tmp_path / "c", network, arrays | less)
        assert found.proved_at_most is None
        assert found.proved_at_least < cells


def test_an_invented_leaf_is_not_counted(tmp_path):
    arrays = stored(tmp_path / "c")
    patterns = PatternSet(arrays["packed"], int(arrays["width"]))
    every = np.unpackbits(np.arange(512, dtype=">u2").view(np.uint8).reshape(-1, 2), axis=1)[:, 7:]
    invented = PatternSet.of(every) - patterns
    assert len(invented)
    for pattern in invented.matrix()[::25]:
        more = patterns | PatternSet.of([pattern])
        place = int(np.flatnonzero((more.matrix() == pattern).all(axis=1))[0])
        points = np.insert(arrays["points"], place, 0.1, axis=0)
        found = tampered(
            tmp_path / "c", NETWORK, arrays | {"packed": more.packed, "points": points}
        )
        assert found.proved_at_least <= len(patterns)


def test_an_altered_multiplier_proves_less(tmp_path):
    arrays = stored(tmp_path / "c")
    for factor in (0.0, -1.0, 1e3, 1e308):
        altered = arrays["multipliers"].copy()
        altered[3] *= factor
        found = tampered(tmp_path / "c", NETWORK, arrays | {"multipliers": altered})
        assert found.refused > 0
        assert found.proved_at_most is None
        assert found.proved_at_least < len(arrays["packed"])


def test_an_altered_fraction_proves_less(tmp_path):
    arrays = stored(tmp_path / "c", TIES)
    about = json.loads(str(arrays["about"]))
    exact = about["exact"]["multipliers"]
    assert exact
    fact = next(iter(exact))
    exact[fact][0] = "-" + exact[fact][0]
    found = tampered(tmp_path / "c", TIES, arrays | {"about": np.array(json.dumps(about))})
    assert (found.refused, found.proved_at_most) == (1, None)


def test_a_point_elsewhere_proves_less(tmp_path):
    arrays = stored(tmp_path / "c")
    swapped = arrays["points"][::-1]
    found = tampered(tmp_path / "c", NETWORK, arrays | {"points": swapped})
    assert found.proved_at_least < found.proved_at_most == len(swapped)


def test_another_domain_proves_less(tmp_path):
    arrays = stored(tmp_path / "c")
    found = tampered(tmp_path / "c", NETWORK, arrays | {"upper": np.array([9.0, 9.0])})
    assert found.proved_at_most is None
    assert repr(found.domain) == "Box.cube(2, -1, 9)"


def test_another_network_is_refused(tmp_path):
    stored(tmp_path / "c")
    with pytest.raises(InputError, match="digest"):
        verify_certificate(tmp_path / "c", random_network(2, 2, 5, 4, 1))
    with pytest.raises(InputError, match="--output-relu"):
        verify_certificate(tmp_path / "c", NETWORK.with_output_relu())


def test_a_forged_digest_helps_nobody(tmp_path):
    arrays = stored(tmp_path / "c")
    other = random_network(2, 2, 5, 4, 1)
    about = json.loads(str(arrays["about"])) | {"digest": other.digest}
    found = tampered(tmp_path / "c", other, arrays | {"about": np.array(json.dumps(about))})
    assert found.proved_at_most is None
    assert found.proved_at_least < count_regions(other, SQUARE).value


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path):
    stored(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    for end in range(0, len(whole), len(whole) // 60):
        (tmp_path / "c").write_bytes(whole[:end])
        with pytest.raises(ReadError, match="no certificate"):
            verify_certificate(tmp_path / "c", NETWORK)


def test_no_flipped_byte_proves_more(tmp_path):
    stored(tmp_path / "whole")
    whole = bytearray((tmp_path / "whole").read_bytes())
    for place in range(0, len(whole), len(whole) // 80):
        damaged = whole.copy()
        damaged[place] ^= 0x55
        (tmp_path / "c").write_bytes(damaged)
        try:
            found = verify_certificate(tmp_path / "c", NETWORK)
        except InputError:
            continue
        assert found.proved_at_least <= count_regions(NETWORK, SQUARE).value
        assert found.proved_at_most in (None, count_regions(NETWORK, SQUARE).value)


def mutated(arrays, rng):
    """One array with one entry changed, two exchanged, or one left out."""
    name = rng.choice(["packed", "points", "counts", "places", "multipliers", "upper"])
    array = arrays[name].copy()
    i, j = rng.integers(0, len(array), 2)
    match rng.integers(0, 3):
        case 0:
            array[i] = array[i] * rng.choice([0, 0.5, 2]) if array.dtype == float else array[i] + 1
        case 1:
            array[[i, j]] = array[[j, i]]
        case 2:
            array = np.delete(array, i, axis=0)
    return arrays | {name: array}


@pytest.mark.parametrize("network", [NETWORK, TIES, random_network(3, 2, 3, 3, 1)])
def test_no_mutation_proves_what_is_wrong(network, tmp_path):
    rng, original = np.random.default_rng(0), stored(tmp_path / "c", network)
    outcomes = []
    for _ in range(80):
        try:
            found = tampered(tmp_path / "c", network, mutated(original, rng))
        except InputError:
            outcomes.append("refused")
            continue
        right = len(original["packed"])
        if repr(found.domain) != repr(SQUARE):
            right = count_regions(network, found.domain).value
        assert found.proved_at_least <= right
        assert found.proved_at_most is None or found.proved_at_most >= right
        outcomes.append("less" if found.refused else "as much")
    assert {"refused", "less"} <= set(outcomes)


@pytest.mark.parametrize(
    "change",
    [
        {"counts": np.zeros(3, dtype=int)},
        {"counts": np.array([-1])},
        {"places": np.array([0.5])},
        {"points": np.zeros((1, 2))},
        {"multipliers": np.array([np.nan])},
        {"packed": np.zeros((2, 2), dtype=np.uint8)},
        {"packed": np.zeros((0, 2), dtype=np.uint8)},
        {"about": np.array("[]")},
        {"about": np.array("{}")},
        {"lower": np.array([3.0, 3.0])},
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, tmp_path):
    arrays = stored(tmp_path / "c")
    with pytest.raises(ReadError, match="no certificate"):
        tampered(tmp_path / "c", NETWORK, arrays | change)


def test_options_that_do_not_go_together_are_refused_before_the_work(tmp_path):
    with pytest.raises(UnsupportedError, match="of maps"):
        count_regions(NETWORK, SQUARE, counted="maps", certificate=tmp_path / "c")
    with pytest.raises(InputError, match="both journal and certificate"):
        count_regions(NETWORK, SQUARE, journal=tmp_path / "c", certificate=tmp_path / "c")
    with pytest.raises(InputError, match="cannot be written"):
        count_regions(NETWORK, SQUARE, certificate=tmp_path)


@pytest.mark.parametrize("kept", [None, 3])
def test_a_count_with_a_journal_has_a_certificate(tmp_path, kept):
    options = {"engine": Cells(budget=2), "journal": tmp_path / "j"}
    if kept:  # part of the cells are those of a run that was killed
        count_regions(NETWORK, SQUARE, **options)
        lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
        assert len(lines) > kept
        (tmp_path / "j").write_bytes(b"".join(lines[:kept]))
    count = count_regions(NETWORK, SQUARE, certificate=tmp_path / "c", **options)
    assert (count.stats["cells_from_journal"] > 0) is bool(kept)
    assert count.patterns is None
    found = verify_certificate(tmp_path / "c", NETWORK)
    assert found.proved_at_least == found.proved_at_most == count.value


def test_a_file_that_is_no_certificate_is_not_overwritten(tmp_path):
    save(NETWORK, tmp_path / "net.npz")
    before = (tmp_path / "net.npz").read_bytes()
    with pytest.raises(InputError, match="is no certificate, so it is not overwritten"):
        count_regions(tmp_path / "net.npz", SQUARE, certificate=tmp_path / "net.npz")
    assert (tmp_path / "net.npz").read_bytes() == before
    for _ in range(2):  # a certificate may take the place of another one
        count_regions(NETWORK, SQUARE, certificate=tmp_path / "c")


def test_patterns_of_another_engine_are_proved_too(tmp_path):
    count = count_regions(NETWORK, SQUARE, engine=Pool(), certificate=tmp_path / "c")
    found = verify_certificate(tmp_path / "c", NETWORK)
    assert found.proved_at_least == found.proved_at_most == count.value


def test_a_partial_count_has_no_certificate(tmp_path):
    count = count_regions(NETWORK, SQUARE, engine=Sample(), certificate=tmp_path / "c")
    assert count.stats["certificate"] == "not written: the count is only partial"
    with pytest.raises(ReadError):
        verify_certificate(tmp_path / "c", NETWORK)


def test_incomplete_patterns_have_no_proof():
    from regions.certify.prove import NoProof, certificate_of

    count = count_regions(NETWORK, SQUARE, keep_patterns=True)
    fewer = PatternSet(count.patterns.packed[1:], count.patterns.width)
    with pytest.raises(NoProof, match="not complete"):
        certificate_of(NETWORK, SQUARE, fewer, count.witnesses[1:])


def test_a_point_between_two_floats_is_stored_as_a_fraction(tmp_path):
    network = one_layer([[1.0], [1.0]], [-1.0, -1.0 - np.spacing(1.0)])
    check(tmp_path / "c", network, Box.cube(1, 0.5, 2.0), 3)
    assert Certificate.load(tmp_path / "c").exact_points


def test_command_line(tmp_path, capsys):
    save(NETWORK, tmp_path / "net.npz")
    words = [str(tmp_path / name) for name in ("c.npz", "net.npz")]
    assert main(["count", words[1], "--box", "-1", "1", "--save-certificate", words[0]]) == 0
    capsys.readouterr()
    assert main(["verify", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"proved_at_least", "proved_at_most", "checks", "seconds"} <= found.keys()
    assert found["proved_at_least"] == count_regions(NETWORK, SQUARE).value
    assert found["domain"] == {
        "kind": "Box",
        "n0": 2,
        "lower": [-1.0, -1.0],
        "upper": [1.0, 1.0],
        "digest": SQUARE.digest,
    }
    assert main(["verify", *words, "--box", "-1", "1"]) == 0
    out = capsys.readouterr().out
    assert f"lower -1.0 (2 times), upper 1.0 (2 times), digest {SQUARE.digest}" in out
    assert main(["verify", *words, "--box", "-1", "1.0000000000000002"]) == 2
    assert "upper[0] = 1.0, not 1.0000000000000002" in capsys.readouterr().err
    assert main(["verify", *words, "--whole-space"]) == 2
    assert "kind Box, not WholeSpace" in capsys.readouterr().err
    assert main(["verify", *words, "--output-relu"]) == 2
    assert "digest" in capsys.readouterr().err
    with np.load(words[0]) as data:
        tampered(words[0], NETWORK, dict(data) | {"points": data["points"][::-1]})
    assert main(["verify", *words]) == 1
