"""Calls that checkers of types must take (`make check`); nothing here is run."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import assert_type

import numpy as np

import bounds
import regions
from regions import (
    AffineSlice,
    Box,
    Cells,
    Compression,
    Count,
    Domain,
    Estimate,
    InputError,
    Network,
    PatternSet,
    Polytope,
    Pool,
    Ranges,
    Region,
    Stability,
    Status,
    WholeSpace,
    add_to,
    boundary_pieces,
    cite,
    compress_network,
    count_regions,
    describe,
    draw_regions,
    embed,
    empirical_bound,
    estimate_regions,
    iterate_regions,
    load,
    local_equivalent,
    plot_regions,
    prune_network,
    reduce_network,
    save,
    segment_counts,
    slice_counts,
    stable_units,
    unit_ranges,
    verify_certificate,
    write_model,
)

# Networks and domains, as they are written.
network = Network.of(([[1.0], [-1.0]], [0.0, 1.0]), (np.ones((1, 2)), None))
assert_type(load("net.npz"), Network)
assert_type(load([([[1.0]], [0.0]), ([[1.0]], None)], activation="relu"), Network)
assert_type(load({"0.weight": np.ones((1, 1))}), Network)
assert_type(network.widths, tuple[int, ...])
assert_type(network.digest, str)
network.forward([0.5]).sum()
box = Box([0.0, 1], np.ones(2))
assert_type(Box.cube(network.n0, 0, 1), Box)
domains: list[Domain] = [
    box,
    Polytope([[1.0, 1.0]], [1], box),
    WholeSpace(2),
    AffineSlice.through([[0, 0], [1, 1]], box),
]

# Whatever may stand for a network, a domain, an engine, limits and progress.
assert_type(count_regions(network, Box.cube(1, 0, 1)), Count)
count_regions("net.onnx", (0, 1), engine="cells", time_limit=3, progress=True)
count_regions(Path("net.onnx"), ([0, 0], np.ones(2)), engine=Cells, time_limit=np.float32(3))
count_regions([([[1.0]], None)], "box.npz", engine=Pool(threads=2), workers=np.int64(2), seed=7)
count_regions(network, {"lower": 0, "upper": [1.0]}, progress=lambda cells, share: print(cells))
count_regions(network, (-1, 1), executor=ProcessPoolExecutor, journal=Path("run.jsonl"))

count = count_regions(network, (0, 1), keep_patterns=True)
at_most: int | None = count.at_most
if count.status is Status.CERTIFIED and count.patterns is not None:
    assert_type(count.patterns, PatternSet)
    assert_type(len(count.patterns), int)
record: dict[str, object] = count.record()
text: str = count.summary()

cells = iterate_regions(network, (0, 1), time_limit=None, workers=2)
region: Region = next(cells)
A, b = region.halfspaces(irredundant=True)
assert_type(region.vertices(), np.ndarray)

stability = stable_units(network, (0, 1), method="quick", time_limit=2.5)
assert_type(stability, Stability)
assert_type(unit_ranges(network, (0, 1)), Ranges)
small = compress_network(network, (0, 1), stability=stability)
assert_type(small, Compression)
save(small.network, Path("small.npz"))
save([([[1.0]], [0.0])], "pairs.npz")
assert_type(local_equivalent(network, [0.5], 0.1, within=(0, 1)), Compression)
assert_type(estimate_regions(network, (0, 1), relative_width=0.1), Estimate)
value: int = empirical_bound(network, (0, 1)).value
assert_type(boundary_pieces(network, (0, 1), 0, np.int64(1)), int)
assert_type(describe(network).summary(), str)
axes, drawn = draw_regions(network, (0, 1), colour="class")
assert_type(plot_regions(network, (0, 1), "net.png"), int)
for probe in [
    *segment_counts(network, [[0.0], [1.0]]),
    *slice_counts(network, [[[0.0], [1.0]]], (0, 1)),
]:
    assert_type(probe.count, Count)
model = embed(network, (0, 1), ranges=stability.ranges)
write_model(model, "net.mps")
add_to(object(), network, [1], [2], stability.ranges)
pruned: Network = prune_network(network, [[0.5]], [0], 0.5, method="magnitude").network
assert_type(verify_certificate("proof.npz", network, domain=(0, 1)).proved_at_least, int)
papers: list[str] = [paper.title for paper in cite(count)]


def reduced(stacks: regions.StackNetwork) -> int:
    """Stacks are not networks, and have a verb of their own."""
    return reduce_network(stacks, lambda n: float(n.n_units), points=[[0.0]]).network.n_units


def one_line(path: str) -> str:
    """Errors are of this package and of the kind that Python has for them."""
    try:
        return load(path).architecture
    except InputError as error:
        value_error: ValueError = error
        return str(value_error)


# Bounds: whole numbers of any kind in, exact ones out.
assert_type(bounds.layered(784, [11, 11], ranks=(5, np.int64(6))), int)
assert_type(bounds.shallow(np.int64(2), 4), int)
assert_type(bounds.upper_bounds(2, np.array([2, 2]))["layered"].value, int)
terms: Iterator[tuple[tuple[int, ...], int]] = bounds.layered_terms(2, [2, 2])
assert_type(bounds.log10(10**5000), float)
assert_type(bounds.convolutional(bounds.windows((3,), (2,)), filters=3), int)
