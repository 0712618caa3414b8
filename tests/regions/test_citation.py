from pathlib import Path

import numpy as np
import pytest
import yaml

from bounds import upper_bounds
from regions import Box, Network, compress_network, count_regions, segments, stable_units
from regions.citation import BY_ESTIMATE, BY_PRUNING, cite
from regions.errors import UnsupportedError
from regions.estimate import METHODS as ESTIMATES
from regions.prune import METHODS as PRUNINGS
from regions.prune import prune_network
from regions.references import PAPERS

ROOT = Path(__file__).parents[2]
NETWORK = Network.of(([[1.0], [-2.0]], [0.0, 1.0]), ([[1.0, 1.0], [1.0, -1.0]], None))
BOX = Box.cube(1, -1, 1)


def names(result):
    keys = {paper: name for name, paper in PAPERS.items()}
    return [keys[paper] for paper in cite(result)]


def test_the_citation_file_names_the_same_papers():
    stored = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["references"]
    found = [
        (
            tuple(f"{a['given-names']} {a['family-names']}" for a in entry["authors"]),
            entry["year"],
            entry["title"],
            entry.get("collection-title") or entry.get("journal") or "arXiv preprint",
            entry.get("url", ""),
        )
        for entry in stored
    ]
    wanted = [(p.authors, p.year, p.title, p.venue, p.url) for p in PAPERS.values()]
    assert found == wanted


def test_kinks_along_lines_name_who_counted_them_first():
    assert names(segments(NETWORK, [[-1.0], [1.0]])) == ["raghu_2017"]


def test_every_bound_but_the_ceiling_has_a_paper():
    for shape in ([3], [3, 2]):
        for name, bound in upper_bounds(2, shape).items():
            assert bool(cite(bound)) == (name != "ceiling"), name
    assert names(upper_bounds(2, [3])["shallow"]) == ["zaslavsky_1975", "pascanu_2013"]
    assert names(upper_bounds(2, [3])["montufar_2017"]) == ["montufar_2017"]
    assert names(upper_bounds(2, [3])["raghu_2017"]) == ["raghu_2017"]


def test_results_name_their_papers():
    count = count_regions(NETWORK, BOX)
    assert names(count) == ["serra_2018", "cai_2023"]
    assert names(count_regions(NETWORK, BOX, counted="patterns")) == ["serra_2018"]
    assert names(stable_units(NETWORK, BOX)) == ["serra_2020_lossless", "serra_2021"]
    assert names(compress_network(NETWORK, BOX)) == ["serra_2020_lossless", "serra_2021"]
    assert names([count, {"again": count}, ()]) == ["serra_2018", "cai_2023"]


@pytest.mark.parametrize("method", PRUNINGS)
def test_every_pruning_names_its_papers(method):
    x = np.linspace(-1, 1, 20)[:, None]
    pruning = prune_network(NETWORK, x, (x[:, 0] > 0).astype(int), 0.5, method=method)
    assert {
        "magnitude": ["han_2015"],
        "woodfisher": ["hassibi_1992", "singh_2020"],
        "cbs": ["yu_2022"],
    }[method.removesuffix("-selection")] == names(pruning)


def test_no_method_is_without_its_papers():
    assert set(ESTIMATES) == set(BY_ESTIMATE)
    assert {method.partition("-")[0] for method in PRUNINGS} == set(BY_PRUNING)
    for some in (*BY_ESTIMATE.values(), *BY_PRUNING.values()):
        assert set(some) <= set(PAPERS)


def test_what_is_no_result_is_refused():
    with pytest.raises(UnsupportedError, match="no papers are known for a Network; give a count"):
        cite(NETWORK)
