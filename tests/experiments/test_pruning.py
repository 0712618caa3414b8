"""The pruning study on tiny networks, and its published numbers."""

import numpy as np
import pandas as pd
import pytest

from experiments import pruning
from experiments.data import digest_of
from experiments.pruning import DENSE, METHODS, PUBLISHED, PruningTask, on_triangle, published
from experiments.train import Recipe
from regions import Network
from regions.prune import METHODS as ALL_METHODS


@pytest.fixture(scope="module")
def table():
    """One network of the 8 x 8 digits, dense and with nine tenths of its 410 weights removed."""
    tasks = [
        PruningTask(
            "sklearn",
            digest_of("sklearn"),
            seed=0,
            sparsity=sparsity,
            method=method,
            recipe=Recipe(epochs=20, rate=0.05),
            widths=(5, 6),
            gradients=100,
            sample=300,
            triangles=2,
        )
        for sparsity, method in [(0.0, DENSE), *((0.9, method) for method in METHODS)]
    ]
    study = pruning.STUDY
    return pd.DataFrame(
        study.row(task, answer)
        for batch in study.batches(tasks)
        for task, answer in zip(batch, study.answer(batch, None), strict=True)
    )


def test_rows_say_what_pruning_did(table):
    dense, pruned = table.iloc[0], table.iloc[1:]
    assert dense["weights_removed"] == 0
    assert dense["accuracy"] > 0.5
    assert set(pruned["weights_removed"]) == {369}  # 0.9 * 410
    assert pruned["digest"].nunique() == len(METHODS)
    assert set(table["architecture"]) == {"64-5-6-10"}
    assert set(table["status"]) == {"CERTIFIED"}
    assert (table["regions"] >= 1).all()
    assert ((table["on"] + table["off"]) <= table["units"]).all()
    modelled = pruned.set_index("method")["modelled_increase"]
    assert modelled["cbs-selection"] <= modelled["magnitude"]


def test_the_summary_has_ours_beside_the_published(table):
    shown = pruning.summary(table.astype(str))
    assert list(shown["sparsity"]) == [0.0, 0.9]
    assert shown[DENSE][0].endswith("(93.97)")
    assert shown["cbs-selection"][1].endswith("(92.37)")


def test_the_published_table_is_that_of_the_paper():
    assert set(METHODS) == set(ALL_METHODS)
    assert published(0.0, DENSE) == 0.9397
    assert published(0.98, "magnitude") == 0.3225
    assert published(0.98, "cbs") == 0.5545
    assert published(0.6, "woodfisher-selection") == 0.93748
    assert all(len(row) == len(METHODS) for row in PUBLISHED.values())


def test_a_triangle_is_the_network_between_three_inputs():
    rng = np.random.default_rng(0)
    shapes = ((4, 7), (3, 4), (2, 3))
    network = Network(tuple((rng.normal(size=s), rng.normal(size=s[0])) for s in shapes))
    corners = rng.uniform(size=(3, 7))
    small, triangle = on_triangle(network, corners)
    assert triangle.contains([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).all()
    assert not triangle.contains([0.6, 0.6])
    places = triangle.sample(50, seed=0)
    inputs = corners[0] + places @ (corners[1:] - corners[0])
    np.testing.assert_allclose(small.forward(places), network.forward(inputs), rtol=1e-12)
