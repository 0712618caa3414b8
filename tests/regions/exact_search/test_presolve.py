"""A search that knows which units never switch: the same cells as without, by brute force and by count."""

import numpy as np
import pytest

from regions import (
    AffineSlice,
    Box,
    Cells,
    Network,
    Polytope,
    count_regions,
    estimate_regions,
    iterate_regions,
)
from regions.certify import verify_certificate
from regions.errors import InputError
from regions.exact_search import presolve as module
from regions.exact_search.presolve import presolve
from regions.exact_search.problem import Problem
from regions.kernels.rows import layer_rows
from tests.oracles.brute_force import brute_force

BOX = Box.cube


def mostly_stable(seed, n0, *widths, share=0.9, scale=1.0):
    """A network most units of which are on or off by their bias: on [-1, 1]^n0 all but about 1 - ``share`` are."""
    rng = np.random.default_rng(seed)
    layers, before, reach = [], n0, np.ones(n0)
    for width in widths:
        weight = rng.normal(size=(width, before)) / np.sqrt(before)
        bias = 0.1 * rng.normal(size=width)
        size = np.abs(weight) @ reach
        stable = rng.random(width) < share
        bias[stable] = (size * rng.choice([-1.1, 1.1], size=width))[stable]
        reach = np.maximum(size + bias, 0.0)
        layers.append((scale * weight, scale * bias))
        before = width
    return Network([*layers, (rng.normal(size=(1, before)), None)])


def tie_network(seed, n0, *widths):
    """Small whole numbers: units that touch the box, that are constant, that are zero on cells, that are proportional."""
    rng = np.random.default_rng(seed)
    layers, before = [], n0
    for width in widths:
        weight = rng.integers(-2, 3, size=(width, before)).astype(float)
        bias = rng.integers(-3, 4, size=width) * rng.choice([1.0, 2.0, 4.0], size=width)
        if width > 2:
            weight[-1], bias[-1] = -2 * weight[0], -2 * bias[0]
        layers.append((weight, bias))
        before = width
    return Network([*layers, (np.ones((1, before)), None)])


def both(network, domain, **options):
    """Counts with and without presolve, certified and the same."""
    counts = [
        count_regions(network, domain, engine=Cells(), presolve=choice, **options)
        for choice in (True, False)
    ]
    assert all(count.status.name == "CERTIFIED" for count in counts)
    assert counts[0].value == counts[1].value
    return counts


@pytest.fixture
def always(monkeypatch):
    """Presolve whatever share of the units has one sign."""
    monkeypatch.setattr(module, "WORTHWHILE", 0.0)


@pytest.mark.parametrize(
    "shape", [(2, 4, 4, 3), (3, 5, 4), (6, 3, 4, 3), (9, 3, 4, 3), (9, 3, 3, 2, 2)]
)
def test_small_networks_with_ties_have_the_cells_of_brute_force(always, shape):
    settled = 0
    for seed in range(4):
        network, box = tie_network(seed, *shape), BOX(shape[0], 0, 1)
        problem = Problem.presolved(network, box)
        settled += int((problem.known != 0).sum())
        count = count_regions(network, box, engine=Cells(), keep_patterns=True)
        assert count.status.name == "CERTIFIED"
        assert count.patterns == brute_force(network, box)
    assert settled > 4


def test_hundreds_of_networks_with_ties_have_the_cells_of_a_search_without(always):
    for seed in range(120):
        n0 = (2, 7, 12)[seed % 3]
        shape = [(n0, 5, 4), (n0, 4, 4, 3), (n0, 3, 4, 3, 3)][seed // 3 % 3]
        network, box = tie_network(1000 + seed, *shape), BOX(n0, 0, 1)
        with_it, without = both(network, box, keep_patterns=True)
        assert with_it.patterns == without.patterns


@pytest.mark.parametrize("n0", [2, 8, 40])
@pytest.mark.parametrize("widths", [(20,), (20, 20), (20, 20, 20), (15, 15, 15, 15)])
def test_networks_of_which_nine_tenths_are_stable(n0, widths):
    network, box = mostly_stable(len(widths), n0, *widths), BOX(n0, -1, 1)
    with_it, without = both(network, box, keep_patterns=True)
    assert with_it.patterns == without.patterns
    assert with_it.stats["presolve"]["units_taken_out"] > network.n_units / 2
    patterns = with_it.patterns.matrix()
    assert (network.pattern(with_it.witnesses) == patterns).mean() > 0.999
    assert box.contains(with_it.witnesses).all()


@pytest.mark.parametrize("n0", [2, 8, 40])
def test_rows_of_the_kernels_are_the_exact_ones_within_their_error(n0):
    """At points of the cells, through all layers: folded functions of three layers, their shifts and what carries errors."""
    network, box = mostly_stable(3, n0, 16, 12, 12, 10, share=0.7), BOX(n0, -1, 1)
    problem = Problem.presolved(network, box)
    folding, a = problem.folding, problem.arrays
    assert (folding.units < 0).sum() >= 3
    rng = np.random.default_rng(0)
    for x in rng.uniform(-1, 1, size=(20, n0)):
        signs = np.where(network.pattern(x), 1, -1).astype(np.int8)
        task = folding.inward(problem.root.with_sign(0, 1, split=False, weight=1.0))
        own = folding.units >= 0
        task.signs[own] = signs[folding.units[own]]
        rows, buffer = a.rows.copy(), np.empty((a.rows.shape[1], a.widths.max()))
        for layer in range(1, len(a.widths)):
            layer_rows(a, rows, layer, task.signs, buffer)
        point = (
            x if problem.zonotope is None else problem.zonotope.mixing @ x + problem.zonotope.shift
        )
        values = rows[a.first_unit :, : len(point)] @ point + rows[a.first_unit :, len(point)]
        allowed = (
            rows[a.first_unit :, len(point) + 1] + 1e-14 * rows[a.first_unit :, len(point) + 2]
        )
        assert (values[~own] + allowed[~own] >= 0).all()  # functions are shifted to be positive
        assert (allowed[own] < 1e-9).all()
        exact = np.concatenate(
            [
                g * 2.0**-e
                for g, e in zip(network.preactivations(x), problem.scaling.units, strict=True)
            ]
        )
        assert (np.abs(values[own] - exact[folding.units[own]]) <= allowed[own] + 1e-14).all()


def test_a_certificate_is_about_the_original_network(tmp_path):
    for n0 in (3, 40):
        network, box = mostly_stable(5, n0, 20, 20, 20), BOX(n0, -1, 1)
        file = tmp_path / f"{n0}.npz"
        count = count_regions(network, box, engine=Cells(), certificate=file)
        found = verify_certificate(file, network, domain=box)
        assert count.stats["presolve"]["units_taken_out"] > 30
        assert (found.proved_at_least, found.proved_at_most) == (count.value, count.value)
        assert found.refused == 0


def test_a_network_that_never_switches_is_one_cell_with_its_pattern(tmp_path):
    network, box = mostly_stable(1, 6, 5, 5, share=1.0), BOX(6, -1, 1)
    assert presolve(network, box).signs.all()
    with_it, without = both(network, box, keep_patterns=True)
    assert with_it.value == 1
    assert with_it.patterns == without.patterns
    count = count_regions(network, box, engine=Cells(), journal=tmp_path / "one.jsonl")
    again = count_regions(network, box, engine=Cells(), journal=tmp_path / "one.jsonl")
    assert count.value == again.value == again.stats["cells_from_journal"] == 1


def test_polytopes_slices_and_fixed_coordinates(always):
    network = mostly_stable(8, 7, 16, 16, share=0.7)
    rng = np.random.default_rng(0)
    half = Polytope(rng.normal(size=(3, 7)), np.ones(3), BOX(7, -1, 1))
    fixed = Box(np.append(-np.ones(6), 0.5), np.append(np.ones(6), 0.5))
    plane = AffineSlice(np.zeros(7), rng.normal(size=(6, 7)), BOX(7, -1, 1))
    for domain in (half, fixed, plane):
        with_it, without = both(network, domain, keep_patterns=True)
        assert with_it.patterns == without.patterns


def test_numbers_near_the_ends_of_the_double_range():
    for scale in (1e-120, 1e120):
        network, box = mostly_stable(6, 30, 16, 16, scale=scale), BOX(30, -1, 1)
        with_it, without = both(network, box, keep_patterns=True)
        assert with_it.patterns == without.patterns


def test_what_never_switches_is_not_looked_for_where_the_first_layer_switches():
    rng = np.random.default_rng(0)
    network = Network.of((rng.normal(size=(20, 3)), None), (np.ones((1, 20)), None))
    assert presolve(network, BOX(3, -1, 1)) is None
    count = count_regions(network, BOX(3, -1, 1), engine=Cells())
    assert count.stats["presolve"] == {"units_taken_out": 0}
    assert (
        "presolve"
        not in count_regions(network, BOX(3, -1, 1), engine=Cells(), presolve=False).stats
    )


def test_units_with_slopes_are_left_as_they_are():
    network = mostly_stable(3, 4, 8, 8)
    leaky = Network(network.layers, slopes=0.25)
    assert presolve(network, BOX(4, -1, 1)) is not None
    assert presolve(leaky, BOX(4, -1, 1)) is None
    both(leaky, BOX(4, -1, 1))


def test_a_time_limit_ends_it_with_proved_ends():
    network, box = mostly_stable(9, 60, 60, 60, 60, share=0.6), BOX(60, -1, 1)
    count = count_regions(network, box, engine=Cells(), time_limit=0.3, keep_patterns=True)
    assert count.status.name == "AT_LEAST"
    assert 1 <= count.at_least < count.at_most
    assert count.stats["presolve"]["units_taken_out"] > 60


def test_a_journal_goes_on_with_the_same_choice_only(tmp_path):
    network, box = mostly_stable(4, 6, 20, 20, 20, share=0.75), BOX(6, -1, 1)
    file = tmp_path / "run.jsonl"
    whole = count_regions(network, box, engine=Cells())
    first = count_regions(network, box, engine=Cells(budget=20), journal=file)
    lines = file.read_text().splitlines(keepends=True)
    assert first.value == whole.value
    assert len(lines) > 4
    file.write_text("".join(lines[:3]))
    again = count_regions(network, box, engine=Cells(), journal=file)
    assert again.value == whole.value
    assert 0 < again.stats["cells_from_journal"] < whole.value
    with pytest.raises(InputError, match="presolve"):
        count_regions(network, box, engine=Cells(), journal=file, presolve=False)


def test_maps_streams_and_estimates_say_the_same():
    network, box = mostly_stable(2, 8, 14, 14, share=0.7), BOX(8, -1, 1)
    with_it, without = both(network, box, keep_patterns=True)
    for counted in ("maps", "pieces"):
        both(network, box, counted=counted)
    stream = {region.pattern.tobytes() for region in iterate_regions(network, box)}
    assert stream == {row.tobytes() for row in without.patterns.matrix()}
    estimate = estimate_regions(network, box, counting=False, seed=1)
    assert 10**estimate.ci_low <= 1.1 * with_it.value
    assert 10**estimate.ci_high >= with_it.value / 1.1
    assert count_regions(network, box, engine=Cells(), workers=2).value == without.value
