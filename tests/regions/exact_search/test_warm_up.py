"""Compiling ahead: outside every answer's time, and at hand for workers and containers."""

import pickle
import time
from importlib import import_module

import pytest

from regions import Box, compile_kernels, count_regions, estimate_regions, stable_units
from regions.cli import main
from regions.count.status import Status
from regions.exact_search.warm_up import prepare
from tests.ladder import random_network

NETWORK, BOX = random_network(0, 2, 4, 3, 1), Box.cube(2, -1, 1)
SLEEP = (
    2.0  # seconds that a pretended compilation takes; a count of this network takes milliseconds
)


@pytest.mark.parametrize(
    ("home", "verb", "options"),
    [
        ("regions.count.engines.cells", count_regions, {"time_limit": SLEEP / 2}),
        ("regions.estimate.estimation", estimate_regions, {"time_limit": SLEEP / 2, "samples": 20}),
        ("regions.stability.stability", stable_units, {"time_limit": SLEEP / 2, "method": "cells"}),
        ("regions.stability.stability", stable_units, {"time_limit": SLEEP / 2, "method": "quick"}),
    ],
    ids=["count", "estimate", "cells", "quick"],
)
def test_compiling_is_in_no_seconds_and_under_no_time_limit(home, verb, options, monkeypatch):
    prepare("vertices", descents=True)
    compiled = []

    def compile_slowly(problem, **_):
        compiled.append(problem.kind)
        time.sleep(SLEEP)

    monkeypatch.setattr(import_module(home), "compile_for", compile_slowly)
    answer = verb(NETWORK, BOX, **options)
    assert compiled == ["vertices"]
    assert answer.seconds < SLEEP
    if verb is count_regions:
        assert answer.status is Status.CERTIFIED


def test_workers_of_an_executor_can_be_given_it():
    assert pickle.loads(pickle.dumps(compile_kernels)) is compile_kernels


def test_doctor_compiles_all_when_asked(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("regions.cli.doctor.diagnose", dict)  # tries solvers for a second
    monkeypatch.setattr(
        "regions.cli.doctor.compile_kernels", lambda **options: asked.append(options)
    )
    assert main(["doctor", "--json"]) == 0
    assert not asked
    assert main(["doctor", "--compile", "--json"]) == 0
    assert list(asked[0]) == ["processes"]
    assert "compiled code is in" in capsys.readouterr().err
