"""`--json` is one object on standard output, whatever libraries print there by themselves."""

import json
import os
import subprocess
import sys

import pytest

from regions import save
from tests.ladder import random_network

NET = "net.npz --box -1 1"

# One child for all: what a library prints when it is first used comes before the first answer or nowhere.
VERBS = {
    "stability highs": f"stability {NET} --method milp --solver highs",
    "stability gurobi": f"stability {NET} --method isa --solver gurobi",
    "stability lp": f"stability {NET} --method lp",
    "stability": f"stability {NET}",
    "bound": f"bound {NET} --method auto",
    "bound shape": "bound 2 4 4",
    "count": f"count {NET} --save-certificate c.npz",
    "count pool": f"count {NET} --engine pool",
    "count scip": f"count {NET} --engine scip",
    "verify": "verify c.npz net.npz",
    "estimate": f"estimate {NET}",
    "mipbound": f"estimate {NET} --method mipbound --solver highs --samples 5",
    "mipbound scip": f"estimate {NET} --method mipbound --solver scip --samples 5",
    "compress": f"compress {NET} -o small.npz",
    "plot": f"plot {NET} -o plot.png",
    "doctor": "doctor",
}

CHILD = """
import os, sys
from regions.cli.main import main
for place, line in enumerate(sys.argv[1:]):
    file = os.open(f"{place}.json", os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 1)
    code = main([*line.split(), "--json"])
    if code not in (0, 1):
        sys.exit(f"{line}: exit code {code}")
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What each of `VERBS` wrote to file descriptor 1."""
    folder = tmp_path_factory.mktemp("json")
    save(random_network(0, 2, 4, 4, 1), folder / "net.npz")
    command = [sys.executable, "-c", CHILD, *VERBS.values()]
    path = os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])
    options = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": path}}
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return dict(
        zip(VERBS, ((folder / f"{k}.json").read_text() for k in range(len(VERBS))), strict=True)
    )


@pytest.mark.parametrize("verb", VERBS)
def test_one_object_and_nothing_else(answers, verb):
    assert isinstance(json.loads(answers[verb]), dict)
