import pytest

from regions import Auto, Box, Pool, Status, count_regions, save
from regions.count import Question, Run
from regions.errors import InputError, UnsupportedError
from tests.ladder import FIGURE_2, random_network

BOX = Box.cube(1, -10, 10)


def test_the_engine_is_chosen_and_says_why():
    answer = count_regions(FIGURE_2, BOX)
    assert answer.value == 5
    assert answer.engine != Auto.name
    assert answer.stats["chosen_because"]


def test_a_path_is_a_network(tmp_path):
    save(FIGURE_2, tmp_path / "net.npz")
    assert count_regions(tmp_path / "net.npz", BOX, engine=Pool()).value == 5


def test_output_units_count_when_they_have_a_relu():
    # the output max(0, h_c) switches where h_c does: the same five regions, one more unit
    answer = count_regions(FIGURE_2.with_output_relu(), BOX, engine=Pool(), keep_patterns=True)
    assert answer.value == 5
    assert answer.patterns.width == 4


def test_the_answer_names_its_definition_and_standing():
    assert str(count_regions(FIGURE_2, BOX, engine=Pool())).startswith("5 cells (COMPLETE: ")
    full = count_regions(FIGURE_2, BOX, engine=Pool(pool_size=2))
    assert str(full).startswith("at least 2 cells (AT_LEAST: ")
    assert full.status is Status.AT_LEAST


def test_bad_questions_and_runs_are_refused():
    with pytest.raises(InputError, match="choose one of cells, patterns, pieces, maps"):
        Question(FIGURE_2, BOX, "regions")
    with pytest.raises(InputError, match="n0 = 2"):
        count_regions(random_network(0, 2, 2, 1), BOX)
    with pytest.raises(InputError, match="time_limit"):
        Run(time_limit=0)
    with pytest.raises(InputError, match="workers"):
        Run(workers=0)
    with pytest.raises(UnsupportedError, match=r"takes no journal \(got 'a.jsonl'\)"):
        Run(journal="a.jsonl").refuse("pool", "journal")


def test_progress_draws_nothing_without_a_terminal(capsys):
    count_regions(FIGURE_2, BOX, engine=Pool(), progress=True)
    assert capsys.readouterr() == ("", "")
