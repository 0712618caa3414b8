"""Two tiny trained and counted networks, for the studies that ask more of such networks."""

from dataclasses import replace

import pytest

from experiments import counts_and_bounds, networks
from experiments.data import digest_of
from experiments.runner import run
from experiments.train import Recipe
from experiments.training import TrainingTask


@pytest.fixture
def counted(monkeypatch, tmp_path):
    """The folder of two tiny networks that were trained on the 8 x 8 digits and counted."""
    digest = digest_of("sklearn")
    plan = [TrainingTask("sklearn", digest, (3, 3), seed, Recipe(epochs=2)) for seed in (0, 1)]
    monkeypatch.setattr(networks, "tasks", lambda scale, results: plan)
    monkeypatch.setattr(networks, "STUDY", replace(networks.STUDY, tasks=networks.tasks))
    run(networks.STUDY, "quick", tmp_path)
    run(counts_and_bounds.STUDY, "quick", tmp_path)
    return tmp_path
