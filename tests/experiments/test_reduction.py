"""The study of reductions on a tiny plan, and the training of stacks."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from experiments import reduction
from experiments.plan import table_path
from experiments.runner import run
from experiments.stacks import StackRecipe, train_stacks
from experiments.table import Table


def stages(problem, source, epochs, recipe, width=24):
    count = len(reduction.PUBLISHED[problem])
    return [
        reduction.Stage(problem, source, width, 0, recipe, 0.1, epochs, stage)
        for stage in range(count)
    ]


def tables(plan, folder):
    study = reduction.Study(
        "reduction", "?", 1, lambda *_: plan, reduction.answer, reduction.STUDY.batch
    )
    run(study, "quick", folder)
    return Table(table_path(folder, "reduction")).rows()


def test_sine_after_each_step(tmp_path):
    recipe = StackRecipe(10, 20, 128, 5e-3, 1e-4, 1e-4)
    full, *steps = tables(stages("sine", "formula", 0, recipe), tmp_path)
    assert [row["step"] for row in steps] == ["outside", "weak", "clusters"]
    assert full["widths"] == "24-24-24"
    assert float(steps[0]["train"]) == pytest.approx(float(full["train"]), rel=1e-9)
    assert float(steps[-1]["train"]) <= 1.1 * float(full["train"])
    units = [int(row["units"]) for row in (full, *steps)]
    assert units == sorted(units, reverse=True)
    assert all(row["status"] == "CERTIFIED" for row in steps)
    # on an interval every unit adds at most a kink for each time it switches
    assert int(steps[-1]["cells"]) <= int(full["cells"])
    assert steps[0]["reading"] == "hull-points-points"
    assert [row["published_units"] for row in steps] == ["488", "226", "18"]


def test_digits_in_two_rounds_with_training_between(tmp_path):
    recipe = StackRecipe(1, 2, 128, 5e-3, 1e-3, 1e-3)
    rows = tables(stages("mnist", "sklearn", 1, recipe, width=12), tmp_path)
    assert [row["step"] for row in rows] == list(reduction.STEPS)
    assert rows[4]["widths"] == rows[3]["widths"]  # training changes no width
    assert all(0 < float(row["test"]) <= 1 for row in rows)


def test_training_is_decided_by_its_seed_and_regularisation_shrinks():
    x = np.linspace(-1, 1, 64)[:, None]
    y = np.abs(x).astype(np.float32)

    def trained(seed, l2):
        recipe = StackRecipe(5, 20, 0, 1e-2, l2, l2)
        return train_stacks((1, 1, 1), (8, 8), x, y, functional.mse_loss, recipe, seed)

    before = torch.get_rng_state()
    first, again, other = trained(0, 1e-3), trained(0, 1e-3), trained(1, 1e-3)
    assert (torch.get_rng_state() == before).all()  # the caller's random numbers are left alone
    assert (first.forward(x) == again.forward(x)).all()
    assert (first.forward(x) != other.forward(x)).any()

    def size(network):
        return sum((s.V**2).sum() + (s.W**2).sum() for s in network.stacks)

    assert size(trained(0, 1e-1)) < size(trained(0, 0.0))


def test_further_training_starts_where_it_is_told():
    x = np.linspace(-1, 1, 64)[:, None]
    recipe = StackRecipe(0, 0, 0, 1e-3, 0.0, 0.0)
    args = (x, x.astype(np.float32), functional.mse_loss, recipe)
    start = train_stacks((1, 1), (5,), *args, 3)
    again = train_stacks((1, 1), (5,), *args, 4, start)
    assert np.abs(start.forward(x) - again.forward(x)).max() < 1e-12
