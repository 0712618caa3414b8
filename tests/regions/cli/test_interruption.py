"""Ctrl-C ends every verb soon, with exit code 130, what is known by then, and how to go on."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from regions import Box, Network, count_regions, save

NET = "net.npz --box -0.2 0.2"
VERBS = {
    "count": f"count {NET}",
    "count patterns": f"count {NET} --counted patterns",
    "pool": f"count {NET} --engine pool",
    "scip": f"count {NET} --engine scip",
    "sample": "count plane.npz --box -9 9 --engine sample",
    "estimate": f"estimate {NET} --relative-width 1e-6",
    "mipbound": f"estimate {NET} --method mipbound --solver highs",
    "stability": f"stability {NET}",
    "isa": f"stability {NET} --method isa --solver gurobi",
    "milp": f"stability {NET} --method milp --solver highs",
    "compress": f"compress {NET} -o smaller.npz",
    "bound": f"bound {NET} --method auto",
    "show": f"show {NET}",
    "export": f"export {NET} -o model.mps",
    "plot": "plot plane.npz --box -9 9 -o plane.svg",
    "verify": "verify small.certificate small.npz",
    "stuck": f"bound {NET}",
}

# Seconds after the start of the verb, and after the interruption. The second is 3 by contract; a busy machine is slower.
AFTER, SOON = 1.5, 4.0

CHILD = """
import sys
import regions.empirical, regions.estimate.mipbound
from regions import compress_network, count_regions, estimate_regions, stable_units
from regions.cli.main import console
if sys.argv[1] == "stuck":
    import ctypes
    mutex, lock = ctypes.create_string_buffer(64), ctypes.CDLL(None).pthread_mutex_lock
    # a library that does not come back, for a signal neither
    regions.empirical.empirical_bound = lambda *_, **__: [lock(mutex) for _ in range(2)]
if sys.argv[1] == "verify":
    import time
    from regions.certify.walk import Walk
    Walk.walk = lambda *_: time.sleep(60)  # a certificate that takes a minute takes minutes to make
sys.argv = ["regions", *sys.argv[2:]]
print("ready", file=sys.stderr, flush=True)
console()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a network of which no verb comes to its end."""
    path = tmp_path_factory.mktemp("interruption")
    rng = np.random.default_rng(0)

    def made(name, *sizes):
        pairs = itertools.pairwise(sizes)
        layers = [(rng.normal(size=(b, a)) / 2, rng.normal(size=b) * 0.3) for a, b in pairs]
        save(Network(layers), path / f"{name}.npz")
        return Network(layers)

    network = made("net", 10, 40, 40, 40, 40, 2)
    count_regions(network, Box.cube(10, -0.2, 0.2), time_limit=0.1)  # compiled by now
    made("plane", 2, 300, 300, 300, 300, 2)
    small = made("small", 2, 3, 1)
    count_regions(small, (-1, 1), certificate=path / "small.certificate")
    return path


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="signals and a mutex as Linux has them"
)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_ends_soon(folder, verb):
    path = os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])
    options = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": path}}
    command = [sys.executable, "-c", CHILD, verb, *VERBS[verb].split(), "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, **options) as child:
        assert child.stderr.readline() == "ready\n"
        time.sleep(AFTER)
        assert child.poll() is None, "the verb came to its end"
        child.send_signal(signal.SIGINT)
        start = time.monotonic()
        try:
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130, err
    assert time.monotonic() - start < SOON
    assert "regions: interrupted" in err
    assert "Traceback" not in err
    if out:
        assert isinstance(json.loads(out), dict)
    assert out or verb in ("stuck", "estimate", "verify", "plot")  # which may have nothing yet
