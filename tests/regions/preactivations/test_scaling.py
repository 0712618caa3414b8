"""Networks and boxes times powers of two, up to the ends of the double range: the same answers, or one line."""

import numpy as np
import pytest

from regions import (
    AffineSlice,
    Box,
    Network,
    Polytope,
    Pool,
    compress_network,
    count_regions,
    empirical_bound,
    estimate_regions,
    iterate_regions,
    region_graph,
    stable_units,
    unit_ranges,
    verify_certificate,
)
from tests.ladder import random_network

WIDTHS = (2, 3, 3, 1)


def coarse_network(seed):
    """Quarter-integers: ties, parallel and dead units; a power of two changes none of their bits."""
    rng = np.random.default_rng(seed)
    shapes = zip(WIDTHS[1:], WIDTHS[:-1], strict=True)
    return Network([(rng.integers(-4, 5, s) / 4, rng.integers(-2, 3, s[0]) / 4) for s in shapes])


NETWORKS = {"coarse": coarse_network(0), "generic": random_network(3, *WIDTHS)}
DOMAINS = {
    "box": Box.cube(2, -1, 1),
    "fixed": Box([-1.0, 0.5], [1.0, 0.5]),
    "polytope": Polytope([[1.0, 1.0]], [0.5], Box.cube(2, -1, 1)),
    "slice": AffineSlice([0.25, 0.25], [[1.0, 0.5]], Box.cube(2, -1, 1)),
}
# Exponents of the inputs, then of the units of each layer; the last are those of the outputs.
EXPONENTS = {
    "huge box": (1000, 0, 0, 0),
    "tiny box": (-900, 0, 0, 0),
    "huge weights": (0, 1000, 1020, 0),
    "tiny weights": (0, -500, -900, -1000),
    "both": (800, -150, 850, -100),
    "up and down": (0, 500, -400, 500),
}


def rescaled(network, domain, exponents):
    """The same function of inputs times 2**e, its hidden units and outputs times powers of two as well."""
    layers, below = [], exponents[0]
    for (weight, bias), here in zip(network.layers, exponents[1:], strict=True):
        layers.append((np.ldexp(weight, here - below), np.ldexp(bias, here)))
        below = here
    return Network(layers), moved(domain, exponents[0])


def moved(domain, exponent):
    box = domain.enclosing_box()
    box = Box(np.ldexp(box.lower, exponent), np.ldexp(box.upper, exponent))
    if isinstance(domain, Polytope):
        return Polytope(np.ldexp(domain.A, -exponent), domain.b, box)
    if isinstance(domain, AffineSlice):
        return AffineSlice(
            *(np.ldexp(v, exponent) for v in (domain.origin, domain.directions)), box
        )
    return box


def answers(network, domain, path):
    """What must not change."""
    found = {}
    for counted in ("cells", "patterns", "maps", "pieces"):
        count = count_regions(network, domain, counted=counted)
        found[counted] = count.at_least, count.at_most
    for method in ("interval", "relaxation", "auto", "cells"):
        found[method] = stable_units(network, domain, method=method).layers
    found["ranges"] = [(lower > 0).tolist() for lower in unit_ranges(network, domain).lower]
    found["empirical"] = empirical_bound(network, domain).refinements
    found["compressed"] = compress_network(network, domain).network.widths
    found["estimate"] = estimate_regions(network, domain, seed=0).log10_value
    regions = list(iterate_regions(network, domain))
    found["replays"] = len(regions), sum(region.replays for region in regions)
    found["edges"] = region_graph(regions).number_of_edges()
    found["sides"] = sorted(len(r.halfspaces(irredundant=True)[1]) for r in regions)
    count_regions(network, domain, certificate=path)
    proof = verify_certificate(path, network, domain=domain)
    found["certificate"] = proof.proved_at_least, proof.proved_at_most
    return found


@pytest.fixture(scope="module", params=[(n, d) for n in NETWORKS for d in DOMAINS], ids="-".join)
def ordinary(request, tmp_path_factory):
    """``(network, domain, its answers)``."""
    network, domain = NETWORKS[request.param[0]], DOMAINS[request.param[1]]
    return network, domain, answers(network, domain, tmp_path_factory.mktemp("a") / "c.npz")


@pytest.mark.parametrize("exponents", EXPONENTS.values(), ids=EXPONENTS)
def test_powers_of_two_change_nothing(ordinary, exponents, tmp_path):
    network, domain, expected = ordinary
    assert answers(*rescaled(network, domain, exponents), tmp_path / "c.npz") == expected


@pytest.mark.parametrize("exponents", EXPONENTS.values(), ids=EXPONENTS)
@pytest.mark.parametrize("n", [6, 7])
def test_nor_do_they_in_many_inputs(n, exponents):
    # 6 inputs and 8 units: half-spaces; 7 inputs and 4 units: images of the first layer
    network, box = random_network(n, n, {6: 8, 7: 4}[n], 3, 1), Box.cube(n, -1, 1)
    count = count_regions(*rescaled(network, box, exponents))
    assert count.at_least == count.at_most == count_regions(network, box).value


@pytest.mark.parametrize(("size", "cells"), [(1e-300, 6), (1.0, 7), (1e300, 7)])
def test_numbers_too_far_apart_for_one_scale(size, cells):
    # u = x + 1e-200 y and v = 1e-200 x - y: two lines that cross. max(0, 1e-300 u+ + v+ - 1e-310) is off where neither
    # is on, has both signs where v is on, and where only u is on if the box goes beyond u = 1e-10
    first = [[1.0, 1e-200], [1e-200, -1.0]], None
    network = Network.of(first, ([[1e-300, 1.0]], [-1e-310]), ([[1.0]], None))
    box = Box.cube(2, -size, size)
    count, found = count_regions(network, box), stable_units(network, box)
    assert (count.at_least, count.at_most) == (cells, cells)
    assert [layer["undecided"] for layer in found.layers] == [[0, 1], [0]]


@pytest.mark.parametrize("exponents", [(900, 0, 0, 0), (-900, 0, 0, 0), (1000, 1000, 1000, 0)])
def test_solvers_with_absolute_tolerances_are_asked_in_ordinary_numbers(exponents):
    network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), ([[4.0, 2.0]], [-3.0]), ([[1.0]], None))
    network, box = rescaled(network, Box.cube(1, -10, 10), exponents)
    found = count_regions(network, box, engine=Pool(), keep_patterns=True)
    assert found.value == 5
    assert (network.pattern(found.witnesses) == found.patterns.matrix()).all()


@pytest.mark.parametrize("size", [1.0, 8e307, np.finfo(float).max])
def test_cells_are_cones_in_the_largest_box_too(size):
    # no biases: the count does not depend on the size, and all lines go through one point; upper - lower overflows
    rng = np.random.default_rng(3)
    shapes = (5, 2), (4, 5), (1, 4)
    network = Network([(rng.integers(-5, 6, shape), None) for shape in shapes])
    box = Box.cube(2, -size, size)
    assert count_regions(network, box).at_most == len(list(iterate_regions(network, box))) == 16
