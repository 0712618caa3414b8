"""Pictures: every cell is drawn once, where it is, and the command says how many."""

import json

import numpy as np
import pytest
from matplotlib.colors import to_hex

from regions import AffineSlice, Box, Network, Polytope, WholeSpace, count_regions, save
from regions.cli import main
from regions.draw import CLASSES, draw_regions, plot_regions
from regions.errors import InputError
from regions.geometry.polygons import area
from tests.ladder import SQUARE, one_layer, random_network

NETWORK = random_network(3, 2, 8, 8, 3)
DEEP = random_network(8, 10, 7, 6, 3)
POINTS = np.random.default_rng(0).uniform(0.2, 0.8, (3, 10))
UNIT = Box.cube(10, 0, 1)


def drawn(axes):
    """Areas and face colours of the filled polygons, in the units of the picture."""
    fill = axes.collections[0]
    polygons = [path.vertices[:-1] for path in fill.get_paths()]
    return np.array([abs(area(p)) for p in polygons]), fill.get_facecolors()


@pytest.mark.parametrize("colour", ["map", "class"])
@pytest.mark.parametrize(
    ("domain", "whole"), [(SQUARE, 4.0), (Polytope([[1.0, 1.0]], [0.0], SQUARE), 2.0)]
)
def test_the_polygons_tile_the_domain(domain, whole, colour):
    axes, count = draw_regions(NETWORK, domain, colour=colour)
    assert count == count_regions(NETWORK, domain).value
    assert f"{count} cells" in axes.get_title(loc="left")
    assert NETWORK.architecture in axes.get_title(loc="left")
    assert drawn(axes)[0].sum() == pytest.approx(whole, rel=1e-12)


def test_classes_have_the_area_that_sampling_sees():
    axes, _ = draw_regions(NETWORK, SQUARE, colour="class")
    areas, colours = drawn(axes)
    winner = NETWORK.forward(SQUARE.sample(40_000, 0)).argmax(axis=1)
    for i in range(3):
        here = [to_hex(colour) == CLASSES[i] for colour in colours]
        # four standard errors of a share measured by 40,000 points are at most 0.01
        assert areas[here].sum() / 4 == pytest.approx((winner == i).mean(), abs=0.01)


def test_equal_maps_have_equal_colours():
    # units 1 and 2 cancel in the output: four cells, two maps
    network = Network.of(([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], None), ([[1.0, -1.0, 1.0]], None))
    axes, count = draw_regions(network, SQUARE)
    assert count == 4
    assert len(np.unique(drawn(axes)[1], axis=0)) == 2


def test_a_slice_is_drawn_without_distortion():
    # a plane that makes 45 degrees with two axes: its piece of the unit cube is 1 by sqrt(2)
    network = one_layer(np.eye(3), np.full(3, -0.5))
    plane = AffineSlice([0.0, 0.0, 0.0], [[0.5, 0.5, 0.0], [0.5, 0.5, 2.0]], Box.cube(3, 0, 1))
    axes, count = draw_regions(network, plane)
    assert count == 4
    assert drawn(axes)[0] == pytest.approx([np.sqrt(2) / 4] * 4)


def test_a_box_that_fixes_all_but_two_inputs():
    box = Box([0.0, 0.5, 0.0], [1.0, 0.5, 1.0])
    axes, count = draw_regions(one_layer(np.eye(3), np.full(3, -0.4)), box)
    assert count == 4
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$x_{1}$", "$x_{3}$")
    assert drawn(axes)[0].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_files_by_suffix_and_equal_files_for_equal_networks(tmp_path, suffix):
    paths = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    counts = {plot_regions(NETWORK, SQUARE, path) for path in paths}
    assert counts == {count_regions(NETWORK, SQUARE).value}
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[suffix]
    assert paths[0].read_bytes().startswith(start)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("network", "domain", "colour", "message"),
    [
        (NETWORK, WholeSpace(2), "map", "give a box"),
        (DEEP, UNIT, "map", "the domain 10; give an AffineSlice"),
        (NETWORK, UNIT, "map", "10 coordinates"),
        (NETWORK, SQUARE, "red", "choose one of map, class"),
        (one_layer(np.eye(2)), SQUARE, "class", "at least 2 outputs"),
        (random_network(0, 2, 2, 11), SQUARE, "class", "10 colours"),
    ],
)
def test_what_cannot_be_drawn_says_why(network, domain, colour, message):
    with pytest.raises(InputError, match=message):
        draw_regions(network, domain, colour=colour)


def call(capsys, *argv):
    code = main([str(a) for a in argv])
    return code, *capsys.readouterr()


def test_the_command_draws_two_inputs(tmp_path, capsys):
    save(NETWORK, tmp_path / "net.npz")
    target = tmp_path / "regions.png"
    code, out, err = call(
        capsys, "plot", tmp_path / "net.npz", "--box", -1, 1, "-o", target, "--json"
    )
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "file": str(target),
        "regions": count_regions(NETWORK, SQUARE).value,
    }
    assert target.stat().st_size > 10_000


def test_the_command_draws_a_slice(tmp_path, capsys):
    save(DEEP, tmp_path / "net.npz")
    np.savez(tmp_path / "points.npz", points=POINTS)
    arguments = ("plot", tmp_path / "net.npz", "--box", 0, 1, "-o", tmp_path / "slice.svg")
    code, out, _ = call(capsys, *arguments, "--slice", tmp_path / "points.npz", "--json")
    count = count_regions(DEEP, AffineSlice.through(POINTS, UNIT)).value
    assert (code, json.loads(out)["regions"]) == (0, count)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--box", 0, 1, "-o", "x.jpg", "--slice", "points.npz"), "x.jpg has no known suffix"),
        (("--box", 0, 1, "-o", "x.png"), "--slice P.npz"),
        (("--whole-space", "-o", "x.png", "--slice", "points.npz"), "--box LO HI"),
        (("--box", 0, 1, "-o", "x.png", "--slice", "none.npz"), "none.npz does not exist"),
        (("--box", 0, 1, "-o", "x.png", "--slice", "two.npz"), r"shape (3, 10)"),
        (("--box", 0, 1, "-o", "no/x.png", "--slice", "points.npz"), "cannot be written"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    save(DEEP, "net.npz")
    np.savez("points.npz", points=POINTS)
    np.savez("two.npz", points=POINTS[:2])
    code, out, err = call(capsys, "plot", "net.npz", *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
