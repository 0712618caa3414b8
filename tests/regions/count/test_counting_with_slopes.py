"""Networks of units max(g, s g), counted: by hand, against brute force in rationals, by their certificates."""

from fractions import Fraction

import numpy as np
import pytest

from bounds import layered, montufar_2017
from regions import AffineSlice, Box, Network, Polytope, count_regions, iterate_regions
from regions.certify import verify_certificate
from regions.domain import WholeSpace
from regions.errors import InputError
from regions.exact_search.open_parts import all_cells, most_cells
from regions.exact_search.tasks import Task
from regions.preactivations.shared import planes_of_weights
from tests.ladder import network_with_slopes, network_with_ties, slopes_of
from tests.oracles.brute_force import brute_force
from tests.regions.count.test_maps_and_pieces import pieces_by_pairs

LINE = Box.cube(1, -2, 2)
ABSOLUTE = Network([([[1.0]], None), ([[1.0]], None)], slopes=-1)
FOLDED = Network([([[1.0]], None), ([[1.0]], [-1.0]), ([[1.0]], None)], slopes=-1)
# |x| - |x|: two cells, one map, joined through the origin in one dimension
NOTHING = Network([([[1.0], [-1.0]], None), ([[1.0, -1.0]], None)], slopes=-1)
# x itself out of two leaky units: max(x, x/2) - max(-x, -x/2) is 3x/2 on both sides
LINEAR = Network([([[1.0], [-1.0]], None), ([[1.0, -1.0]], None)], slopes=0.5)


def counts(network, domain, counted="cells", **options):
    answer = count_regions(network, domain, engine="cells", counted=counted, **options)
    assert answer.status.name == "CERTIFIED"
    return answer.value


@pytest.mark.parametrize(
    ("network", "cells", "maps", "pieces"),
    [(ABSOLUTE, 2, 2, 2), (FOLDED, 4, 4, 4), (NOTHING, 2, 1, 1), (LINEAR, 2, 1, 1)],
)
def test_by_hand(network, cells, maps, pieces):
    found = [counts(network, LINE, counted) for counted in ("cells", "maps", "pieces")]
    assert found == [cells, maps, pieces]


def tied(rng):
    """A network with ties and slopes that floats multiply exactly."""
    relu = network_with_ties(rng)
    return Network(relu.layers, slopes=slopes_of(rng, relu.widths, (0.0, -1.0, 0.125, 0.5, -2.0)))


def domains(rng, n0):
    """One domain of each kind."""
    yield Box.cube(n0, -1, 1)
    yield WholeSpace(n0)
    yield Polytope(np.ones((1, n0)), [0.5], Box.cube(n0, -1, 1))
    if n0 > 1:
        yield Box([-1.0] * (n0 - 1) + [0.25], [1.0] * (n0 - 1) + [0.25])


def maps_of(network, domain, patterns):
    """The maps on the cells of a box, in fractions."""
    free = np.flatnonzero(domain.lower < domain.upper)
    inputs = [
        [Fraction(int(i == j and j in free)) for j in range(network.n0)] for i in range(network.n0)
    ]
    inputs = [
        [*row, Fraction(0) if i in free else Fraction(float(domain.lower[i]))]
        for i, row in enumerate(inputs)
    ]
    found = set()
    slopes = network.slopes or [np.zeros(n) for n in network.widths]
    for pattern in patterns:
        signs, h = iter(pattern), inputs
        for k, (weight, bias) in enumerate(network.layers):
            g = [
                [
                    sum(Fraction(float(w)) * row[j] for w, row in zip(ws, h, strict=True))
                    for j in range(network.n0 + 1)
                ]
                for ws in weight
            ]
            g = [[*row[:-1], row[-1] + Fraction(float(b))] for row, b in zip(g, bias, strict=True)]
            if k < len(network.widths):
                passed = [1 if next(signs) else Fraction(float(s)) for s in slopes[k]]
                g = [[v * p for v in row] for row, p in zip(g, passed, strict=True)]
            h = g
        found.add(tuple(map(tuple, h)))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_cells_and_certificates_against_brute_force(seed, tmp_path):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        network = tied(rng)
        for domain in domains(rng, network.n0):
            truth = brute_force(network, domain)
            file = tmp_path / "cells.npz"
            answer = count_regions(
                network, domain, engine="cells", keep_patterns=True, certificate=file
            )
            assert answer.patterns == truth
            proof = verify_certificate(file, network)
            assert proof.proved_at_least == proof.proved_at_most == len(truth)
            planes = planes_of_weights(network)
            assert len(truth) <= all_cells(network, planes, domain.polyhedron().dimension)


@pytest.mark.parametrize("seed", range(6))
def test_maps_pieces_and_patterns_against_brute_force(seed):
    rng = np.random.default_rng(100 + seed)
    for _ in range(3):
        network = tied(rng)
        for domain in (Box.cube(network.n0, -1, 1), Box.cube(network.n0, 0, 1)):
            truth = brute_force(network, domain)
            assert counts(network, domain, "maps") == len(maps_of(network, domain, truth))
            if len(truth) <= 24:
                assert counts(network, domain, "pieces") == pieces_by_pairs(
                    network, domain, truth.matrix()
                )
            if len(truth) <= 40:
                assert counts(network, domain, "patterns") == len(
                    brute_force(network, domain, "patterns")
                )


@pytest.mark.parametrize("seed", range(4))
def test_generic_networks_by_each_kernel(seed, tmp_path):
    # up to five inputs by vertices, more by half-spaces, more inputs than units in coordinates of the first layer
    rng = np.random.default_rng(200 + seed)
    for widths in ((2, 4, 3, 1), (6, 4, 3, 1), (6, 7, 2, 1), (9, 3, 3, 2, 1)):
        network, domain = network_with_slopes(rng, *widths), Box.cube(widths[0], -1, 1)
        truth, file = brute_force(network, domain), tmp_path / "cells.npz"
        answer = count_regions(
            network, domain, engine="cells", keep_patterns=True, certificate=file
        )
        assert answer.patterns == truth
        assert verify_certificate(file, network).proved_at_most == len(truth)


def test_a_slice_of_a_leaky_network():
    rng = np.random.default_rng(5)
    network = network_with_slopes(rng, 5, 4, 3, 1)
    plane = AffineSlice(np.zeros(5), rng.normal(size=(2, 5)), Box.cube(5, -1, 1))
    assert counts(network, plane) == len(brute_force(network, plane))


def test_auto_says_why_faces_is_not_asked():
    network = network_with_slopes(np.random.default_rng(1), 6, 6, 6, 1)
    assert count_regions(network, Box.cube(6, -1, 1)).value == counts(network, Box.cube(6, -1, 1))


def test_regions_know_their_maps():
    for region in iterate_regions(FOLDED, LINE):
        A, c = region.affine()
        np.testing.assert_allclose(A @ region.witness + c, FOLDED.forward(region.witness))
        assert region.replays
        assert len(region.vertices()) == 2


def test_a_certificate_is_of_these_slopes(tmp_path):
    file = tmp_path / "cells.npz"
    counts(FOLDED, LINE, certificate=file)
    with pytest.raises(InputError, match="digest"):
        verify_certificate(file, Network(FOLDED.layers))
    with pytest.raises(InputError, match="digest"):
        verify_certificate(file, Network(FOLDED.layers, slopes=-0.5))


def test_theorem_1_does_not_hold_for_leaky_units():
    # (|x|, |y|) folds the square onto its upper right quarter, in whose middle five lines in general position have
    # all of their 16 cells: four times 16, where ReLUs have 29 at most
    angle = np.arange(5.0)
    lines = np.column_stack([np.cos(angle), np.sin(angle)])
    shift = 0.01 * angle**2 - lines @ [2.5, 2.5]
    network = Network(
        [(np.eye(2), None), (lines, shift), (np.ones((1, 5)), None)], slopes=[-1, 0.1]
    )
    assert (
        counts(network, Box.cube(2, -5, 5))
        == montufar_2017(2, (2, 5))
        == 64
        > layered(2, (2, 5))
        == 29
    )


@pytest.mark.parametrize("seed", range(4))
def test_open_parts_are_bounded(seed):
    rng = np.random.default_rng(300 + seed)
    network = network_with_slopes(rng, 2, 3, 3, 1)
    domain = Box.cube(2, -2, 2)
    patterns = brute_force(network, domain).matrix()
    for pattern in patterns:
        for known in (0, 2, 3, 5):
            signs = np.where(np.arange(6) < known, np.where(pattern, 1, -1), 0).astype(np.int8)
            task = Task(int(known >= 3), signs, np.zeros(6, dtype=bool))
            inside = (patterns[:, :known] == pattern[:known]).all(axis=1).sum()
            assert inside <= most_cells(network, 2, [task])


def test_a_partial_count_has_a_bound_that_holds():
    network = network_with_slopes(np.random.default_rng(7), 4, 12, 12, 12, 1)
    answer = count_regions(network, Box.cube(4, -1, 1), engine="cells", time_limit=0.05)
    assert answer.at_most <= montufar_2017(4, (12, 12, 12))
    assert answer.at_least <= answer.at_most
