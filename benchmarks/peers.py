"""Claim: on the same networks the exact engine beats the tools that exist, with proof where they have none.

    python -m benchmarks.peers

Each peer is installed once in a virtual environment of its own under .peers/ (never a dependency of the project) and counts
there, in a process of its own that is handed the weights; what does not install or does not answer is said. A tree of
HiGHS linear programmes, the plain way to enumerate, runs here. Everything runs on one thread and to completion; times are
CPU seconds without imports.

* regioncam: two inputs, float32, no certificates.
* affinitree: decision trees of polytopes with a linear programme at each node; float64.
* relucent: cells by walking over facets; a linear programme for each facet. GPL, so it is only run, never imported here.
"""

import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import highspy
import numpy as np

from regions import Box, Cells, count_regions

from .counting import network

HOME = Path(__file__).parents[1] / ".peers"
PINNED = {
    "regioncam": ["regioncam==0.5.2"],
    "affinitree": ["affinitree==0.23.0"],
    "relucent": ["relucent==1.0.0"],
}
SECONDS = 300
SHAPES = ((2, (6, 6)), (2, (20, 20)), (2, (50, 50, 50)), (3, (8, 8, 8)), (6, (12, 12)))

READ = """
import json, sys, time
import numpy as np
data = np.load(sys.argv[1])
layers = [(data[f"W{i + 1}"], data[f"b{i + 1}"]) for i in range(len(data.files) // 2)]
n0, hidden = layers[0][0].shape[1], layers[:-1]
"""
WRITE = """
print(json.dumps({"cells": int(cells), "seconds": time.process_time() - start}))
"""
COUNTS = {
    "regioncam": """
from regioncam import Regioncam
start = time.process_time()
camera = Regioncam(size=1.0)
for W, b in hidden:
    camera.linear(weight=np.float32(W.T), bias=np.float32(b))
    camera.relu()
cells = camera.num_faces
""",
    "affinitree": """
import affinitree as af
start = time.process_time()
box = af.Polytope.hyperrectangle(n0, [(-1.0, 1.0)] * n0)
tree = af.AffTree.from_poly(box, af.AffFunc.identity(n0))
for W, b in hidden:
    tree.apply_func(af.AffFunc.from_mats(W, b))
    for unit in range(len(b)):
        tree.compose(af.schema.partial_ReLU(len(b), unit), prune=True)
cells = tree.num_terminals() if callable(tree.num_terminals) else tree.num_terminals
""",
    "relucent": """
from collections import OrderedDict
from relucent import Complex
from relucent.model.model import LinearLayer, ReLULayer, ReLUNetwork
start = time.process_time()
named = OrderedDict()
for i, (W, b) in enumerate(layers):
    named[f"fc{i}"] = LinearLayer(weight=W, bias=b)
    if i < len(hidden):
        named[f"relu{i}"] = ReLULayer()
found = Complex(ReLUNetwork(named, input_shape=(n0,)))
found.bfs(nworkers=1, cube_radius=1.0, cube_mode="clipped", verbose=0)
cells = len(found)
""",
}


def python_of(peer):
    """The interpreter of the peer's own environment, made on first use; None when it does not install."""
    python = HOME / peer / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME / peer], check=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *PINNED[peer]], capture_output=True
        )
        if done.returncode:
            return None
    return python


def count_by(peer, net):
    """``(cells, CPU seconds)`` of a peer, or a line that says why not."""
    python = python_of(peer)
    if python is None:
        return "does not install here"
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "net.npz"
        named = {}
        for i, layer in enumerate(net.layers, 1):
            named |= {f"W{i}": layer.weight, f"b{i}": layer.bias}
        np.savez(weights, **named)
        try:
            done = subprocess.run(
                [python, "-c", READ + COUNTS[peer] + WRITE, weights],
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return f"stopped after {SECONDS} s"
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["cells"], answer["seconds"]


class ProgramTree:
    """Depth-first over the units, a witness in each node, one warm-started HiGHS linear programme for the other side."""

    MARGIN = 1e-9  # a maximum below this is taken for zero: floating point, no proof

    def __init__(self, net, lower, upper):
        self.net, self.cells = net, 0
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        for _ in range(net.n0):
            self.highs.addVar(lower, upper)
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.columns = np.arange(net.n0, dtype=np.int32)

    def count(self, witness):
        """The number of cells."""
        self._visit(0, 0, np.eye(self.net.n0), np.zeros(self.net.n0), [], witness)
        return self.cells

    def _visit(self, layer, unit, matrix, constant, signs, witness):
        if layer == len(self.net.widths):
            self.cells += 1
            return
        weight, bias = self.net.hidden[layer]
        if unit == len(bias):
            active = np.array(signs[-len(bias) :])
            matrix = active[:, None] * (weight @ matrix)
            constant = active * (weight @ constant + bias)
            self._visit(layer + 1, 0, matrix, constant, signs, witness)
            return
        row, offset = weight[unit] @ matrix, weight[unit] @ constant + bias[unit]
        here = row @ witness + offset > 0
        other = self._beyond(-row if here else row, -offset if here else offset, witness)
        for side, point in ((here, witness), (not here, other)):
            if point is None:
                continue
            if other is not None:
                sign = 1.0 if side else -1.0
                self.highs.addRow(
                    -sign * offset, highspy.kHighsInf, len(row), self.columns, sign * row
                )
            self._visit(layer, unit + 1, matrix, constant, [*signs, float(side)], point)
            if other is not None:
                self.highs.deleteRows(1, np.array([self.highs.getNumRow() - 1], dtype=np.int32))

    def _beyond(self, row, offset, witness):
        """An interior point where ``row . x + offset`` is positive, on the way to the highest one, or None."""
        self.highs.changeColsCost(len(row), self.columns, row)
        self.highs.run()
        best = np.array(self.highs.getSolution().col_value)
        high, low = row @ best + offset, row @ witness + offset
        if not high > self.MARGIN:
            return None
        return witness + (0.5 * high - low) / (high - low) * (best - witness)


def count_by_programs(net):
    """``(cells, CPU seconds)`` of the tree of linear programmes."""
    start = time.process_time()
    witness = np.random.default_rng(0).uniform(-0.1, 0.1, net.n0)
    return ProgramTree(net, -1.0, 1.0).count(witness), time.process_time() - start


def compare(peer, count, shape, ours):
    """One line of the table."""
    net = network(*shape)
    if (shape, "ours") not in ours:
        box, best = Box.cube(net.n0, -1, 1), np.inf
        for _ in range(3):
            start = time.process_time()
            found = count_regions(net, box, engine=Cells())
            best = min(best, time.process_time() - start)
        ours[shape, "ours"] = found, best
    found, seconds = ours[shape, "ours"]
    theirs = count(net)
    head = f"| {peer} | {net.architecture} | {found.value:,} | {found.value / seconds:,.0f} |"
    if isinstance(theirs, str):
        print(head, f"{theirs} | | |", flush=True)
        return
    cells, peer_seconds = theirs
    print(
        head,
        f"{cells - found.value:+d} | {cells / peer_seconds:,.0f} | {peer_seconds / seconds:.1f}x |",
        flush=True,
    )


def main():
    """Print the table."""
    for warm in ((2, (3,)), (8, (9,))):  # compile first
        count_regions(network(*warm), Box.cube(warm[0], -1, 1))
    ours = {}
    print("| peer | network | cells | cells/CPU s | peer found | peer cells/CPU s | ratio |")
    print("|---|---|---|---|---|---|---|")
    for shape in SHAPES:
        compare("HiGHS tree", count_by_programs, shape, ours)
        for peer in PINNED:
            if peer != "regioncam" or shape[0] == 2:
                compare(peer, partial(count_by, peer), shape, ours)


if __name__ == "__main__":
    main()
