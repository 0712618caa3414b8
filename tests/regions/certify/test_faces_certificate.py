"""Certificates by faces: what is written proves the count, what is changed does not."""

from dataclasses import replace

import numpy as np
import pytest

from regions import AffineSlice, Box, Faces, Network, Polytope, count_regions, verify_certificate
from regions.certify.faces_check import FacesCheck
from regions.certify.faces_file import NO, PLACED, RANK, YES, FacesCertificate
from regions.errors import InputError, ReadError
from tests.ladder import random_network


def written(network, domain, path):
    count = count_regions(network, domain, engine=Faces(), certificate=path)
    assert count.stats["certificate"] == str(path)
    return count.value


CASES = {
    "two layers": (random_network(1, 9, 5, 4, 1), Box.cube(9, -1, 1)),
    "one layer": (random_network(2, 5, 7, 1), Box.cube(5, 0, 1)),
    "three layers": (random_network(3, 4, 4, 4, 3, 1), Box.cube(4, -1, 1)),
    "a polytope": (random_network(4, 5, 4, 4, 1), Polytope([[1.0] * 5], [0.5], Box.cube(5, -1, 1))),
    "a slice": (
        random_network(5, 6, 4, 4, 1),
        AffineSlice(np.zeros(6), np.random.default_rng(0).normal(size=(3, 6)), Box.cube(6, -1, 1)),
    ),
    "a fixed coordinate": (
        random_network(6, 5, 4, 4, 1),
        Box([-1.0, -1.0, 0.3, -1.0, -1.0], [1.0, 1.0, 0.3, 1.0, 1.0]),
    ),
    "units that never switch": (
        random_network(7, 6, 6, 6, 1),
        Box.around(np.full(6, 0.2), 0.2),
    ),
    "far apart in scale": (
        Network.of(
            *(
                (w * s, b * s)
                for (w, b), s in zip(
                    random_network(8, 6, 4, 3, 1).layers, (1e6, 1e-9, 1), strict=True
                )
            )
        ),
        Box.cube(6, -1, 1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_written_proves_the_count(name, tmp_path):
    network, domain = CASES[name]
    path = tmp_path / "count.npz"
    cells = written(network, domain, path)
    found = verify_certificate(path, network, domain=domain)
    assert (found.proved_at_least, found.proved_at_most, found.refused) == (cells, cells, 0)
    assert cells == count_regions(network, domain, engine="cells").value


def test_twins_are_proved_too(tmp_path):
    weight = np.random.default_rng(5).normal(size=(3, 6))
    first = np.vstack([weight, weight[0], -2 * weight[1]])
    last = np.random.default_rng(6).normal(size=(3, 5))
    second = np.vstack([last, 4 * last[0], -last[1]])
    network = Network.of(
        (first, [0.1, 0.2, -0.1, 0.1, -0.4]),
        (second, [0.3, -0.2, 0.1, 1.2, 0.2]),
        (np.ones((1, 5)), None),
    )
    path, box = tmp_path / "count.npz", Box.cube(6, -1, 1)
    cells = written(network, box, path)
    found = verify_certificate(path, network)
    assert found.proved_at_least == found.proved_at_most == cells
    stored = FacesCertificate.load(path)
    assert len(stored.twins) == 4
    forged = stored.twins.copy()
    forged[0, 1] = 1
    replace(stored, twins=forged).save(path)
    with pytest.raises(InputError, match="hyperplane"):
        verify_certificate(path, network)


def test_ties_have_the_certificate_of_an_enumeration(tmp_path):
    network = Network.of(([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]], None), (np.ones((1, 3)), None))
    path = tmp_path / "count.npz"
    assert written(network, Box.cube(2, -1, 1), path) == 6
    found = verify_certificate(path, network)
    assert found.proved_at_least == found.proved_at_most == 6


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    network, box = CASES["two layers"]
    path = tmp_path_factory.mktemp("sound") / "count.npz"
    cells = written(network, box, path)
    return network, cells, FacesCertificate.load(path)


def proves(network, forged, path):
    """``(at least, at most)`` of what is left of a forged certificate; (0, None) when it is no tree."""
    forged.save(path)
    try:
        found = verify_certificate(path, network)
    except (InputError, ReadError):
        return 0, None
    return found.proved_at_least, found.proved_at_most


def test_a_forged_file_never_proves_another_count(sound, tmp_path):
    network, cells, stored = sound
    rng, path, changed = np.random.default_rng(0), tmp_path / "forged.npz", 0
    for _ in range(100):
        letters, points, multipliers = (
            a.copy() for a in (stored.letters, stored.points, stored.multipliers)
        )
        kind = rng.integers(6)
        if kind == 0:  # another letter
            letters[rng.integers(len(letters))] = rng.integers(-4, 9)
        elif kind == 1:  # two letters change places
            i, j = rng.integers(len(letters), size=2)
            letters[[i, j]] = letters[[j, i]]
        elif kind == 2:  # negated
            multipliers[rng.integers(len(multipliers))] *= -1
        elif kind == 3:  # points change places
            points = points[rng.permutation(len(points))]
        elif kind == 4:  # one multiplier more
            multipliers[rng.integers(len(multipliers)), rng.integers(multipliers.shape[1])] += 1.0
        else:  # a leaf of another kind
            leaf = rng.choice(np.flatnonzero(letters < 0))
            letters[leaf] = rng.choice([YES, NO, RANK])
        least, most = proves(
            network, replace(stored, letters=letters, points=points, multipliers=multipliers), path
        )
        assert least <= cells
        assert most is None or cells <= most
        changed += (least, most) != (cells, cells)
    assert changed > 60


def test_a_point_may_be_written_out(sound, tmp_path):
    network, cells, stored = sound
    leaf = int(np.flatnonzero(stored.letters == YES)[0])
    letters, path = stored.letters.copy(), tmp_path / "f.npz"
    letters[leaf] = PLACED
    start = FacesCheck(network, stored)._start(stored.points[0])
    for place, proved in ((start, cells), (-start, None), (start + 5, None)):
        forged = replace(
            stored, letters=letters, points=stored.points[1:], places=np.array([place])
        )
        least, most = proves(network, forged, path)
        assert most == cells
        assert least == proved or (proved is None and least < cells)


def test_a_leaf_that_is_dropped_or_added_is_no_tree(sound, tmp_path):
    network, _, stored = sound
    for letters in (stored.letters[:-1], np.append(stored.letters, RANK)):
        replace(stored, letters=letters.astype(np.int32)).save(tmp_path / "f.npz")
        with pytest.raises((InputError, ReadError)):
            verify_certificate(tmp_path / "f.npz", network)


def test_another_network_is_refused(sound, tmp_path):
    _, _, stored = sound
    stored.save(tmp_path / "f.npz")
    with pytest.raises(InputError, match="digest"):
        verify_certificate(tmp_path / "f.npz", random_network(9, 9, 5, 4, 1))
